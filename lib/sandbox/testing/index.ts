/** For tests: sandbox stores with a database and a clock of their own, over HTTP. */
import { afterAll, beforeAll } from "vitest";
import type { TestDatabase } from "@/db/testing";
import { databaseForTests } from "@/db/testing-hooks";
import { type SandboxServer, startSandboxServer } from "../server";

export type TestSandbox = Pick<SandboxServer, "origin" | "ctx"> & {
	database: TestDatabase;
	/** Of the stores, and of whoever talks to them. */
	now(): Date;
	/** Instead of waiting. */
	putForward(ms: number): void;
	/** Until it is reset it goes on by what it is put forward, and by nothing else. */
	stopClock(): void;
	/** Back to the real time; for stores made from here on. */
	resetClock(): void;
};

/**
 * For as long as the tests of the file, or of the `describe`, that it is called in. The clock is there at once, all else
 * from `beforeAll` on.
 */
export function sandboxForTests(): TestSandbox {
	const database = databaseForTests();
	let aheadMs = 0;
	let stoppedAtMs: number | null = null;
	const sandbox = {
		database,
		now: () => new Date((stoppedAtMs ?? Date.now()) + aheadMs),
		putForward(ms) {
			aheadMs += ms;
		},
		stopClock() {
			stoppedAtMs = Date.now();
		},
		resetClock() {
			aheadMs = 0;
			stoppedAtMs = null;
		},
	} as TestSandbox;

	let server: SandboxServer | undefined;
	beforeAll(async () => {
		server = await startSandboxServer({ databaseUrl: database.url, now: sandbox.now });
		Object.assign(sandbox, { origin: server.origin, ctx: server.ctx });
	});
	afterAll(() => server?.stop());
	return sandbox;
}
