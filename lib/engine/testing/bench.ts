/**
 * How fast the engine is, on a Postgres that syncs every commit: `npx tsx lib/engine/testing/bench.ts`. Runs per second
 * under load, and the time from an event's sending to its handler's first line when nothing else is going on.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { clientFor, closePools } from "@/db/client";
import { ensureDatabase, startEmbedded } from "@/db/embedded";
import { migrateDatabase } from "@/db/migrate";
import { createEngine, httpTransport, inProcessTransport } from "..";
import { embeddedApp, pause, serveApp, testKeys } from "./harness";

const home = mkdtempSync(path.join(tmpdir(), "engine-bench-"));
const server = await startEmbedded({ dir: home });
await ensureDatabase(server, "bench");
const url = server.url("bench");
await migrateDatabase(url);

let seen = 0;
let firstLine: (() => void) | undefined;
const observe = async () => {
	seen += 1;
	firstLine?.();
};

const percentile = (sorted: number[], p: number) =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
const load = () => process.cpuUsage();

async function measure(label: string, kind: "in process" | "loopback"): Promise<void> {
	const app = embeddedApp({ observe });
	const served = kind === "loopback" ? await serveApp(app) : null;
	const engine = createEngine({
		...testKeys,
		sql: clientFor("engine", url),
		app: served
			? { endpoint: `${served.origin}/api/inngest`, transport: httpTransport() }
			: { endpoint: "http://engine.invalid/api/inngest", transport: inProcessTransport(app.handler) },
	});
	app.use(engine);
	await engine.ready;
	const until = async (count: number) => {
		while (seen < count) await pause(2);
	};
	const throughput = async (name: string, runs: number, observations: number) => {
		seen = 0;
		const [cpu, began] = [load(), performance.now()];
		// As many senders as webhooks that arrive at once.
		await Promise.all(
			Array.from({ length: 20 }, async () => {
				for (let n = 0; n < runs / 20; n++) await app.inngest.send({ name: `conf/${name}`, data: { tag: "bench" } });
			}),
		);
		await until(runs * observations);
		const ms = performance.now() - began;
		const used = process.cpuUsage(cpu);
		return `${Math.round((runs / ms) * 1000)} runs/s (${((used.user + used.system) / 1000 / runs).toFixed(1)} ms CPU each)`;
	};
	await throughput("nothing", 200, 1);
	console.log(`${label}: no step: ${await throughput("nothing", 2_000, 1)}`);
	console.log(`${label}: three steps: ${await throughput("sequential", 600, 4)}`);
	const ms: number[] = [];
	for (let n = 0; n < 200; n++) {
		const arrived = new Promise<void>((resolve) => {
			firstLine = resolve;
		});
		const began = performance.now();
		void app.inngest.send({ name: "conf/nothing", data: { tag: "bench" } });
		await arrived;
		ms.push(performance.now() - began);
		await pause(20);
	}
	ms.sort((a, b) => a - b);
	const at = (p: number) => `${percentile(ms, p).toFixed(1)} ms`;
	console.log(`${label}: event to handler: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`);
	firstLine = undefined;
	await engine.stop();
	served?.server.close();
}

await measure("in process", "in process");
await measure("loopback  ", "loopback");
await closePools();
await server.stop();
rmSync(home, { recursive: true, force: true });
