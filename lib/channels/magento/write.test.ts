import { afterEach, expect, test, vi } from "vitest";
import { ChannelError } from "../errors";
import { type Answer, type Asked, scriptedStore } from "./testing/scripted-store";
import { writeQuantities } from "./write";

afterEach(() => vi.restoreAllMocks());

const row = (sku: string, quantity: number, open = 0) => ({
	externalKey: `product:${sku}`,
	ids: { productId: "1", sku },
	quantity,
	expected: 9,
	open,
});
const results = async (store: ReturnType<typeof scriptedStore>, ...rows: ReturnType<typeof row>[]) =>
	(await writeQuantities(store.connection, rows)).rows.map(({ result }) => result);
const nothingBeside = { json: { items: [], total_count: 0 } };
const answering = (post: Answer) => (asked: Asked) => (asked.method === "POST" ? post : nothingBeside);

/** Each look at the clock finds it so much later. */
function slowClock(byMs: number): void {
	let now = 0;
	vi.spyOn(performance, "now").mockImplementation(() => {
		now += byMs;
		return now;
	});
}

test("a number and what is open are written as one, and a zero by its status", async () => {
	const store = scriptedStore(answering({ json: [] }));
	expect(await results(store, row("A", 5, 3), row("B", 0, 7))).toEqual(["applied", "applied"]);
	expect(store.asked.at(-1)?.body).toEqual({
		sourceItems: [
			{ sku: "A", source_code: "main", quantity: 8, status: 1 },
			{ sku: "B", source_code: "main", quantity: 7, status: 0 },
		],
	});
});

test("what had to be read first took so long that the claim could end: nothing leaves", async () => {
	slowClock(21_000);
	const store = scriptedStore(answering({ json: [] }));
	expect(await results(store, row("A", 5))).toEqual(["not_sent"]);
	expect(store.asked.map(({ method }) => method)).toEqual(["GET"]);
});

test("a store without the inventory modules is not written either once it is too late", async () => {
	slowClock(11_000);
	const item = { item_id: 1, qty: 9, is_in_stock: true, manage_stock: true };
	const store = scriptedStore(() => ({ json: item }), { facts: { hasInventory: false } });
	expect(await results(store, row("A", 5))).toEqual(["not_sent"]);
	expect(store.asked.map(({ method }) => method)).toEqual(["GET"]);
});

test("trouble of the reading before the write is trouble, and nothing was sent", async () => {
	const down = new ChannelError("unreachable", "down");
	const store = scriptedStore(() => down);
	const answer = await writeQuantities(store.connection, [row("A", 5)]);
	expect(answer).toMatchObject({ rows: [{ result: "not_sent" }], trouble: down });
});

test.each([
	["certainly not done", new ChannelError("unreachable", "refused"), "not_sent"],
	["silence", new ChannelError("timeout", "silence"), "unknown"],
] as const)("%s", async (_, error, result) => {
	expect(await results(scriptedStore(answering(error)), row("A", 5), row("B", 1))).toEqual([result, result]);
});

test("a firewall's page is held against the store, and against no row of it", async () => {
	const page = { status: 403, text: "<!DOCTYPE html><title>Just a moment...</title>" };
	const answer = await writeQuantities(scriptedStore(answering(page)).connection, [row("A", 5)]);
	expect(answer).toMatchObject({ rows: [{ result: "not_sent" }], trouble: { reason: "not_a_store" } });
});

test("an answer in another form than an empty list proves nothing", async () => {
	const answer = await writeQuantities(scriptedStore(answering({ json: { done: true } })).connection, [row("A", 5)]);
	expect(answer).toMatchObject({ rows: [{ result: "unknown" }], trouble: { reason: "unreadable" } });
});

test("a limit that is no smaller than what was sent is a refusal, not a reason to go on", async () => {
	const limit = { status: 400, json: { message: "%max", parameters: { max: 500 } } };
	const store = scriptedStore(answering(limit));
	expect(await results(store, row("A", 5))).toEqual(["refused"]);
	expect(store.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("what neither fits Magento nor is a number never leaves", async () => {
	const store = scriptedStore(answering({ json: [] }));
	const odd = [row("", 1), row(" A", 1), row("x".repeat(65), 1), row("A", 1.5), row("A", Number.NaN)];
	expect(await results(store, ...odd.map((one, index) => ({ ...one, externalKey: `product:${index}` })))).toEqual(
		odd.map(() => "refused"),
	);
	expect(store.asked).toEqual([]);
});
