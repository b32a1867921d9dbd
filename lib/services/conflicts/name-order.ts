import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Platform } from "@/db/schema";
import { platformLabel } from "@/lib/format/platforms";
import { reservationName } from "@/lib/format/reservation";
import type { Winner } from "./winner";

/** "Shopify #1042", "Reservation CART-77" */
export async function nameOrder(
	tx: Transaction,
	order: Pick<Winner, "orderNumber" | "channelId" | "isReservation">,
): Promise<string> {
	if (order.isReservation) return reservationName(order.orderNumber);
	const [row] = (await tx.execute(
		sql`select platform from channels where id = ${order.channelId ?? null}::uuid`,
	)) as unknown as { platform: Platform }[];
	return `${row ? platformLabel(row.platform) : "order"} ${order.orderNumber}`;
}
