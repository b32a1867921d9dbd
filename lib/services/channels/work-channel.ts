/**
 * The loop that does one channel's work: what must be sent again, what must be read, what is offered, what must be
 * polled. One worker per channel at a time, by a lease in the database; within it as many calls in flight as the
 * platform allows, each for other slots. It ends when nothing has been due for a moment, and says when something will
 * be. Nothing lives in memory that the rows don't say: a crash costs the lease's time.
 */
import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { mayCall } from "@/lib/channels/breaker";
import { accessEnded, ChannelError } from "@/lib/channels/errors";
import { refreshListings } from "../imports/import-listings";
import { readDueLevels } from "../levels/read-levels";
import { areOrdersScarce } from "../orders/ask-pace";
import { type Polled, pollOrders } from "../orders/poll-orders";
import { settleProven } from "../orders/settle-proven";
import type { ClaimedPush } from "../pushes/claim-push";
import { orphanedPushes, refusePush, sendPush } from "../pushes/send-push";
import { maySendAgain, settlePush } from "../pushes/settle-push";
import { SpoiltCalls, type Try } from "../pushes/spoilt-calls";
import { dealAgain } from "../stock/deal-again";
import { beginLoop, type LoopHandle } from "../sync/wake";
import { type ChannelState, leaseChannel, leaseEnd, noteSuccess, noteTrouble, releaseChannel } from "./channel-state";
import { type DueTimes, type Lane, nextCall, nextLook } from "./next-call";
import { markDue, type OpenConnection, openConnection } from "./open-connection";
import { listingsEveryMs, nextPoll } from "./poll-pace";
import { takeTurn } from "./take-turn";
import type { WorkTarget } from "./work-target";

export type WorkOptions = {
	/** The loop ends after this at the latest, and asks to be started again. */
	maxMs: number;
	/** How long it waits for more before it ends. */
	lingerMs: number;
	client?: postgres.Sql;
	random?: () => number;
};

export type Worked = {
	/** When something will be due (milliseconds); null: not before news. */
	nextDueAt: number | null;
	calls: number;
};

/** Renewed every second; a worker that was not heard of for so long is gone. */
const leaseMs = 5_000;
const renewAfterMs = 1_000;
const lookAgainMs = 250;
/** A push whose answer was lost is sent again after this; its store may still be at work on it. */
const resendAfterMs = 1_000;

export async function workChannel(target: WorkTarget, options: WorkOptions): Promise<Worked> {
	const loop = beginLoop("work", target.channelId);
	if (!loop) return { nextDueAt: null, calls: 0 };
	const worker = new Worker(target, options, loop);
	let isOver = false;
	try {
		const worked = await worker.run();
		isOver = true;
		// Woken between its last look and its end: nobody else was told.
		return loop.end() ? { ...worked, nextDueAt: Date.now() } : worked;
	} finally {
		if (!isOver) loop.end();
	}
}

class Worker {
	private readonly client: postgres.Sql;
	private readonly random: () => number;
	private readonly lease = randomUUID();
	private readonly lanes = new Map<Promise<void>, Lane>();
	private readonly spoilt = new SpoiltCalls();
	private state: ChannelState | null = null;
	private renewedAt = 0;
	private open: OpenConnection | null = null;
	private calls = 0;
	/** Slots are due that the rules let wait until then. */
	private pushesDueAt: number | null = null;
	private readsDueAt: number | null = null;
	/** When to look for pushes that nobody sends: at the start, and after an answer was lost. */
	private orphansDueAt: number | null = 0;
	private readonly orphans: ClaimedPush[] = [];
	/** Pushes that are on their way from here. */
	private readonly sending = new Set<string>();
	/** What the database or our own code threw in a lane: ends the loop, for the function to be tried again. */
	private thrown: { error: unknown } | null = null;

	constructor(
		private readonly target: WorkTarget,
		private readonly options: WorkOptions,
		private readonly loop: LoopHandle,
	) {
		this.client = options.client ?? clientFor("app");
		this.random = options.random ?? Math.random;
	}

	async run(): Promise<Worked> {
		const endAt = Date.now() + this.options.maxMs;
		let idleSince: number | null = null;
		/** Nothing ran when it was last looked for work, so that look is still true. */
		let isAtRest = false;
		try {
			while (Date.now() < endAt && !this.thrown) {
				this.loop.clear();
				if (!(await this.keepLease())) {
					// Perhaps a dead worker's: what it left must not wait for news.
					if (!this.state) return { nextDueAt: await leaseEnd(this.client, this.target), calls: 0 };
					break;
				}
				const started = await this.startLanes();
				isAtRest = this.lanes.size === 0 && started === 0;
				if (this.lanes.size > 0) {
					idleSince = null;
					await Promise.race([...this.lanes.keys(), this.loop.wait(Math.min(renewAfterMs, this.msToNext()))]);
					continue;
				}
				if (started > 0) continue;
				idleSince ??= Date.now();
				const leftMs = Math.min(this.options.lingerMs - (Date.now() - idleSince), endAt - Date.now());
				if (leftMs <= 0) break;
				if (await this.loop.wait(Math.min(leftMs, this.msToNext()))) idleSince = null;
			}
			await Promise.all(this.lanes.keys());
			if (this.thrown) throw this.thrown.error;
			// A slot whose call was under way could not be claimed for what it was offered meanwhile.
			if (!isAtRest) this.pushesDueAt = Date.now();
			return { nextDueAt: this.nextDueAt(), calls: this.calls };
		} finally {
			await Promise.all(this.lanes.keys());
			await releaseChannel(this.client, this.target, this.lease);
		}
	}

	/** Renews the lease, and with it learns of pauses, within a second. */
	private async keepLease(): Promise<boolean> {
		// A channel that may not write yet looks at every turn: what woke it may be that it may now.
		if (this.state?.mayWrite && Date.now() - this.renewedAt < renewAfterMs) return true;
		const before = this.state;
		const breaker = before?.breaker;
		const seen = await leaseChannel(this.client, this.target, this.lease, leaseMs);
		if (!seen) return false;
		this.renewedAt = Date.now();
		this.state = {
			...seen,
			// What a call told us meanwhile is newer than the row.
			...(before && before.breaker !== breaker ? { breaker: before.breaker } : {}),
			isRevoked: before?.isRevoked ?? false,
			quietUntil: Math.max(seen.quietUntil, before?.quietUntil ?? 0),
			ordersQuietUntil: Math.max(seen.ordersQuietUntil, before?.ordersQuietUntil ?? 0),
			rememberedAt: before?.rememberedAt ?? 0,
		};
		return true;
	}

	/** Starts whatever is due and allowed; returns how many calls it started. */
	private async startLanes(): Promise<number> {
		const before = this.calls;
		for (let room = await this.room(); room > 0; room = await this.room()) if (!(await this.startNext(room))) break;
		return this.calls - before;
	}

	/** How many more calls may leave now. */
	private async room(): Promise<number> {
		const { state } = this;
		const now = Date.now();
		if (!state || state.isRevoked || state.quietUntil > now || this.thrown) return 0;
		const may = mayCall(state.breaker, now);
		// One probe, and nothing beside it.
		const limit = may === "no" ? 0 : may === "probe" ? 1 : await this.callsInFlight();
		return limit - this.lanes.size;
	}

	private async callsInFlight(): Promise<number> {
		const open = await this.connection();
		return open ? open.adapter.facts.callsInFlight : 0;
	}

	private async connection(): Promise<OpenConnection | null> {
		if (this.open) return this.open;
		try {
			this.open = await openConnection(this.client, this.target);
			return this.open;
		} catch (error) {
			await this.failed(error, null);
			return null;
		}
	}

	/** Starts what comes next; true when more may be waiting behind it. */
	private async startNext(room: number): Promise<boolean> {
		const open = await this.connection();
		const { state } = this;
		if (!open || !state) return false;
		const now = Date.now();
		const isProbe = mayCall(state.breaker, now) === "probe";
		const before = this.calls;
		if (state.mayWrite && this.orphansDueAt !== null && this.orphansDueAt <= now) await this.findOrphans(open);
		// A due call's place is kept: a channel that sells all the time must still be read and polled.
		const kept = nextCall(this.due(), this.busy(), now) ? 1 : 0;
		const resend = room > kept ? this.orphans.shift() : undefined;
		if (resend) {
			this.startPush(open, resend);
			return true;
		}
		const mayClaim = state.mayWrite && room > kept;
		const tried = mayClaim ? this.spoilt.take() : null;
		const claiming = { now, mayClaim, only: tried?.slotIds ?? null, except: tried ? [] : this.spoilt.held() };
		const turn = await takeTurn(this.client, this.target, open.adapter.facts, claiming);
		this.readsDueAt = turn.readsDueAt;
		this.pushesDueAt = state.mayWrite ? turn.pushesDueAt : null;
		if (turn.push === "orders_first")
			state.nextPollAt = Math.min(state.nextPollAt, Math.max(now, state.ordersQuietUntil));
		else if (turn.push) this.startPush(open, turn.push, tried);
		if (tried && (turn.push === null || turn.push === "orders_first")) this.spoilt.leave();
		const probe = state.ordersQuietUntil > now ? "listings" : "poll";
		const next = nextCall(this.due(), this.busy(), now) ?? (isProbe && this.calls === before ? probe : null);
		if (next && this.calls - before < room) this.start(next, () => this[next](open));
		// What waits behind the claimed is looked for soon, should its call take long.
		if (turn.push && turn.push !== "orders_first") this.pushesDueAt ??= now + lookAgainMs;
		return tried !== null || (this.calls > before && (turn.mayBeMore || next !== null));
	}

	private readonly busy = () => new Set(this.lanes.values());

	private due(): DueTimes {
		const { state } = this;
		return { read: this.readsDueAt, poll: state?.nextPollAt ?? null, listings: state?.listingsDueAt ?? null };
	}

	private start(lane: Lane, work: () => Promise<void>): void {
		const running = work()
			.catch((error) => this.failed(error, lane))
			.catch((error) => {
				this.thrown ??= { error };
			})
			.finally(() => this.lanes.delete(running));
		this.lanes.set(running, lane);
		this.calls++;
	}

	private startPush(open: OpenConnection, push: ClaimedPush, tried: Try | null = null): void {
		this.sending.add(push.pushId);
		this.start("push", () => this.push(open, push, tried).finally(() => this.sending.delete(push.pushId)));
	}

	private async failed(error: unknown, lane: Lane | null): Promise<void> {
		if (!(error instanceof ChannelError) || !this.state) throw error;
		if (error.code === accessEnded) {
			await markDue(this.client, this.target);
			this.open = null;
		}
		// As a probe of its own it would keep every write waiting for as long as the list is so.
		const ofOrders = error.lane ?? (lane === "poll" && error.reason === "unreadable" ? "orders" : null);
		await noteTrouble(this.client, this.target, this.state, error, this.random(), ofOrders);
	}

	private async read(open: OpenConnection): Promise<void> {
		const { orders } = await readDueLevels(this.client, this.target, open);
		if (this.state) await noteSuccess(this.client, this.target, this.state, null);
		// A scarce read of the orders is the poll, too.
		if (orders && areOrdersScarce(open.adapter.facts)) await this.heardOrders(open, orders);
	}

	private async push(open: OpenConnection, push: ClaimedPush, tried: Try | null): Promise<void> {
		// This process stood still for longer than its lease: the push is another worker's to settle by now.
		if (Date.now() >= this.renewedAt + leaseMs) {
			this.orphansDueAt = 0;
			return;
		}
		const sent = tried?.refused
			? await refusePush(this.client, this.target, open, push, tried.refused)
			: await sendPush(this.client, this.target, open, push);
		if (tried) this.spoilt.heard(push, sent.answer);
		else if (sent.toSplit.length > 1) this.spoilt.begin(sent.toSplit, sent.answer.objection);
		await dealAgain(this.client, this.target.merchantId, sent.loweredSkuIds);
		if (!this.state) return;
		if (sent.answer.trouble) await this.failed(sent.answer.trouble, "push");
		else await noteSuccess(this.client, this.target, this.state, sent.answer.budget);
		if (sent.toResend) this.orphansDueAt = Date.now() + resendAfterMs;
	}

	/**
	 * A claim that nobody is sending: its sender died, or its answer was lost. Where keys are remembered the very same
	 * goes out again, each in its turn; elsewhere it is settled as unknown.
	 */
	private async findOrphans(open: OpenConnection): Promise<void> {
		this.orphansDueAt = null;
		const known = new Set(this.orphans.map(({ pushId }) => pushId));
		for (const push of await orphanedPushes(this.client, this.target)) {
			if (this.sending.has(push.pushId) || known.has(push.pushId)) continue;
			if (maySendAgain(open.adapter.facts, push.claimedAt, Date.now())) this.orphans.push(push);
			else await settlePush(this.client, this.target, open.adapter.facts, push, null, Date.now());
		}
	}

	private async poll(open: OpenConnection): Promise<void> {
		const polled = await pollOrders(this.client, this.target, open);
		if (this.state) await noteSuccess(this.client, this.target, this.state, null);
		await this.heardOrders(open, polled);
	}

	private async heardOrders(open: OpenConnection, { fresh, readAt }: Polled): Promise<void> {
		await settleProven(this.client, this.target, open.adapter.facts.orderListLagMs);
		if (!this.state) return;
		const next = nextPoll(open.adapter.facts, this.state, fresh, readAt.getTime());
		Object.assign(this.state, next);
		// Stock that was changed in the store itself shows among its changed listings, whether or not a webhook told of it.
		if (readAt.getTime() - (this.state.listingsReadAt ?? 0) >= listingsEveryMs(this.state))
			this.state.listingsDueAt ??= Date.now();
		await asMerchantPrepared(
			this.client,
			this.target.merchantId,
			(run) => run`
				update channel_health set next_poll_at = to_timestamp(${next.nextPollAt}::float8 / 1000), poll_interval_ms = ${next.pollIntervalMs}::int
				where channel_id = ${this.target.channelId}::uuid`,
		);
	}

	private async listings(open: OpenConnection): Promise<void> {
		await refreshListings(this.client, this.target, open);
		if (this.state) {
			this.state.listingsDueAt = null;
			this.state.listingsReadAt = Date.now();
			await noteSuccess(this.client, this.target, this.state, null);
		}
	}

	/** When something will be due, running calls or none. */
	private nextDueAt(): number | null {
		return this.dueFrom(nextLook(this.due(), new Set()));
	}

	private msToNext(): number {
		const dueAt = this.dueFrom(nextLook(this.due(), this.busy())) ?? Number.POSITIVE_INFINITY;
		// Beside a running call it is mostly that call which is waited for.
		return Math.max(this.lanes.size > 0 ? 25 : 5, dueAt - Date.now());
	}

	private dueFrom(calls: number): number | null {
		const { state } = this;
		if (!state) return null;
		const earliest = Math.min(
			calls,
			this.pushesDueAt ?? Number.POSITIVE_INFINITY,
			(state.mayWrite ? this.orphansDueAt : null) ?? Number.POSITIVE_INFINITY,
		);
		return Math.max(earliest, state.quietUntil, state.breaker.until ?? 0);
	}
}
