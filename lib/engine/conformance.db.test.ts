/**
 * What our functions may rely on, the same on the embedded engine and on an Inngest server. Without INNGEST_BASE_URL the
 * embedded engine is the target; with it (and INNGEST_SIGNING_KEY, INNGEST_EVENT_KEY, or INNGEST_DEV) that server is, and
 * what only we can arrange is skipped.
 */
import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Engine } from ".";
import { sign } from "./signing";
import { type ConformanceApp, createConformanceApp } from "./testing/app";
import {
	embeddedApp,
	type Harness,
	newTag,
	openHarness,
	pause,
	serveApp,
	testKeys,
	times,
	whats,
} from "./testing/harness";

vi.setConfig({ maxConcurrency: 60, testTimeout: 40_000 });

const isEmbedded = !process.env.INNGEST_BASE_URL;
const onlyEmbedded = it.skipIf(!isEmbedded);

let harness: Harness;
let app: ConformanceApp;
let engine: Engine | undefined;
let server: Server | undefined;
const gates = new Map<string, Promise<void>>();
const gate = (tag: string) => gates.get(tag) ?? Promise.resolve();

/** A clock that stands two seconds before the full minute when the suite begins. */
const clockShift = 60_000 - (Date.now() % 60_000) - 2_000;

beforeAll(async () => {
	harness = await openHarness();
	if (isEmbedded) {
		const embedded = embeddedApp(harness, { gate });
		app = embedded;
		engine = harness.startEngine(app, { settings: { now: () => new Date(Date.now() + clockShift) } });
		embedded.use(engine);
		await engine.ready;
		return;
	}
	app = createConformanceApp({ embedded: null, observe: harness.observe, gate });
	const served = await serveApp(app, Number(process.env.CONFORMANCE_PORT ?? 0));
	server = served.server;
	await fetch(`${served.origin}/api/inngest`, { method: "PUT" });
});

afterAll(async () => {
	server?.close();
	await harness?.close();
});

const send = (name: string, ...data: Record<string, unknown>[]) =>
	app.inngest.send(data.map((one) => ({ name: `conf/${name}`, data: one })));

/** When nothing more can come. A server has no table that we could ask, so there it is a matter of time. */
const quiet = async (tag: string) =>
	isEmbedded ? harness.untilQuiet(tag) : pause(4_000).then(() => harness.seen(tag));

const untilCount = (tag: string, what: string, count: number) => harness.until(tag, (all) => times(all, what) >= count);

describe.concurrent("steps", () => {
	it("run once each, in order, and keep their results exactly", async () => {
		const tag = newTag();
		await send("sequential", { tag });
		await untilCount(tag, "c", 1);
		const all = await quiet(tag);
		expect(whats(all).filter((what) => what !== "entered")).toEqual(["a", "b", "c"]);
		expect(all.find(({ what }) => what === "b")?.data).toEqual({
			n: 1,
			text: "nul \u0000 and ☃",
			nested: [null, { deep: true }],
		});
		expect(all.find(({ what }) => what === "c")?.data).toBeNull();
		// Checkpointing: one call does it all.
		if (isEmbedded) expect(times(all, "entered")).toBe(1);
	});

	it("also run without checkpoints, one call each", async () => {
		const tag = newTag();
		await send("without-checkpoints", { tag });
		const all = await untilCount(tag, "end", 1);
		expect(all.at(-1)?.data).toBe(2);
		expect(times(all, "entered")).toBeGreaterThanOrEqual(3);
	});

	it("run in parallel once each, and what joins them once", async () => {
		const tag = newTag();
		await send("parallel", { tag });
		await untilCount(tag, "join", 1);
		const all = await quiet(tag);
		expect(whats(all).sort()).toEqual(["join", "p1", "p2", "p3"]);
		expect(all.find(({ what }) => what === "join")?.data).toEqual([10, 20, 30]);
	});

	it("of different kinds go on together when the last of them is done", async () => {
		const tag = newTag();
		await send("mixed", { tag });
		await pause(1_500);
		await send("mixed.go", { tag: "another", n: 1 }, { tag, n: 7 });
		const all = await untilCount(tag, "joined", 1);
		expect(all.at(-1)?.data).toEqual({ ran: "ran", slept: null, heard: 7 });
	});

	it("may have the same id in a loop", async () => {
		const tag = newTag();
		await send("loop", { tag });
		const all = await untilCount(tag, "got", 1);
		expect(all.at(-1)?.data).toEqual([0, 1, 4, 9]);
	});

	it("outlast the longest request: the run goes on in the next", async () => {
		const tag = newTag();
		await send("max-runtime", { tag });
		await untilCount(tag, "end", 1);
		const all = await quiet(tag);
		expect(all.filter(({ what }) => what === "step").map(({ data }) => data)).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it("in a race: the first decides, at once", async () => {
		const tag = newTag();
		const began = Date.now();
		await send("race", { tag });
		const all = await untilCount(tag, "winner", 1);
		expect(all.at(-1)?.data).toBe("quick");
		expect(Date.now() - began).toBeLessThan(12_000);
	});

	it("wait for the event that matches, not for another", async () => {
		const tag = newTag();
		await send("wait", { tag });
		await untilCount(tag, "waiting", 1);
		await pause(isEmbedded ? 300 : 1_500);
		await send("wait.paid", { tag, n: 5 });
		await send("wait.paid", { tag: "another", n: 9 });
		await send("wait.paid", { tag, n: 8 });
		const all = await untilCount(tag, "heard", 1);
		expect(all.at(-1)?.data).toBe(8);
	});

	it("that wait in vain get null", async () => {
		const tag = newTag();
		await send("wait-timeout", { tag });
		const all = await untilCount(tag, "timeout", 1);
		expect(all[0]?.data).toBeNull();
	});

	it("invoke another function and get its result or its error", async () => {
		const tag = newTag();
		await send("invoke", { tag });
		const all = await untilCount(tag, "answers", 1);
		expect(all[0]?.data).toEqual({ ok: { n: 42 }, caught: expect.stringContaining("the child refuses") });
	});

	it("send events that start other functions", async () => {
		const tag = newTag();
		await send("fan-out", { tag });
		await untilCount(tag, "one", 3);
		const all = await quiet(tag);
		expect(all.map(({ data }) => data).sort()).toEqual([1, 2, 3]);
	});
});

describe.concurrent("errors", () => {
	it("are retried, the step alone, with its own count", async () => {
		const tag = newTag();
		await send("retry", { tag });
		await untilCount(tag, "end", 1);
		const all = await quiet(tag);
		expect(times(all, "before")).toBe(1);
		expect(all.filter(({ what }) => what === "flaky").map(({ data }) => data)).toEqual([0, 1, 2]);
		expect(all.at(-1)?.data).toBe(3);
	});

	it("between steps are retried", async () => {
		const tag = newTag();
		await send("retry-function", { tag });
		await untilCount(tag, "attempt", 3);
		expect((await quiet(tag)).map(({ data }) => data)).toEqual([0, 1, 2]);
	});

	it("of a step that failed for good can be caught and compensated", async () => {
		const tag = newTag();
		await send("compensate", { tag });
		await untilCount(tag, "refund", 1);
		const all = await quiet(tag);
		expect(whats(all)).toEqual(["charge", "charge", "refund"]);
		expect(all.at(-1)?.data).toBe("card declined");
	});

	it("that are not caught reach onFailure, with what and why", async () => {
		const tag = newTag();
		await send("on-failure", { tag });
		await untilCount(tag, "failed", 1);
		const all = await quiet(tag);
		expect(times(all, "tried")).toBe(2);
		expect(all.at(-1)?.data).toEqual({
			functionId: "conf-on-failure",
			hasRunId: true,
			message: "always",
			name: "RangeError",
		});
	});

	it("that say so are not retried", async () => {
		const tag = newTag();
		await send("non-retriable", { tag });
		await untilCount(tag, "tried", 1);
		expect(times(await quiet(tag), "tried")).toBe(1);
	});

	it("say when to try again, in seconds or as a date", async () => {
		const tag = newTag();
		await send("retry-after", { tag });
		const all = await untilCount(tag, "end", 1);
		const at = all.map(({ data }) => data as number);
		expect(times(all, "tried")).toBe(3);
		expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(990);
		expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(990);
		expect((at[2] ?? 0) - (at[0] ?? 0)).toBeLessThan(12_000);
	});

	it("of a step that was renamed while the run was on its way name the step", async () => {
		const tag = newTag();
		await send("renamed", { tag });
		const all = await untilCount(tag, "failed", 1);
		expect(all[0]?.data).toMatch(/Could not find step/);
	});

	onlyEmbedded("of a result that is too large say so", async () => {
		const tag = newTag();
		await send("oversized", { tag });
		const all = await untilCount(tag, "failed", 1);
		expect(all[0]?.data).toMatch(/more than 4 MB/);
	});

	onlyEmbedded("of a kind of step that the engine does not run name the ones that it does", async () => {
		const tag = newTag();
		await send("signal", { tag });
		const all = await untilCount(tag, "failed", 1);
		expect(all[0]?.data).toMatch(/does not run: use run, sleep/);
	});
});

describe.concurrent("events", () => {
	it("match wildcards and conditions; what is missing is not so", async () => {
		const tag = newTag();
		await send("wild.one", { tag, on: true });
		await send("wild.two", { tag });
		await send("wild.three", { tag, on: false });
		await send("wild", { tag, on: true });
		await untilCount(tag, "ran", 1);
		expect((await quiet(tag)).map(({ data }) => data)).toEqual(["conf/wild.one"]);
	});

	it("of the same id start a function once", async () => {
		const tag = newTag();
		const event = (n: number) => ({ id: `id-${tag}`, name: "conf/event-id", data: { tag, n } });
		await app.inngest.send([event(1), event(2)]);
		await app.inngest.send(event(3));
		await untilCount(tag, "ran", 1);
		expect((await quiet(tag)).map(({ data }) => data)).toEqual([1]);
	});

	it("of the same idempotency key start it once", async () => {
		const tag = newTag();
		await send("idempotency", { tag, key: `k-${tag}`, n: 1 });
		await send("idempotency", { tag, key: `k-${tag}`, n: 2 });
		await send("idempotency", { tag, key: `other-${tag}`, n: 3 });
		await untilCount(tag, "ran", 2);
		expect((await quiet(tag)).map(({ data }) => data).sort()).toEqual([1, 3]);
	});

	it("of the future start it then", async () => {
		const tag = newTag();
		const ts = Date.now() + 1_500;
		await app.inngest.send({ name: "conf/future", data: { tag }, ts });
		const all = await untilCount(tag, "ran", 1);
		expect(all[0]?.data).toBeGreaterThanOrEqual(ts - 50);
	});

	it("debounced: one run a key, with the latest", async () => {
		const tag = newTag();
		const at = Date.now();
		const event = (key: string, n: number) => ({
			name: "conf/debounce",
			data: { tag, key: `${tag}-${key}`, n },
			ts: at - 100 + n,
		});
		await app.inngest.send([event("a", 1), event("b", 1)]);
		await app.inngest.send([event("a", 3)]);
		await app.inngest.send([event("a", 2)]);
		await untilCount(tag, "ran", 2);
		const all = await quiet(tag);
		expect(all.map(({ data }) => data)).toEqual(
			expect.arrayContaining([
				{ key: `${tag}-a`, n: 3 },
				{ key: `${tag}-b`, n: 1 },
			]),
		);
		expect(all).toHaveLength(2);
	});

	onlyEmbedded("debounced do not wait beyond the timeout", async () => {
		const tag = newTag();
		const began = Date.now();
		let n = 0;
		const all = await harness.until(tag, (seen) => {
			if (Date.now() - began < 8_000 && Date.now() - began > n * 400) void send("debounce-cap", { tag, n: n++ });
			return times(seen, "ran") >= 1;
		});
		expect((all[0]?.at ?? 0) - began).toBeLessThan(7_000);
	});

	it("batched: full ones at once, the rest in time, each key for itself", async () => {
		const tag = newTag();
		const key = (name: string) => `${tag}-${name}`;
		for (const n of [1, 2, 3, 4]) await send("batch", { tag, key: key("a"), n });
		await send("batch", { tag, key: key("b"), n: 9 });
		await untilCount(tag, "batch", 3);
		const all = await quiet(tag);
		expect(all[0]?.data).toEqual({ key: key("a"), ns: [1, 2, 3] });
		expect(all.slice(1).map(({ data }) => data)).toEqual(
			expect.arrayContaining([
				{ key: key("a"), ns: [4] },
				{ key: key("b"), ns: [9] },
			]),
		);
	});

	onlyEmbedded("repeated by the SDK after a lost answer start nothing twice", async () => {
		const tag = newTag();
		const request = {
			method: "POST",
			headers: { "x-inngest-event-id-seed": `${Date.now()},c2VlZHNlZWRzZQ==` },
			body: JSON.stringify([{ name: "conf/nothing", data: { tag, n: 1 } }]),
		};
		const answers = await Promise.all(
			[1, 2].map(async () => {
				const answer = await engine?.fetch("http://engine.invalid/e/test-event-key", request);
				return (await answer?.json()) as { ids: string[] };
			}),
		);
		expect(answers[0]?.ids).toEqual(answers[1]?.ids);
		await untilCount(tag, "ran", 1);
		expect(await quiet(tag)).toHaveLength(1);
	});

	onlyEmbedded("that the server would refuse are refused", async () => {
		await expect(app.inngest.send({ name: "inngest/function.failed", data: {} })).rejects.toThrow(/reserved/);
		await expect(app.inngest.send({ name: "conf/nothing", data: { x: "y".repeat(600_000) } })).rejects.toThrow(
			/512 KB/,
		);
	});
});

describe.concurrent("flow", () => {
	it("cancels the run that matches, and tells of it", async () => {
		const tag = newTag();
		await send("cancel", { tag, id: `${tag}-1` }, { tag, id: `${tag}-2` });
		await untilCount(tag, "begin", 2);
		await pause(isEmbedded ? 200 : 1_000);
		await send("cancel.now", { id: `${tag}-1` });
		await untilCount(tag, "end", 1);
		const all = await quiet(tag);
		expect(all.filter(({ what }) => what === "end").map(({ data }) => data)).toEqual([`${tag}-2`]);
		if (isEmbedded) expect(all.filter(({ what }) => what === "cancelled")).toHaveLength(1);
	});

	it("holds at most one step per key and three per function, and starves none", async () => {
		const tag = newTag();
		const count = 24;
		await send("limited", ...Array.from({ length: count }, (_, n) => ({ tag, key: `${tag}-${n % 6}` })));
		const all = await untilCount(tag, "stop", count);
		const running = new Map<string, number>();
		let most = 0;
		for (const { what, data } of all) {
			const key = data as string;
			const now = (running.get(key) ?? 0) + (what === "start" ? 1 : -1);
			running.set(key, now);
			expect(now).toBeLessThanOrEqual(1);
			const together = [...running.values()].reduce((sum, n) => sum + n, 0);
			expect(together).toBeLessThanOrEqual(3);
			most = Math.max(most, together);
		}
		expect(most).toBe(3);
	});

	it("throttles: one start a second, none dropped", async () => {
		const tag = newTag();
		const began = Date.now();
		for (let n = 0; n < 3; n++) await send("throttle", { tag, key: tag });
		const all = await untilCount(tag, "ran", 3);
		const at = all.map(({ data }) => (data as number) - began);
		expect(at[1]).toBeGreaterThanOrEqual(990);
		expect(at[2]).toBeGreaterThanOrEqual(1_990);
	});

	it("limits the rate: what is too much is dropped", async () => {
		const tag = newTag();
		for (let n = 0; n < 3; n++) await send("rate-limit", { tag, key: tag, n });
		await untilCount(tag, "ran", 1);
		expect((await quiet(tag)).map(({ data }) => data)).toEqual([0]);
	});

	it("keeps a singleton: the newer one is skipped", async () => {
		const tag = newTag();
		await send("singleton-skip", { tag, key: tag, n: 1 });
		await untilCount(tag, "begin", 1);
		await send("singleton-skip", { tag, key: tag, n: 2 });
		await send("singleton-skip", { tag, key: `${tag}-other`, n: 3 });
		await untilCount(tag, "end", 2);
		expect(
			(await quiet(tag))
				.filter(({ what }) => what === "end")
				.map(({ data }) => data)
				.sort(),
		).toEqual([1, 3]);
	});

	it("keeps a singleton: the older one is cancelled", async () => {
		const tag = newTag();
		await send("singleton-cancel", { tag, key: tag, n: 1 });
		await untilCount(tag, "begin", 1);
		await send("singleton-cancel", { tag, key: tag, n: 2 });
		await untilCount(tag, "end", 1);
		expect((await quiet(tag)).filter(({ what }) => what === "end").map(({ data }) => data)).toEqual([2]);
	});

	onlyEmbedded("starts by the clock, once a tick", async () => {
		const all = await untilCount("clock", "tick", 1);
		expect(all).toHaveLength(1);
		expect(all[0]?.data).toMatchObject({ cron: "* * * * *" });
	});

	onlyEmbedded("lets the more urgent run first", async () => {
		const tag = newTag();
		let open = () => {};
		gates.set(tag, new Promise((resolve) => (open = resolve)));
		await send("priority", { tag, n: 1 });
		await untilCount(tag, "ran", 1);
		await send("priority", { tag, n: 0 }, { tag, n: 500 }, { tag, n: 100 }, { tag, n: -600 });
		const blocked = async () =>
			(
				await harness.database.ownerClient`
				select from engine.queue where fn_id = 'conf-priority' and blocked_on is not null`
			).length;
		while ((await blocked()) < 4) await pause(25);
		open();
		const all = await untilCount(tag, "ran", 5);
		expect(all.map(({ data }) => data)).toEqual([1, 500, 100, 0, -600]);
	});

	onlyEmbedded("gives up a run that did not start in time, and one that did not finish in time", async () => {
		const tag = newTag();
		let open = () => {};
		gates.set(tag, new Promise((resolve) => (open = resolve)));
		await send("start-timeout", { tag, n: 1 });
		await untilCount(tag, "begin", 1);
		await send("start-timeout", { tag, n: 2 });
		await send("finish-timeout", { tag });
		await untilCount(tag, "cancelled", 2);
		open();
		const all = await quiet(tag);
		expect(times(all, "cancelled")).toBe(2);
		expect(all.filter(({ what }) => what === "begin").map(({ data }) => data)).toEqual([1, null]);
		expect(times(all, "end")).toBe(0);
	});
});

describe.skipIf(!isEmbedded)("calls", () => {
	it("without a signature, with a wrong one or an altered body are refused", async () => {
		const url = "http://engine.invalid/api/inngest?fnId=conf-nothing&stepId=step";
		const body = JSON.stringify({ ctx: { run_id: "x" }, event: {}, events: [], steps: {}, version: 2 });
		const call = (headers: Record<string, string>, text = body) =>
			app.handler(
				new Request(url, {
					method: "POST",
					headers: { "content-type": "application/json", host: "engine.invalid", ...headers },
					body: text,
				}),
			);
		const good = sign(body, testKeys.signingKey, Date.now());
		expect((await call({})).status).toBe(401);
		expect((await call({ "x-inngest-signature": sign(body, "signkey-test-00", Date.now()) })).status).toBe(401);
		expect((await call({ "x-inngest-signature": good }, body.replace("x", "y"))).status).toBe(401);
		expect(
			(await call({ "x-inngest-signature": sign(body, testKeys.signingKey, Date.now() - 6 * 60_000) })).status,
		).toBe(401);
	});

	it("to the engine with a wrong key are refused", async () => {
		const answer = await engine?.fetch("http://engine.invalid/e/wrong", { method: "POST", body: "[]" });
		expect(answer?.status).toBe(401);
		const checkpoint = await engine?.fetch("http://engine.invalid/v1/checkpoint/x/async", {
			method: "POST",
			headers: { authorization: "Bearer wrong" },
			body: "{}",
		});
		expect(checkpoint?.status).toBe(401);
	});
});
