import { describe, expect, it } from "vitest";
import { ticksBetween } from "./cron";
import { buildRegistry } from "./registry";

const steps = { step: { id: "step", name: "step", runtime: { type: "http", url: "http://x" } } };
const event = (name: string, data: Record<string, unknown> = {}) => ({ id: "1", name, data, ts: 0 });
const fn = (id: string, more: Record<string, unknown>) => ({ id, name: id, steps, triggers: [], ...more });

describe("functions", () => {
	it("are started by their event, a wildcard or a condition, each once", () => {
		const registry = buildRegistry([
			fn("exact", { triggers: [{ event: "a/b" }] }),
			fn("twice", { triggers: [{ event: "a/*" }, { event: "a/b" }] }),
			fn("if", { triggers: [{ event: "a/b", expression: "event.data.n > 1" }] }),
			fn("all", { triggers: [{ event: "*" }] }),
			fn("other", { triggers: [{ event: "a.b/*" }] }),
		]);
		const started = (name: string, n: number) =>
			registry
				.startedBy(event(name, { n }))
				.map(({ id }) => id)
				.sort();
		expect(started("a/b", 1)).toEqual(["all", "exact", "twice"]);
		expect(started("a/b", 2)).toEqual(["all", "exact", "if", "twice"]);
		expect(started("a/c", 2)).toEqual(["all", "twice"]);
		expect(started("a.b/c", 2)).toEqual(["all", "other"]);
		expect(started("inngest/function.finished", 2)).toEqual([]);
	});

	it.each([
		["a sixth cron field", { triggers: [{ cron: "* * * * * *" }] }, /five fields/],
		["a cron that cannot be read", { triggers: [{ cron: "99 * * * *" }] }, /cannot be read/],
		[
			"batches that are debounced",
			{ batchEvents: { maxSize: 2, timeout: "1s" }, debounce: { period: "1s" } },
			/go together/,
		],
		["a debounce below a second", { debounce: { period: "10ms" } }, /debounce.period/],
		["a star in the middle", { triggers: [{ event: "a/*/b" }] }, /one \*/],
		["an expression beyond us", { idempotency: "event.data.ids.map(i, i)" }, /does not evaluate/],
		["a third concurrency limit", { concurrency: [{ limit: 1 }, { limit: 2 }, { limit: 3 }] }, /concurrency/],
		["a shared limit without a key", { concurrency: { limit: 1, scope: "env" } }, /needs a key/],
		["too many retries", { steps: { step: { ...steps.step, retries: { attempts: 21 } } } }, /20 retries/],
	])("with %s are refused with a sentence, and the others run", (_, config, sentence) => {
		const registry = buildRegistry([fn("bad", config), fn("good", { triggers: [{ event: "a/b" }] })]);
		expect(registry.problems).toHaveLength(1);
		expect(registry.problems[0]).toMatch(/^bad cannot run on the embedded engine/);
		expect(registry.problems[0]).toMatch(sentence);
		expect([...registry.functions.keys()]).toEqual(["good"]);
	});

	it("have five attempts unless they say otherwise", () => {
		const registry = buildRegistry([
			fn("usual", {}),
			fn("once", { steps: { step: { ...steps.step, retries: { attempts: 0 } } } }),
		]);
		expect(registry.functions.get("usual")?.maxAttempts).toBe(5);
		expect(registry.functions.get("once")?.maxAttempts).toBe(1);
	});

	it("share places under a limit only within its scope", () => {
		const registry = buildRegistry([
			fn("a", {
				concurrency: [
					{ limit: 1, key: "event.data.k" },
					{ limit: 5, key: '"shop"', scope: "account" },
				],
			}),
			fn("b", {
				concurrency: [
					{ limit: 1, key: "event.data.k" },
					{ limit: 5, key: '"shop"', scope: "account" },
				],
			}),
		]);
		const keys = (id: string) =>
			registry.functions
				.get(id)
				?.slots(event("x", { k: 1 }))
				.map(({ key }) => key);
		expect(keys("a")?.[0]).not.toBe(keys("b")?.[0]);
		expect(keys("a")?.[1]).toBe(keys("b")?.[1]);
	});
});

describe("the clock", () => {
	const registry = buildRegistry([
		fn("minutely", { triggers: [{ cron: "* * * * *" }] }),
		fn("berlin", { triggers: [{ cron: "TZ=Europe/Berlin 30 9 * * *" }] }),
	]);

	it("gives each tick once, in its own time zone", () => {
		const from = new Date("2026-11-24T08:29:00Z");
		const to = new Date("2026-11-24T08:30:30Z");
		const { due, next } = ticksBetween(registry, from, to);
		expect(due.map(({ fn, at }) => `${fn.id} ${at.toISOString()}`)).toEqual([
			"minutely 2026-11-24T08:30:00.000Z",
			"berlin 2026-11-24T08:30:00.000Z",
		]);
		expect(next?.toISOString()).toBe("2026-11-24T08:31:00.000Z");
	});
});
