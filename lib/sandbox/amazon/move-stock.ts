import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { type ItemRow, statusOf } from "./items";
import type { Event } from "./news";
import { settingsOf } from "./settings";

export type Tell = (...events: Event[]) => void;

/** Signed units of an item that is locked; and the news of it. */
export async function moveStock(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	item: ItemRow,
	change: number,
	tell: Tell,
): Promise<void> {
	if (item.quantity === null) return;
	const before = statusOf(item);
	item.quantity += change;
	await tx.execute(sql`
		update sandbox.items set quantity = ${item.quantity},
			modified_at = case when ${settingsOf(store).salesMoveStamps} then ${ctx.now().toISOString()}::timestamptz else modified_at end
		where store_id = ${store.id} and id = ${item.id}`);
	tell({ type: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE", sku: item.sku, quantity: item.quantity });
	const status = statusOf(item);
	if (status.length !== before.length)
		tell({
			type: "LISTINGS_ITEM_STATUS_CHANGE",
			sku: item.sku,
			asin: item.data.asin,
			createdDate: item.data.createdDate,
			status,
		});
}
