import { afterEach, describe, expect, test } from "vitest";
import type { WriteRow } from "../listing";
import { type Answer, type Asked, costExtension, scriptedStore } from "./testing/scripted-store";
import { outcomeOf, writeQuantities } from "./write";

const item = (n: number) => `gid://shopify/InventoryItem/5346943005521${n}`;
const rowsOf = (count: number): WriteRow[] =>
	Array.from({ length: count }, (_, n) => ({
		externalKey: item(n),
		ids: { inventoryItemId: item(n), variantId: "v", productId: "p" },
		quantity: 5 + n,
		expected: n,
	}));
const three = rowsOf(3);

let store: Awaited<ReturnType<typeof scriptedStore>> | undefined;
afterEach(() => store?.close());
async function write(answer: Answer | ((asked: Asked) => Answer), rows = three, key = "8f1c") {
	store = await scriptedStore(typeof answer === "function" ? answer : () => answer);
	return writeQuantities(store.connection, rows, key);
}
const payload = (group: unknown, userErrors: unknown[] = []) => ({
	json: {
		data: { inventorySetQuantities: { inventoryAdjustmentGroup: group, userErrors } },
		extensions: costExtension(13, 1987),
	},
});
const objection = (code: string | null, index?: number, leaf = "changeFromQuantity") => ({
	code,
	field: index === undefined ? ["input"] : ["input", "quantities", String(index), leaf],
	message: "Said by Shopify.",
});
const results = (outcome: { rows: { result: string }[] }) => outcome.rows.map((row) => row.result);

test("a write compares with what we expect and names its push", async () => {
	await write(payload(null));
	expect(store?.asked[0]?.variables).toEqual({
		key: "8f1c",
		input: {
			name: "available",
			reason: "correction",
			referenceDocumentUri: "gid://onecount/Push/8f1c",
			quantities: three.map((row) => ({
				inventoryItemId: row.externalKey,
				locationId: "gid://shopify/Location/106318430514",
				quantity: row.quantity,
				changeFromQuantity: row.expected,
			})),
		},
	});
});

test("the same rows under the same key are the same call, in whatever order they come", async () => {
	const answer = payload(null, [objection("CHANGE_FROM_QUANTITY_STALE", 0)]);
	const forwards = await write(answer);
	const sent = store?.asked[0]?.body;
	await store?.close();
	const backwards = await write(answer, [...three].reverse());
	expect(store?.asked[0]?.body).toEqual(sent);
	expect(backwards.rows).toEqual(forwards.rows);
	expect(backwards.rows[0]).toEqual({ externalKey: item(0), result: "stale" });
});

test("written: each row applied, with what Shopify says it shows, the exchange and the budget", async () => {
	const group = {
		id: "gid://shopify/InventoryAdjustmentGroup/54640716251442",
		changes: [
			{ name: "available", delta: 5, quantityAfterChange: null, item: { id: item(0) } },
			{ name: "on_hand", delta: 5, quantityAfterChange: 9, item: { id: item(0) } },
			{ name: "available", delta: 5, quantityAfterChange: 6, item: { id: item(1) } },
		],
	};
	const outcome = await write(payload(group));
	expect(outcome.rows).toEqual([
		{ externalKey: item(0), result: "applied", shown: null },
		{ externalKey: item(1), result: "applied", shown: 6 },
		{ externalKey: item(2), result: "applied", shown: null },
	]);
	expect(outcome).toMatchObject({ trouble: null, budget: { available: 1987 } });
	expect(outcome.exchanges).toHaveLength(1);
});

test("nothing to change is applied: no group and no error", async () => {
	expect(results(await write(payload(null)))).toEqual(["applied", "applied", "applied"]);
});

describe("an objection to one row leaves the others unwritten", () => {
	test.each([
		["CHANGE_FROM_QUANTITY_STALE", "stale"],
		["COMPARE_QUANTITY_STALE", "stale"],
		["INVALID_INVENTORY_ITEM", "refused"],
		["NON_MUTABLE_INVENTORY_ITEM", "refused"],
		["INVALID_QUANTITY_TOO_HIGH", "refused"],
		["INVALID_QUANTITY_NEGATIVE", "refused"],
		["SOMETHING_NEW", "refused"],
		[null, "refused"],
	])("%s with its index", async (code, result) => {
		const outcome = await write(payload(null, [objection(code, 1)]));
		expect(results(outcome)).toEqual(["not_sent", result, "not_sent"]);
		expect(outcome.trouble).toBeNull();
	});

	test("several at once, each to its own row", async () => {
		const errors = [
			objection("CHANGE_FROM_QUANTITY_STALE", 2),
			objection("INVALID_INVENTORY_ITEM", 0, "inventoryItemId"),
		];
		expect(results(await write(payload(null, errors)))).toEqual(["refused", "not_sent", "stale"]);
	});

	test("without an index nobody is blamed, so that the batch is split", async () => {
		const outcome = await write(payload(null, [objection("CHANGE_FROM_QUANTITY_STALE")]));
		expect(results(outcome)).toEqual(["not_sent", "not_sent", "not_sent"]);
		expect(outcome.trouble).toBeNull();
	});

	test("an index that is no row of ours blames nobody", async () => {
		expect(results(await write(payload(null, [objection("CHANGE_FROM_QUANTITY_STALE", 7)])))).toEqual(
			Array(3).fill("not_sent"),
		);
	});

	test("a row that is alone is the one that is meant", async () => {
		const alone = rowsOf(1);
		expect(results(await write(payload(null, [objection("CHANGE_FROM_QUANTITY_STALE")]), alone))).toEqual(["stale"]);
		await store?.close();
		expect(results(await write(payload(null, [objection("INVALID_INVENTORY_ITEM")]), alone))).toEqual(["refused"]);
	});

	test("splitting by halves always finds the bad row, whether or not Shopify names it", () => {
		const rows = rowsOf(9);
		for (const bad of rows) {
			const answer = (batch: WriteRow[]) =>
				outcomeOf(batch, {
					inventoryAdjustmentGroup: null,
					userErrors: batch.includes(bad) ? [objection("CHANGE_FROM_QUANTITY_STALE")] : [],
				});
			const settled = new Map<string, string>();
			const split = (batch: WriteRow[]): void => {
				const { rows: outcomes } = answer(batch);
				const open = batch.filter((_, n) => outcomes[n]?.result === "not_sent");
				for (const one of outcomes) if (one.result !== "not_sent") settled.set(one.externalKey, one.result);
				if (open.length === 0) return;
				if (open.length === batch.length) {
					split(open.slice(0, open.length >> 1));
					split(open.slice(open.length >> 1));
				} else split(open);
			};
			split(rows);
			expect([...settled].filter(([, result]) => result === "stale")).toEqual([[bad.externalKey, "stale"]]);
			expect(settled.size).toBe(rows.length);
		}
	});

	test("a refused row tells the merchant what to do", async () => {
		const { rows } = await write(payload(null, [objection("INVALID_INVENTORY_ITEM", 0, "inventoryItemId")]));
		expect(rows[0]).toMatchObject({
			result: "refused",
			error: { reason: "gone", code: "INVALID_INVENTORY_ITEM", message: "This variant no longer exists in Shopify." },
		});
	});
});

describe("answers about the whole call", () => {
	const coded = (code: string) => ({
		json: { errors: [{ message: "No.", extensions: { code } }], data: null, extensions: costExtension(20, 2) },
	});
	test.each<[string, Answer, "unknown" | "not_sent" | "stale", string | null]>([
		[
			"a location that is gone is no fault of 250 listings",
			payload(null, [objection("INVALID_LOCATION", 0, "locationId")]),
			"not_sent",
			"gone",
		],
		["the first attempt still at work", payload(null, [objection("IDEMPOTENCY_CONCURRENT_REQUEST")]), "unknown", null],
		[
			"the key was used for something else",
			payload(null, [objection("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")]),
			"stale",
			null,
		],
		[
			"the first attempt failed for good",
			payload(null, [objection("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")]),
			"not_sent",
			null,
		],
		["a reason that it doesn't take", payload(null, [objection("INVALID_REASON")]), "not_sent", "refused"],
		["spent budget", coded("THROTTLED"), "not_sent", "throttled"],
		["429", { status: 429, headers: { "retry-after": "1" }, text: "" }, "not_sent", "throttled"],
		[
			"revoked",
			{ status: 401, json: { errors: "[API] Invalid API key or access token" } },
			"not_sent",
			"access_revoked",
		],
		["right missing", coded("ACCESS_DENIED"), "not_sent", "missing_scope"],
		["a document refused before it ran", coded("INVALID_FIELD_ARGUMENTS"), "not_sent", "refused"],
		["an error in the middle", coded("INTERNAL_SERVER_ERROR"), "unknown", "unreachable"],
		["5xx", { status: 500, text: "" }, "unknown", "unreachable"],
		["silence", "silence", "unknown", "timeout"],
		["a cut connection", "hang up", "unknown", "timeout"],
		["an answer that can't be read", { text: '{"data":' }, "unknown", "unreadable"],
		["an empty answer", { json: { data: { inventorySetQuantities: null } } }, "unknown", "unreadable"],
	])("%s", async (_, answer, result, reason) => {
		const outcome = await write(answer);
		expect(results(outcome)).toEqual([result, result, result]);
		expect(outcome.trouble?.reason ?? null).toBe(reason);
		expect(outcome.exchanges).toHaveLength(1);
	});

	test("what is left of the budget is told with a throttled answer, too", async () => {
		expect((await write(coded("THROTTLED"))).budget).toMatchObject({ available: 2 });
	});

	test("without a location nothing is sent", async () => {
		store = await scriptedStore(() => payload(null));
		const outcome = await writeQuantities({ ...store.connection, locationRef: "" }, three, "k");
		expect(results(outcome)).toEqual(["not_sent", "not_sent", "not_sent"]);
		expect(outcome.trouble?.fix).toBe("Choose a location for this channel.");
		expect(store.asked).toEqual([]);
	});
});
