/**
 * Channels whose news has been quiet for too long: webhooks of which none can be believed or that tell of no sale that we
 * found, and shops that sell nothing.
 */
import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { platformFor } from "@/lib/channels/registry";

export type Silence =
	/** `refused` came with a wrong signature, and none with a right one. `secret`: what signs them, where a person pasted it. */
	| { of: "signature"; refused: number; secret: string | null }
	/** `sales` were found by asking, and no webhook told of them since. */
	| { of: "webhooks"; since: string; sales: number }
	/** Nothing was sold, where about `usual` sales would be by its own pace. */
	| { of: "sales"; since: string; usual: number };

export type SilenceFacts = {
	/** All moments in milliseconds; null: never. */
	webhookAt: number | null;
	newsAt: number | null;
	hasWebhooks: boolean;
	/** Webhooks with a wrong signature since they were registered, of which none was right. */
	unproven: number;
	secret: string | null;
	/** Sales found since the last webhook, long enough ago that one would have told of them. */
	unheard: number;
	/** Sales in as long a time before the silence; and in the same hours of the day before, null: it was not connected then. */
	before: number;
	dayBefore: number | null;
};

const minuteMs = 60_000;
/** The slowest news that is usual: a WooCommerce shop whose timer runs on visits. */
export const patienceMs = 15 * minuteMs;
/** Nobody is alarmed sooner, however fast it sold. */
const shortestMs = 30 * minuteMs;
/** One or two may be anybody's. */
const fewestUnproven = 3;
/** By Poisson, a shop that usually sells ten sells none once in 22,000 times. */
const fewestUsual = 10;

/** Pure. What is certain before what is likely; null: as it should be. */
export function judgeSilence(facts: SilenceFacts, now: number): Silence | null {
	const { webhookAt, newsAt, unproven, unheard, before, dayBefore } = facts;
	if (facts.hasWebhooks && unproven >= fewestUnproven)
		return { of: "signature", refused: unproven, secret: facts.secret };
	if (facts.hasWebhooks && webhookAt !== null && unheard > 0)
		return { of: "webhooks", since: new Date(webhookAt).toISOString(), sales: unheard };
	if (newsAt === null || now - newsAt < shortestMs) return null;
	// Shops sleep at night: the quieter of the two paces is the one that counts.
	const usual = Math.min(before, dayBefore ?? before);
	return usual >= fewestUsual ? { of: "sales", since: new Date(newsAt).toISOString(), usual } : null;
}

type Row = {
	id: string;
	platform: string;
	unproven: number;
	webhook_at: number | null;
	news_at: number | null;
	has_webhooks: boolean;
	unheard: number;
	before: number;
	day_before: number | null;
};

/** Of the merchant's channels that answer; by channel. */
export async function readSilences(tx: Transaction, now: number): Promise<Map<string, Silence>> {
	const at = new Date(now).toISOString();
	const rows = await statementsOf(tx)<Row>`
		select c.id, c.platform, coalesce(h.unproven_webhooks, 0) as unproven, extract(epoch from w.at)::float8 * 1000 as webhook_at, extract(epoch from h.last_news_at)::float8 * 1000 as news_at,
			h.webhook_state = 'registered' as has_webhooks, s.unheard, s.before, case when c.created_at < q.since - interval '1 day' then s.day_before end as day_before
		from channels c
		join channel_health h on h.channel_id = c.id
		cross join lateral (
			-- What was found right after connecting was sold before anybody was to tell of it.
			select greatest(h.last_webhook_at, (c.wizard->>'checkedAt')::timestamptz + ${patienceMs}::int * interval '1 ms') as at
		) w
		cross join lateral (
			select greatest(h.last_news_at, ${at}::timestamptz - interval '1 day') as since
		) q
		cross join lateral (
			select
				coalesce(sum(n.orders) filter (where n.minute > w.at + interval '2 minutes'
					and n.minute < ${at}::timestamptz - ${patienceMs}::int * interval '1 ms'), 0)::int as unheard,
				coalesce(sum(n.orders) filter (where n.minute > q.since - (${at}::timestamptz - q.since) and n.minute <= q.since), 0)::int as before,
				coalesce(sum(n.orders) filter (where n.minute > q.since - interval '1 day' and n.minute <= ${at}::timestamptz - interval '1 day'), 0)::int as day_before
			from channel_minutes n where n.channel_id = c.id and n.minute > least(w.at, ${at}::timestamptz - interval '2 days')
		) s
		where c.state in ('read_only', 'live') and h.breaker = 'closed'`;
	const found = new Map<string, Silence>();
	for (const { id, ...row } of rows) {
		const silence = judgeSilence(
			{
				webhookAt: row.webhook_at,
				newsAt: row.news_at,
				hasWebhooks: row.has_webhooks,
				unproven: row.unproven,
				secret: (await platformFor(row.platform)).pasteForm.newsSecret ?? null,
				unheard: row.unheard,
				before: row.before,
				dayBefore: row.day_before,
			},
			now,
		);
		if (silence) found.set(id, silence);
	}
	return found;
}
