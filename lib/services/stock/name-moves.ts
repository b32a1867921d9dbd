import type { Statement } from "@/db/statement";
import type { MovedAt } from "@/lib/format/moved";

export type Move = { skuId: string; locationId: string; delta: number };

/** Movements in a person's words, of the SKU that is spoken of or of its components. */
export async function nameMoves(run: Statement, ofSkuId: string | null, moves: readonly Move[]): Promise<MovedAt[]> {
	const moving = moves.filter(({ delta }) => delta !== 0);
	if (moving.length === 0) return [];
	const ids = JSON.stringify(moving.flatMap(({ skuId, locationId }) => [skuId, locationId]));
	const rows = await run<{ id: string; name: string }>`
		with asked as (select value::uuid as id from jsonb_array_elements_text(${ids}::text::jsonb))
		select id, name from locations where id in (select id from asked)
		union all select id, code from skus where id in (select id from asked)`;
	const names = new Map(rows.map(({ id, name }) => [id, name]));
	return moving.map(({ skuId, locationId, delta }) => ({
		location: names.get(locationId) ?? "a removed location",
		units: delta,
		...(skuId !== ofSkuId && { sku: names.get(skuId) ?? "a removed SKU" }),
	}));
}
