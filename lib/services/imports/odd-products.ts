/**
 * Products that a store lists in a form that nobody knows. They are there all the same: what is known of their listings stays,
 * and a person is told once of each form, by a dead letter that holds the row as it came.
 */
import type { Statement } from "@/db/statement";
import type { OddRow } from "@/lib/channels/listing";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { deadLetter } from "../mail/dead-letter";
import { digestOf } from "../mail/letter-keys";
import { signalTopic } from "../mail/read-mail";

const keyOf = ({ ref, row }: OddRow) => `odd-product:${ref}:${digestOf(row)}`;
const refInKey = "^odd-product:(.*):[^:]*$";

const oddProduct = (ref: string) =>
	`Product ${ref} comes from the store in a form that Onecount doesn't know: its listings stay as they were read last.`;

/** A letter that a person has let be read once more, in vain, is dead again. */
export async function keepOddProducts(
	run: Statement,
	{ merchantId, channelId }: WorkTarget,
	odd: readonly OddRow[],
	readAt: Date,
): Promise<void> {
	if (odd.length === 0) return;
	await run`
		update listings set seen_at = ${readAt.toISOString()}::timestamptz
		where channel_id = ${channelId}::uuid and gone_at is null
			and ids->>'productId' in (select jsonb_array_elements_text(${JSON.stringify(odd.map(({ ref }) => ref))}::text::jsonb))`;
	const letters = odd.map((one) => ({
		key: keyOf(one),
		body: JSON.stringify({ kind: "listing_changed", productRef: one.ref, row: one.row }),
		error: oddProduct(one.ref),
	}));
	const dead = await run<{ id: number; topic: string; error: string }>`
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body, state, error, applied_at)
		select distinct on (r.key) ${merchantId}::uuid, ${channelId}::uuid, 'poll', ${signalTopic}, r.key, convert_to(r.body, 'UTF8'), 2, r.error, clock_timestamp()
		from jsonb_to_recordset(${JSON.stringify(letters)}::text::jsonb) as r(key text, body text, error text)
		on conflict (channel_id, dedupe_key) do update set state = 2, error = excluded.error, applied_at = excluded.applied_at where inbox.state = 1
		returning id::float8 as id, topic, error`;
	await appendLog(
		run,
		merchantId,
		dead.map((mail) => deadLetter(channelId, mail, mail.error)),
	);
}

/** These were read: their letters wait for nobody any more. */
export async function forgetOddProducts(
	run: Statement,
	{ merchantId, channelId }: WorkTarget,
	productRefs: readonly string[],
): Promise<void> {
	if (productRefs.length === 0) return;
	await run`
		update inbox set state = 1, error = null
		where merchant_id = ${merchantId}::uuid and channel_id = ${channelId}::uuid and state = 2
			and substring(dedupe_key from ${refInKey}::text) in (
				select jsonb_array_elements_text(${JSON.stringify(productRefs)}::text::jsonb))`;
}
