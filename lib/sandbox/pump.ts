/**
 * The post: sends what is due, with the platform's own timeouts, retries and patience. A delivery is claimed by moving
 * its due time past the longest it can take, so that after a kill −9 it is simply due again.
 */
import { sql } from "drizzle-orm";
import { type SandboxHost, sandboxContext } from "./context";
import { type ClaimedRow, deliver } from "./deliver";
import { onNews } from "./news";
import type { SandboxContext } from "./sandbox-platform";
import { settler } from "./settle-deliveries";

/** Between two looks for what other processes queued. */
const idleMs = 500;
/** Between two claims while news keeps coming: what comes in one gap goes in one statement. */
const gapMs = 5;
const claimSize = 128;
const mostInFlight = 256;
/** Beyond the platform's own timeout: time to settle the result. */
const leaseSlackMs = 10_000;
const pruneEveryMs = 60_000;

export type SandboxPump = {
	/** Claims nothing more; resolves when what is in flight has been settled. */
	stop(): Promise<void>;
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
			const sending = deliver(ctx, row)
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

/** WooCommerce waits longest: a minute. */
const longestTotalMs = 60_000;

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

async function prune(ctx: SandboxContext): Promise<void> {
	await ctx.db.execute(sql`
		delete from sandbox.deliveries where state <> 'waiting' and id in (
			select id from (select id, due_at from sandbox.deliveries order by id limit 20000) oldest
			where due_at < now() - interval '24 hours')`);
	await ctx.db.execute(sql`delete from sandbox.idempotency where at < now() - interval '24 hours'`);
}
