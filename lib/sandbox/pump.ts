/**
 * The post: sends what is due, with the platform's own timeouts, retries and patience. A delivery is claimed by moving
 * its due time past the longest it can take, so that after a kill −9 it is simply due again.
 */
import { sql } from "drizzle-orm";
import { Agent, request as undiciRequest } from "undici";
import { findStore, type SandboxHost, sandboxContext } from "./context";
import { knobsOf } from "./knobs";
import { onNews } from "./news";
import { sandboxPlatform } from "./platforms";
import type { DeliveryRules, SandboxContext, SandboxPlatform, SandboxStore } from "./sandbox-platform";

/** Between two looks for what other processes queued. */
const idleMs = 500;
/** Between two claims while news keeps coming: what comes in one gap goes in one statement. */
const gapMs = 5;
const claimSize = 128;
const mostInFlight = 256;
/** Beyond the platform's own timeout: time to settle the result. */
const leaseSlackMs = 10_000;
const pruneEveryMs = 60_000;

const usualRules: DeliveryRules = {
	connectTimeoutMs: 1_000,
	totalTimeoutMs: 5_000,
	isDelivered: (status) => status >= 200 && status < 300,
};

export type SandboxPump = {
	/** Claims nothing more; resolves when what is in flight has been settled. */
	stop(): Promise<void>;
};

type ClaimedRow = {
	id: string;
	store_id: string;
	webhook_id: string;
	topic: string;
	resource_id: string;
	body: Buffer | null;
	headers: Record<string, string>;
	attempts: number;
	url: string | null;
	secret: string | null;
	status: string | null;
	failures: number | null;
};
type Outcome = {
	id: number;
	state: "sent" | "waiting" | "failed" | "dropped";
	status: number | null;
	dueAt: Date | null;
};

type Running = { pump: SandboxPump; holders: number };
const shared = globalThis as { onecountSandboxPumps?: Map<string, Running> };

/** One pump per database and process, however often it is started; the last stop ends it. */
export function startSandboxPump(host: SandboxHost): SandboxPump {
	shared.onecountSandboxPumps ??= new Map();
	const pumps = shared.onecountSandboxPumps;
	const key = host.databaseUrl ?? "";
	let running = pumps.get(key);
	if (!running) {
		running = { pump: runPump(sandboxContext(host)), holders: 0 };
		pumps.set(key, running);
	}
	const held = running;
	held.holders++;
	let isHeld = true;
	return {
		async stop() {
			if (!isHeld) return;
			isHeld = false;
			if (--held.holders > 0) return;
			pumps.delete(key);
			await held.pump.stop();
		},
	};
}

function runPump(ctx: SandboxContext): SandboxPump {
	let isStopped = false;
	let timer: NodeJS.Timeout | null = null;
	let timerAt = Number.POSITIVE_INFINITY;
	let round: Promise<void> | null = null;
	let wakeDuringRound = Number.POSITIVE_INFINITY;
	const inFlight = new Set<Promise<void>>();
	const settle = settler(ctx);
	const prunedAt = { at: performance.now() };

	function wake(dueAtMs: number) {
		if (isStopped) return;
		if (round) {
			wakeDuringRound = Math.min(wakeDuringRound, dueAtMs);
			return;
		}
		const at = Math.max(dueAtMs, Date.now() + gapMs);
		if (timer && timerAt <= at) return;
		if (timer) clearTimeout(timer);
		timerAt = at;
		timer = setTimeout(run, at - Date.now());
	}

	function run() {
		timer = null;
		timerAt = Number.POSITIVE_INFINITY;
		round = claimAndSend()
			// The database is away: what is due stays due.
			.catch(() => Date.now() + idleMs)
			.then((next) => {
				round = null;
				const at = Math.min(next, wakeDuringRound, Date.now() + idleMs);
				wakeDuringRound = Number.POSITIVE_INFINITY;
				wake(at);
			});
	}

	/** Returns the moment of the next claim. */
	async function claimAndSend(): Promise<number> {
		const free = mostInFlight - inFlight.size;
		if (free <= 0) {
			await Promise.race(inFlight);
			return 0;
		}
		const claimed = await claim(ctx, Math.min(claimSize, free));
		for (const row of claimed) {
			const sending = send(ctx, row)
				.then(async (outcome) => {
					await settle(outcome);
					if (outcome.dueAt) wake(outcome.dueAt.getTime());
				})
				.catch(() => {
					// Unsettled: due again when its lease is over.
				})
				.finally(() => inFlight.delete(sending));
			inFlight.add(sending);
		}
		if (claimed.length === Math.min(claimSize, free)) return 0;
		if (performance.now() - prunedAt.at > pruneEveryMs) {
			prunedAt.at = performance.now();
			await prune(ctx);
		}
		return nextDueAt(ctx);
	}

	const stopListening = onNews(wake);
	wake(0);
	return {
		async stop() {
			isStopped = true;
			stopListening();
			if (timer) clearTimeout(timer);
			await round;
			await Promise.all(inFlight);
		},
	};
}

async function claim(ctx: SandboxContext, limit: number): Promise<ClaimedRow[]> {
	const now = ctx.now();
	return ctx.db.execute<ClaimedRow>(sql`
		with claimed as (
			update sandbox.deliveries d set
				attempts = attempts + 1,
				due_at = ${new Date(now.getTime() + longestTotalMs + leaseSlackMs).toISOString()}::timestamptz
			where id in (
				select id from sandbox.deliveries where state = 'waiting' and due_at <= ${now.toISOString()}::timestamptz
				order by due_at limit ${limit} for update skip locked)
			returning d.*)
		select c.id, c.store_id, c.webhook_id, c.topic, c.resource_id, c.body, c.headers, c.attempts, w.url, w.secret, w.status, w.failures
		from claimed c left join sandbox.webhooks w on w.store_id = c.store_id and w.id = c.webhook_id
		order by c.id`);
}

async function nextDueAt(ctx: SandboxContext): Promise<number> {
	const [row] = await ctx.db.execute<{ due_at: string | null }>(
		sql`select min(due_at) due_at from sandbox.deliveries where state = 'waiting'`,
	);
	return row?.due_at ? Date.parse(row.due_at) : Number.POSITIVE_INFINITY;
}

/** WooCommerce waits longest: a minute. */
const longestTotalMs = 60_000;

async function send(ctx: SandboxContext, row: ClaimedRow): Promise<Outcome> {
	const id = Number(row.id);
	const dropped: Outcome = { id, state: "dropped", status: null, dueAt: null };
	const store = await findStore(ctx.db, row.store_id);
	const platform = store && sandboxPlatform(store.platform);
	if (!store || !platform || row.url === null || row.secret === null || row.status !== "active") return dropped;
	const built = await platform.build(ctx, store, {
		webhookId: row.webhook_id,
		topic: row.topic,
		resourceId: row.resource_id,
		body: row.body,
		headers: row.headers,
		secret: row.secret,
		id,
		attempt: row.attempts,
	});
	if (!built) return dropped;
	const rules = platform.delivery ?? usualRules;
	const { webhookForgeryRate } = knobsOf(store);
	// First, so that a receiver that remembers forged mail would miss the good one.
	if (webhookForgeryRate > 0 && ctx.random() < webhookForgeryRate)
		await post(row.url, { ...built, body: tampered(built.body) }, rules);
	const status = await post(row.url, built, rules);
	if (status !== null && rules.isDelivered(status)) {
		await forgiveFailures(ctx, row);
		return { id, state: "sent", status, dueAt: null };
	}
	return afterFailure(ctx, store, platform, row, status);
}

async function afterFailure(
	ctx: SandboxContext,
	store: SandboxStore,
	platform: SandboxPlatform,
	row: ClaimedRow,
	status: number | null,
): Promise<Outcome> {
	const id = Number(row.id);
	const [webhook] = await ctx.db.execute<{ failures: number }>(sql`
		update sandbox.webhooks set failures = failures + 1
		where store_id = ${store.id} and id = ${row.webhook_id} returning failures`);
	failing.add(`${store.id} ${row.webhook_id}`);
	const verdict = webhook ? platform.afterFailures(webhook.failures, row.attempts) : "keep";
	if (verdict === "delete")
		await ctx.db.execute(sql`
			with gone as (delete from sandbox.webhooks where store_id = ${store.id} and id = ${row.webhook_id})
			update sandbox.deliveries set state = 'dropped'
			where store_id = ${store.id} and webhook_id = ${row.webhook_id} and state = 'waiting' and id <> ${id}`);
	if (verdict === "disable")
		await ctx.db.execute(
			sql`update sandbox.webhooks set status = 'disabled' where store_id = ${store.id} and id = ${row.webhook_id}`,
		);
	const retryMs = verdict === "keep" ? platform.retryDelayMs(row.attempts, store) : null;
	if (retryMs === null) return { id, state: "failed", status, dueAt: null };
	return { id, state: "waiting", status, dueAt: new Date(ctx.now().getTime() + retryMs) };
}

/** Webhooks that failed since their deliveries were claimed: a success costs a statement only where there is something to forgive. */
const failing = new Set<string>();

async function forgiveFailures(ctx: SandboxContext, row: ClaimedRow): Promise<void> {
	const isFailing = failing.delete(`${row.store_id} ${row.webhook_id}`);
	if (isFailing || row.failures)
		await ctx.db.execute(
			sql`update sandbox.webhooks set failures = 0 where store_id = ${row.store_id} and id = ${row.webhook_id}`,
		);
}

/** Null: nobody answered in time. */
async function post(
	url: string,
	{ body, headers }: { body: Buffer; headers: Record<string, string> },
	rules: DeliveryRules,
): Promise<number | null> {
	try {
		const reply = await undiciRequest(url, {
			method: "POST",
			headers,
			body,
			dispatcher: agentFor(rules.connectTimeoutMs),
			signal: AbortSignal.timeout(rules.totalTimeoutMs),
		});
		await reply.body.dump();
		return reply.statusCode;
	} catch {
		return null;
	}
}

const agents = new Map<number, Agent>();
function agentFor(connectTimeoutMs: number): Agent {
	let agent = agents.get(connectTimeoutMs);
	if (!agent) {
		agent = new Agent({ connect: { timeout: connectTimeoutMs }, connections: 64, keepAliveTimeout: 4_000 });
		agents.set(connectTimeoutMs, agent);
	}
	return agent;
}

/** The same mail with another number in it, under the good one's signature. */
function tampered(body: Buffer): Buffer {
	const text = body.toString("latin1");
	const at = text.search(/\d(?=\D*$)/);
	if (at < 0) return Buffer.concat([body, Buffer.from(" ")]);
	const copy = Buffer.from(body);
	copy[at] = text[at] === "9" ? 0x30 : (copy[at] ?? 0x30) + 1;
	return copy;
}

/** Results that come while a statement is in flight go in the next one. */
function settler(ctx: SandboxContext): (outcome: Outcome) => Promise<void> {
	let waiting: Outcome[] = [];
	let flushing: Promise<void> | null = null;
	let next: Promise<void> | null = null;

	async function flush() {
		await flushing?.catch(() => {});
		const outcomes = waiting;
		waiting = [];
		next = null;
		flushing = write(outcomes);
		await flushing;
	}

	const write = async (outcomes: Outcome[]): Promise<void> => {
		const rows = outcomes.map(({ id, state, status, dueAt }) => ({ id, state, status, due_at: dueAt }));
		// A delivery whose webhook was deleted meanwhile stays dropped.
		await ctx.db.execute(sql`
			update sandbox.deliveries d set
				state = r.state, last_status = r.status, due_at = coalesce(r.due_at, d.due_at),
				sent_at = case when r.state = 'sent' then ${ctx.now().toISOString()}::timestamptz end
			from json_to_recordset(${JSON.stringify(rows)}::json) as r(id bigint, state text, status int, due_at timestamptz)
			where d.id = r.id and (d.state = 'waiting' or r.state = 'sent')`);
	};

	return (outcome) => {
		waiting.push(outcome);
		next ??= flush();
		return next;
	};
}

async function prune(ctx: SandboxContext): Promise<void> {
	await ctx.db.execute(sql`
		delete from sandbox.deliveries where state <> 'waiting' and id in (
			select id from (select id, due_at from sandbox.deliveries order by id limit 20000) oldest
			where due_at < now() - interval '24 hours')`);
	await ctx.db.execute(sql`delete from sandbox.idempotency where at < now() - interval '24 hours'`);
}
