/**
 * What works beside the pages: the embedded engine, the way to wake functions and, where sandbox stores exist, their post
 * and their buyers.
 */
import { env } from "@/lib/env";
import { isCommand, onStop, sentenceOf } from "./command";

/** A call that is cut off is made again after the next start; whoever pressed Ctrl-C should not wait for it long. */
const graceMs = 3_000;

/** A killed process's calls are made again this long after it was last heard of, which is every third of it. */
const leaseMs = 8_000;

const shared = globalThis as { onecountBackground?: Promise<void> };

/** Once per process, however many copies of this module it holds. */
export function startBackground(): Promise<void> {
	shared.onecountBackground ??= start().catch((error) => {
		console.error(sentenceOf(error));
		process.exit(1);
	});
	return shared.onecountBackground;
}

async function start(): Promise<void> {
	const { inngest, sandbox, port } = env();
	// Never through the public address: that may be a proxy which is not up yet.
	const origin = `http://127.0.0.1:${port}`;
	if (inngest.kind === "embedded") {
		const { startEngine } = await import("@/lib/engine");
		const engine = await startEngine({ origin, handleSignals: !isCommand(), settings: { graceMs, leaseMs } });
		onStop(() => engine.stop());
	}
	const { connectWakes } = await import("@/inngest/wake");
	// Not awaited: an executor that is away now must not keep the app from starting; the sweep finds what was missed.
	connectWakes().catch((error) => console.error(`Inngest did not take the news that Onecount has started: ${error}`));
	if (sandbox) {
		const { readdressSandboxStores } = await import("@/lib/services/sandbox/readdress-stores");
		await readdressSandboxStores();
		const [{ startSandboxPump }, { startSandboxLife }] = await Promise.all([
			import("@/lib/sandbox/pump"),
			import("@/lib/sandbox/life"),
		]);
		const [pump, life] = [startSandboxPump({ origin }), startSandboxLife({ origin })];
		onStop(() => Promise.all([life.stop(), pump.stop()]));
	}
}
