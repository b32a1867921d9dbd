import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
	resolve: { alias: { "@": path.resolve(import.meta.dirname) } },
	test: {
		include: [
			"lib/**/*.test.ts",
			"db/**/*.test.ts",
			"inngest/**/*.test.ts",
			"components/**/*.test.ts",
			"e2e/proofs/**/*.test.ts",
		],
		globalSetup: ["db/testing-setup.ts"],
		testTimeout: 30_000,
		hookTimeout: 60_000,
		// Two cores for a database, three workers and what they start: slow is not wrong.
		expect: { poll: { timeout: 10_000 } },
		// Much of what is proven over HTTP waits for its stores: two workers leave a fifth of two cores idle (508 s, three 411 s).
		maxWorkers: 3,
	},
});
