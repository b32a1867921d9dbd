/** Pure: BigCommerce's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { ListingIds, RemoteListing } from "../listing";
import type { InventoryItem, Order, OrderLine, Product, Variant } from "./api-types";
import { orderStatus, type StockRules } from "./moments";

/** What holds stock, and under the same form what an order line names. */
export const productKey = (id: string) => `product:${id}`;
export const variantKey = (id: string) => `variant:${id}`;
export const keyOf = (ids: ListingIds) => (ids.variantId ? variantKey(ids.variantId) : productKey(ids.productId ?? ""));

const blankToNull = (text: string | null | undefined) => text?.trim() || null;

/** A product that has no options has one variant, which is no choice of its own (`sku_id` null). */
const isSimple = ({ variants }: Product) =>
	variants.length === 0 || (variants.length === 1 && (variants[0]?.option_values ?? []).length === 0);

/**
 * Tracked by product, the product holds the stock for all its variants; by variant each its own. Without tracking nothing
 * is counted, and each thing that can be bought is listed by itself.
 */
export const holdsStock = (product: Product): "product" | "variant" => {
	if (product.inventory_tracking !== "none") return product.inventory_tracking;
	return isSimple(product) ? "product" : "variant";
};

export type ListingContext = {
	/** By listing key; absent: not known. */
	levels: ReadonlyMap<string, number>;
	/** Without trailing slash; null where the store did not say. */
	storefrontUrl: string | null;
};

export function listingsOf(product: Product, context: ListingContext): RemoteListing[] {
	const inOrder = [...product.variants].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
	if (holdsStock(product) === "product") return [productListing(product, inOrder, context)];
	return inOrder.map((variant) => variantListing(product, variant, context));
}

function productListing(product: Product, variants: readonly Variant[], context: ListingContext): RemoteListing {
	const lone = isSimple(product) ? variants[0] : undefined;
	const externalKey = productKey(product.id);
	return {
		externalKey,
		ids: { productId: product.id },
		refs: [externalKey, ...variants.map(({ id }) => variantKey(id))],
		sku: blankToNull(product.sku) ?? blankToNull(lone?.sku),
		gtin: gtinOf(product) ?? (lone ? gtinOf(lone) : null),
		title: product.name.trim(),
		options: lone || variants.length === 0 ? null : variants.map(optionsOf).join(", "),
		price: priceOf(product.price),
		...looksOf(product, null, context),
		...countOf(product, externalKey, context),
		leftOutReason: null,
	};
}

function variantListing(product: Product, variant: Variant, context: ListingContext): RemoteListing {
	const externalKey = variantKey(variant.id);
	const isOnly = product.variants.length === 1;
	return {
		externalKey,
		ids: { productId: product.id, variantId: variant.id },
		// Older lines name no variant; where there is one, it is meant.
		refs: [externalKey, ...(isOnly ? [productKey(product.id)] : [])],
		sku: blankToNull(variant.sku) ?? (isOnly ? blankToNull(product.sku) : null),
		gtin: gtinOf(variant) ?? (isOnly ? gtinOf(product) : null),
		title: product.name.trim(),
		options: blankToNull(optionsOf(variant)),
		price: priceOf(variant.price ?? product.price),
		...looksOf(product, variant, context),
		...countOf(product, externalKey, context),
		leftOutReason: null,
	};
}

function countOf(product: Product, externalKey: string, { levels }: ListingContext) {
	const isManaged = product.inventory_tracking !== "none";
	return { isManaged, quantity: isManaged ? (levels.get(externalKey) ?? null) : null };
}

const looksOf = (product: Product, variant: Variant | null, { storefrontUrl }: ListingContext) => ({
	imageUrl: blankToNull(variant?.image_url) ?? blankToNull(product.primary_image?.url_thumbnail),
	url: storefrontUrl && product.custom_url?.url ? `${storefrontUrl}${product.custom_url.url}` : null,
});

const gtinOf = ({ gtin, upc }: { gtin?: string | null; upc?: string | null }) =>
	normaliseGtin(gtin) ?? normaliseGtin(upc);

const optionsOf = ({ option_values }: Variant) => (option_values ?? []).map(({ label }) => label.trim()).join(" / ");

/** At least two decimals, and as many as there are. */
function priceOf(price: number | null | undefined): string | null {
	if (price === null || price === undefined) return null;
	return Number(price.toFixed(2)) === price ? price.toFixed(2) : String(price);
}

/**
 * What can be sold at a location, safety stock left off; by listing key. Tracked by product an item is the product's and
 * has no sku of its own (`sku_id`); null: it was never set at that location.
 */
export function levelsAt(items: readonly InventoryItem[], locationRef: string): Map<string, number | null> {
	const levels = new Map<string, number | null>();
	for (const { identity, locations } of items) {
		const here = locations.find(({ location_id }) => location_id === locationRef);
		const level = here ? Math.floor(here.available_to_sell) : null;
		if (identity.variant_id) levels.set(variantKey(identity.variant_id), level);
		if (!identity.sku_id) levels.set(productKey(identity.product_id), level);
	}
	return levels;
}

const { incomplete, shipped, refunded, cancelled, declined, completed } = orderStatus;

/** A checkout whose payment was never finished: listed by the API, and it took nothing. */
export const isUnfinished = (order: Order) => order.status_id === incomplete;

/**
 * Whether the store has taken the order's units. Where it takes them when an order is shipped or completed, either leaves
 * its mark in the status, and behind that in the date on which it was shipped.
 */
function hasTaken({ status_id, date_shipped }: Order, { takesWhen }: StockRules): boolean {
	if (takesWhen === "order_placed") return status_id !== incomplete;
	return status_id === shipped || status_id === completed || Boolean(date_shipped);
}

/**
 * What the store has taken for a line and not given back. A refund changes nothing here: those by API never restock, those
 * in the control panel may, and the order does not tell one from the other. Believing one too few is harmless, one too
 * many is not (R4); what did come back shows as a level.
 */
function takenOf(line: OrderLine, order: Order, rules: StockRules): number {
	if (!hasTaken(order, rules)) return 0;
	const isOff = order.status_id === cancelled || order.status_id === declined;
	return isOff && rules.cancellationsGiveBack ? 0 : Math.max(0, Math.ceil(line.quantity));
}

/** How far an order's life has come, for stamps of the same second. One that goes back is asked for. */
const ranks = [0, 1, 6, 5, 12, 11, 10, 1, 4, 4, 7, 3, 2, 8, 9];
const unknownRank = 3;
/** More than the units of any order. */
const rankStep = 1_000_000;

export function snapshotOf(order: Order, lines: readonly OrderLine[], rules: StockRules): OrderSnapshot {
	const moved = lines.reduce((sum, line) => sum + (line.quantity_shipped ?? 0) + (line.quantity_refunded ?? 0), 0);
	const rank = (ranks[order.status_id] ?? unknownRank) + (order.is_deleted ? ranks.length : 0);
	return {
		orderRef: order.id,
		number: `#${order.id}`,
		status: statusOf(order),
		placedAt: new Date(order.date_created).toISOString(),
		version: { at: order.date_modified, step: rank * rankStep + Math.ceil(moved) },
		lines: lines
			.map((line) => ({
				lineRef: line.id,
				listingRef: refOf(line),
				sku: blankToNull(line.sku),
				title: line.name ?? "",
				taken: takenOf(line, order, rules),
			}))
			.sort((a, b) => a.lineRef.length - b.lineRef.length || (a.lineRef < b.lineRef ? -1 : 1)),
	};
}

/** Null for a custom line or a gift certificate. Zero stands for none. */
function refOf({ product_id, variant_id }: OrderLine): string | null {
	if (variant_id && variant_id !== "0") return variantKey(variant_id);
	return product_id && product_id !== "0" ? productKey(product_id) : null;
}

function statusOf({ status_id, is_deleted }: Order): OrderSnapshot["status"] {
	if (is_deleted) return "deleted";
	if (status_id === cancelled || status_id === declined) return "cancelled";
	return status_id === shipped || status_id === completed || status_id === refunded ? "closed" : "open";
}

/** Lines that came with the order; null where only a link to them did. */
export function linesWithin({ consignments }: Order): OrderLine[] | null {
	if (!consignments) return null;
	const groups = [
		...(consignments.pickups ?? []),
		...(consignments.shipping ?? []),
		...(consignments.downloads ?? []),
		...(consignments.email?.gift_certificates ?? []),
	];
	return groups.length === 0 ? null : groups.flatMap(({ line_items }) => line_items);
}
