/** Items that can be named to Amazon beside one that can't. */
import { expect, test } from "vitest";
import { writeCursor } from "./cursor";
import { listListings, readLevels, readProduct } from "./listings";
import { scriptedApi } from "./testing/scripted-api";

/** A comma keeps it out of a list, a slash out of a path. */
const hose = 'HOSE, 1/2"';
const item = (sku: string) => ({
	sku,
	fulfillmentAvailability: [{ fulfillmentChannelCode: "DEFAULT", quantity: 9 }],
});

/** Its report of all listings tells no ASIN. */
const account = () =>
	scriptedApi(({ url }) => {
		if (url.pathname.startsWith("/reports/")) return { json: { url: "https://spdoc.example/x" } };
		if (url.hostname === "spdoc.example") return { text: `seller-sku\nA\n${hose}\nB\n` };
		const skus = url.searchParams.get("identifiers")?.split(",") ?? [];
		return { json: { numberOfResults: skus.length, items: skus.map(item) } };
	});

test("a report that holds one is listed, and that one is left out with the reason", async () => {
	const { items, next } = await listListings(
		account().connection,
		null,
		writeCursor({ by: "list", documentId: "d", offset: 0 }),
	);
	expect(next).toBeNull();
	expect(items.map(({ externalKey, quantity }) => [externalKey, quantity])).toEqual([
		["A", 9],
		[hose, null],
		["B", 9],
	]);
	expect(items[1]).toMatchObject({
		isManaged: false,
		title: hose,
		leftOutReason: expect.stringContaining("no way to name"),
	});
});

test("the levels beside it are read, and it is not taken for gone", async () => {
	const { connection } = account();
	const levels = await readLevels(
		connection,
		["A", hose, "B"].map((externalKey) => ({ externalKey, ids: { productId: externalKey } })),
	);
	expect(levels.map(({ externalKey, quantity }) => [externalKey, quantity])).toEqual([
		["A", 9],
		[hose, null],
		["B", 9],
	]);
	expect(await readProduct(connection, hose)).toMatchObject([{ externalKey: hose, leftOutReason: expect.any(String) }]);
});
