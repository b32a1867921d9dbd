/** The app as deployed (`npm start`, a production build) in a process of its own, on a database of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export type BenchApp = { port: number; pid: number; stop(): Promise<void>; kill(): void; exited: Promise<void> };

export type BenchAppOptions = {
	databaseUrl: string;
	/** `id:base64`, the keys that sealed what was seeded. */
	sealingKeys: string;
	port: number;
	/** Events go to this server instead of the embedded engine: an ingesting replica whose functions run elsewhere. */
	eventSink?: string;
	env?: Record<string, string>;
	/** Says nothing unless something is wrong. */
	isQuiet?: boolean;
};

export async function startBenchApp(options: BenchAppOptions): Promise<BenchApp> {
	const state = mkdtempSync(path.join(tmpdir(), "onecount-bench-state-"));
	const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", "lib/launch/start.ts"], {
		stdio: ["ignore", options.isQuiet ? "ignore" : "inherit", "inherit"],
		env: {
			...process.env,
			NODE_ENV: "production",
			PORT: String(options.port),
			DATABASE_URL: options.databaseUrl,
			ONECOUNT_STATE_DIR: state,
			ONECOUNT_KEYS: options.sealingKeys,
			ONECOUNT_SANDBOX: "on",
			...(options.eventSink
				? {
						INNGEST_BASE_URL: options.eventSink,
						INNGEST_SIGNING_KEY: `signkey-prod-${"0".repeat(64)}`,
						INNGEST_EVENT_KEY: "bench",
					}
				: {}),
			...options.env,
		},
	});
	const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	await untilAnswers(options.port, exited);
	return {
		port: options.port,
		pid: child.pid ?? -1,
		exited,
		kill: () => void child.kill("SIGKILL"),
		async stop() {
			child.kill("SIGTERM");
			await exited;
		},
	};
}

async function untilAnswers(port: number, exited: Promise<void>): Promise<void> {
	let hasExited = false;
	void exited.then(() => {
		hasExited = true;
	});
	for (const end = Date.now() + 60_000; Date.now() < end; ) {
		if (hasExited) throw new Error("the app ended while it started");
		const status = await fetch(`http://127.0.0.1:${port}/sign-in`).then(
			(reply) => reply.status,
			() => 0,
		);
		if (status > 0 && status < 500) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error("the app did not answer within a minute");
}

/** Takes events and does nothing, as fast as it can: stands for a server that runs the functions elsewhere. */
export async function startEventSink(): Promise<{ url: string; stop(): void }> {
	const server = createServer((incoming, outgoing) => {
		incoming.resume();
		incoming.on("end", () =>
			outgoing.writeHead(200, { "content-type": "application/json" }).end('{"ids":[],"status":200}'),
		);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => void server.close() };
}
