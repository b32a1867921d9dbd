/** Filling a shop, and typing numbers in its admin. */
import { sql } from "drizzle-orm";
import { sandboxItems } from "@/db/schema";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore, SeedProduct } from "../sandbox-platform";
import { holderOf, type ItemData, slugOf } from "./items";
import { changeShop } from "./news";
import { findWanted } from "./orders";
import { settingsOf } from "./settings";

type NewRow = typeof sandboxItems.$inferInsert;
const rowsAtOnce = 500;

/**
 * A product with one variant without options is a simple one; any other is variable. Variants that share a pool keep
 * no count themselves: their product holds all their units, under what their SKUs have in common. Tells nobody: it is how
 * the shop was before anybody listened.
 */
export async function seedProducts(ctx: SandboxContext, store: SandboxStore, products: SeedProduct[]): Promise<void> {
	const at = ctx.now();
	const count = products.reduce((sum, product) => sum + 1 + product.variants.length, 0);
	const ids = (await takeIds(ctx.db, store.id, count)).map(String);
	const rows = products.flatMap((product) => rowsOf(store.id, product, at, () => ids.shift() ?? ""));
	for (let i = 0; i < rows.length; i += rowsAtOnce)
		await ctx.db.insert(sandboxItems).values(rows.slice(i, i + rowsAtOnce));
}

function rowsOf(storeId: string, product: SeedProduct, at: Date, nextId: () => string): NewRow[] {
	const [first] = product.variants;
	if (!first) return [];
	const base = { storeId, modifiedAt: at };
	const id = nextId();
	const slug = `${slugOf(product.title)}-${id}`;
	if (product.variants.length === 1 && first.options === null)
		return [
			{
				...base,
				id,
				kind: "product",
				sku: first.sku,
				isManaged: first.quantity !== null,
				quantity: first.quantity,
				data: dataOf(at, {
					name: product.title,
					slug,
					type: "simple",
					regular_price: first.price,
					global_unique_id: first.gtin ?? "",
				}),
			},
		];
	const counted = product.variants.flatMap(({ quantity }) => (quantity === null ? [] : [quantity]));
	const isPool = product.sharedPool === true && counted.length > 0;
	const options = product.variants.map((variant) => splitOptions(variant.options ?? variant.sku));
	const parent: NewRow = {
		...base,
		id,
		kind: "product",
		sku: isPool ? commonSku(product.variants.map(({ sku }) => sku)) : null,
		isManaged: isPool,
		quantity: isPool ? counted.reduce((sum, quantity) => sum + quantity, 0) : null,
		data: dataOf(at, {
			name: product.title,
			slug,
			type: "variable",
			attributes: (options[0] ?? []).map((_, index) => ({
				name: attributeNames[index] ?? `Option ${index + 1}`,
				options: [...new Set(options.map((values) => values[index] ?? ""))],
			})),
		}),
	};
	const variations = product.variants.map((variant, index): NewRow => {
		const own = nextId();
		const isManaged = !isPool && variant.quantity !== null;
		return {
			...base,
			id: own,
			parentId: id,
			kind: "variation",
			sku: variant.sku,
			isManaged,
			quantity: isManaged ? variant.quantity : null,
			data: dataOf(at, {
				name: "",
				slug: `${slug}-${own}`,
				type: "variation",
				regular_price: variant.price,
				global_unique_id: variant.gtin ?? "",
				attributes: (options[index] ?? []).map((option, place) => ({
					name: attributeNames[place] ?? `Option ${place + 1}`,
					option,
				})),
			}),
		};
	});
	return [parent, ...variations];
}

const attributeNames = ["Size", "Colour", "Material"];
const splitOptions = (options: string) => options.split(" / ").map((option) => option.trim());

/** "TEE-S" and "TEE-M" → "TEE"; null where they share too little to be a name. */
function commonSku(skus: readonly string[]): string | null {
	const [first = ""] = skus;
	let length = first.length;
	for (const sku of skus) while (!sku.startsWith(first.slice(0, length))) length--;
	const common = first.slice(0, length).replace(/[-_. ]+$/, "");
	return common.length >= 2 && !skus.includes(common) ? common : null;
}

function dataOf(
	at: Date,
	given: Pick<ItemData, "name" | "slug" | "type"> & Partial<ItemData>,
): Record<string, unknown> {
	const data: ItemData = {
		status: "publish",
		regular_price: "",
		description: "",
		global_unique_id: "",
		backorders: "no",
		stock_status: "instock",
		attributes: [],
		date_created: at.toISOString(),
		...given,
	};
	return data as unknown as Record<string, unknown>;
}

/** A shopkeeper types a number where the stock lies; for something that is not counted there is no field. */
export async function typeQuantity(
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	quantity: number,
): Promise<void> {
	const [row] = await findWanted(ctx.db, store.id, [{ sku, quantity }]);
	const holderId = row && holderOf(row, settingsOf(store));
	if (!row || !holderId) return;
	await changeShop(ctx, store, async (tx, tell) => {
		const at = ctx.now().toISOString();
		await tx.execute(sql`
			update sandbox.items set quantity = case when id = ${holderId} then ${quantity}::int else quantity end, modified_at = ${at}::timestamptz
			where store_id = ${store.id} and id in (${holderId}, ${row.parent_id ?? holderId})`);
		tell({ topic: "product.updated", resourceId: holderId });
	});
}
