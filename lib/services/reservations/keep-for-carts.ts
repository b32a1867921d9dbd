/** What the stores of a split stock are to give up for carts (lib/stock/carts.ts). */
import type { Statement } from "@/db/statement";
import { adapterFor, isConnectable } from "@/lib/channels/registry";
import { formatNumber } from "@/lib/format/number";
import { evenPart, givenUpWithinMs, keptForCarts, keptForMs } from "@/lib/stock/carts";
import { slotFacts } from "../channels/slot-facts";

/** What was wanted of a SKU that has too little free. `locationId` null: from wherever it lies. */
type Short = { sku: string; locationId: string | null; wanted: number; available: number };

/** A refusal that does not last. */
export type GivenUp = {
	skuIds: string[];
	/** Of each, how many there are; all but those available are with stores. */
	held: { sku: string; wanted: number; available: number; there: number }[];
	/** When to ask again, in whole seconds. */
	retryAfter: number;
};

type Level = {
	sku: string;
	sku_id: string;
	location_id: string;
	wanted: number;
	available: number;
	/** On hand and not reserved, where the cart may take it from. */
	there: number;
	/** At this location. */
	here: number;
	kept: number;
	listings: number;
	platforms: string[];
};

/**
 * Notes what a cart was refused, so that the deal that follows leaves it to carts. Null, and nothing noted: not all of it is
 * there, or nobody splits it. The caller has locked the levels, and deals the stock of `skuIds` anew.
 */
export async function keepForCarts(run: Statement, short: readonly Short[]): Promise<GivenUp | null> {
	const levels = await readSplit(run, short);
	if (levels.length < short.length || levels.some(({ wanted, there }) => wanted > there)) return null;
	const retryAfterMs = await slowest(levels);
	const kept = levels.map(({ sku_id, location_id, kept, wanted, here, listings }) => ({
		skuId: sku_id,
		locationId: location_id,
		units: keptForCarts(kept, Math.min(wanted, here), here, listings),
	}));
	await run`
		update levels l set cart_units = n.units, cart_until = clock_timestamp() + ${keptForMs + retryAfterMs}::int * interval '1 ms'
		from jsonb_to_recordset(${JSON.stringify(kept)}::text::jsonb) as n("skuId" uuid, "locationId" uuid, units int)
		where l.sku_id = n."skuId" and l.location_id = n."locationId"`;
	return {
		skuIds: [...new Set(levels.map(({ sku_id }) => sku_id))],
		held: levels.map(({ sku, wanted, available, there }) => ({ sku, wanted, available, there })),
		retryAfter: Math.ceil(retryAfterMs / 1000),
	};
}

/** The level that most of it can come from, of each that was short where listings split the stock. */
const readSplit = (run: Statement, short: readonly Short[]): Promise<Level[]> =>
	run<Level>`
		select w.sku, k.id as sku_id, l.location_id, w.wanted, w.available, l.there::int as there, l.here, l.kept, listed.listings, platforms_selling(k.id) as platforms
		from jsonb_to_recordset(${JSON.stringify(short)}::text::jsonb) as w(sku text, "locationId" uuid, wanted float8, available int)
		join skus k on k.code = w.sku and k.archived_at is null
		cross join lateral (
			select location_id, is_escrow, on_hand - reserved as here, sum(greatest(0, on_hand - reserved)) over () as there,
				case when cart_until > clock_timestamp() then cart_units else 0 end as kept
			from levels where sku_id = k.id and (w."locationId" is null or location_id = w."locationId") and counted_at is not null
			order by on_hand - reserved desc, location_id limit 1
		) l
		cross join lateral (
			select count(*)::int as listings from slots s
			where s.is_escrow and s.sku_id = any(array(select k.id union all select bundle_id from sku_components where component_id = k.id))
		) listed
		where l.is_escrow`;

async function slowest(levels: readonly Level[]): Promise<number> {
	const platforms = [...new Set(levels.flatMap((level) => level.platforms))].filter(isConnectable);
	const adapters = await Promise.all(platforms.map(adapterFor));
	return givenUpWithinMs(adapters.map(({ facts }) => slotFacts(facts)));
}

/** A cart got what it wanted: as much is kept for the next, though no more than an even part of what is left. */
export async function keepForTheNext(run: Statement, skuIds: readonly string[]): Promise<void> {
	const asked = JSON.stringify(skuIds);
	const kept = await run<{ sku_id: string; location_id: string; units: number; here: number; listings: number }>`
		select l.sku_id, l.location_id, l.cart_units as units, l.on_hand - l.reserved as here, listed.listings
		from levels l
		cross join lateral (
			select count(*)::int as listings from slots s
			where s.is_escrow and s.sku_id = any(array(select l.sku_id union all select bundle_id from sku_components where component_id = l.sku_id))
		) listed
		where l.sku_id = any(array(select value::uuid from jsonb_array_elements_text(${asked}::text::jsonb))) and l.is_escrow and l.cart_until > clock_timestamp()`;
	if (kept.length === 0) return;
	const next = kept.map(({ sku_id, location_id, units, here, listings }) => ({
		skuId: sku_id,
		locationId: location_id,
		units: Math.min(units, evenPart(here, listings)),
	}));
	await run`
		update levels l set cart_units = n.units, cart_until = greatest(l.cart_until, clock_timestamp() + ${keptForMs}::int * interval '1 ms')
		from jsonb_to_recordset(${JSON.stringify(next)}::text::jsonb) as n("skuId" uuid, "locationId" uuid, units int)
		where l.sku_id = n."skuId" and l.location_id = n."locationId"`;
}

/** "LAMP: 90 are there, and stores hold 90 of them." */
export function givenUpSentence({ held, retryAfter }: GivenUp): string {
	const who = held
		.map(
			({ sku, there, available }) =>
				`Of ${sku} there are ${formatNumber(there)}, and stores hold ${formatNumber(there - available)} of them`,
		)
		.join("; ");
	return `${who}. They are asked to give up what is missing: ask again in ${formatNumber(retryAfter)} seconds, with a new Idempotency-Key.`;
}
