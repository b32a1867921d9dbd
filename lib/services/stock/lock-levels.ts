import type { Statement } from "@/db/statement";

/**
 * Locks the levels that the offers of these SKUs depend on, in one order for everybody: theirs, and those of every
 * component of every bundle that holds one of them, so that two changes of one bundle's components can't each compute
 * its offer from the other's old number.
 */
export async function lockLevels(run: Statement, skuIds: readonly string[]): Promise<void> {
	await run`
		with asked as (select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)),
		bundles as (
			select bundle_id from sku_components where component_id in (select sku_id from asked)
			union select sku_id from asked
		),
		wanted as (
			select sku_id from asked
			union select component_id from sku_components where bundle_id in (select bundle_id from bundles)
		)
		select 1 from levels where sku_id in (select sku_id from wanted) order by sku_id, location_id for update`;
}
