/**
 * Orders that the store lists and nobody can read: what they took is shown there and counted nowhere. Each is a dead
 * letter until the store has told it in a form that can be read, or until a person has put it aside.
 */
import type { Statement } from "@/db/statement";
import type { WorkTarget } from "../channels/work-target";
import type { LogLine } from "../log/append-log";
import { deadLetter } from "../mail/dead-letter";
import { oddKeyOf } from "../mail/letter-keys";

/** Their references, the oldest first. */
export async function readUnreadOrders(run: Statement, { channelId }: WorkTarget): Promise<string[]> {
	const rows = await run<{ order_ref: string }>`
		select substring(dedupe_key from ${oddKeyOf}::text) as order_ref from inbox
		where channel_id = ${channelId}::uuid and dedupe_key like 'odd:%' and state in (0, 2)
		group by 1 order by min(id)`;
	return rows.map(({ order_ref }) => order_ref);
}

/** Which of these could be read since. */
export async function readSince(
	run: Statement,
	{ channelId }: WorkTarget,
	orderRefs: readonly string[],
): Promise<ReadonlySet<string>> {
	if (orderRefs.length === 0) return new Set();
	const rows = await run<{ order_ref: string }>`
		select substring(dedupe_key from ${oddKeyOf}::text) as order_ref from inbox
		where channel_id = ${channelId}::uuid and dedupe_key like 'odd:%'
			and substring(dedupe_key from ${oddKeyOf}::text) in (select jsonb_array_elements_text(${JSON.stringify(orderRefs)}::text::jsonb))
		group by 1 having every(state = 1)`;
	return new Set(rows.map(({ order_ref }) => order_ref));
}

/** The store has told these, and what it told is counted. `inboxId`: only letters older than this piece of mail; null: all. */
export async function forgetUnread(
	run: Statement,
	{ channelId }: WorkTarget,
	told: readonly { orderRef: string; inboxId: number | null }[],
): Promise<void> {
	if (told.length === 0) return;
	await run`
		update inbox i set state = 1, error = null, applied_at = clock_timestamp()
		from jsonb_to_recordset(${JSON.stringify(told)}::text::jsonb) as t("orderRef" text, "inboxId" bigint)
		where i.channel_id = ${channelId}::uuid and i.dedupe_key like 'odd:%' and i.state = 2
			and substring(i.dedupe_key from ${oddKeyOf}::text) = t."orderRef" and (t."inboxId" is null or i.id < t."inboxId")`;
}

/** The store was asked for these once more, and knows or shows them no longer: what they took was never told. */
export async function keepLost(
	run: Statement,
	{ channelId }: WorkTarget,
	orderRefs: readonly string[],
): Promise<LogLine[]> {
	if (orderRefs.length === 0) return [];
	const lost = await run<{ id: number; topic: string; error: string }>`
		update inbox set applied_at = clock_timestamp(),
			error = 'Order ' || substring(dedupe_key from ${oddKeyOf}::text) || ' is not shown by the store any more, and could not be read while it was: what it took was never told.'
		where channel_id = ${channelId}::uuid and dedupe_key like 'odd:%' and state = 2 and applied_at is null
			and substring(dedupe_key from ${oddKeyOf}::text) in (select jsonb_array_elements_text(${JSON.stringify(orderRefs)}::text::jsonb))
		returning id::float8 as id, topic, error`;
	return lost.map((mail) => deadLetter(channelId, mail, mail.error));
}
