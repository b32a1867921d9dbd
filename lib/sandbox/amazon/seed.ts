/** Filling an account, and typing numbers in Seller Central. */
import { sql } from "drizzle-orm";
import { sandboxItems } from "@/db/schema";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore, SeedProduct } from "../sandbox-platform";
import { findItem, type ItemData } from "./items";
import { changeAccount } from "./news";

const rowsAtOnce = 500;
const longestSku = 40;

/** Amazon has no SKU that is blank, longer than forty characters, or there twice. */
const isSku = (sku: string) => sku !== "" && sku.length <= longestSku;

/** A product with several variants is a family: a parent that nobody can buy, and its children. Tells nobody. */
export async function seedProducts(ctx: SandboxContext, store: SandboxStore, products: SeedProduct[]): Promise<void> {
	const at = ctx.now();
	const known = new Set<string>();
	const families = products.map((product) => ({
		...product,
		variants: product.variants.filter(({ sku }) => {
			const isNew = isSku(sku) && !known.has(sku);
			known.add(sku);
			return isNew;
		}),
	}));
	const count = families.reduce((sum, { variants }) => sum + variants.length + 1, 0);
	const ids = (await takeIds(ctx.db, store.id, count)).map(String);
	const rows = families.flatMap((family) => rowsOf(store.id, family, at, () => ids.shift() ?? ""));
	for (let i = 0; i < rows.length; i += rowsAtOnce)
		await ctx.db.insert(sandboxItems).values(rows.slice(i, i + rowsAtOnce));
}

type NewRow = typeof sandboxItems.$inferInsert;

function rowsOf(storeId: string, product: SeedProduct, at: Date, nextId: () => string): NewRow[] {
	const base = { storeId, kind: "listing", modifiedAt: at };
	const isFamily = product.variants.length > 1;
	const parentId = nextId();
	const parentSku = isFamily ? `PARENT-${parentId}` : null;
	const children = product.variants.map((variant): NewRow => {
		const id = nextId();
		const { quantity } = variant;
		return {
			...base,
			id,
			sku: variant.sku,
			quantity,
			isManaged: quantity !== null,
			data: dataOf(id, at, {
				title: variant.options ? `${product.title} (${variant.options})` : product.title,
				gtin: variant.gtin,
				options: variant.options,
				price: variant.price,
				parentSku,
				submitted: [
					{
						fulfillment_channel_code: "DEFAULT",
						lead_time_to_ship_max_days: 2,
						...(quantity === null ? { is_inventory_available: true } : { quantity }),
					},
				],
			}),
		};
	});
	if (!parentSku) return children;
	const data = dataOf(parentId, at, {
		title: product.title,
		hasDefault: false,
		childSkus: product.variants.map(({ sku }) => sku),
	});
	return [{ ...base, id: parentId, sku: parentSku, quantity: null, isManaged: false, data }, ...children];
}

const dataOf = (id: string, at: Date, given: Partial<ItemData>): ItemData => ({
	title: "",
	asin: `B0${id.padStart(8, "0")}`,
	productType: "LUGGAGE",
	gtin: null,
	options: null,
	price: "0.00",
	parentSku: null,
	childSkus: [],
	hasDefault: true,
	others: [],
	isInWarehouses: false,
	submitted: [],
	createdDate: at.toISOString(),
	isDeleted: false,
	isSuppressed: false,
	refusesWith: null,
	...given,
});

/** Somebody types a number in Seller Central: live at once, and submitted. */
export async function typeQuantity(
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	quantity: number,
): Promise<void> {
	await changeAccount(ctx, store, async (tx, tell) => {
		const item = await findItem(tx, store.id, sku, sql`for update`);
		if (!item) throw new Error(`There is no listing ${sku}.`);
		const submitted = item.data.submitted.map((row) =>
			row.fulfillment_channel_code === "DEFAULT" ? { ...row, quantity } : row,
		);
		await tx.execute(sql`
			update sandbox.items set quantity = ${quantity}, is_managed = true, modified_at = ${ctx.now().toISOString()}::timestamptz,
				data = data || ${JSON.stringify({ submitted, hasDefault: true })}::jsonb
			where store_id = ${store.id} and id = ${item.id}`);
		tell({ type: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE", sku, quantity });
	});
}

/** Changes what the account's owner can change of a listing, e.g. who fulfils it. */
export async function changeItem(
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	change: Partial<ItemData>,
): Promise<void> {
	await changeAccount(ctx, store, async (tx, tell) => {
		const item = await findItem(tx, store.id, sku, sql`for update`);
		if (!item) throw new Error(`There is no listing ${sku}.`);
		await tx.execute(sql`
			update sandbox.items set data = data || ${JSON.stringify(change)}::jsonb, modified_at = ${ctx.now().toISOString()}::timestamptz
			where store_id = ${store.id} and id = ${item.id}`);
		if (change.isDeleted)
			tell({
				type: "LISTINGS_ITEM_STATUS_CHANGE",
				sku,
				asin: item.data.asin,
				createdDate: item.data.createdDate,
				status: ["DELETED"],
			});
	});
}
