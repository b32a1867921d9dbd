import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { authorise, type Context } from "../context";
import { percentile, readMinutes } from "../log/read-minutes";
import { type ChannelRow, readChannelRows } from "./read-channel-rows";
import { type Need, readNeeds } from "./read-needs";
import { readSetup, type Setup } from "./read-setup";

export type OverviewMinute = {
	at: number;
	/** In the order of `channels`. */
	orders: number[];
	/** Sale → every channel, p95 of the minute; null without a sale. */
	lagMs: number | null;
};

export type Overview = {
	units: { onHand: number; skus: number; locations: number };
	/** Sale → every channel over the last hour; null without sales. */
	lag: { p95Ms: number; medianMs: number } | null;
	/** Units that some connected channel shows although they are not there, right now. */
	notThere: {
		units: number;
		listings: number;
		/** Where pushing is off. */
		unitsNotPushed: number;
		/** Lowered by a push that is on its way, with nothing in its way. */
		unitsUnderWay: number;
	};
	/** Linked listings whose live value was read, and how long ago the stalest of them was; null: none was read. */
	verified: { listings: number; ofListings: number; oldestAt: number | null };
	/** Channels whose offers leave; below two there is nobody to tell of a sale. */
	pushing: number;
	hour: OverviewMinute[];
	channels: ChannelRow[];
	needs: Need[];
	/** Null when everything is set up. */
	setup: Setup | null;
};

const minuteMs = 60_000;

/** Is anything wrong, and what do I do first? */
export async function readOverview(ctx: Context): Promise<Overview> {
	authorise(ctx, "viewer");
	const now = ctx.now().getTime();
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		// The last minute is the one that is passing.
		const to = (Math.floor(now / minuteMs) + 1) * minuteMs;
		const from = to - 60 * minuteMs;
		const { minutes } = await readMinutes(tx, ctx.merchantId, from, to, now);
		const lags = (key: string) => minutes.flatMap((minute) => minute.lags[key] ?? []);
		const all = lags("all");
		const p95Ms = percentile(all, 0.95);
		const medianMs = percentile(all, 0.5);
		const channels = await readChannelRows(tx, ctx.merchantId, from, now, (channelId) =>
			percentile(lags(channelId), 0.95),
		);
		const slots = await readSlotFigures(tx, ctx.merchantId);
		const byMinute = new Map(minutes.map((minute) => [minute.at, minute]));
		return {
			units: await readUnits(tx, ctx.merchantId),
			lag: p95Ms === null || medianMs === null ? null : { p95Ms, medianMs },
			...slots,
			hour: Array.from({ length: 60 }, (_, index) => {
				const at = from + index * minuteMs;
				return {
					at,
					orders: channels.map(({ orders }) => orders[index] ?? 0),
					lagMs: percentile(byMinute.get(at)?.lags.all ?? [], 0.95),
				};
			}),
			channels,
			pushing: channels.filter(({ isPushing }) => isPushing).length,
			needs: await readNeeds(tx, ctx.merchantId, channels, now),
			setup: await readSetup(tx, ctx.merchantId),
		};
	});
}

async function readUnits(tx: Transaction, merchantId: string): Promise<Overview["units"]> {
	const [row] = (await tx.execute(sql`
		select coalesce(sum(l.on_hand), 0)::float8 as on_hand,
			(select count(*)::int from skus s where s.merchant_id = ${merchantId}::uuid and s.archived_at is null) as skus,
			(select count(*)::int from locations o where o.merchant_id = ${merchantId}::uuid) as locations
		from levels l where l.merchant_id = ${merchantId}::uuid`)) as unknown as {
		on_hand: number;
		skus: number;
		locations: number;
	}[];
	return { onHand: row?.on_hand ?? 0, skus: row?.skus ?? 0, locations: row?.locations ?? 0 };
}

/**
 * One pass over the linked slots of every connected channel: one that is only read sells too. A bundle has no level of
 * its own: its offer says how many there are.
 */
async function readSlotFigures(tx: Transaction, merchantId: string): Promise<Pick<Overview, "notThere" | "verified">> {
	const [row] = (await tx.execute(sql`
		select count(*)::int as listings, count(coalesce(s.verified_at, s.shown_at))::int as verified, extract(epoch from min(coalesce(s.verified_at, s.shown_at)))::float8 * 1000 as oldest,
			coalesce(sum(excess.units), 0)::int as excess_units, (count(*) filter (where excess.units > 0))::int as excess_listings,
			coalesce(sum(excess.units) filter (where c.state <> 'live'), 0)::int as excess_not_pushed,
			coalesce(sum(excess.units) filter (where c.state = 'live' and s.is_pending and s.unexplained = 0
				and c.paused_at is null and m.pushes_paused_at is null and coalesce(h.breaker, 'closed') = 'closed'), 0)::int as excess_under_way
		from slots s
		join channels c on c.id = s.channel_id and c.state in ('read_only', 'live', 'revoked')
		join merchants m on m.id = c.merchant_id
		left join channel_health h on h.channel_id = c.id
		cross join lateral (
			select sum(on_hand - reserved) as available from levels where sku_id = s.sku_id and location_id = any(c.location_ids)
		) l
		cross join lateral (
			select greatest(0, (s.expected + s.unexplained) * s.units - greatest(0, coalesce(l.available, s.offered * s.units))) as units
		) excess
		where s.merchant_id = ${merchantId}::uuid and s.sku_id is not null and s.offered is not null`)) as unknown as {
		listings: number;
		verified: number;
		oldest: number | null;
		excess_units: number;
		excess_listings: number;
		excess_not_pushed: number;
		excess_under_way: number;
	}[];
	return {
		notThere: {
			units: row?.excess_units ?? 0,
			listings: row?.excess_listings ?? 0,
			unitsNotPushed: row?.excess_not_pushed ?? 0,
			unitsUnderWay: row?.excess_under_way ?? 0,
		},
		verified: { listings: row?.verified ?? 0, ofListings: row?.listings ?? 0, oldestAt: row?.oldest ?? null },
	};
}
