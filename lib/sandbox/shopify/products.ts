/** The catalogue: making it, touching it, and what the store's owner does to it by hand. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { takeIds } from "../context";
import { changeStore } from "../news";
import type { SandboxContext, SandboxStore, SeedProduct } from "../sandbox-platform";
import { levelId, mintId } from "./ids";
import { type StoreEvent, shopifyDelays, tellSubscribers } from "./news";
import { type ItemData, idList, type LocationData, locationsOf, type ProductData, type VariantData } from "./rows";
import { settingsOf } from "./settings";
import { newLevel } from "./stock";

const keptStamps = 5;

/** Moves products' modified stamps, keeping the earlier ones for a search index that lags. */
export async function touchProducts(
	tx: Transaction,
	storeId: string,
	productIds: readonly string[],
	now: Date,
): Promise<StoreEvent[]> {
	if (productIds.length === 0) return [];
	await touchRows(tx, storeId, productIds, now);
	return productIds.map((resourceId) => ({ topic: "products/update", resourceId, body: null }));
}

export async function touchRows(tx: Transaction, storeId: string, ids: readonly string[], now: Date): Promise<void> {
	await tx.execute(sql`
		with wanted as materialized (
			select id from sandbox.items where store_id = ${storeId} and id in ${idList(ids)} order by id for update)
		update sandbox.items i set modified_at = ${now.toISOString()}::timestamptz,
			data = jsonb_set(i.data, '{stamps}',
				(jsonb_build_array(i.modified_at) || coalesce(i.data->'stamps', '[]')) - ${keptStamps}::int)
		from wanted w where i.store_id = ${storeId} and i.id = w.id`);
}

type NewRow = {
	id: string;
	parent_id: string | null;
	kind: string;
	sku: string | null;
	quantity: number | null;
	is_managed: boolean;
	data: unknown;
};

const seedChunk = 5_000;

export async function seedProducts(ctx: SandboxContext, store: SandboxStore, products: SeedProduct[]): Promise<void> {
	const now = ctx.now();
	const locations = await ensureLocations(ctx, store);
	const [primary] = locations;
	if (!primary) throw new Error("A store needs a location.");
	const variantCount = products.reduce((sum, { variants }) => sum + variants.length, 0);
	const numbers = await takeIds(ctx.db, store.id, products.length + 2 * variantCount);
	let next = 0;
	const newId = () => mintId(numbers[next++] ?? 0);
	const rows: NewRow[] = [];
	const productIds: string[] = [];
	for (const product of products) {
		const productId = newId();
		productIds.push(productId);
		rows.push({ ...productRow(product, productId, now), id: productId });
		for (const [index, variant] of product.variants.entries()) {
			const variantId = newId();
			const itemId = newId();
			rows.push(
				variantRow(product, variant, index, { productId, variantId, itemId }, now),
				itemRow(variant, { variantId, itemId }, now),
				{
					id: levelId(primary, itemId),
					parent_id: itemId,
					kind: "level",
					sku: variant.sku || null,
					quantity: variant.quantity ?? 0,
					is_managed: true,
					data: newLevel(primary, now),
				},
			);
		}
	}
	await changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		for (let from = 0; from < rows.length; from += seedChunk)
			await insertRows(tx, store.id, rows.slice(from, from + seedChunk), now);
		await tellSubscribers(
			ctx,
			store,
			tx,
			tell,
			productIds.map((resourceId) => ({ topic: "products/create", resourceId, body: null })),
		);
	});
}

function productRow(product: SeedProduct, id: string, now: Date): Omit<NewRow, "id"> {
	const options = product.variants.length > 1 ? [optionName(product)] : ["Title"];
	const data: ProductData = {
		title: product.title,
		handle: `${product.title
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, "-")
			.replace(/^-+|-+$/g, "")}-${id.slice(-4)}`,
		status: "ACTIVE",
		vendor: "Sandbox",
		createdAt: now.toISOString(),
		options,
	};
	return { parent_id: null, kind: "product", sku: null, quantity: null, is_managed: true, data };
}

/** "Size: M" names its option; "M" alone does not. */
const optionName = (product: SeedProduct) => product.variants[0]?.options?.split(":")[0]?.trim() || "Option";

function variantRow(
	product: SeedProduct,
	variant: SeedProduct["variants"][number],
	index: number,
	ids: { productId: string; variantId: string; itemId: string },
	now: Date,
): NewRow {
	const value = variant.options?.split(":").slice(-1)[0]?.trim();
	const isOnly = product.variants.length === 1 && !value;
	const data: VariantData = {
		itemId: ids.itemId,
		title: isOnly ? "Default Title" : (value ?? `Option ${index + 1}`),
		position: index + 1,
		options: [
			isOnly
				? { name: "Title", value: "Default Title" }
				: { name: optionName(product), value: value ?? `Option ${index + 1}` },
		],
		price: variant.price,
		barcode: variant.gtin,
		policy: "DENY",
		requiresComponents: false,
		createdAt: now.toISOString(),
	};
	return {
		id: ids.variantId,
		parent_id: ids.productId,
		kind: "variant",
		sku: variant.sku || null,
		quantity: null,
		is_managed: variant.quantity !== null,
		data,
	};
}

function itemRow(
	variant: SeedProduct["variants"][number],
	ids: { variantId: string; itemId: string },
	now: Date,
): NewRow {
	const data: ItemData = { createdAt: now.toISOString(), requiresShipping: true };
	return {
		id: ids.itemId,
		parent_id: ids.variantId,
		kind: "item",
		sku: variant.sku || null,
		quantity: null,
		is_managed: variant.quantity !== null,
		data,
	};
}

async function ensureLocations(ctx: SandboxContext, store: SandboxStore): Promise<string[]> {
	const known = await locationsOf(ctx, store);
	if (known.length > 0) return known.map(({ id }) => id);
	const { locations } = settingsOf(store);
	const numbers = await takeIds(ctx.db, store.id, locations.length);
	const rows = locations.map((name, index): NewRow => {
		const data: LocationData = { name, isActive: true, isPrimary: index === 0, fulfillsOnlineOrders: true };
		// Small ids, as early locations have: ids of one sort differ widely in length.
		return {
			id: String(24_826_000 + (numbers[index] ?? 0)),
			parent_id: null,
			kind: "location",
			sku: null,
			quantity: null,
			is_managed: true,
			data,
		};
	});
	await ctx.db.transaction((tx) => insertRows(tx, store.id, rows, ctx.now()));
	return rows.map(({ id }) => id);
}

async function insertRows(tx: Transaction, storeId: string, rows: NewRow[], now: Date): Promise<void> {
	await tx.execute(sql`
		insert into sandbox.items (store_id, id, parent_id, kind, sku, quantity, is_managed, data, modified_at)
		select ${storeId}, r.id, r.parent_id, r.kind, r.sku, r.quantity, r.is_managed, r.data, ${now.toISOString()}::timestamptz
		from json_to_recordset(${JSON.stringify(rows)}::json)
			as r(id text, parent_id text, kind text, sku text, quantity int, is_managed boolean, data jsonb)`);
}

/** The owner deletes a product: everything of it goes, and its order lines keep ids that name nothing. */
export async function deleteProduct(ctx: SandboxContext, store: SandboxStore, productId: string): Promise<boolean> {
	return changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const gone = await tx.execute<{ id: string; kind: string }>(sql`
			with recursive tree as (
				select id, kind from sandbox.items where store_id = ${store.id} and id = ${productId} and kind = 'product'
				union all
				select i.id, i.kind from sandbox.items i join tree t on i.parent_id = t.id where i.store_id = ${store.id})
			delete from sandbox.items i using tree t where i.store_id = ${store.id} and i.id = t.id returning i.id, i.kind`);
		if (gone.length === 0) return false;
		await tellSubscribers(ctx, store, tx, tell, [
			{ topic: "products/delete", resourceId: productId, body: { id: BigInt(productId) } },
			...gone
				.filter(({ kind }) => kind === "item")
				.map(({ id }) => ({ topic: "inventory_items/delete", resourceId: id, body: { id: BigInt(id) } })),
		]);
		return true;
	});
}

/** The owner changes a variant's SKU, barcode, price or policy. */
export async function changeVariant(
	ctx: SandboxContext,
	store: SandboxStore,
	variantId: string,
	changes: {
		sku?: string | null;
		data?: Partial<Pick<VariantData, "barcode" | "price" | "policy" | "requiresComponents">>;
	},
): Promise<void> {
	await changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const [variant] = await tx.execute<{ parent_id: string; data: VariantData }>(sql`
			update sandbox.items set data = data || ${JSON.stringify(changes.data ?? {})}::jsonb
			where store_id = ${store.id} and id = ${variantId} and kind = 'variant' returning parent_id, data`);
		if (!variant) return;
		const now = ctx.now();
		if (changes.sku !== undefined)
			await tx.execute(sql`
				update sandbox.items set sku = ${changes.sku}
				where store_id = ${store.id} and id in (${variantId}, ${variant.data.itemId})`);
		await touchRows(tx, store.id, [variantId, variant.data.itemId], now);
		await tellSubscribers(ctx, store, tx, tell, await touchProducts(tx, store.id, [variant.parent_id], now));
	});
}
