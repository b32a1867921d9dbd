import type { Statement } from "@/db/statement";

/**
 * Units of a SKU that are on hand at these locations together; null: none of them has it. Where somebody has counted, what
 * nobody has counted is left out, as it is of what is offered.
 */
export async function readOnHand(
	run: Statement,
	skuId: string | null,
	locationIds: readonly string[],
): Promise<number | null> {
	const [found] = await run<{ on_hand: number | null }>`
		select coalesce(sum(on_hand) filter (where counted_at is not null), sum(on_hand) filter (where location_id = ${locationIds[0] ?? null}::uuid))::int as on_hand
		from levels where sku_id = ${skuId}::uuid
			and location_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(locationIds)}::text::jsonb))`;
	return found?.on_hand ?? null;
}
