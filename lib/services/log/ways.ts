/** The ways of a change to every channel that is to show it: what was tried, and what it waits for. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { LogState } from "@/db/schema";
import type { ChainStep } from "./chain-step";
import type { LogLineView } from "./line";

type Try = {
	pushId: string;
	claimed: number;
	finished: number | null;
	outcome: string;
	kind: string;
	quantity: number;
	expected: number;
	reason: string | null;
};
export type Way = {
	channelId: string;
	channel: string;
	isDone: boolean;
	/** Why nothing has left; null when nothing holds it. */
	waits: string | null;
	tries: Try[];
};

/** Tries that are looked at per slot: the first that was applied ends the way. */
const mostTries = 8;

/**
 * `ownChannelId`: the channel that made the change shows it already; what it is told later is another change's. The
 * channels are those of {@link confirmations}.
 */
export async function readWays(
	tx: Transaction,
	skuId: string,
	version: number,
	locationId: string | null,
	ownChannelId: string | null,
	changedAt: number,
): Promise<Way[]> {
	const rows = (await tx.execute(sql`
		select c.id as channel_id, c.name as channel,
			c.id is not distinct from ${ownChannelId}::uuid or s.confirmed_sku_version >= ${version}::bigint or not s.is_pending as is_done,
			case
				when m.pushes_paused_at is not null then 'all pushes are paused'
				when c.paused_at is not null then 'pushing is paused for this channel'
				when s.held_reason is not null then 'held until somebody retries: ' || s.held_reason
				when h.breaker <> 'closed' then 'the channel does not answer'
				when s.accepted is not null then 'the store has accepted it and not applied it yet'
				when s.unexplained <> 0 or s.read_due_at is not null then 'what it shows is read first'
				else 'its turn has not come'
			end as waits,
			t.*
		from slots s
		join channels c on c.id = s.channel_id and c.state = 'live' and (c.pushing_since is null or c.pushing_since <= to_timestamp(${changedAt}::float8 / 1000))
		join merchants m on m.id = s.merchant_id
		left join channel_health h on h.channel_id = c.id
		left join lateral (
			select i.push_id, i.kind, i.quantity, i.expected, i.outcome, i.reason,
				extract(epoch from p.claimed_at)::float8 * 1000 as claimed,
				extract(epoch from coalesce(i.settled_at, p.finished_at))::float8 * 1000 as finished
			from push_items i join pushes p on p.id = i.push_id
			where i.sku_id = s.sku_id and i.channel_id = s.channel_id and i.sku_version >= ${version}::bigint and i.slot_id = s.id
				and i.channel_id is distinct from ${ownChannelId}::uuid
			order by i.sku_version, i.at limit ${mostTries}
		) t on true
		where s.sku_id = ${skuId}::uuid and s.offered is not null and (${locationId}::uuid is null or ${locationId}::uuid = any(c.location_ids))
		order by c.name, s.id, t.claimed`)) as unknown as {
		channel_id: string;
		channel: string;
		is_done: boolean;
		waits: string;
		push_id: string | null;
		kind: string;
		quantity: number;
		expected: number;
		outcome: string;
		reason: string | null;
		claimed: number;
		finished: number | null;
	}[];
	const ways = new Map<string, Way>();
	for (const row of rows) {
		const way = ways.get(row.channel_id) ?? {
			channelId: row.channel_id,
			channel: row.channel,
			isDone: true,
			waits: null,
			tries: [],
		};
		way.isDone &&= row.is_done;
		if (!row.is_done) way.waits = row.waits;
		// A fence is only the first half of a write; the way ends with the write that was wanted.
		const isOver = way.tries.some((one) => one.outcome === "applied" && one.kind !== "fence");
		if (row.push_id && !isOver)
			way.tries.push({
				pushId: row.push_id,
				claimed: row.claimed,
				finished: row.finished,
				outcome: row.outcome,
				kind: row.kind,
				quantity: row.quantity,
				expected: row.expected,
				reason: row.reason,
			});
		ways.set(row.channel_id, way);
	}
	return [...ways.values()];
}

export function waySteps(way: Way, line: LogLineView, changedAt: number): ChainStep[] {
	const steps = way.tries.map((one, index): ChainStep => {
		const before = way.tries[index - 1];
		return {
			key: `${way.channelId}:${one.pushId}`,
			label: way.channel,
			note: tryNote(one, index),
			state: tryState(one),
			since: before?.finished ?? changedAt,
			from: one.claimed,
			to: one.finished,
			pushId: one.pushId,
		};
	});
	if (way.isDone && steps.length > 0) return steps;
	if (way.isDone) {
		const isOwn = line.channel?.id === way.channelId;
		return [
			{
				key: way.channelId,
				label: way.channel,
				note: isOwn ? "its own sale, nothing to send" : "shows it already, nothing to send",
				state: "none",
				since: changedAt,
				from: changedAt,
				to: changedAt,
				pushId: null,
			},
		];
	}
	if (way.tries.some(({ finished }) => finished === null)) return steps;
	return [
		...steps,
		{
			key: `${way.channelId}:next`,
			label: way.channel,
			note: way.waits ?? "its turn has not come",
			state: "go",
			since: way.tries.at(-1)?.finished ?? changedAt,
			from: null,
			to: null,
			pushId: null,
		},
	];
}

function tryNote({ kind, quantity, expected, outcome, reason }: Try, index: number): string {
	const write =
		kind === "compare"
			? `set ${quantity} if it shows ${expected}`
			: kind === "delta"
				? `${quantity >= expected ? "+" : "−"}${Math.abs(quantity - expected)}`
				: kind === "fence" && quantity === 0
					? "zero first"
					: kind === "over"
						? `set to sell ${quantity}, was ${expected}`
						: `set ${quantity}, was ${expected}`;
	const answer: Record<string, string> = {
		applied: "confirmed",
		stale: "it showed another number",
		refused: reason ?? "refused",
		unknown: "no answer",
		accepted: "accepted, not applied yet",
		not_applied: "accepted, never applied",
		not_sent: "not sent",
		pending: "under way",
	};
	return `${index > 0 ? `try ${index + 1}: ` : ""}${write}, ${answer[outcome] ?? outcome}`;
}

function tryState({ outcome }: Try): LogState {
	switch (outcome) {
		case "applied":
			return "ok";
		case "pending":
		case "accepted":
			return "go";
		case "stale":
			return "warn";
		case "not_sent":
			return "hold";
		default:
			return "bad";
	}
}
