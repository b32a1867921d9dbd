/** Which item a row of an adjustment names, and whether it may be named so. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { type ProductData, textList } from "./items";

export type Wanted = {
	kind: "sku" | "variant_id" | "product_id";
	name: string;
	locationId: number;
	quantity: number;
};

/** `holderId`: whose number is meant. `objection`: why it can't be adjusted under this name. */
export type Item = { holderId: string; objection: string | null };

export const nameOf = (wanted: Wanted | undefined) => `${wanted?.kind} ${wanted?.name}`;

type Found = { id: string; parent_id: string | null; sku: string | null; tracking: ProductData["inventory_tracking"] };

/** In the order of what is wanted; null where there is none. */
export async function itemsNamed(db: Executor, storeId: string, wanted: readonly Wanted[]): Promise<(Item | null)[]> {
	const ids = wanted.filter(({ kind }) => kind !== "sku").map(({ name }) => name);
	const skus = wanted.filter(({ kind }) => kind === "sku").map(({ name }) => name);
	const found = await db.execute<Found>(sql`
		select i.id, i.parent_id, i.sku, coalesce(p.data, i.data)->>'inventory_tracking' as tracking
		from sandbox.items i left join sandbox.items p on p.store_id = i.store_id and p.id = i.parent_id
		where i.store_id = ${storeId} and i.kind in ('product', 'variant')
			and (i.id in ${textList(ids)} or (i.kind = 'variant' and i.sku in ${textList(skus)}))`);
	return wanted.map((one) => {
		const row = found.find((candidate) => isNamed(candidate, one));
		return row ? itemOf(row, one) : null;
	});
}

function isNamed({ id, parent_id, sku }: Found, { kind, name }: Wanted): boolean {
	if (kind === "sku") return parent_id !== null && sku === name;
	return id === name && (parent_id === null) === (kind === "product_id");
}

function itemOf(row: Found, wanted: Wanted): Item {
	const by = `Item with ${nameOf(wanted)}`;
	const productId = row.parent_id ?? row.id;
	switch (row.tracking) {
		case "none":
			return { holderId: row.id, objection: `${by} is not tracked, please enable inventory tracking` };
		case "product":
			return {
				holderId: productId,
				objection:
					wanted.kind === "variant_id" ? `${by} is tracked by product, please update stock by product id` : null,
			};
		case "variant":
			return {
				holderId: row.id,
				objection:
					wanted.kind === "product_id" ? `${by} is tracked by variant, please update stock by variant id` : null,
			};
	}
}
