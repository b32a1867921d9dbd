/**
 * Orders that the store lists and nobody can read: what they took is shown there and counted nowhere. Each is a dead
 * letter until the store was asked for it and answered, or until a person has put it aside.
 */
import type { Statement } from "@/db/statement";
import type { WorkTarget } from "../channels/work-target";
import { oddKeyOf } from "./keep-orders";

/** Their references, the oldest first. */
export async function readUnreadOrders(run: Statement, { merchantId, channelId }: WorkTarget): Promise<string[]> {
	const rows = await run<{ order_ref: string }>`
		select substring(dedupe_key from ${oddKeyOf}::text) as order_ref from inbox
		where merchant_id = ${merchantId}::uuid and channel_id = ${channelId}::uuid and state in (0, 2) and dedupe_key ~ ${oddKeyOf}::text
		group by 1 order by min(id)`;
	return rows.map(({ order_ref }) => order_ref);
}

/** The store was asked and has told of these, and what it told is counted. */
export async function forgetUnread(
	run: Statement,
	{ merchantId, channelId }: WorkTarget,
	orderRefs: readonly string[],
): Promise<void> {
	if (orderRefs.length === 0) return;
	await run`
		update inbox set state = 1, error = null, applied_at = clock_timestamp()
		where merchant_id = ${merchantId}::uuid and channel_id = ${channelId}::uuid and state = 2
			and substring(dedupe_key from ${oddKeyOf}::text) in (
				select jsonb_array_elements_text(${JSON.stringify(orderRefs)}::text::jsonb))`;
}
