/** Rows that many fields of one request ask for one by one, read in one statement. */
import { sql } from "drizzle-orm";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import {
	type ItemData,
	type ItemRow,
	idList,
	type LevelData,
	type LevelRow,
	type ProductData,
	type ProductRow,
	rowsById,
	rowsByParent,
	type VariantData,
	type VariantRow,
} from "./rows";

export type Loaders = {
	product(id: string): Promise<ProductRow | null>;
	variant(id: string): Promise<VariantRow | null>;
	item(id: string): Promise<ItemRow | null>;
	variantsOf(productId: string): Promise<VariantRow[]>;
	levelsOf(itemId: string): Promise<LevelRow[]>;
	/** How many inventory items have this SKU. */
	skuCount(sku: string): Promise<number>;
};

export function createLoaders(ctx: SandboxContext, store: SandboxStore): Loaders {
	const one = async <T>(load: Promise<Map<string, T>>) => {
		const rows = await load;
		return (id: string) => rows.get(id) ?? null;
	};
	const many = async <T>(load: Promise<Map<string, T[]>>) => {
		const rows = await load;
		return (id: string) => rows.get(id) ?? [];
	};
	return {
		product: batched((ids) => one(rowsById<ProductData>(ctx.db, store.id, "product", ids))),
		variant: batched((ids) => one(rowsById<VariantData>(ctx.db, store.id, "variant", ids))),
		item: batched((ids) => one(rowsById<ItemData>(ctx.db, store.id, "item", ids))),
		variantsOf: batched((ids) => many(rowsByParent<VariantData>(ctx.db, store.id, "variant", ids))),
		levelsOf: batched((ids) => many(rowsByParent<LevelData>(ctx.db, store.id, "level", ids))),
		skuCount: batched(async (skus) => {
			const rows = await ctx.db.execute<{ sku: string; count: number }>(sql`
				select sku, count(*)::int count from sandbox.items
				where store_id = ${store.id} and kind = 'item' and sku in ${idList(skus)} group by sku`);
			const counts = new Map(rows.map(({ sku, count }) => [sku, count]));
			return (sku: string) => counts.get(sku) ?? 0;
		}),
	};
}

/** Collects what is asked for in one turn of the event loop. Within one request a row is read once. */
function batched<T>(load: (keys: string[]) => Promise<(key: string) => T>): (key: string) => Promise<T> {
	const known = new Map<string, Promise<T>>();
	let waiting: string[] = [];
	let next: Promise<(key: string) => T> | null = null;
	return (key) => {
		let value = known.get(key);
		if (!value) {
			waiting.push(key);
			next ??= new Promise((resolve, reject) => {
				setImmediate(() => {
					const keys = waiting;
					waiting = [];
					next = null;
					load(keys).then(resolve, reject);
				});
			});
			value = next.then((read) => read(key));
			known.set(key, value);
		}
		return value;
	};
}
