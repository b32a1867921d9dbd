/**
 * The steady re-reading of what stores show, stalest first (R7, lib/stock/sweep.ts): neither webhooks nor stamps of change
 * are trusted to tell of every edit. Beside the channel's worker and at a pace that no store feels, so that it keeps no
 * sale waiting. A level that is what we expect is verified and that is all; a difference goes the way of every other.
 */
import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import { adapterFor, connectablePlatforms } from "@/lib/channels/registry";
import { levelsStaleAfterMs } from "@/lib/stock/sweep";
import { keepQuiet } from "../channels/ask-patiently";
import { openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { wake } from "../sync/wake";
import { readBatch, type SlotToRead } from "./due-reads";
import { readLevels } from "./read-levels";

/** Calls of one run, 12,000 levels: a larger catalogue goes on with the next. */
export const callsPerRun = 120;
/** A store that answers slowly is at work for us no more than a third of the time, with one call at a time. */
const restPerWork = 2;

/** When a level counts as stale, by what the platform's signals cover of it. */
async function stalePaces(): Promise<string> {
	const paces = connectablePlatforms.map(async (platform) => {
		const { levels } = (await adapterFor(platform)).facts.coverage;
		return { platform, hearing: levelsStaleAfterMs(levels, true), deaf: levelsStaleAfterMs(levels, false) };
	});
	return JSON.stringify(await Promise.all(paces));
}

/** Live channels with levels that nobody has read for a while, or since somebody asked for it. */
export async function findStaleLevels(): Promise<string[]> {
	const rows = await clientFor("writer")<{ id: string }[]>`
		select c.id from channels c join channel_health h on h.channel_id = c.id
		join jsonb_to_recordset(${await stalePaces()}::text::jsonb) as p(platform text, hearing int, deaf int) on p.platform = c.platform
		where c.state = 'live' and h.breaker = 'closed'
			and exists (
				select from slots s where s.channel_id = c.id and s.sku_id is not null and s.shown_at is not null
					and coalesce(s.verified_at, s.shown_at) < greatest(h.verify_asked_at,
						now() - case when h.webhook_state = 'registered' then p.hearing else p.deaf end * interval '1 ms'))`;
	return rows.map(({ id }) => id);
}

export type Verified = {
	read: number;
	/** How long the store is left alone before the next call; null: nothing is left to read, or not now. */
	nextInMs: number | null;
};

/** One call: the stalest levels of a channel. */
export async function verifyStalest(client: postgres.Sql, target: WorkTarget): Promise<Verified> {
	const { slots, ordersReadAt } = await asMerchantPrepared(client, target.merchantId, (run) => stalest(run, target));
	if (slots.length === 0) return { read: 0, nextInMs: null };
	const began = performance.now();
	try {
		const open = await openConnection(client, target);
		const verdicts = await readLevels(client, target, open, slots, ordersReadAt);
		if (verdicts.some((verdict) => verdict !== "echo")) wake("work", [target.channelId]);
		const pauseMs = Math.max(open.adapter.facts.rereadEveryMs, restPerWork * Math.round(performance.now() - began));
		return { read: slots.length, nextInMs: slots.length < readBatch ? null : pauseMs };
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		// The worker's own calls find out whether the store is down; that it asks for less is heeded by all.
		if (error.reason === "throttled") await keepQuiet(client, target, error.retryAfterMs ?? 1_000);
		return { read: 0, nextInMs: null };
	}
}

/**
 * Nothing while the store is in trouble, asks for less, or has spent half of its budget: this can wait, sales can't. What
 * is due to be read for a reason of its own, or is being written, is the worker's.
 */
async function stalest(
	run: Statement,
	{ channelId }: WorkTarget,
): Promise<{ slots: SlotToRead[]; ordersReadAt: number | null }> {
	const paces = await stalePaces();
	const rows = await run<SlotToRead & { orders_read_at: number | null }>`
		select s.id::float8 as id, l.external_key, l.ids, s.expected_version::float8,
			extract(epoch from h.orders_read_at)::float8 * 1000 as orders_read_at
		from channels c
		join channel_health h on h.channel_id = c.id and h.breaker = 'closed' and coalesce(h.quiet_until <= now(), true)
			and coalesce((h.budget->>'available')::float8
				+ (h.budget->>'restorePerSecond')::float8 * extract(epoch from now() - (h.budget->>'at')::timestamptz)
				>= (h.budget->>'maximum')::float8 / 2, true)
		join jsonb_to_recordset(${paces}::text::jsonb) as p(platform text, hearing int, deaf int) on p.platform = c.platform
		join slots s on s.channel_id = c.id and s.sku_id is not null and s.shown_at is not null
			and coalesce(s.verified_at, s.shown_at) < greatest(h.verify_asked_at,
				now() - case when h.webhook_state = 'registered' then p.hearing else p.deaf end * interval '1 ms')
			and s.push_id is null and s.read_due_at is null
		join listings l on l.id = s.listing_id and l.gone_at is null and l.is_managed
		where c.id = ${channelId}::uuid and c.state = 'live'
		order by coalesce(s.verified_at, s.shown_at) limit ${readBatch}::int`;
	return { slots: rows, ordersReadAt: rows[0]?.orders_read_at ?? null };
}
