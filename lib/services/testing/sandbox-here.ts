/** For tests: sandbox stores over HTTP that this process takes for its own, as the app does. */
import { beforeAll } from "vitest";
import { sandboxForTests, type TestSandbox } from "@/lib/sandbox/testing";

/** Ahead of all that reads the environment: sandbox stores are known by this process's own port. */
export function sandboxHereForTests(): TestSandbox {
	const sandbox = sandboxForTests();
	beforeAll(() => {
		process.env.PORT = new URL(sandbox.origin).port;
		process.env.ONECOUNT_SANDBOX = "on";
	});
	return sandbox;
}
