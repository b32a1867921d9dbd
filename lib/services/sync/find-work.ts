import { clientFor } from "@/db/client";
import type { Platform } from "@/db/schema";
import type { WorkTarget } from "../channels/work-target";

/** Left alone this long, a row's wake-up counts as lost. */
const lostAfterMs = 2_000;
/** An import that reads a page says so; the slowest page of the slowest store has come by then. */
const stoppedAfterMs = 3 * 60_000;
/** A store's listings are read whole this often: what was deleted there some platforms tell nobody of. */
const wholeEveryMs = 24 * 60 * 60_000;

export type FoundWork = { mail: string[]; work: string[]; imports: string[] };

/**
 * Channels whose wake-up was lost: mail that nobody applies, offers, reads and polls that nobody does, imports that never
 * began or have stopped. When the process has just started (`isStart`), nothing is too young, and a lease may be a dead
 * worker's.
 */
export async function findWork({ isStart = false } = {}): Promise<FoundWork> {
	const sql = clientFor("writer");
	const lostBefore = isStart ? 0 : lostAfterMs;
	const rows = await sql<{ channel_id: string; has_mail: boolean; has_work: boolean; has_import: boolean }[]>`
		select c.id as channel_id,
			c.state in ('read_only', 'live') and exists (select 1 from inbox i where i.channel_id = c.id and i.state = 0 and i.received_at <= now() - ${lostBefore}::int * interval '1 ms') as has_mail,
			c.state in ('read_only', 'live') and (${isStart} or h.push_lease_until is null or h.push_lease_until < now()) and (
				h.next_poll_at < now() - ${lostBefore}::int * interval '1 ms'
				or h.listings_due_at < now()
				or exists (select 1 from slots s where s.channel_id = c.id and s.is_pending and c.state = 'live')
				or exists (select 1 from slots s where s.channel_id = c.id and s.read_due_at < now())) as has_work,
			not coalesce(j.is_running, false) and coalesce(j.is_waiting or j.has_begun
				or (c.state in ('read_only', 'live') and j.latest < now() - ${wholeEveryMs}::int * interval '1 ms'), false) as has_import
		from channels c
		join channel_health h on h.channel_id = c.id
		cross join lateral (
			select max(started_at) as latest,
				bool_or(state = 'waiting' and started_at <= now() - ${lostBefore}::int * interval '1 ms') as is_waiting,
				bool_or(state = 'running' and beat_at >= now() - ${stoppedAfterMs}::int * interval '1 ms') as is_running,
				bool_or(state = 'running') as has_begun
			from channel_jobs where channel_id = c.id
		) j
		where c.state not in ('revoked', 'disconnected')`;
	return {
		mail: rows.filter((row) => row.has_mail).map((row) => row.channel_id),
		work: rows.filter((row) => row.has_work).map((row) => row.channel_id),
		imports: rows.filter((row) => row.has_import).map((row) => row.channel_id),
	};
}

/** The target behind a channel's id, for functions; null when it is gone. */
export async function findTarget(channelId: string): Promise<WorkTarget | null> {
	const [row] = await clientFor("writer")<{ merchant_id: string; platform: Platform }[]>`
		select merchant_id, platform from channels where id = ${channelId} and state <> 'disconnected'`;
	return row ? { channelId, merchantId: row.merchant_id, platform: row.platform } : null;
}
