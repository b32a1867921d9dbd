import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import type { LogState, Platform } from "@/db/schema";
import { platformLabel } from "@/lib/format/platforms";
import { duration } from "@/lib/format/time";
import { authorise, type Context, isAtLeast } from "../context";
import { NotFound } from "../errors";
import { type KeptMail, readKeptMail } from "../mail/kept-mail";
import { happenedAt } from "./confirmations";
import { type LogLineView, pickedColumns, readLines } from "./line";

/** One bar of the waterfall. Moments are milliseconds since the epoch. */
export type ChainStep = {
	key: string;
	label: string;
	/** Half a sentence for the tooltip and for readers of the table. */
	note: string;
	state: LogState;
	/** It could have begun; the bar's faint part lasts until `from`. */
	since: number;
	/** Null: it has not begun. */
	from: number | null;
	/** Null: it is not over. */
	to: number | null;
	pushId: string | null;
};

/** What went over the wire in one call, secrets removed. */
export type ChainExchange = {
	at: string;
	method: string;
	url: string;
	status: number | null;
	request: string | null;
	response: string | null;
	ms: number;
};

export type ChainPush = {
	pushId: string;
	channel: { id: string; name: string; platform: Platform };
	at: number;
	outcome: string;
	/** Our row of the call. */
	item: { kind: string; expected: number; quantity: number; outcome: string; reason: string | null } | null;
	/** Rows that shared the call. */
	items: number;
	exchanges: ChainExchange[];
};

export type LogChain = {
	line: LogLineView;
	/** The row's own facts. */
	data: Record<string, unknown>;
	skuVersion: number | null;
	/** When it happened in the store, as far as that is known; else when it was counted. */
	happenedAt: number;
	steps: ChainStep[];
	pushes: ChainPush[];
	/** News that could not be read, as it came; null also for those who may do nothing about it: it may hold a customer's address. */
	mail: KeptMail | null;
	/** Slots that "Send again" would make due. */
	sendAgain: { skuId: string; channelIds: string[] } | null;
};

type LineExtra = {
	sku_version: number | null;
	inbox_id: number | null;
	push_id: string | null;
	data: Record<string, unknown>;
	exact_ms: number;
	happened_ms: number;
};

/** One line with everything that led to it and followed from it: P14's "each change's chain is complete". */
export async function readLogLine(ctx: Context, id: number): Promise<LogChain> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [found] = await readLines<LineExtra>(
			tx,
			sql`select ${pickedColumns}, push_id from sync_log where id = ${id}::bigint`,
			sql`l.id`,
			sql`, l.sku_version::float8 as sku_version, l.inbox_id::float8 as inbox_id, l.push_id, l.data, extract(epoch from l.at)::float8 * 1000 as exact_ms,
				extract(epoch from ${happenedAt})::float8 * 1000 as happened_ms`,
		);
		if (!found) throw new NotFound("line of the log");
		const { line, extra } = found;
		const steps: ChainStep[] = [];
		if (extra.inbox_id !== null) steps.push(...(await mailSteps(tx, extra.inbox_id, line, extra)));
		const isChange = line.kind === "stock.changed" && line.sku !== null && extra.sku_version !== null;
		const ways =
			isChange && line.sku
				? await readWays(
						tx,
						line.sku.id,
						extra.sku_version ?? 0,
						locationOf(extra.data),
						line.channel?.id ?? null,
						extra.exact_ms,
					)
				: [];
		for (const way of ways) steps.push(...waySteps(way, line, extra.exact_ms));
		const pushIds = extra.push_id ? [extra.push_id] : ways.flatMap(({ tries }) => tries.map(({ pushId }) => pushId));
		return {
			line,
			data: extra.data,
			skuVersion: extra.sku_version,
			happenedAt: extra.happened_ms,
			steps,
			mail:
				line.kind === "mail.dead" && extra.inbox_id !== null && isAtLeast(ctx.role, "support")
					? await readKeptMail(tx, extra.inbox_id)
					: null,
			pushes: await readPushes(tx, pushIds, line.sku?.id ?? null),
			sendAgain:
				line.sku && (isChange || line.topic === "refusal" || line.topic === "drift" || line.topic === "write")
					? {
							skuId: line.sku.id,
							channelIds: isChange ? ways.map(({ channelId }) => channelId) : line.channel ? [line.channel.id] : [],
						}
					: null,
		};
	});
}

const locationOf = (data: Record<string, unknown>) => (typeof data.locationId === "string" ? data.locationId : null);

async function mailSteps(
	tx: Transaction,
	inboxId: number,
	line: LogLineView,
	{ exact_ms: at, happened_ms: happened }: LineExtra,
): Promise<ChainStep[]> {
	const [mail] = (await tx.execute(sql`
		select source, topic, extract(epoch from received_at)::float8 * 1000 as received
		from inbox where id = ${inboxId}::bigint`)) as unknown as {
		source: "webhook" | "poll";
		topic: string;
		received: number;
	}[];
	if (!mail) return [];
	const from = mail.source === "webhook" ? "webhook" : "poll";
	const told: ChainStep[] =
		happened < mail.received
			? [
					{
						key: "happened",
						label: "In the store",
						note: `news came after ${duration(mail.received - happened)}`,
						state: "ok",
						since: happened,
						from: happened,
						to: mail.received,
						pushId: null,
					},
				]
			: [];
	return [
		...told,
		{
			key: "mail",
			label: `${line.channel ? platformLabel(line.channel.platform) : "Channel"} ${from}`,
			note: mail.source === "webhook" ? `${mail.topic}, kept before it was acknowledged` : "asked for by the poll",
			state: "ok",
			since: mail.received,
			from: mail.received,
			to: mail.received,
			pushId: null,
		},
		{
			...(line.kind === "mail.dead"
				? { key: "kept", label: "Not counted", note: "it could not be read, and is kept", state: "warn" as const }
				: {
						key: "counted",
						label: "Counted",
						note: `in the ledger ${duration(Math.max(0, at - mail.received))} after it came`,
						state: "ok" as const,
					}),
			since: mail.received,
			from: mail.received,
			to: Math.max(at, mail.received),
			pushId: null,
		},
	];
}

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
type Way = {
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
async function readWays(
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

function waySteps(way: Way, line: LogLineView, changedAt: number): ChainStep[] {
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

async function readPushes(tx: Transaction, pushIds: string[], skuId: string | null): Promise<ChainPush[]> {
	if (pushIds.length === 0) return [];
	const rows = (await tx.execute(sql`
		select p.id, p.outcome, p.items, p.exchanges, extract(epoch from coalesce(p.sent_at, p.claimed_at))::float8 * 1000 as at,
			c.id as channel_id, c.name, c.platform, i.kind, i.expected, i.quantity, i.outcome as item_outcome, i.reason
		from pushes p
		join channels c on c.id = p.channel_id
		left join lateral (
			select * from push_items i where i.push_id = p.id and i.sku_id = ${skuId}::uuid order by i.slot_id limit 1
		) i on true
		where p.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(pushIds)}::jsonb))
		order by p.claimed_at`)) as unknown as {
		id: string;
		outcome: string;
		items: number;
		exchanges: ChainExchange[];
		at: number;
		channel_id: string;
		name: string;
		platform: Platform;
		kind: string | null;
		expected: number;
		quantity: number;
		item_outcome: string;
		reason: string | null;
	}[];
	return rows.map((row) => ({
		pushId: row.id,
		channel: { id: row.channel_id, name: row.name, platform: row.platform },
		at: row.at,
		outcome: row.outcome,
		items: row.items,
		exchanges: row.exchanges,
		item:
			row.kind === null
				? null
				: {
						kind: row.kind,
						expected: row.expected,
						quantity: row.quantity,
						outcome: row.item_outcome,
						reason: row.reason,
					},
	}));
}
