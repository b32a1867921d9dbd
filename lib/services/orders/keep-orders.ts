/** What a store was asked for goes into the inbox like any other mail, in our own words, and each piece of news once. */
import type { Statement } from "@/db/statement";
import type { OddRow } from "@/lib/channels/listing";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { WorkTarget } from "../channels/work-target";
import { digestOf, oddRowKey } from "../mail/letter-keys";
import { signalTopic } from "../mail/read-mail";
import { isAsKnown, type KnownOrder, knownOrders } from "./known-orders";
import { forgetUnread } from "./unread-orders";

/**
 * What is as we know it is no news. The key holds the content and when the version that we keep was heard: two states under
 * one stamp are two pieces of news, and so is one that came back after another. `askedAt`: the order was asked for since news left it unclear, and that is always answered.
 */
export async function keepOrders(
	run: Statement,
	target: WorkTarget,
	orders: readonly OrderSnapshot[],
	askedAt?: number,
): Promise<number> {
	const refs = orders.map(({ orderRef }) => orderRef);
	const known = await knownOrders(run, target.channelId, refs);
	const isSame = (order: OrderSnapshot, one: KnownOrder) => one.at === order.version.at && isAsKnown(order, one);
	const rows = orders.flatMap((order) => {
		const one = known.get(order.orderRef);
		const isOld = one && (one.at > order.version.at || isSame(order, one));
		if (isOld && !askedAt) return [];
		const body = JSON.stringify({ kind: "order", order, ...(askedAt && { isAnswer: true }) });
		const digest = digestOf(order.lines);
		const after = askedAt ?? one?.heardAt ?? "";
		return [{ key: `poll:${order.orderRef}:${order.version.at}.${order.version.step}:${digest}:${after}`, body }];
	});
	await forgetUnread(
		run,
		target,
		orders.flatMap((order) => {
			const one = known.get(order.orderRef);
			return one && isSame(order, one) ? [{ orderRef: order.orderRef, inboxId: null }] : [];
		}),
	);
	return keepSignals(run, target, rows);
}

/** That the store no longer knows these. */
export async function keepGone(run: Statement, target: WorkTarget, orderRefs: readonly string[]): Promise<number> {
	const rows = orderRefs.map((orderRef) => ({
		key: `gone:${orderRef}:${Date.now()}`,
		body: JSON.stringify({ kind: "order_gone", orderRef }),
	}));
	return keepSignals(run, target, rows);
}

/** Orders that can't be read, as they came: each becomes a dead letter, and so does one that was read in between. */
export async function keepOdd(run: Statement, target: WorkTarget, odd: readonly OddRow[]): Promise<number> {
	const rows = odd.map((one) => ({
		key: oddRowKey(one),
		body: JSON.stringify({ kind: "order_odd", orderRef: one.ref, row: one.row }),
	}));
	if (rows.length === 0) return 0;
	const again = await run`
		update inbox set state = 0, applied_at = null
		where channel_id = ${target.channelId}::uuid and dedupe_key like 'odd:%' and state = 1
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(rows.map(({ key }) => key))}::text::jsonb))
		returning id`;
	return again.length + (await keepSignals(run, target, rows));
}

/** Into the inbox, each once; returns how many were not there before. */
async function keepSignals(
	run: Statement,
	target: WorkTarget,
	rows: readonly { key: string; body: string }[],
): Promise<number> {
	if (rows.length === 0) return 0;
	const kept = await run<{ id: number }>`
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
		select ${target.merchantId}::uuid, ${target.channelId}::uuid, 'poll', ${signalTopic}, r.key, convert_to(r.body, 'UTF8')
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(key text, body text)
		on conflict (channel_id, dedupe_key) do nothing
		returning 1 as id`;
	return kept.length;
}
