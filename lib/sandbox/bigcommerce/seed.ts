/** Filling a store, and typing numbers in its control panel. */
import { sandboxItems } from "@/db/schema";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore, SeedProduct } from "../sandbox-platform";
import { applyDue } from "./adjustments";
import type { OptionValue, ProductData, Tracking, VariantData } from "./items";
import { changeShop } from "./news";
import { findWanted, holderOfWanted } from "./orders";
import { defaultLocation, settingsOf } from "./settings";
import { lockStock, newStock, stockId, writeStock } from "./stock";
import { stockNews } from "./stock-news";

type NewRow = typeof sandboxItems.$inferInsert;
const rowsAtOnce = 500;

/**
 * A product of one variant without options has a base variant and is tracked by product; one with options by variant, or
 * by product where its variants share a pool. A variant that counts nothing in a product that does was never set. Tells
 * nobody: it is how the store was before anybody listened.
 */
export async function seedProducts(ctx: SandboxContext, store: SandboxStore, products: SeedProduct[]): Promise<void> {
	const at = ctx.now();
	const count = products.reduce((sum, { variants }) => sum + 1 + 2 * variants.length, 0);
	const ids = await takeIds(ctx.db, store.id, count);
	const locationId = defaultLocation(settingsOf(store));
	const rows = products.flatMap((product) => rowsOf(store.id, locationId, product, at, () => ids.shift() ?? 0));
	for (let i = 0; i < rows.length; i += rowsAtOnce)
		await ctx.db.insert(sandboxItems).values(rows.slice(i, i + rowsAtOnce));
}

function rowsOf(storeId: string, locationId: number, product: SeedProduct, at: Date, nextId: () => number): NewRow[] {
	const [first] = product.variants;
	if (!first) return [];
	const counted = product.variants.flatMap(({ quantity }) => (quantity === null ? [] : [quantity]));
	const isSimple = product.variants.length === 1 && first.options === null;
	const isPool = isSimple || product.sharedPool === true;
	const tracking: Tracking = counted.length === 0 ? "none" : isPool ? "product" : "variant";
	const productId = nextId();
	const base = { storeId, modifiedAt: at };
	const stockRow = (holderId: number, quantity: number): NewRow => ({
		...base,
		id: stockId(locationId, String(holderId)),
		parentId: String(holderId),
		kind: "stock",
		quantity,
		data: newStock(locationId),
	});
	const variants = product.variants.map((variant) => {
		const id = nextId();
		const data: VariantData = {
			sku_id: isSimple ? null : nextId(),
			price: isSimple ? null : Number(variant.price),
			upc: "",
			gtin: variant.gtin ?? "",
			option_values: isSimple ? [] : optionValues(variant.options ?? variant.sku, id),
			purchasing_disabled: false,
		};
		return { id, variant, data };
	});
	const data: ProductData = {
		name: product.title,
		type: "physical",
		price: Number(first.price),
		inventory_tracking: tracking,
		inventory_warning_level: 0,
		is_visible: true,
		availability: "available",
		upc: "",
		gtin: isSimple ? (first.gtin ?? "") : "",
		date_created: at.toISOString(),
		base_variant_id: isSimple ? (variants[0]?.id ?? null) : null,
	};
	const sum = counted.reduce((total, quantity) => total + quantity, 0);
	return [
		{
			...base,
			id: String(productId),
			kind: "product",
			sku: isSimple ? first.sku : "",
			isManaged: tracking !== "none",
			data,
		},
		...(tracking === "product" ? [stockRow(productId, sum)] : []),
		...variants.flatMap(({ id, variant, data }): NewRow[] => [
			{ ...base, id: String(id), parentId: String(productId), kind: "variant", sku: variant.sku, data },
			...(tracking === "variant" && variant.quantity !== null ? [stockRow(id, variant.quantity)] : []),
		]),
	];
}

const optionNames = ["Size", "Color", "Style"];

const optionValues = (options: string, variantId: number): OptionValue[] =>
	options.split(" / ").map((label, index) => ({
		id: variantId * 10 + index,
		label,
		option_id: index + 1,
		option_display_name: optionNames[index] ?? `Option ${index + 1}`,
	}));

/** What is to be sold, typed in the control panel: on hand is that and the safety stock. */
export async function typeQuantity(
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	quantity: number,
	locationId = defaultLocation(settingsOf(store)),
): Promise<void> {
	await applyDue(ctx, store);
	const [wanted] = await findWanted(ctx.db, store, [{ sku, quantity: 1 }]);
	const holderId = wanted && holderOfWanted(wanted);
	if (!holderId) throw new Error(`${sku} is not counted in this store.`);
	await changeShop(ctx, store, async (tx, tell) => {
		const [before] = await lockStock(tx, store.id, [stockId(locationId, holderId)]);
		const onhand = quantity + (before?.data.safety_stock ?? 0);
		const at = ctx.now();
		await writeStock(tx, store.id, [{ holderId, locationId, onhand }], at);
		tell(...(await stockNews(tx, store, [{ holderId, locationId, onhand, method: "absolute", value: onhand }], at)));
	});
}
