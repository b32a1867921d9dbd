/** How the channels are: what their health cards and pages show. */
import { asMerchant, type Transaction } from "@/db/client";
import type { ChannelState, KeptCheck, Platform } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import { adapterFor, isConnectable } from "@/lib/channels/registry";
import type { SecretState } from "@/lib/format/app-secret";
import { needsLocation } from "@/lib/format/setup-step";
import type { DriftPolicies } from "@/lib/stock/drift";
import type { Strategy } from "@/lib/stock/strategy";
import type { WriteMode } from "@/lib/stock/write-mode";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { driftPoliciesOf, type PolicyColumns } from "../levels/drift-policies";
import { percentile, readMinutes } from "../log/read-minutes";
import { readSilences, type Silence } from "./news-silence";
import { webhookUrl } from "./public-address";

export type ChannelView = {
	id: string;
	platform: Platform;
	name: string;
	baseUrl: string;
	/** As people know it: without scheme. */
	address: string;
	isSandbox: boolean;
	state: ChannelState;
	/** All moments are ISO 8601. */
	pushingSince: string | null;
	pausedAt: string | null;
	/** Non-null: all channels of the merchant are paused. */
	allPausedAt: string | null;
	/** How its stock is shared with other channels; null: as the merchant's, which is beside it. */
	strategy: Strategy | null;
	merchantsStrategy: Strategy;
	/** What becomes of each class of drift. */
	drift: DriftPolicies;
	/** Our locations whose stock it sells, in the order in which a sale is taken from them, and all that there are. */
	sellsFrom: string[];
	ourLocations: { id: string; name: string }[];
	/** The store's own. */
	locationRef: string;
	locations: { ref: string; name: string; isActive: boolean }[];
	/** It has several, and nobody has said yet whose stock it sells. */
	needsLocation: boolean;
	breaker: { state: "closed" | "open" | "half_open"; until: string | null; failures: number };
	/** The store asked for a rest until then. */
	quietUntil: string | null;
	lastOkAt: string | null;
	lastError: { reason: string; sentence: string; fix?: string | null } | null;
	lastErrorAt: string | null;
	webhooks: {
		state: "none" | "registered" | "unreachable" | "dropped";
		/** False: there is no address under which this store could reach us. */
		hasAddress: boolean;
		/** False: the store's news could not be verified. */
		hasSecret: boolean;
		/** News lies in a queue, out of which we take it. */
		areCollected: boolean;
		lastAt: string | null;
		checkedAt: string | null;
		/** Zero where the platform calls nobody: then it is strangers who do. */
		rejected: number;
		lastRejectedAt: string | null;
	};
	/** The last sale, by whatever way it was heard of. */
	lastNewsAt: string | null;
	/** Its news has been quiet for too long; null: as it should be. */
	silence: Silence | null;
	nextPollAt: string | null;
	pollIntervalMs: number;
	budget: { available: number; maximum: number; restorePerSecond: number; at: string } | null;
	accessExpiresAt: string | null;
	/** Renewed by itself before it expires. */
	renewsItself: boolean;
	/** The client secret of the merchant's own app, where it ends; null: it doesn't. */
	secret: SecretState | null;
	/** How it is written: facts of the platform. */
	writeMode: WriteMode;
	callsInFlight: number;
	listings: { all: number; linked: number; undecided: number };
	/** Linked listings by how they are. */
	slots: { pending: number; drift: number; held: number; verified: number };
	/** When the longest unverified of its linked listings was read live, and half of them later than when; null: none was. */
	verifiedAt: string | null;
	medianVerifiedAt: string | null;
	/** Somebody asked for all to be verified now: when, and how many are left. Null: nobody did, or it is done. */
	verifyAsked: { at: string; left: number } | null;
	/** From a change to its confirmation here, in the last hour; null: none was measured. */
	lagP95Ms: number | null;
	/** Orders by the minute, the last hour, oldest first. */
	orders: number[];
	job: {
		state: "waiting" | "running" | "done" | "failed" | "cancelled";
		done: number;
		total: number | null;
		startedAt: string;
		finishedAt: string | null;
		error: { sentence: string; fix?: string | null } | null;
	} | null;
	checks: KeptCheck[];
	checkedAt: string | null;
};

/** Oldest first; disconnected ones last. */
export async function readChannels(ctx: Context): Promise<ChannelView[]> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, (tx) => load(tx, ctx, null));
}

export async function readChannel(ctx: Context, channelId: string): Promise<ChannelView> {
	authorise(ctx, "viewer");
	const [channel] = await asMerchant(ctx.db, ctx.merchantId, (tx) => load(tx, ctx, channelId));
	if (!channel) throw new NotFound("channel");
	return channel;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Row = Omit<
	ChannelView,
	| "address"
	| "needsLocation"
	| "webhooks"
	| "drift"
	| "orders"
	| "lagP95Ms"
	| "writeMode"
	| "callsInFlight"
	| "renewsItself"
	| "silence"
	| "secret"
> & {
	secret: Omit<SecretState, "byHand"> | null;
	drift: PolicyColumns;
	hasRefresh: boolean;
	locationSetAt: string | null;
	webhooks: Omit<ChannelView["webhooks"], "hasAddress" | "areCollected">;
	minutes: { at: number; orders: number }[];
};

async function load(tx: Transaction, ctx: Context, channelId: string | null): Promise<ChannelView[]> {
	const run = statementsOf(tx);
	// One JSON object a channel: what Postgres calls null and what it calls a moment is then the same on both sides.
	const rows = await run<{ view: Row }>`
		select jsonb_build_object(
			'id', c.id, 'platform', c.platform, 'name', c.name, 'baseUrl', c.base_url, 'isSandbox', c.is_sandbox, 'state', c.state,
			'strategy', c.strategy, 'merchantsStrategy', m.strategy,
			'pushingSince', c.pushing_since, 'pausedAt', c.paused_at, 'allPausedAt', m.pushes_paused_at,
			'drift', jsonb_build_object('drift_policy', c.drift_policy, 'drift_lost_write', c.drift_lost_write, 'drift_rounding', c.drift_rounding, 'drift_bundle', c.drift_bundle),
			'locationRef', c.location_ref, 'locations', coalesce(c.facts->'locations', '[]'), 'locationSetAt', c.wizard->'locationSetAt',
			'sellsFrom', c.location_ids, 'ourLocations', (select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.created_at, o.name) from locations o),
			'breaker', jsonb_build_object('state', h.breaker, 'until', h.breaker_until, 'failures', h.failures),
			'quietUntil', h.quiet_until, 'lastOkAt', h.last_ok_at, 'lastError', h.last_error, 'lastErrorAt', h.last_error_at,
			'webhooks', jsonb_build_object('state', h.webhook_state, 'lastAt', h.last_webhook_at, 'checkedAt', h.webhooks_checked_at,
				'rejected', h.rejected_webhooks, 'lastRejectedAt', h.last_rejected_at,
				'hasSecret', exists (select from credentials w where w.channel_id = c.id and w.purpose = 'webhook')),
			'lastNewsAt', h.last_news_at, 'nextPollAt', h.next_poll_at, 'pollIntervalMs', h.poll_interval_ms, 'budget', h.budget,
			'accessExpiresAt', a.expires_at, 'hasRefresh', a.expires_at is not null,
			'secret', case when a.secret_ends_at is not null then jsonb_build_object('endsAt', a.secret_ends_at, 'isTold', a.secret_told_at is not null,
				'isAsked', a.secret_asked_at is not null, 'trouble', a.secret_trouble) end,
			'listings', (select jsonb_build_object('all', count(*), 'linked', count(*) filter (where p.state = 'linked'),
					'undecided', count(*) filter (where p.state is null and l.left_out_reason is null))
				from listings l left join mappings p on p.listing_id = l.id where l.channel_id = c.id and l.gone_at is null),
			'slots', jsonb_build_object('pending', s.pending, 'drift', s.drift, 'held', s.held, 'verified', s.verified),
			'verifiedAt', s.verified_at, 'medianVerifiedAt', s.median_verified_at,
			'verifyAsked', case when s.asked_left > 0 then jsonb_build_object('at', h.verify_asked_at, 'left', s.asked_left) end,
			'job', (select jsonb_build_object('state', j.state, 'done', j.done, 'total', j.total, 'startedAt', j.started_at,
					'finishedAt', j.finished_at, 'error', j.error)
				from channel_jobs j where j.channel_id = c.id order by (j.state in ('waiting', 'running')) desc, j.started_at desc limit 1),
			'checks', coalesce(c.wizard->'checks', '[]'), 'checkedAt', c.wizard->'checkedAt',
			'minutes', (select coalesce(jsonb_agg(jsonb_build_object('at', extract(epoch from n.minute) * 1000, 'orders', n.orders)), '[]')
				from channel_minutes n where n.channel_id = c.id and n.minute > now() - interval '61 minutes')
		) as view
		from channels c
		join merchants m on m.id = c.merchant_id
		join channel_health h on h.channel_id = c.id
		left join credentials a on a.channel_id = c.id and a.purpose = 'access'
		cross join lateral (
			select count(*) filter (where s.is_pending) as pending, count(*) filter (where s.unexplained <> 0) as drift,
				count(*) filter (where s.held_reason is not null) as held, count(v.at) as verified,
				min(v.at) as verified_at, percentile_disc(0.5) within group (order by v.at) as median_verified_at,
				count(*) filter (where v.at < h.verify_asked_at) as asked_left
			from slots s
			join listings l on l.id = s.listing_id and l.gone_at is null and l.is_managed
			cross join lateral (select coalesce(s.verified_at, s.shown_at) as at) v
			where s.channel_id = c.id and s.sku_id is not null
		) s
		where ${channelId}::text is null or c.id::text = ${channelId}
		order by (c.state = 'disconnected'), c.created_at, c.id`;
	const now = ctx.now().getTime();
	const lags = rows.length > 0 ? await lagsByChannel(tx, ctx.merchantId, now) : new Map<string, number[]>();
	const silences = await readSilences(tx, now);
	return Promise.all(
		rows.map(async ({ view }) => ({
			...(await complete(view, lags.get(view.id) ?? [], now)),
			silence: silences.get(view.id) ?? null,
		})),
	);
}

async function lagsByChannel(tx: Transaction, merchantId: string, now: number): Promise<Map<string, number[]>> {
	const { minutes } = await readMinutes(tx, merchantId, now - hourMs, now, now);
	const lags = new Map<string, number[]>();
	for (const minute of minutes)
		for (const [channelId, values] of Object.entries(minute.lags))
			lags.set(channelId, [...(lags.get(channelId) ?? []), ...values]);
	return lags;
}

const callsUs = ({ collectMail, facts }: ChannelAdapter): boolean =>
	!collectMail && Object.values(facts.coverage).some(({ webhooks }) => webhooks !== "none");

async function complete(row: Row, lags: number[], now: number): Promise<Omit<ChannelView, "silence">> {
	const { hasRefresh, locationSetAt, minutes, secret, ...view } = row;
	const adapter = isConnectable(view.platform) ? await adapterFor(view.platform) : null;
	const first = Math.floor(now / minuteMs) * minuteMs - 59 * minuteMs;
	const orders = Array.from({ length: 60 }, () => 0);
	for (const { at, orders: count } of minutes) {
		const index = Math.round((at - first) / minuteMs);
		if (index >= 0 && index < 60) orders[index] = count;
	}
	return {
		...view,
		drift: driftPoliciesOf(view.drift),
		address: view.baseUrl.replace(/^https?:\/\//, ""),
		needsLocation: needsLocation({ ...view, locationSetAt }),
		webhooks: {
			...view.webhooks,
			rejected: adapter && callsUs(adapter) ? view.webhooks.rejected : 0,
			hasAddress: webhookUrl(view.platform, view.id, view.isSandbox) !== null,
			areCollected: Boolean(adapter?.collectMail),
		},
		renewsItself: hasRefresh && adapter?.refreshAccess !== null,
		secret: secret && { ...secret, byHand: adapter?.appSecret?.byHand ?? "" },
		writeMode: adapter?.facts.writeMode ?? "absolute",
		callsInFlight: adapter?.facts.callsInFlight ?? 1,
		lagP95Ms: percentile(lags, 0.95),
		orders,
	};
}
