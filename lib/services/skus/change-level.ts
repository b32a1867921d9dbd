import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { formatNumber } from "@/lib/format/number";
import type { Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { appendMovements } from "../stock/append-movements";
import { lockLevels } from "../stock/lock-levels";

/** No shop counts more of one thing; a typing error does. */
export const largestChange = 1_000_000;

export type LevelChange = {
	skuId: string;
	locationId: string;
	/** `set`: so many are there (a count). `change`: so many more or fewer. */
	mode: "set" | "change";
	value: number;
	/** The level as the caller saw it (`onHand` null: nobody had counted); null: whatever it is by now. */
	seen: { onHand: number | null } | { version: number } | null;
	note: string | null;
	/** Names the change once and for all (R1). */
	causeKey: string;
};

export type ChangedLevel =
	| { reason: "changed"; from: number; to: number; version: number; pendingChannelIds: string[] }
	/** Something was sold or counted since the caller looked: nothing was done. What it is by now. */
	| { reason: "stale"; onHand: number; version: number }
	/** Fewer than none were counted: nothing was done. */
	| { reason: "below_zero"; onHand: number };

/**
 * Sets or changes what is on hand at a location, in the caller's transaction: what the caller saw is held against the
 * ledger under its lock. People come by {@link import("./adjust-stock").adjustStock}, other systems by the public API.
 */
export async function changeLevel(tx: Transaction, ctx: Context, change: LevelChange): Promise<ChangedLevel> {
	const { skuId, locationId, mode, value, seen, note, causeKey } = change;
	const run = statementsOf(tx);
	const [sku] = await run<{ is_bundle: string }>`
		select k.is_bundle from skus k, locations l where k.id = ${skuId}::uuid and l.id = ${locationId}::uuid
		-- It can't become a bundle meanwhile.
		for key share of k`;
	if (!sku) throw new NotFound("SKU or location");
	if (sku.is_bundle === "yes")
		throw new Unacceptable("A bundle has no stock of its own. Adjust what it is made of.", "is_bundle");
	// Made and locked before it is compared: a sale or another first count in between waits, or is seen.
	await run`
		insert into levels (merchant_id, sku_id, location_id) values (${ctx.merchantId}::uuid, ${skuId}::uuid, ${locationId}::uuid)
		on conflict do nothing`;
	await lockLevels(run, [skuId]);
	const [level] = await run<{ on_hand: number; version: number; is_done: boolean }>`
		select l.on_hand, l.version::float8 as version, exists (select from movements m where m.sku_id = l.sku_id and m.location_id = l.location_id and m.cause_key = ${causeKey}) as is_done
		from levels l where l.sku_id = ${skuId}::uuid and l.location_id = ${locationId}::uuid`;
	if (!level) throw new Error("the level was made a moment ago");
	const { on_hand: onHand, version } = level;
	if (level.is_done) return { reason: "changed", from: onHand, to: onHand, version, pendingChannelIds: [] };
	if (mode === "set" && value < 0) return { reason: "below_zero", onHand };
	if (seen && !isStill(level, seen)) return { reason: "stale", onHand, version };
	const delta = mode === "set" ? value - onHand : value;
	const to = onHand + delta;
	if (Math.abs(to) > Math.max(largestChange, Math.abs(onHand)))
		throw new Unacceptable(
			`There are ${formatNumber(onHand)} on hand, and ${formatNumber(Math.abs(delta))} ${delta > 0 ? "more" : "fewer"} would make it ${formatNumber(to)}. Beyond ${formatNumber(largestChange)} it is likely a typing error.`,
			"too_many",
		);
	const [moved] = await appendMovements(tx, ctx.merchantId, [
		{ skuId, locationId, delta, kind: mode === "set" ? "count" : "adjustment", causeKey, actor: ctx.actor, note },
	]);
	if (!moved) throw new Error("a change under a lock moves");
	await tx.execute(sql`
		insert into audit_log (merchant_id, actor, action, subject, data)
		values (${ctx.merchantId}::uuid, ${ctx.actor}, 'stock.adjusted', ${`sku:${skuId}`},
			${JSON.stringify({ locationId, from: onHand, to, note })}::jsonb)`);
	return {
		reason: "changed",
		from: onHand,
		to,
		version: moved.version,
		pendingChannelIds: moved.pendingChannelIds,
	};
}

/** Of a level that nothing moved yet, both "not counted" and "none" were seen rightly. */
function isStill(level: { on_hand: number; version: number }, seen: NonNullable<LevelChange["seen"]>): boolean {
	if ("version" in seen) return seen.version === level.version;
	return seen.onHand === level.on_hand || (seen.onHand === null && level.version === 0);
}
