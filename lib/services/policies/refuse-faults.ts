import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { assertNever } from "@/lib/assert-never";
import { type PolicyFields, type PolicyLevel, policyFields } from "@/lib/stock/offer-policy";
import { Unacceptable } from "../errors";
import { faultOf, nameOf, readMostUnits } from "./policy-fault";
import { policyColumns, policyOf, slotsOf } from "./policy-sql";
import type { PolicyTarget } from "./policy-target";

type Met = {
	listing_id: string | null;
	sku_id: string | null;
	channel_id: string | null;
	/** Of the SKU in one of the listing; one where there is none. */
	units: number;
	/** As it comes to hold. */
	policy: PolicyFields;
};

/**
 * Throws where a policy, just written in this transaction, can't be meant anywhere below it: on a listing, and on a channel
 * or a SKU without one. A catalogue has many listings and few different policies: each is looked at once.
 */
export async function refuseFaults(tx: Transaction, target: PolicyTarget): Promise<void> {
	const columns = sql.raw(["units", ...Object.values(policyColumns)].join());
	const met = await tx.execute<Met>(sql`
		with chain as (${sql.join(chainsOf(target), sql` union all `)}),
		met as (select distinct on (${columns}) * from chain)
		select listing_id, sku_id, channel_id, units, ${policyOf("met")} as policy from met`);
	const most = await readMostUnits(tx);
	for (const row of met) {
		if (!faultOf("", { merchant: row.policy }, row.units, most)) continue;
		const { who, levels } = await readChain(tx, row);
		const fault = faultOf(who, levels, row.units, most);
		if (fault) throw new Unacceptable(fault.sentence, fault.reason);
	}
}

/** The fields as they come to hold along every chain that the target is part of. */
function chainsOf(target: PolicyTarget): SQL[] {
	const slots = sql`
		select slots.listing_id, slots.sku_id, slots.channel_id, slots.units, ${nearest("slots", "k", "c", "m")}
		from slots join channels c on c.id = slots.channel_id and c.state <> 'disconnected' join merchants m on m.id = slots.merchant_id
		left join skus k on k.id = slots.sku_id
		where ${slotsOf(target)}`;
	const channels = (where: SQL) => sql`
		select null::uuid as listing_id, null::uuid as sku_id, c.id as channel_id, 1 as units, ${nearest("c", "m")}
		from channels c join merchants m on m.id = c.merchant_id where c.state <> 'disconnected' and ${where}`;
	const skus = (where: SQL) => sql`
		select null::uuid as listing_id, k.id as sku_id, null::uuid as channel_id, 1 as units, ${nearest("k", "m")}
		from skus k join merchants m on m.id = k.merchant_id where ${where}`;
	const merchant = sql`
		select null::uuid as listing_id, null::uuid as sku_id, null::uuid as channel_id, 1 as units, ${nearest("m")} from merchants m`;
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

/** Each field of the first of these rows that sets it; null: none does. */
const nearest = (...aliases: string[]): SQL =>
	sql.raw(
		policyFields
			.map((field) => policyColumns[field])
			.map((column) => `coalesce(${aliases.map((alias) => `${alias}.${column}`).join()}) as ${column}`)
			.join(),
	);

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
	return { who: nameOf(found.code, found.channel), levels: found.levels };
}
