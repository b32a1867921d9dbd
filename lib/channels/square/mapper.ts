/** Pure: Square's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { RemoteListing } from "../listing";
import { effectOf } from "../platform-facts";
import type { Count, Item, Order, Variation } from "./api-types";
import { squareMoments } from "./facts";

/** What one place knows of a variation's stock. `counted` null: never counted there, which is not zero. */
export type Shelf = { isTracked: boolean; isSoldOut: boolean; counted: number | null };

export function shelfOf(variation: Variation, locationRef: string, count: Count | undefined): Shelf {
	const { track_inventory, location_overrides } = variation.item_variation_data;
	const here = location_overrides.find(({ location_id }) => location_id === locationRef);
	return {
		isTracked: here?.track_inventory ?? track_inventory ?? false,
		isSoldOut: here?.sold_out === true,
		counted: count ? wholeUnits(count.quantity) : null,
	};
}

/** Of 2.7 metres two pieces can be sold, and a shortage of half a metre is one piece short. */
export const wholeUnits = (quantity: number) => Math.floor(quantity);

/** What can be sold there now: none where the merchant marked it as sold out, whatever lies there. */
export function shownOf({ isTracked, isSoldOut, counted }: Shelf): number | null {
	if (!isTracked || counted === null) return null;
	return isSoldOut ? Math.min(0, counted) : counted;
}

/** Somebody marked it as sold out while units lie there; Square does so by itself only at none. */
export const isHeldBack = ({ isSoldOut, counted }: Shelf) => isSoldOut && (counted ?? 0) > 0;

export function listingOf(item: Item, variation: Variation, locationRef: string, shelf: Shelf): RemoteListing {
	const { name, sku, upc, price_money, location_overrides } = variation.item_variation_data;
	const price = location_overrides.find(({ location_id }) => location_id === locationRef)?.price_money ?? price_money;
	return {
		externalKey: variation.id,
		ids: { productId: item.id, variationId: variation.id },
		refs: [variation.id],
		sku: blankToNull(sku),
		gtin: normaliseGtin(upc),
		title: item.item_data.name?.trim() || "Item",
		options: item.item_data.variations.length > 1 ? blankToNull(name) : null,
		price: priceOf(price),
		imageUrl: item.item_data.ecom_image_uris[0] ?? null,
		url: blankToNull(item.item_data.ecom_uri),
		isManaged: shelf.isTracked,
		quantity: shownOf(shelf),
		leftOutReason: leftOutReason(variation, locationRef),
	};
}

function leftOutReason(variation: Variation, locationRef: string): string | null {
	const { stockable, stockable_conversion } = variation.item_variation_data;
	if (stockable === false || stockable_conversion)
		return "It is sold out of another variation's stock, by a conversion that Square keeps.";
	const isPresent = variation.present_at_all_locations ?? variation.present_at_location_ids.length === 0;
	const isAbsent = variation.absent_at_location_ids.includes(locationRef);
	if (isAbsent || !(isPresent || variation.present_at_location_ids.includes(locationRef)))
		return "It is not sold at this location.";
	return null;
}

/** Square counts money in the currency's smallest part: 1250 of USD, 1250 of JPY. */
function priceOf(price: { amount?: number | null; currency?: string | null } | null | undefined): string | null {
	if (typeof price?.amount !== "number" || !price.currency) return null;
	const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", {
		style: "currency",
		currency: price.currency,
	}).resolvedOptions();
	return (price.amount / 10 ** digits).toFixed(digits);
}

const blankToNull = (text: string | null | undefined) => text?.trim() || null;

/** An order that only takes goods back sells nothing; whose they were is another order. */
export const isReturn = ({ line_items, returns }: Order) => line_items.length === 0 && returns.length > 0;

/** Paid orders stay OPEN until they are handed over. */
function hasTaken({ state, tenders, net_amount_due_money }: Order): boolean {
	if (effectOf(squareMoments, state) === "takes") return true;
	return state === "OPEN" && tenders.length > 0 && (net_amount_due_money?.amount ?? 0) === 0;
}

/**
 * What was returned stays taken: an order that takes goods back does not say whether they went on sale again. What the ledger
 * has back in stock is found with the level (returns.ts). An order of another location takes nothing here.
 */
export function snapshotOf(order: Order, locationRef: string): OrderSnapshot {
	const takes = hasTaken(order) && order.location_id === locationRef;
	return {
		orderRef: order.id,
		number: order.ticket_name?.trim() || order.reference_id?.trim() || `#${order.id.slice(-6)}`,
		status: statusOf(order.state),
		placedAt: new Date(order.created_at).toISOString(),
		version: { at: Date.parse(order.updated_at), step: order.version },
		lines: order.line_items.map((line) => ({
			lineRef: line.uid,
			listingRef: line.catalog_object_id ?? null,
			sku: null,
			title: [line.name, line.variation_name].filter(Boolean).join(", ") || "Amount",
			// An amount that was typed at the till is no item. Half a piece sold can't be sold again: up.
			taken: takes && line.catalog_object_id ? Math.max(0, Math.ceil(line.quantity)) : 0,
		})),
	};
}

function statusOf(state: string): OrderSnapshot["status"] {
	if (state === "CANCELED") return "cancelled";
	return state === "COMPLETED" ? "closed" : "open";
}
