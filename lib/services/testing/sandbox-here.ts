/** For tests: sandbox stores over HTTP that this process takes for its own, as the app does. */
import type { TestDatabase } from "@/db/testing";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";

/** To be started before anything reads the environment: sandbox stores are known by this process's own port. */
export async function startSandboxHere(database: TestDatabase): Promise<SandboxServer> {
	const sandbox = await startSandboxServer({ databaseUrl: database.url });
	process.env.PORT = new URL(sandbox.origin).port;
	process.env.ONECOUNT_SANDBOX = "on";
	return sandbox;
}
