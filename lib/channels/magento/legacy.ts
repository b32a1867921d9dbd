/**
 * Stores from which the inventory modules were removed. There is one number a product, and an order takes from it as it is placed:
 * nothing is reserved, and what is written is what can be sold. Each is read just before it is written and held against what we
 * believe, as the platform itself does not: a sale that nobody told us of makes it stale. A sale in the moment between the two
 * calls can still be hidden; the reading back finds it.
 */

import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteRow } from "../listing";
import type { StockItem } from "./api-types";
import { callMagento, isGone, MagentoError, mayHaveLanded } from "./client";
import { type Deadline, writeTimeoutMs } from "./deadline";
import { encode } from "./oauth";
import { eachOf, isRefusedSlash, readStockItem } from "./stock-item";
import type { StockReading, Wanted } from "./stock-reading";

const sellable = ({ qty, min_qty, is_in_stock, manage_stock }: StockItem): number | null => {
	if (!manage_stock) return null;
	const left = Math.floor((qty ?? 0) - min_qty);
	return is_in_stock ? left : Math.min(0, left);
};

export async function readLegacy(
	connection: Connection,
	wanted: readonly Wanted[],
): Promise<Map<string, StockReading>> {
	const result = new Map<string, StockReading>();
	await eachOf(wanted, async ({ productId, sku }) => {
		try {
			const quantity = sellable(await readStockItem(connection, sku));
			result.set(productId, { quantity, source: quantity ?? 0, open: 0, beside: 0 });
		} catch (error) {
			if (!isGone(error) && !isRefusedSlash(sku, error)) throw error;
		}
	});
	return result;
}

/** `trouble`: of the store as a whole, at which the rest was not tried. */
export async function writeLegacy(
	connection: Connection,
	rows: readonly WriteRow[],
	deadline: Deadline,
): Promise<{ outcomes: WriteOutcome[]; trouble: ChannelError | null }> {
	const outcomes: WriteOutcome[] = [];
	let trouble: ChannelError | null = null;
	for (const row of rows) {
		const { externalKey } = row;
		if (trouble || deadline.isPast()) {
			outcomes.push({ externalKey, result: "not_sent" });
			continue;
		}
		let hasLeft = false;
		try {
			const item = await readStockItem(connection, row.ids.sku ?? "");
			const shows = sellable(item);
			if (shows === null) outcomes.push({ externalKey, result: "refused", error: uncounted() });
			else if (deadline.isPast()) outcomes.push({ externalKey, result: "not_sent" });
			else if (shows !== row.expected) outcomes.push({ externalKey, result: "stale" });
			else {
				hasLeft = true;
				await put(connection, row, item);
				outcomes.push({ externalKey, result: "applied", shown: row.quantity });
			}
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			if (isRefusedSlash(row.ids.sku ?? "", error)) {
				outcomes.push({ externalKey, result: "refused", error: slashRefused(row.ids.sku ?? "") });
				continue;
			}
			if (error.reason === "gone" || (error.reason === "refused" && !mayHaveLanded(error))) {
				outcomes.push({ externalKey, result: "refused", error });
				continue;
			}
			trouble = error;
			outcomes.push({ externalKey, result: hasLeft && mayHaveLanded(error) ? "unknown" : "not_sent" });
		}
	}
	return { outcomes, trouble };
}

/** At or below its threshold Magento closes it by itself, unless it sells on backorder. */
async function put(connection: Connection, row: WriteRow, item: StockItem): Promise<void> {
	const stock = { qty: row.quantity + item.min_qty, is_in_stock: row.quantity > 0 || item.backorders > 0 };
	await callMagento(
		connection,
		{
			method: "PUT",
			path: `/V1/products/${encode(row.ids.sku ?? "")}/stockItems/${item.item_id ?? 1}`,
			body: { stockItem: stock },
			timeoutMs: writeTimeoutMs,
		},
		z.unknown(),
	);
}

const slashRefused = (sku: string) =>
	new MagentoError("refused", `The store's web server does not let the slash in the SKU “${sku}” through.`, {
		fix: "Ask the store's host to allow encoded slashes (of Apache: AllowEncodedSlashes NoDecode), or give the product a SKU without one.",
		code: "SLASH",
	});

const uncounted = () =>
	new MagentoError("refused", "Magento does not count this product, so it ignores the number.", {
		fix: "In Magento open the product, and under Advanced Inventory set “Manage Stock” to Yes.",
		code: "STOCK_NOT_MANAGED",
	});
