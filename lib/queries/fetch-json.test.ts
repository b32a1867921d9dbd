import { afterEach, expect, test, vi } from "vitest";
import { fetchJson, isUnreachable } from "./fetch-json";

afterEach(() => vi.unstubAllGlobals());

const refusal = (init?: RequestInit): Promise<Error> => fetchJson<Error>("/api/shell", init).catch((error) => error);

test("no answer, and a proxy's answer for a server that is away, are the same: nothing of ours has answered", async () => {
	vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
	expect(isUnreachable(await refusal())).toBe(true);
	expect((await refusal()).message).toContain("tried again by itself");
	expect((await refusal({ method: "POST" })).message).toContain("look before you do it again");
	vi.stubGlobal("fetch", async () => new Response("<h1>Bad Gateway</h1>", { status: 502 }));
	expect(isUnreachable(await refusal())).toBe(true);
});

test("what Onecount itself refuses, or fails with, is an answer", async () => {
	const body = { reason: "failed", sentence: "This did not work." };
	for (const status of [403, 500, 503]) {
		vi.stubGlobal("fetch", async () => Response.json(body, { status }));
		const error = await refusal();
		expect([isUnreachable(error), error.message]).toEqual([false, body.sentence]);
	}
});
