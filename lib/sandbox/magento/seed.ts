/** Filling a store, and typing numbers in its admin. */
import { sql } from "drizzle-orm";
import { sandboxItems } from "@/db/schema";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore, SeedProduct } from "../sandbox-platform";
import { type ProductData, productsBySku, sourceItemId, upsertSourceItems } from "./rows";
import { settingsOf } from "./settings";

type NewRow = typeof sandboxItems.$inferInsert;
const rowsAtOnce = 500;

/**
 * A product with one variant without options is a simple one; any other is configurable, its variants products of their own
 * that are not sold by themselves. Magento has no shared pool. Where the stock lies first is the first source.
 */
export async function seedProducts(ctx: SandboxContext, store: SandboxStore, seeds: SeedProduct[]): Promise<void> {
	const at = ctx.now();
	const settings = settingsOf(store);
	const websites = settings.websites.map(({ id }) => id);
	const count = seeds.reduce((sum, { variants }) => sum + 1 + variants.length * 2, 0);
	const ids = await takeIds(ctx.db, store.id, Math.max(1, count));
	const nextId = () => String(ids.shift());
	const skuOf = skuMaker(await takenSkus(ctx, store));
	const rows: NewRow[] = [];
	const stock: { sku: string; quantity: number }[] = [];
	for (const { title, variants } of seeds) {
		const [first] = variants;
		if (!first) continue;
		const isSimple = variants.length === 1 && first.options === null;
		const children = variants.map((variant): NewRow => {
			const sku = skuOf(variant.sku, `${title} ${variant.options ?? ""}`);
			if (variant.quantity !== null) stock.push({ sku, quantity: variant.quantity });
			return {
				storeId: store.id,
				id: nextId(),
				kind: "product",
				sku,
				isManaged: variant.quantity !== null,
				modifiedAt: at,
				data: dataOf(at, {
					name: isSimple ? title : `${title} ${variant.options ?? variant.sku}`,
					type_id: "simple",
					visibility: isSimple ? 4 : 1,
					price: Number(variant.price),
					website_ids: websites,
					options: isSimple ? [] : optionsOf(variant.options ?? variant.sku),
					attributes: variant.gtin ? { ean: variant.gtin } : {},
					qty: variant.quantity ?? 0,
					is_in_stock: (variant.quantity ?? 1) > 0,
				}),
			};
		});
		rows.push(...children);
		if (isSimple) continue;
		rows.push({
			storeId: store.id,
			id: nextId(),
			kind: "product",
			sku: skuOf(`${title} (configurable)`, title),
			isManaged: true,
			modifiedAt: at,
			data: dataOf(at, {
				name: title,
				type_id: "configurable",
				visibility: 4,
				price: 0,
				website_ids: websites,
				links: children.map(({ id }) => Number(id)),
			}),
		});
	}
	for (let i = 0; i < rows.length; i += rowsAtOnce)
		await ctx.db.insert(sandboxItems).values(rows.slice(i, i + rowsAtOnce));
	const source = settings.sources[0]?.code ?? "default";
	if (!settings.hasInventory) return;
	for (let i = 0; i < stock.length; i += rowsAtOnce) {
		const some = stock.slice(i, i + rowsAtOnce);
		await upsertSourceItems(
			ctx.db,
			store.id,
			some.map(({ sku, quantity }) => ({ sku, source_code: source, quantity, status: quantity > 0 ? 1 : 0 })),
			some.map(() => Number(nextId())),
		);
	}
}

const takenSkus = async (ctx: SandboxContext, store: SandboxStore): Promise<string[]> =>
	(
		await ctx.db.execute<{ sku: string }>(
			sql`select sku from sandbox.items where store_id = ${store.id} and kind = 'product'`,
		)
	).map(({ sku }) => sku);

const longestSku = 64;

/** As the admin has it: without spaces around it, 64 characters at the most, made of the name where it is left blank, and no other's, whatever its case. */
function skuMaker(taken: readonly string[]) {
	const used = new Set(taken.map((sku) => sku.toLowerCase()));
	return (typed: string, name: string): string => {
		const sku = [...(typed.trim() || name.trim())].slice(0, longestSku).join("").trim();
		for (let number = 0; ; number++) {
			const suffix = number === 0 ? "" : `-${number}`;
			const free = `${[...sku].slice(0, longestSku - suffix.length).join("")}${suffix}`;
			if (used.has(free.toLowerCase())) continue;
			used.add(free.toLowerCase());
			return free;
		}
	};
}

const optionsOf = (text: string) =>
	text.split(" / ").map((value, index) => ({
		code: ["size", "color", "material"][index] ?? `option_${index + 1}`,
		value: value.trim(),
	}));

function dataOf(
	at: Date,
	given: Pick<ProductData, "name" | "type_id" | "visibility" | "price"> & Partial<ProductData>,
): Record<string, unknown> {
	const data: ProductData = {
		status: 1,
		created_at: at.toISOString(),
		website_ids: [1],
		links: [],
		options: [],
		attributes: {},
		min_qty: null,
		backorders: null,
		qty: 0,
		is_in_stock: true,
		...given,
	};
	return data as unknown as Record<string, unknown>;
}

/** "Quantity per Source" of the first source: what lies there, open orders or not. */
export async function typeQuantity(
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	quantity: number,
): Promise<void> {
	const settings = settingsOf(store);
	const [row] = await productsBySku(ctx.db, store.id, [sku]);
	if (!row?.is_managed) return;
	const source = settings.sources[0]?.code ?? "default";
	if (settings.hasInventory) {
		const [id = 0] = await takeIds(ctx.db, store.id, 1);
		await upsertSourceItems(
			ctx.db,
			store.id,
			[{ sku, source_code: source, quantity, status: quantity > 0 ? 1 : 0 }],
			[id],
		);
		return;
	}
	await ctx.db.execute(sql`
		update sandbox.items set data = data || ${JSON.stringify({ qty: quantity, is_in_stock: quantity > 0 })}::jsonb
		where store_id = ${store.id} and id = ${row.id}`);
}

/** In the admin: fields of a product, which move its stamp; its SKU, which its source items and reservations follow. */
export async function editProduct(
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	change: Partial<ProductData> & { sku?: string; is_managed?: boolean },
): Promise<void> {
	const { sku: renamed, is_managed: isManaged, ...data } = change;
	await ctx.db.execute(sql`
		update sandbox.items set data = data || ${JSON.stringify(data)}::jsonb, modified_at = ${ctx.now().toISOString()}::timestamptz,
			is_managed = coalesce(${isManaged ?? null}::boolean, is_managed)
		where store_id = ${store.id} and kind = 'product' and sku = ${sku}`);
	if (renamed === undefined) return;
	await ctx.db.execute(sql`
		update sandbox.items set sku = ${renamed},
			id = case when kind = 'source_item' then ${sourceItemId("", "").slice(0, 3)} || parent_id || ':' || ${renamed} else id end
		where store_id = ${store.id} and sku = ${sku}`);
}

/** Its reservations stay behind, and so do its source items in some versions. */
export async function deleteProduct(ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> {
	await ctx.db.execute(
		sql`delete from sandbox.items where store_id = ${store.id} and kind in ('product', 'source_item') and sku = ${sku}`,
	);
}
