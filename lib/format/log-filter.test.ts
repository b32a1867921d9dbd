import { describe, expect, test } from "vitest";
import { emptyFilter, type Filterable, kindsOf, logTopics, matchesFilter, readFilter, topicOf } from "./log-filter";

const line: Filterable = {
	kind: "stock.changed",
	state: "go",
	topic: "order",
	channel: { id: "c1" },
	sku: { code: "TRP-33", name: "Tarp 3×3" },
	orderRef: "gid-77",
	orderNumber: "#1042",
};
const channels = [
	{ id: "c1", name: "Amazon DE" },
	{ id: "c2", name: "shop.nordlicht.de" },
];

describe("which lines are shown", () => {
	test("writes repeat what a change shows, so they are shown only when asked for", () => {
		const write: Filterable = { ...line, kind: "push.applied", topic: "write" };
		expect(matchesFilter(write, emptyFilter)).toBe(false);
		expect(matchesFilter(write, { ...emptyFilter, causes: ["write"] })).toBe(true);
		expect(matchesFilter(line, emptyFilter)).toBe(true);
	});

	test("chips of one key widen, chips of different keys narrow", () => {
		expect(matchesFilter(line, { ...emptyFilter, channelIds: ["c2", "c1"] })).toBe(true);
		expect(matchesFilter(line, { ...emptyFilter, channelIds: ["c1"], skus: ["other"] })).toBe(false);
		expect(matchesFilter({ ...line, channel: null }, { ...emptyFilter, channelIds: ["c1"] })).toBe(false);
	});

	test("a SKU is found in any case, an order by its number with or without # and by the platform's own id", () => {
		expect(matchesFilter(line, { ...emptyFilter, skus: ["trp-33"] })).toBe(true);
		for (const order of ["1042", "#1042", "gid-77"])
			expect(matchesFilter(line, { ...emptyFilter, orders: [order] })).toBe(true);
		expect(matchesFilter(line, { ...emptyFilter, orders: ["104"] })).toBe(false);
	});

	test("not in step is everything but in step", () => {
		expect(matchesFilter(line, { ...emptyFilter, outcomes: ["not in step"] })).toBe(true);
		expect(matchesFilter({ ...line, state: "ok" }, { ...emptyFilter, outcomes: ["not in step"] })).toBe(false);
	});

	test("the database and the browser agree on each topic", () => {
		for (const topic of logTopics) {
			const { kinds, causes } = kindsOf(topic);
			expect(kinds.length + causes.length).toBeGreaterThan(0);
			for (const kind of kinds) expect(topicOf(kind, null)).toBe(topic);
			for (const cause of causes) expect(topicOf("stock.changed", cause)).toBe(topic);
		}
	});
});

describe("chips and words become a filter", () => {
	const read = (text: string, ...terms: [string, string][]) =>
		readFilter(
			terms.map(([key, value]) => ({ key, value })),
			text,
			channels,
		);

	test.each([
		["#1042", { orders: ["#1042"] }],
		["302-118", { orders: ["302-118"] }],
		["Amazon", { channelIds: ["c1"] }],
		["not in step", { outcomes: ["not in step"] }],
		["trail lamp", { text: "trail lamp" }],
		["  ", {}],
	])("the word %s is guessed", (text, expected) => {
		expect(read(text)).toEqual({ ...emptyFilter, ...expected });
	});

	test("a channel is named or given by its id; one that nobody knows matches nothing", () => {
		expect(read("", ["channel", "amazon de"]).channelIds).toEqual(["c1"]);
		expect(read("", ["channel", "c2"]).channelIds).toEqual(["c2"]);
		expect(matchesFilter(line, read("", ["channel", "nowhere"]))).toBe(false);
	});

	test("words are looked for in a SKU's title and code", () => {
		expect(matchesFilter(line, read("tarp"))).toBe(true);
		expect(matchesFilter(line, read("trp-3"))).toBe(true);
		expect(matchesFilter(line, read("lamp"))).toBe(false);
		expect(matchesFilter({ ...line, sku: null }, read("tarp"))).toBe(false);
	});

	test("chips of all keys at once", () => {
		const filter = read("", ["sku", "TRP-33"], ["order", "1042"], ["outcome", "Drift"], ["cause", "return"]);
		expect(filter).toEqual({
			...emptyFilter,
			skus: ["TRP-33"],
			orders: ["1042"],
			outcomes: ["drift"],
			causes: ["return"],
		});
	});
});
