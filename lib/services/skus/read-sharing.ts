import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { backAt, noPace, paceFrom, type Strategy, type Why } from "@/lib/stock/strategy";
import { adaptiveOn } from "../stock/adaptive-on";

/** How the listings of a SKU share its stock, and why now. */
export type SkuSharing = {
	/** The SKU's own choice; null: as its channels and the merchant say. */
	own: Strategy | null;
	/** What holds without a choice of its own. */
	inherited: Strategy;
	isEscrow: boolean;
	/** Of a bundle: why its component is split. Null: nothing has decided it yet. */
	why: Why | null;
	/** Milliseconds; null: it is shared. */
	since: number | null;
	/** Adaptive splits what would be sold out within this at its steady pace, in milliseconds; zero: that is not asked. */
	steadyMs: number;
	/** Adaptive goes back to sharing at so many units, at the pace of now; null: not by itself. */
	backAt: number | null;
	launch: { from: number; until: number } | null;
};

type Row = {
	own: Strategy | null;
	inherited: Strategy;
	platforms: string[];
	is_escrow: boolean;
	why: SkuSharing["why"];
	since: number | null;
	pace: number[] | null;
	pace_at: number | null;
	launch_from: number | null;
	launch_until: number | null;
};

/** Where it lies at several locations, or is a bundle, the level that is in escrow speaks. */
export async function readSharing(tx: Transaction, skuId: string): Promise<SkuSharing> {
	const [row] = (await tx.execute(sql`
		select k.strategy as own, strategy_of(null, k.id, m.strategy) as inherited, platforms_selling(k.id) as platforms, coalesce(l.is_escrow, false) as is_escrow, l.stand_why as why,
			extract(epoch from l.escrow_since)::float8 * 1000 as since, l.pace, extract(epoch from l.pace_at)::float8 * 1000 as pace_at,
			extract(epoch from k.launch_from)::float8 * 1000 as launch_from, extract(epoch from k.launch_until)::float8 * 1000 as launch_until
		from skus k join merchants m on m.id = k.merchant_id
		left join lateral (
			select * from levels
			where sku_id = k.id or sku_id in (select component_id from sku_components where bundle_id = k.id)
			order by is_escrow desc, stand_why is null limit 1
		) l on true
		where k.id = ${skuId}::uuid`)) as unknown as Row[];
	if (!row) throw new Error("the SKU is gone");
	const isAdaptive = (row.own ?? row.inherited) === "adaptive";
	const pace = row.pace && row.pace_at !== null ? paceFrom(row.pace, row.pace_at) : noPace;
	const settings = await adaptiveOn(row.platforms);
	const isMarked = row.launch_from !== null && row.launch_until !== null && row.launch_until > Date.now();
	return {
		own: row.own,
		inherited: row.inherited,
		isEscrow: row.is_escrow,
		why: row.why,
		since: row.since,
		steadyMs: 1_000 * settings.steadySeconds,
		backAt: isAdaptive && row.is_escrow && row.why !== "launch" ? backAt(pace, Date.now(), settings) : null,
		launch: isMarked ? { from: row.launch_from as number, until: row.launch_until as number } : null,
	};
}
