/** For tests: sandbox stores with a database and a clock of their own, over HTTP. */
import { testDatabase } from "@/db/testing";
import { type SandboxServer, startSandboxServer } from "./server";

export type TestSandbox = {
	server: SandboxServer;
	/** Of the stores, and of whoever talks to them. */
	now(): Date;
	/** Instead of waiting. */
	putForward(ms: number): void;
	/** Back to the real time; for stores made from here on. */
	resetClock(): void;
	stop(): Promise<void>;
};

export async function startTestSandbox(): Promise<TestSandbox> {
	const database = await testDatabase();
	let aheadMs = 0;
	const now = () => new Date(Date.now() + aheadMs);
	const server = await startSandboxServer({ databaseUrl: database.url, now });
	return {
		server,
		now,
		putForward(ms) {
			aheadMs += ms;
		},
		resetClock() {
			aheadMs = 0;
		},
		async stop() {
			await server.stop();
			await database.close();
		},
	};
}
