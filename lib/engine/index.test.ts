import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
	vi.unstubAllEnvs();
	vi.resetModules();
});

it("refuses to start beside a configured Inngest server, where every cron would run twice", async () => {
	vi.stubEnv("INNGEST_BASE_URL", "http://127.0.0.1:8288");
	vi.stubEnv("INNGEST_SIGNING_KEY", "signkey-test-00");
	vi.stubEnv("INNGEST_EVENT_KEY", "key");
	const { startEngine } = await import(".");
	await expect(startEngine({ origin: "http://127.0.0.1:3000" })).rejects.toThrow(/does not start beside it/);
});
