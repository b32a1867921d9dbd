/**
 * One batch of absolute quantities, and what its answer says about each row.
 *
 * Seen: a batch checks no types ("abc" becomes 0 without a word), drops a quantity silently where stock management is off
 * or lies with the parent, answers bad rows in place and applies the rest. So only whole numbers leave here,
 * `manage_stock` is never sent (switching it on is the merchant's decision), and each row's answer is held against what was
 * sent. A lost answer is `unknown`: nothing here ever tries again.
 */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { type BatchReply, batchReply } from "./api-types";
import { callWoo, mayHaveLanded, WooError } from "./client";
import { idOf } from "./mapper";
import { plainText } from "./text";

export async function writeQuantities(connection: Connection, rows: WriteRow[]): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const outcomes = new Map<string, WriteOutcome>();
	for (const row of rows) {
		const objection = unsendable(row);
		if (objection) outcomes.set(row.externalKey, refused(row, objection));
	}
	const sent = rows.filter((row) => !outcomes.has(row.externalKey));
	let trouble: ChannelError | null = null;
	if (sent.length > 0) {
		try {
			const update = sent.map((row) => ({ id: Number(idOf(row.ids)), stock_quantity: row.quantity }));
			const call = { method: "POST" as const, path: batchPath(sent), body: { update } };
			const { data } = await callWoo(connection, call, batchReply);
			for (const outcome of outcomesOf(sent, data)) outcomes.set(outcome.externalKey, outcome);
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			trouble = error;
			const result = mayHaveLanded(error) ? "unknown" : "not_sent";
			for (const { externalKey } of sent) outcomes.set(externalKey, { externalKey, result });
		}
	}
	return {
		rows: rows.map(({ externalKey }) => outcomes.get(externalKey) ?? { externalKey, result: "unknown" }),
		exchanges: connection.http.exchanges.slice(before),
		trouble,
		budget: null,
	};
}

function unsendable(row: WriteRow): WooError | null {
	if (!/^\d+$/.test(idOf(row.ids)))
		return new WooError("refused", "This listing has no WooCommerce id.", {
			fix: "Import the channel's products again.",
		});
	if (!Number.isSafeInteger(row.quantity))
		return new WooError("refused", `${row.quantity} is not a whole number of units.`, {
			fix: "Correct the SKU's count.",
		});
	return null;
}

/** The caller holds `batchKey`: all rows are products, or variations of one product. */
function batchPath(rows: readonly WriteRow[]): string {
	const parents = new Set(rows.map(({ ids }) => (ids.variationId ? ids.productId : "")));
	const [parent] = parents;
	if (parents.size !== 1) throw new Error("a WooCommerce batch writes products, or variations of one product");
	return parent ? `/products/${parent}/variations/batch` : "/products/batch";
}

/** Pure: the answer to a batch. */
export function outcomesOf(rows: readonly WriteRow[], reply: BatchReply): WriteOutcome[] {
	const answers = new Map(reply.update.map((answer) => [String(answer.id), answer]));
	return rows.map((row): WriteOutcome => {
		const answer = answers.get(idOf(row.ids));
		if (!answer) return { externalKey: row.externalKey, result: "unknown" };
		if (answer.error) return refused(row, rowError(answer.error.code, answer.error.message));
		if (answer.manage_stock !== true || answer.stock_quantity === null)
			return refused(row, uncounted(answer.manage_stock));
		// Still what we believed it shows: the number was taken and thrown away. Any other value is a sale in between.
		if (answer.stock_quantity !== row.quantity && answer.stock_quantity === row.expected)
			return refused(row, ignored());
		return { externalKey: row.externalKey, result: "applied", shown: Math.floor(answer.stock_quantity) };
	});
}

const refused = (row: WriteRow, error: WooError): WriteOutcome => ({
	externalKey: row.externalKey,
	result: "refused",
	error,
});

function rowError(code: string, message: string): WooError {
	if (/_invalid_id$/.test(code))
		return new WooError("gone", "This item no longer exists in WooCommerce.", {
			fix: "Import the channel's products again, then link the item that took its place.",
			code,
		});
	if (code === "woocommerce_rest_invalid_product_id")
		return new WooError("refused", "WooCommerce now keeps this item as a variation of another product.", {
			fix: "Import the channel's products again.",
			code,
		});
	return new WooError("refused", `WooCommerce refused the quantity: ${plainText(message)}`, { code });
}

function uncounted(manageStock: boolean | "parent"): WooError {
	return manageStock === "parent"
		? new WooError(
				"refused",
				"This variation now sells from its product's stock, so WooCommerce ignores a number for it.",
				{
					fix: "Import the channel's products again and link the product instead, or give the variation its own stock in WooCommerce.",
					code: "PARENT_STOCK",
				},
			)
		: new WooError("refused", "WooCommerce does not count this item, so it ignores the number.", {
				fix: "In WooCommerce open the product, and under Inventory tick “Track stock quantity for this product”.",
				code: "STOCK_NOT_MANAGED",
			});
}

const ignored = () =>
	new WooError("refused", "WooCommerce took the number and kept its own.", {
		fix: "A stock plugin of the shop may own this number: ask its author, or leave the item out.",
		code: "IGNORED",
	});
