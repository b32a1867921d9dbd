import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { bundleUnits, type OfferStep, offer, type SplitStep, splitStep } from "@/lib/stock/offer";
import { type PolicyFields, type PolicyLevel, resolvePolicy } from "@/lib/stock/offer-policy";
import { policyOf } from "../policies/policy-sql";

/** How a listing's number came about, from what is there to what it ought to show. */
export type OfferReason = {
	/** Of a bundle: as many as can be made of what is available. */
	onHand: number;
	reserved: number;
	/** Where that lies, in the order in which a sale is taken from; none of a bundle, whose components lie there. */
	locations: { id: string; name: string; onHand: number; reserved: number }[];
	/** Each with the level that decided it; null: units per listing, which the link says, and the share that was dealt. */
	steps: ((OfferStep | SplitStep) & { from: PolicyLevel | null })[];
	quantity: number;
};

export type ExplainedOffer = {
	/** Units held back, and which level decided so. */
	held: number;
	heldFrom: PolicyLevel | null;
	/** Null: not counted where the channel sells from. */
	why: OfferReason | null;
};

type Row = {
	id: number;
	units: number;
	pace_units: number;
	/** What was dealt to it; null: it shares the stock. */
	share: number | null;
	levels: Record<PolicyLevel, PolicyFields>;
	is_bundle: boolean;
	locations: OfferReason["locations"] | null;
	components: { available: number; units: number; isCounted: boolean }[] | null;
};

/** By slot. The pace is the one of when the offer was last computed, so that a number on a screen does not wander by itself. */
export async function explainOffers(tx: Transaction, skuId: string): Promise<Map<number, ExplainedOffer>> {
	const rows = await tx.execute<Row>(sql`
		select s.id::float8 as id, s.units, s.pace_units, case when s.is_escrow then s.offered end as share, k.is_bundle = 'yes' as is_bundle,
			jsonb_build_object('listing', ${policyOf("s")}, 'sku', ${policyOf("k")}, 'channel', ${policyOf("c")}, 'merchant', ${policyOf("m")}) as levels,
			(select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'onHand', v.on_hand, 'reserved', v.reserved) order by array_position(c.location_ids, o.id))
				from levels v join locations o on o.id = v.location_id
				where v.sku_id = s.sku_id and v.location_id = any(c.location_ids) and v.counted_at is not null) as locations,
			(select jsonb_agg(jsonb_build_object('available', coalesce(v.available, 0), 'units', sc.units, 'isCounted', v.available is not null))
				from sku_components sc cross join lateral (
					select sum(on_hand - reserved)::int as available from levels
					where sku_id = sc.component_id and location_id = any(c.location_ids) and counted_at is not null
				) v where sc.bundle_id = k.id) as components
		from slots s
		join skus k on k.id = s.sku_id
		join channels c on c.id = s.channel_id
		join merchants m on m.id = s.merchant_id
		where s.sku_id = ${skuId}::uuid`);
	return new Map([...rows].map((row) => [row.id, explain(row)]));
}

function explain(row: Row): ExplainedOffer {
	const { policy, from } = resolvePolicy(row.levels);
	const isFast = row.pace_units > policy.bufferUnits;
	const stock = stockOf(row);
	const held = isFast ? row.pace_units : policy.bufferUnits;
	const heldFrom = isFast ? from.bufferSeconds : from.bufferUnits;
	if (!stock) return { held, heldFrom, why: null };
	const available = stock.onHand - stock.reserved;
	const whole = offer({ available, paceUnits: row.pace_units, units: row.units }, policy);
	const named = whole.steps.map((step) => ({ ...step, from: step.by === "units" ? null : from[step.by] }));
	const dealt = row.share === null ? [] : [{ ...splitStep(row.share), from: null }];
	const steps = [...named, ...dealt];
	return { held, heldFrom, why: { ...stock, steps, quantity: row.share ?? whole.quantity } };
}

function stockOf(row: Row): Pick<OfferReason, "onHand" | "reserved" | "locations"> | null {
	if (!row.is_bundle) {
		if (row.locations === null) return null;
		return {
			onHand: row.locations.reduce((sum, { onHand }) => sum + onHand, 0),
			reserved: row.locations.reduce((sum, { reserved }) => sum + reserved, 0),
			locations: row.locations,
		};
	}
	const parts = row.components ?? [];
	if (parts.length === 0 || parts.some(({ isCounted }) => !isCounted)) return null;
	return { onHand: bundleUnits(parts), reserved: 0, locations: [] };
}
