/**
 * Asks a store to cancel orders that a person decided about. The rows say what is due (db/schema `orderCancels`): whoever
 * dies here is followed by another, who first reads what became of the order, so that nothing is asked for twice.
 */
import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import { notifyLog } from "@/lib/live/notify";
import type { OrderSnapshot } from "@/lib/stock/order";
import { type OpenConnection, openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { beginLoop, wake } from "../sync/wake";
import { acceptedPatienceMs, cancelRetryMs, isCancelGivenUp } from "./cancel-pace";
import { keepCancelled, keepNotCancelled, keepUndecided } from "./record-cancel";

export type AskedCancels = {
	asked: number;
	/** When the next is due, in milliseconds; null: none, or none that may leave. */
	nextDueAt: number | null;
};

export type ClaimedCancel = {
	id: string;
	order_ref: string;
	order_number: string;
	sku_id: string | null;
	attempts: number;
	/** How long ago it was decided, in milliseconds. */
	waited_ms: number;
	/** How long ago the store said that it is at it; null: it did not. */
	accepted_ms: number | null;
};

/** Longer than the calls that it takes; afterwards their sender counts as dead. */
const leaseMs = 60_000;

type Options = { maxMs: number; client?: postgres.Sql; random?: () => number };

export async function cancelDueOrders(target: WorkTarget, options: Options): Promise<AskedCancels> {
	const loop = beginLoop("cancel", target.channelId);
	if (!loop) return { asked: 0, nextDueAt: null };
	const client = options.client ?? clientFor("app");
	const endAt = Date.now() + options.maxMs;
	let asked = 0;
	try {
		for (; Date.now() < endAt; asked++) {
			const cancel = await asMerchantPrepared(client, target.merchantId, (run) => claim(run, target.channelId));
			if (!cancel) break;
			await settle(client, target, cancel, await ask(client, target, cancel), options.random ?? Math.random);
		}
	} finally {
		loop.end();
	}
	return {
		asked,
		nextDueAt: await asMerchantPrepared(client, target.merchantId, (run) => nextDue(run, target.channelId)),
	};
}

async function claim(run: Statement, channelId: string): Promise<ClaimedCancel | null> {
	const [row] = await run<ClaimedCancel>`
		with due as (
			select o.id from order_cancels o
			join channels c on c.id = o.channel_id and c.state = 'live' and c.pushing_since is not null and c.paused_at is null
			join merchants m on m.id = o.merchant_id and m.pushes_paused_at is null
			join channel_health h on h.channel_id = o.channel_id
			where o.channel_id = ${channelId}::uuid and o.state in ('waiting', 'asked') and o.next_try_at <= clock_timestamp()
				and coalesce(h.quiet_until <= clock_timestamp(), true)
				and (h.breaker <> 'open' or coalesce(h.breaker_until <= clock_timestamp(), true))
			order by o.next_try_at limit 1
			-- Taken back at this moment: whoever comes first has the row.
			for update of o skip locked
		)
		update order_cancels o set state = 'asked', attempts = o.attempts + 1,
			next_try_at = clock_timestamp() + ${leaseMs}::int * interval '1 ms'
		from due where o.id = due.id
		returning o.id, o.order_ref, o.order_number, o.sku_id, o.attempts,
			extract(epoch from clock_timestamp() - o.created_at)::float8 * 1000 as waited_ms,
			extract(epoch from clock_timestamp() - o.accepted_at)::float8 * 1000 as accepted_ms`;
	return row ?? null;
}

async function nextDue(run: Statement, channelId: string): Promise<number | null> {
	const [row] = await run<{ at: number | null }>`
		select extract(epoch from min(greatest(o.next_try_at, h.quiet_until, case when h.breaker = 'open' then h.breaker_until end)))::float8 * 1000 as at
		from order_cancels o
		join channels c on c.id = o.channel_id and c.state = 'live' and c.pushing_since is not null and c.paused_at is null
		join merchants m on m.id = o.merchant_id and m.pushes_paused_at is null
		join channel_health h on h.channel_id = o.channel_id
		where o.channel_id = ${channelId}::uuid and o.state in ('waiting', 'asked')`;
	return row?.at ?? null;
}

type Answer =
	| { result: "cancelled"; order: OrderSnapshot }
	/** The store is at it; `isNew`: since it was asked just now. */
	| { result: "accepted"; isNew: boolean }
	/** It won't. */
	| { result: "refused"; error: ChannelError }
	/** Nothing is known: the order says, next time. */
	| { result: "undecided"; error: ChannelError };

/** What helps only when somebody does something; all else is asked again. */
const needsSomebody: ReadonlySet<ChannelError["reason"]> = new Set([
	"refused",
	"gone",
	"missing_scope",
	"access_revoked",
	"not_a_store",
	"forbidden_address",
]);

async function ask(client: postgres.Sql, target: WorkTarget, cancel: ClaimedCancel): Promise<Answer> {
	try {
		return await askStore(await openConnection(client, target), cancel);
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		return { result: needsSomebody.has(error.reason) ? "refused" : "undecided", error };
	}
}

async function askStore({ adapter, connection }: OpenConnection, cancel: ClaimedCancel): Promise<Answer> {
	const read = () => adapter.readOrder(connection(), cancel.order_ref);
	const before = await read();
	if (!before) return refused("The store no longer knows this order.");
	if (before.status === "cancelled") return { result: "cancelled", order: before };
	// WooCommerce would cancel what was sent, and put units back that are on their way to the buyer.
	if (before.status === "closed") return refused("The order is closed in its store: what was sent can't be cancelled.");
	const isAtIt = cancel.accepted_ms !== null && cancel.accepted_ms < acceptedPatienceMs;
	if (isAtIt) return { result: "accepted", isNew: false };
	if (!adapter.cancelOrder) return refused("Orders of this platform can't be cancelled from here.");
	const outcome = await adapter.cancelOrder(connection(), cancel.order_ref);
	// Whatever it said: somebody else may have cancelled it in between, and a store that is at it may be done.
	const after = await read();
	if (after?.status === "cancelled") return { result: "cancelled", order: after };
	return outcome.result === "refused" ? outcome : { result: "accepted", isNew: true };
}

const refused = (sentence: string): Answer => ({
	result: "refused",
	error: new ChannelError("refused", sentence, { fix: "Settle the conflict in another way." }),
});

const notShown = new ChannelError("refused", "The store took the cancellation and has not carried it out.", {
	fix: "Cancel the order in its store, or settle the conflict in another way.",
});

async function settle(
	client: postgres.Sql,
	target: WorkTarget,
	cancel: ClaimedCancel,
	answer: Answer,
	random: () => number,
): Promise<void> {
	const later = (run: Statement, isAccepted: boolean, inMs: number, trouble: ChannelError) =>
		isCancelGivenUp(cancel.waited_ms, inMs)
			? keepNotCancelled(run, target, cancel, trouble)
			: keepUndecided(run, cancel, { isAccepted, inMs, error: trouble === notShown ? null : trouble });
	await asMerchantPrepared(client, target.merchantId, async (run) => {
		switch (answer.result) {
			case "cancelled":
				return keepCancelled(run, target, cancel, answer.order);
			case "refused":
				return keepNotCancelled(run, target, cancel, answer.error);
			case "accepted":
				return later(run, answer.isNew, cancelRetryMs(1, random()), notShown);
			case "undecided": {
				const inMs = Math.max(cancelRetryMs(cancel.attempts, random()), answer.error.retryAfterMs ?? 0);
				return later(run, false, inMs, answer.error);
			}
		}
	});
	notifyLog(target.merchantId);
	if (answer.result === "cancelled") wake("mail", [target.channelId]);
}
