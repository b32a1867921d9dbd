import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import type { Platform } from "@/db/schema";
import { authorise, type Context } from "../context";
import { guidOf } from "../guid";

export type Step = { at: number; value: number };

export type SkuHistory = {
	/** Three days ago, or the first count where that is later, but at least an hour. */
	from: number;
	to: number;
	/** Null: nobody has counted. */
	firstCountedAt: number | null;
	/** Available over all locations, from the first count on; a step holds until the next. Empty: nobody has counted. */
	available: Step[];
	/** What each channel showed, in units of the SKU: what was confirmed, less what it sold itself since. */
	channels: { id: string; name: string; platform: Platform; steps: Step[] }[];
	/** Where a channel and the ledger parted. */
	partings: { at: number; channel: string; shown: number; expected: number; word: string }[];
};

const longestMs = 3 * 24 * 3_600_000;
const shortestMs = 3_600_000;
/** Steps per line: what a screen can draw apart. The last of each stretch is kept. */
const stretches = 300;

/** Rows that are looked at per line; of a SKU that moves more often, the line begins later. */
const mostRows = 20_000;

/** `counted_ms` null: nobody has counted it, and what it holds is not known. */
type Level = { location_id: string; on_hand: number; reserved: number; counted_ms: number | null };
type Move = { location_id: string; balance: number; before: number; begins: boolean; at: number };
type Told = { channel_id: string; value: number; at: number };
type OwnSale = { channel_id: string; delta: number; at: number };
/** `shows` null: not read yet. */
type Shown = { channel_id: string; name: string; platform: Platform; shows: number | null };

/** The last days of a SKU: what there was, what channels showed, and where they parted. */
export async function readSkuHistory(ctx: Context, id: string): Promise<SkuHistory> {
	authorise(ctx, "viewer");
	const skuId = guidOf(id, "SKU");
	const to = ctx.now().getTime();
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const levels = (await tx.execute(sql`
			select location_id, on_hand, reserved, extract(epoch from counted_at)::float8 * 1000 as counted_ms from levels where sku_id = ${skuId}::uuid`)) as unknown as Level[];
		const firstCountedAt = levels.reduce<number | null>(
			(first, { counted_ms }) => (counted_ms === null ? first : Math.min(first ?? counted_ms, counted_ms)),
			null,
		);
		const from = Math.max(to - longestMs, Math.min(Math.ceil(firstCountedAt ?? 0), to - shortestMs));
		const since = sql`${new Date(from).toISOString()}::timestamptz`;
		const stretch = sql`interval '1 ms' * ${Math.ceil((to - from) / stretches)}::int`;
		const moves = (await tx.execute(sql`
			select distinct on (location_id, stretch) location_id, balance, before, begins, extract(epoch from at)::float8 * 1000 as at
			from (
				select m.*, date_bin(${stretch}, m.at, ${since}) as stretch,
					first_value(m.balance - m.delta) over (partition by m.location_id order by m.version) as before,
					min(m.version) over (partition by m.location_id) = 1 as begins
				from levels l cross join lateral (
					select location_id, balance, delta, version, at from movements
					where sku_id = l.sku_id and location_id = l.location_id order by version desc limit ${mostRows}
				) m
				where l.sku_id = ${skuId}::uuid and m.at > ${since}
			) m order by location_id, stretch, version desc`)) as unknown as Move[];
		const told = (await tx.execute(sql`
			select distinct on (s.channel_id, stretch) s.channel_id, i.quantity * s.units as value,
				extract(epoch from i.settled_at)::float8 * 1000 as at
			from slots s
			cross join lateral (
				select quantity, settled_at, date_bin(${stretch}, settled_at, ${since}) as stretch from push_items
				where sku_id = s.sku_id and channel_id = s.channel_id and slot_id = s.id and outcome = 'applied'
				order by sku_version desc limit ${mostRows}
			) i
			where s.sku_id = ${skuId}::uuid and i.settled_at > ${since}
			order by s.channel_id, stretch, i.settled_at desc`)) as unknown as Told[];
		const ownSales = (await tx.execute(sql`
			select m.channel_id, m.delta, extract(epoch from m.at)::float8 * 1000 as at
			from levels l cross join lateral (
				select channel_id, delta, kind, at from movements
				where sku_id = l.sku_id and location_id = l.location_id order by version desc limit ${mostRows}
			) m
			where l.sku_id = ${skuId}::uuid and m.kind = 'order' and m.at > ${since} and m.channel_id is not null`)) as unknown as OwnSale[];
		const shown = (await tx.execute(sql`
			select c.id as channel_id, c.name, c.platform, sum((s.expected + s.unexplained) * s.units)::float8 as shows
			from slots s join channels c on c.id = s.channel_id and c.state <> 'disconnected'
			where s.sku_id = ${skuId}::uuid group by c.id order by c.created_at, c.name`)) as unknown as Shown[];
		const drifts = (await tx.execute(sql`
			select extract(epoch from l.at)::float8 * 1000 as at, c.name, l.data
			from (
				select at, kind, channel_id, data from sync_log
				where sku_id = ${skuId}::uuid and at > ${since} order by at desc, id desc limit ${mostRows}
			) l join channels c on c.id = l.channel_id
			where l.kind = 'level.drift' order by l.at desc limit 12`)) as unknown as {
			at: number;
			name: string;
			data: { shown?: number; expected?: number; class?: string };
		}[];
		return {
			from,
			to,
			firstCountedAt,
			available: availableSteps(levels, moves, from),
			channels: shown.map((channel) => channelLine(channel, told, ownSales, to)),
			partings: drifts.map(({ at, name, data }) => ({
				at,
				channel: name,
				shown: data.shown ?? 0,
				expected: data.expected ?? 0,
				word: partingWord(data.class, name),
			})),
		};
	});
}

function partingWord(driftClass: string | undefined, channel: string): string {
	if (driftClass === "unseen_sale") return `sold unheard on ${channel}`;
	if (driftClass === "rounding") return `rounded up on ${channel}`;
	if (driftClass === "lost_write") return `write lost on ${channel}`;
	if (driftClass === "returned") return `given back on ${channel}`;
	return driftClass === "hidden_return" ? `write crossed a return on ${channel}` : `edited on ${channel}`;
}

/** A first count is a movement, and the level's `counted_at` is written a moment after it. */
const sameMomentMs = 1_000;

/** Reservations are not kept over time; today's are taken off all along. Before a location's first count it holds nothing known. */
function availableSteps(levels: readonly Level[], moves: readonly Move[], from: number): Step[] {
	const reserved = levels.reduce((sum, level) => sum + level.reserved, 0);
	const inOrder = [...moves].sort((a, b) => a.at - b.at);
	const countedAt = new Map(levels.map((level) => [level.location_id, level.counted_ms ?? Number.POSITIVE_INFINITY]));
	const isCounted = (locationId: string, at: number) => (countedAt.get(locationId) ?? 0) <= at + sameMomentMs;
	// Where the span began; a location that did not move stands where it stands.
	const balances = new Map<string, number>();
	for (const { location_id, on_hand } of levels) {
		const first = inOrder.find((move) => move.location_id === location_id);
		// Where the ledger begins within the span, there is no before.
		if (isCounted(location_id, from) && !first?.begins) balances.set(location_id, first?.before ?? on_hand);
	}
	const total = () => Math.max(0, [...balances.values()].reduce((sum, balance) => sum + balance, 0) - reserved);
	const steps: Step[] = balances.size > 0 ? [{ at: from, value: total() }] : [];
	for (const { location_id, balance, at } of inOrder) {
		if (!isCounted(location_id, at)) continue;
		balances.set(location_id, balance);
		steps.push({ at, value: total() });
	}
	return steps;
}

/** From the first number that it was told on; a sale of its own needs no telling. It ends with what it shows now. */
function channelLine(
	{ channel_id: id, name, platform, shows }: Shown,
	told: readonly Told[],
	ownSales: readonly OwnSale[],
	to: number,
): SkuHistory["channels"][number] {
	const events = [...told, ...ownSales].filter(({ channel_id }) => channel_id === id).sort((a, b) => a.at - b.at);
	const steps: Step[] = [];
	for (const event of events) {
		const last = steps.at(-1);
		if ("value" in event) steps.push({ at: event.at, value: event.value });
		else if (last) steps.push({ at: event.at, value: Math.max(0, last.value + event.delta) });
	}
	const last = steps.at(-1);
	if (last && shows !== null && shows !== last.value) steps.push({ at: to, value: Math.max(0, shows) });
	return { id, name, platform, steps };
}
