import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Platform } from "@/db/schema";
import { platformLabel } from "@/lib/format/platforms";

/** "Shopify #1042" */
export async function nameOrder(tx: Transaction, order: { orderNumber?: string; channelId?: string }): Promise<string> {
	const [row] = (await tx.execute(
		sql`select platform from channels where id = ${order.channelId ?? null}::uuid`,
	)) as unknown as { platform: Platform }[];
	return `${row ? platformLabel(row.platform) : "order"} ${order.orderNumber}`;
}
