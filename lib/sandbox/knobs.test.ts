import { describe, expect, test } from "vitest";
import { calmKnobs } from "@/db/schema";
import {
	brokenResponse,
	drawDelivery,
	drawFate,
	drawLatency,
	knobsOf,
	pause,
	shortened,
	strangersAnswer,
} from "./knobs";

const always = () => 0.999_999;
const sequence =
	(...values: number[]) =>
	() =>
		values.shift() ?? 0.5;

describe("what becomes of a request", () => {
	test("on a good day it is answered, without a draw", () => {
		const random = () => {
			throw new Error("nothing to draw");
		};
		expect(drawFate(calmKnobs, random)).toEqual({ fate: "answered" });
		expect(drawLatency(calmKnobs, always)).toEqual({ thereMs: 0, backMs: 0 });
	});

	test("an outage is down for every request, whatever else is set", () => {
		expect(drawFate({ ...calmKnobs, outage: true, timeoutRate: 1 }, always)).toEqual({
			fate: "failed",
			kind: "outage",
		});
	});

	test.each([
		[{ timeoutRate: 1 }, { fate: "silent" }],
		[{ throttleRate: 1 }, { fate: "failed", kind: "throttled" }],
		[{ errorRate: 1 }, { fate: "failed", kind: "error" }],
		[{ appliedThenFailedRate: 1 }, { fate: "applied_then_failed", how: "broken" }],
		[{ garbled: "cut" } as const, { fate: "garbled", how: "cut" }],
	])("%j", (knobs, fate) => {
		expect(drawFate({ ...calmKnobs, ...knobs }, always)).toEqual(fate);
	});

	test("latency is shared between the way there and the way back", () => {
		const { thereMs, backMs } = drawLatency({ ...calmKnobs, latencyMs: 100, latencyJitterMs: 50 }, sequence(1, 0.2));
		expect([thereMs, backMs]).toEqual([30, 120]);
	});
});

describe("what becomes of news", () => {
	test("a lost delivery is not duplicated", () => {
		expect(drawDelivery({ ...calmKnobs, webhookLossRate: 1, webhookDuplicateRate: 1 }, always)).toMatchObject({
			isLost: true,
			delaysMs: [0],
		});
	});

	test("one that is to be overtaken waits half a second at least", () => {
		const { delaysMs } = drawDelivery({ ...calmKnobs, webhookReorderRate: 1 }, always);
		expect(delaysMs[0]).toBeGreaterThanOrEqual(500);
	});
});

test("knobs that a stored row does not know are calm", () => {
	expect(knobsOf({ knobs: { latencyMs: 5 } })).toEqual({ ...calmKnobs, latencyMs: 5 });
});

test("a pause ends when the caller hangs up", async () => {
	const hungUp = new AbortController();
	const started = performance.now();
	const paused = pause(60_000, hungUp.signal);
	hungUp.abort();
	await paused;
	expect(performance.now() - started).toBeLessThan(1_000);
});

test("a broken answer can't be read", async () => {
	await expect(brokenResponse().text()).rejects.toThrow();
});

describe("a garbled answer", () => {
	test("of something in front of the store is a page or a redirect", async () => {
		const page = strangersAnswer("page");
		expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
		expect(await page.text()).toMatch(/^<!doctype html>/);
		expect(strangersAnswer("redirect").status).toBe(302);
	});

	test.each([
		["empty", ""],
		["cut", '{"a":'],
	] as const)("of the store itself, %s, keeps its status", async (how, text) => {
		const answer = await shortened(Response.json({ a: 1234 }, { status: 201 }), how);
		expect([answer.status, await answer.text()]).toEqual([201, text]);
	});
});
