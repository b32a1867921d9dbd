import type { Statement } from "@/db/statement";
import { winnerOf } from "./winner";

/** An order as people name it, and where its store keeps it. */
export type NamedOrder = {
	channelId: string;
	orderRef: string;
	/** What people call it. */
	orderNumber: string;
};

/** The order that an oversale's facts name as standing; null: none is named, or we don't know it any more. */
export async function findWinner(
	run: Statement,
	merchantId: string,
	facts: Record<string, unknown>,
): Promise<NamedOrder | null> {
	const winner = winnerOf(facts);
	if (!winner?.orderNumber || !winner.channelId) return null;
	const { orderNumber, channelId } = winner;
	const [row] = await run<{ order_ref: string }>`
		select order_ref from orders
		where merchant_id = ${merchantId}::uuid and number = ${orderNumber} and channel_id = ${channelId}::uuid
		order by heard_at desc limit 1`;
	return row ? { channelId, orderRef: row.order_ref, orderNumber } : null;
}
