import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { assertNever } from "@/lib/assert-never";
import { disagreementSentence } from "@/lib/format/offer-policy";
import {
	disagreementOf,
	openPolicy,
	type PolicyFields,
	type PolicyLevel,
	resolvePolicy,
} from "@/lib/stock/offer-policy";
import { Unacceptable } from "../errors";
import { policyOf, slotsOf } from "./policy-sql";
import type { PolicyTarget } from "./policy-target";

type Met = {
	listing_id: string | null;
	sku_id: string | null;
	channel_id: string | null;
	min_units: number;
	cap_units: number | null;
	out_of_stock_below: number;
};

/**
 * Throws where a policy, just written in this transaction, makes two fields disagree anywhere below it: on a listing, and
 * on a channel or a SKU without one. A catalogue has many listings and few different policies: each is looked at once.
 */
export async function refuseDisagreement(tx: Transaction, target: PolicyTarget): Promise<void> {
	const met = await tx.execute<Met>(sql`
		with chain as (${sql.join(chainsOf(target), sql` union all `)})
		select distinct on (min_units, cap_units, out_of_stock_below) * from chain`);
	for (const row of met) {
		const policy = {
			...openPolicy,
			minUnits: row.min_units,
			capUnits: row.cap_units,
			outOfStockBelow: row.out_of_stock_below,
		};
		const pair = disagreementOf(policy);
		if (!pair) continue;
		const { who, levels } = await readChain(tx, row);
		throw new Unacceptable(disagreementSentence(who, pair, resolvePolicy(levels)), "policies_disagree");
	}
}

/** The three fields that can disagree, as they come to hold along every chain that the target is part of. */
function chainsOf(target: PolicyTarget): SQL[] {
	const slots = sql`
		select slots.listing_id, slots.sku_id, slots.channel_id, coalesce(slots.min_units, k.min_units, c.min_units, m.min_units, 0) as min_units,
			coalesce(slots.cap_units, k.cap_units, c.cap_units, m.cap_units) as cap_units,
			coalesce(slots.out_of_stock_below, k.out_of_stock_below, c.out_of_stock_below, m.out_of_stock_below, 0) as out_of_stock_below
		from slots join channels c on c.id = slots.channel_id and c.state <> 'disconnected' join merchants m on m.id = slots.merchant_id
		left join skus k on k.id = slots.sku_id
		where ${slotsOf(target)}`;
	const channels = (where: SQL) => sql`
		select null::uuid, null::uuid, c.id, coalesce(c.min_units, m.min_units, 0), coalesce(c.cap_units, m.cap_units), coalesce(c.out_of_stock_below, m.out_of_stock_below, 0)
		from channels c join merchants m on m.id = c.merchant_id where c.state <> 'disconnected' and ${where}`;
	const skus = (where: SQL) => sql`
		select null::uuid, k.id, null::uuid, coalesce(k.min_units, m.min_units, 0), coalesce(k.cap_units, m.cap_units), coalesce(k.out_of_stock_below, m.out_of_stock_below, 0)
		from skus k join merchants m on m.id = k.merchant_id where ${where}`;
	const merchant = sql`
		select null::uuid, null::uuid, null::uuid, coalesce(min_units, 0), cap_units, coalesce(out_of_stock_below, 0) from merchants`;
	switch (target.level) {
		case "merchant":
			return [slots, channels(sql`true`), skus(sql`true`), merchant];
		case "channel":
			return [slots, channels(sql`c.id = ${target.id}::uuid`)];
		case "sku":
			return [slots, skus(sql`k.id = ${target.id}::uuid`)];
		case "listing":
			return [slots];
		default:
			return assertNever(target);
	}
}

/** Who says what along one chain, and what people call it. */
async function readChain(
	tx: Transaction,
	row: Met,
): Promise<{ who: string; levels: Record<PolicyLevel, PolicyFields> }> {
	const [found] = await tx.execute<{
		levels: Record<PolicyLevel, PolicyFields>;
		code: string | null;
		channel: string | null;
	}>(sql`
		select jsonb_build_object('listing', ${policyOf("s")}, 'sku', ${policyOf("k")}, 'channel', ${policyOf("c")}, 'merchant', ${policyOf("m")}) as levels,
			k.code, c.name as channel
		from merchants m
		left join slots s on s.listing_id = ${row.listing_id}::uuid
		left join skus k on k.id = ${row.sku_id}::uuid
		left join channels c on c.id = ${row.channel_id}::uuid
		limit 1`);
	if (!found) throw new Error("a merchant is always there");
	return { who: [found.code, found.channel].filter(Boolean).join(" on ") || "Every listing", levels: found.levels };
}
