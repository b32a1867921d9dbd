/** What the worker keeps about a channel while it works, and what of it the database must remember. */
import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { type Breaker, failed, succeeded } from "@/lib/channels/breaker";
import type { ChannelError } from "@/lib/channels/errors";
import type { Budget } from "@/lib/channels/listing";
import { notifyLog } from "@/lib/live/notify";
import { appendLog, type LogLine } from "../log/append-log";
import type { WorkTarget } from "./work-target";

export type ChannelState = {
	/** The worker's; what it has in memory counts only while it holds it. */
	lease: string;
	breaker: Breaker;
	/** Congestion: no call before this (milliseconds). */
	quietUntil: number;
	/** Congestion of the list of orders alone: it is not asked for before this. */
	ordersQuietUntil: number;
	isRevoked: boolean;
	/** Writes may leave: live, switched on, paused by nobody. */
	mayWrite: boolean;
	nextPollAt: number;
	pollIntervalMs: number;
	listingsDueAt: number | null;
	/** When the last read of changed listings began. */
	listingsReadAt: number | null;
	/** When its last sale or webhook came. */
	lastNewsAt: number | null;
	/** When the database last heard of the budget. */
	rememberedAt: number;
	/** Webhooks tell of its sales: they are registered, and nothing says that none of them is believed. */
	hasWebhooks: boolean;
};

/**
 * The credentials that were kept when a lease of this process was first taken: a worker opens its connection once, and
 * goes on with them.
 */
const leasedWith = new Map<string, string | null>();

/** When the channel's credentials last changed, to be compared: reconnecting and every refresh set it. */
type Rotation = { rotated_at: string | null };

/** Takes the channel's lease, or keeps it; null: another worker has it, or the credentials are others now. */
export async function leaseChannel(
	client: postgres.Sql,
	target: WorkTarget,
	lease: string,
	leaseMs: number,
): Promise<ChannelState | null> {
	const [row] = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{
			breaker: Breaker["state"];
			breaker_until: number | null;
			failures: number;
			quiet_until: number | null;
			orders_quiet_until: number | null;
			next_poll_at: number | null;
			poll_interval_ms: number;
			listings_due_at: number | null;
			listings_cursor: number | null;
			last_news_at: number | null;
			has_webhooks: boolean;
			may_write: boolean;
			rotated_at: Rotation["rotated_at"];
		}>`
			update channel_health h set push_lease = ${lease}::uuid, push_lease_until = now() + ${leaseMs}::int * interval '1 ms'
			from channels c left join credentials a on a.channel_id = c.id and a.purpose = 'access', merchants m
			where h.channel_id = ${target.channelId}::uuid and c.id = h.channel_id and m.id = h.merchant_id
				and c.state in ('read_only', 'live', 'importing')
				-- Two workers at once are settled here: only a free, expired or own lease is taken.
				and (h.push_lease is null or h.push_lease_until < now() or h.push_lease = ${lease}::uuid)
			returning h.breaker, extract(epoch from h.breaker_until)::float8 * 1000 as breaker_until, h.failures,
				extract(epoch from h.quiet_until)::float8 * 1000 as quiet_until,
				extract(epoch from h.orders_quiet_until)::float8 * 1000 as orders_quiet_until,
				extract(epoch from h.next_poll_at)::float8 * 1000 as next_poll_at, h.poll_interval_ms, extract(epoch from h.listings_due_at)::float8 * 1000 as listings_due_at,
				extract(epoch from h.listings_cursor)::float8 * 1000 as listings_cursor,
				extract(epoch from greatest(h.last_webhook_at, h.last_news_at))::float8 * 1000 as last_news_at,
				-- Until what signs its news is proven, news that is refused is none.
				(h.webhook_state = 'registered' and coalesce(h.unproven_webhooks, 0) = 0) as has_webhooks,
				(c.state = 'live' and c.pushing_since is not null and c.paused_at is null and m.pushes_paused_at is null) as may_write,
				a.rotated_at::text`,
	);
	if (!row) return null;
	if (!leasedWith.has(lease)) leasedWith.set(lease, row.rotated_at);
	// The next worker opens a connection with the new ones.
	else if (leasedWith.get(lease) !== row.rotated_at) return null;
	return {
		lease,
		breaker: { state: row.breaker, failures: row.failures, until: row.breaker_until },
		quietUntil: row.quiet_until ?? 0,
		ordersQuietUntil: row.orders_quiet_until ?? 0,
		isRevoked: false,
		mayWrite: row.may_write,
		nextPollAt: row.next_poll_at ?? 0,
		pollIntervalMs: row.poll_interval_ms,
		listingsDueAt: row.listings_due_at,
		listingsReadAt: row.listings_cursor,
		lastNewsAt: row.last_news_at,
		hasWebhooks: row.has_webhooks,
		rememberedAt: 0,
	};
}

/** When another worker's lease of a channel that may be worked on ends, in milliseconds; null: none holds it. */
export async function leaseEnd(client: postgres.Sql, target: WorkTarget): Promise<number | null> {
	const [row] = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ until: number }>`
			select extract(epoch from h.push_lease_until)::float8 * 1000 as until from channel_health h join channels c on c.id = h.channel_id
			where h.channel_id = ${target.channelId}::uuid and h.push_lease is not null and c.state in ('read_only', 'live', 'importing')`,
	);
	return row?.until ?? null;
}

export async function releaseChannel(client: postgres.Sql, target: WorkTarget, lease: string): Promise<void> {
	leasedWith.delete(lease);
	await asMerchantPrepared(
		client,
		target.merchantId,
		(run) =>
			run`update channel_health set push_lease = null, push_lease_until = null where channel_id = ${target.channelId}::uuid and push_lease = ${lease}::uuid`,
	);
}

/** Below this share of its bucket a channel is left alone until a little has come back. */
const reserveShare = 0.1;

/** How long to wait so that the bucket keeps its reserve; zero while there is plenty. */
export function waitForBudgetMs(budget: Budget): number {
	const missing = budget.maximum * reserveShare - budget.available;
	return missing > 0 && budget.restorePerSecond > 0 ? Math.ceil((missing / budget.restorePerSecond) * 1_000) : 0;
}

/** A healthy channel's budget is written down this often: people look at it, the worker has it in memory. */
const rememberEveryMs = 1_000;

/** A call was answered: the breaker closes, and the platform's own budget is heeded. */
export async function noteSuccess(
	client: postgres.Sql,
	target: WorkTarget,
	state: ChannelState,
	budget: Budget | null,
): Promise<void> {
	const wasDown = state.breaker.state !== "closed";
	const hadFailed = state.breaker.failures > 0;
	state.breaker = succeeded();
	const now = Date.now();
	const waitMs = budget ? waitForBudgetMs(budget) : 0;
	if (waitMs > 0) state.quietUntil = Math.max(state.quietUntil, now + waitMs);
	const isNews = hadFailed || waitMs > 0 || (budget !== null && now - state.rememberedAt >= rememberEveryMs);
	if (!isNews) return;
	await remember(
		client,
		target,
		state,
		budget,
		wasDown ? [{ kind: "channel.back", state: "ok", channelId: target.channelId }] : [],
	);
}

/** What stands until somebody sets it right is tried again after this. */
const standingWaitMs = 60_000;
/** A list of orders that can't be read is asked for again after this. */
const unreadableWaitMs = 30_000;

/**
 * A call failed as a whole. Congestion quiets, an outage opens the breaker, and so does what somebody has to set right at
 * once; revoked access stops all calls: of this worker at once, of the channel only if the credentials that were refused are
 * still the channel's. Of `lane` is what concerns nothing but lists of orders: writes and level reads go on beside it.
 */
export async function noteTrouble(
	client: postgres.Sql,
	target: WorkTarget,
	state: ChannelState,
	trouble: ChannelError,
	random: number,
	lane = trouble.lane,
): Promise<void> {
	const now = Date.now();
	const log: LogLine[] = [];
	const data = { reason: trouble.reason, sentence: trouble.message, fix: trouble.fix };
	switch (lane === "orders" && trouble.reason === "unreadable" ? "throttled" : trouble.reason) {
		case "throttled": {
			const waitMs = trouble.retryAfterMs ?? (lane === "orders" ? unreadableWaitMs : 1_000);
			if (lane === "orders") {
				state.ordersQuietUntil = Math.max(state.ordersQuietUntil, now + waitMs);
				state.nextPollAt = Math.max(state.nextPollAt, state.ordersQuietUntil);
			} else state.quietUntil = Math.max(state.quietUntil, now + waitMs);
			log.push({
				kind: "channel.throttled",
				state: "go",
				channelId: target.channelId,
				data: { ...data, waitMs, ...(lane && { lane }) },
			});
			break;
		}
		case "access_revoked":
		case "missing_scope":
		case "app_misconfigured": {
			const wasOpen = state.breaker.state === "open";
			state.isRevoked = trouble.reason === "access_revoked";
			state.breaker = { ...failed(state.breaker, now, random), state: "open", until: now + standingWaitMs };
			if (state.isRevoked || !wasOpen)
				log.push({
					kind: state.isRevoked ? "channel.revoked" : "channel.unreachable",
					state: "off",
					channelId: target.channelId,
					data,
				});
			break;
		}
		default: {
			const was = state.breaker.state;
			state.breaker = failed(state.breaker, now, random);
			if (was === "closed" && state.breaker.state === "open")
				log.push({
					kind: "channel.unreachable",
					state: "off",
					channelId: target.channelId,
					data: { ...data, until: state.breaker.until },
				});
		}
	}
	await remember(client, target, state, null, log, data);
}

async function remember(
	client: postgres.Sql,
	target: WorkTarget,
	state: ChannelState,
	budget: Budget | null,
	log: LogLine[],
	error: { reason: string; sentence: string } | null = null,
): Promise<void> {
	const { breaker } = state;
	state.rememberedAt = Date.now();
	const isKept = await asMerchantPrepared(client, target.merchantId, async (run) => {
		if (state.isRevoked && !(await isOurs(run, target.channelId, state.lease))) return false;
		await run`
			update channel_health set breaker = ${breaker.state}, failures = ${breaker.failures}::int, breaker_until = to_timestamp(${breaker.until}::float8 / 1000),
				-- Others beside the worker are told to wait, too: what lies ahead stays, whoever was told.
				quiet_until = (select max(q) from unnest(array[quiet_until, to_timestamp(${state.quietUntil}::float8 / 1000)]) q where q > now()),
				orders_quiet_until = (select max(q) from unnest(array[orders_quiet_until, to_timestamp(${state.ordersQuietUntil}::float8 / 1000)]) q where q > now()),
				next_poll_at = greatest(next_poll_at, to_timestamp(${state.ordersQuietUntil}::float8 / 1000)),
				budget = coalesce(${budget ? JSON.stringify({ ...budget, at: new Date().toISOString() }) : null}::text::jsonb, budget),
				last_ok_at = case when ${error === null} then now() else last_ok_at end,
				last_error_at = case when ${error !== null} then now() else last_error_at end,
				last_error = coalesce(${error ? JSON.stringify(error) : null}::text::jsonb, last_error)
			where channel_id = ${target.channelId}::uuid`;
		if (state.isRevoked)
			await run`update channels set state = 'revoked' where id = ${target.channelId}::uuid and state <> 'disconnected'`;
		await appendLog(run, target.merchantId, log);
		return true;
	});
	if (isKept && log.length > 0) notifyLog(target.merchantId);
}

/**
 * Whether the channel still has the worker and the credentials that the lease began with. Reconnecting, which holds the
 * channel's row, comes before or after it as a whole.
 */
async function isOurs(run: Statement, channelId: string, lease: string): Promise<boolean> {
	await run`select from channels where id = ${channelId}::uuid for update`;
	const [held] = await run<Rotation>`
		select a.rotated_at::text from channel_health h
		left join credentials a on a.channel_id = h.channel_id and a.purpose = 'access'
		where h.channel_id = ${channelId}::uuid and h.push_lease = ${lease}::uuid`;
	return held !== undefined && held.rotated_at === leasedWith.get(lease);
}
