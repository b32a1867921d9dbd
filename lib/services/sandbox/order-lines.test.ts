import { expect, test } from "vitest";
import { openLines } from "./order-lines";

test.each([
	["what is left", { order: { lines: [{ id: "1", sku: "A", title: "Tarp", quantity: 3, current: 2 }] } }, 2],
	[
		"refunds by line",
		{ lines: [{ id: 7, sku: "A", name: "Tarp", quantity: 3 }], refunds: [{ lines: [{ of: 7, quantity: -1 }] }] },
		2,
	],
	["units refunded", { lines: [{ id: 7, sku: "A", name: "Tarp", quantity: 3, quantity_refunded: 1 }] }, 2],
	[
		"units cancelled and refunded",
		{ lines: [{ item_id: 7, sku: "A", name: "Tarp", qty_ordered: 4, qty_canceled: 1, qty_refunded: 1 }] },
		2,
	],
	["items, and units cancelled", { items: [{ sku: "A", title: "Tarp", quantityOrdered: 3, quantityCancelled: 1 }] }, 2],
])("a store that keeps %s shows what is left of a line", (_, data, quantity) => {
	expect(openLines(data)).toEqual([{ sku: "A", title: "Tarp", quantity }]);
});

test("of a product and the variant that was bought, the variant's line is the one", () => {
	const bought = { sku: "A", qty_ordered: 2 };
	expect(
		openLines({
			lines: [
				{ ...bought, item_id: 1, parent_item_id: null, name: "Socks" },
				{ ...bought, item_id: 2, parent_item_id: 1, name: "Socks 38" },
				{ sku: "B", qty_ordered: 1, item_id: 3, parent_item_id: null, name: "Tarp" },
			],
		}),
	).toEqual([
		{ sku: "A", title: "Socks 38", quantity: 2 },
		{ sku: "B", title: "Tarp", quantity: 1 },
	]);
});

test("a line without a name or a SKU, and an order without lines, are shown as they are", () => {
	expect(openLines({ lines: [{ id: 1, quantity: 1 }] })).toEqual([{ sku: "", title: "", quantity: 1 }]);
	expect(openLines({})).toEqual([]);
});
