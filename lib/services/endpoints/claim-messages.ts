import type { Statement } from "@/db/statement";
import { bodyOf, type KeptMessage, type Names } from "./message-body";

export type ClaimedMessage = { id: string; body: string; tries: number; waitedMs: number };

/** Longer than the longest try: a message whose sender died is due again then. */
const leaseMs = 60_000;
/** Tries under way at once. */
const mostAtOnce = 16;

type Row = KeptMessage & Names & { id: string; tries: number; waitedMs: number; body: string | null };

/**
 * Takes the oldest messages that are due, each for one try; or, as a probe, the newest alone: many that are refused for what
 * they say would each be probed before one that is taken. What has a newer one of its subject behind it is overtaken,
 * not tried again: so an endpoint that was down hears the newest of each SKU, not a day's history. From here on a message
 * keeps its bytes.
 */
export async function claimMessages(run: Statement, endpointId: string, isProbe: boolean): Promise<ClaimedMessage[]> {
	await run`
		update webhook_messages m set state = 'superseded', settled_at = clock_timestamp()
		where m.endpoint_id = ${endpointId}::uuid and m.state = 'waiting' and m.body is not null and m.next_try_at <= clock_timestamp()
			and exists (
				select from webhook_messages n
				where n.endpoint_id = m.endpoint_id and n.subject = m.subject and n.state = 'waiting'
					and (n.body is null or (m.tries > 0 and n.sequence > m.sequence and n.queued_at >= m.queued_at)))`;
	const claimed = await run<Row>`
		with due as (
			select id from webhook_messages
			where endpoint_id = ${endpointId}::uuid and state = 'waiting' and next_try_at <= clock_timestamp()
			order by case when ${isProbe} then -sequence else sequence end limit ${isProbe ? 1 : mostAtOnce}::int for update skip locked
		),
		claimed as (
			update webhook_messages m set tries = m.tries + 1, next_try_at = clock_timestamp() + ${leaseMs}::int * interval '1 ms'
			from due where m.id = due.id returning m.*
		)
		select m.id, m.event, m.sequence::float8 as sequence, to_jsonb(m.created_at)#>>'{}' as "createdAt", m.data, m.body, m.tries,
			extract(epoch from clock_timestamp() - m.queued_at)::float8 * 1000 as "waitedMs",
			k.code as sku, o.name as location, c.name as channel
		from claimed m
		left join skus k on k.id = (m.data->>'skuId')::uuid
		left join locations o on o.id = (m.data->>'locationId')::uuid
		left join channels c on c.id = (m.data->>'channelId')::uuid
		order by m.sequence`;
	const fresh = claimed.flatMap((row) => (row.body === null ? [{ id: row.id, body: bodyOf(row, row) }] : []));
	if (fresh.length > 0)
		await run`
			update webhook_messages m set body = f.body
			from jsonb_to_recordset(${JSON.stringify(fresh)}::text::jsonb) as f(id uuid, body text) where m.id = f.id`;
	const bodies = new Map(fresh.map(({ id, body }) => [id, body]));
	return claimed.map(({ id, body, tries, waitedMs }) => ({ id, tries, waitedMs, body: body ?? bodies.get(id) ?? "" }));
}
