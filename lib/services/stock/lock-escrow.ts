import type { Statement } from "@/db/statement";

/**
 * Until the caller's transaction ends nobody else takes of what no listing holds of these SKUs, or of what those that are
 * bundles are made of (lib/stock/escrow.ts, E1).
 * Ask for what is free in a statement of its own afterwards: it sees what whoever was before has committed.
 */
export async function lockEscrow(run: Statement, skuIds: readonly string[]): Promise<void> {
	if (skuIds.length === 0) return;
	await run`
		select pg_advisory_xact_lock(hashtextextended('escrow ' || sku_id, 0))
		from (
			select distinct coalesce(sc.component_id, asked.value::uuid) as sku_id
			from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb) asked
			left join sku_components sc on sc.bundle_id = asked.value::uuid
			order by 1 offset 0
		) skus`;
}
