/** Pure: Amazon's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { RemoteListing } from "../listing";
import { effectOf } from "../platform-facts";
import type { Item, Order, OrderItem } from "./api-types";
import { amazonMoments } from "./facts";
import { marketplaceOf } from "./marketplaces";

/** The merchant's own stock; every other code is Amazon's, or a location of an account with several. */
export const ownChannel = "DEFAULT";

/** What stands behind an item's quantity. */
type Fulfilment =
	/** The merchant's own; `quantity` null: Amazon is told that it is always in stock, or nothing yet. */
	| { by: "merchant"; quantity: number | null }
	/** In Amazon's warehouses, also where a row of the merchant's own stands beside: half converted. */
	| { by: "amazon"; isHalf: boolean }
	| { by: "locations" }
	/** No row tells yet: an offer that was never given a quantity. */
	| { by: "nobody" };

function fulfilmentOf({ fulfillmentAvailability, summaries }: Item): Fulfilment {
	const rows = fulfillmentAvailability ?? [];
	const own = rows.find((row) => row.fulfillmentChannelCode === ownChannel);
	if (rows.some((row) => row.fulfillmentChannelCode.startsWith("AMAZON")))
		return { by: "amazon", isHalf: own !== undefined };
	if (rows.some((row) => row.fulfillmentChannelCode !== ownChannel)) return { by: "locations" };
	if (own) return { by: "merchant", quantity: own.quantity ?? null };
	// Rows tell; a number of Amazon's warehouses, which an item may keep when it leaves them, only where there are none.
	return summaries?.some(({ fnSku }) => fnSku) ? { by: "amazon", isHalf: false } : { by: "nobody" };
}

/** Live, over all marketplaces; null where it is not the merchant's own count. */
export function ownQuantity(item: Item): number | null {
	const fulfilment = fulfilmentOf(item);
	return fulfilment.by === "merchant" ? fulfilment.quantity : null;
}

/** Why no quantity may be written to an item; null where it may: it has a row of the merchant's own and none beside it. */
export function untouchable(item: Item): string | null {
	if (isParent(item)) return "It only groups its variations, which are listed by themselves.";
	const fulfilment = fulfilmentOf(item);
	switch (fulfilment.by) {
		case "amazon":
			return fulfilment.isHalf
				? "It is fulfilled by Amazon and has a merchant's quantity beside it: a conversion that was not finished. Onecount leaves it alone, since a write could turn it into merchant-fulfilled."
				: "It is fulfilled by Amazon, which counts what lies in its warehouses itself.";
		case "locations":
			return "Its stock is split over several locations in Seller Central, which Onecount does not write.";
		case "nobody":
			return "Amazon does not say yet who fulfils it. Type its first quantity in Seller Central, then import the products again.";
		case "merchant":
			return null;
	}
}

const isParent = ({ relationships }: Item): boolean =>
	(relationships ?? []).some(({ relationships: some }) =>
		(some ?? []).some(({ type, childSkus }) => type === "VARIATION" && (childSkus ?? []).length > 0),
	);

export function listingOf(item: Item, marketplaceId: string): RemoteListing {
	const summary = item.summaries?.find((one) => one.marketplaceId === marketplaceId) ?? item.summaries?.[0];
	const leftOutReason = untouchable(item);
	const quantity = leftOutReason ? null : ownQuantity(item);
	const offers = item.offers?.filter((offer) => offer.marketplaceId === marketplaceId) ?? [];
	const offer = offers.find(({ offerType }) => offerType === "B2C") ?? offers[0];
	const domain = marketplaceOf(marketplaceId)?.domain;
	return {
		externalKey: item.sku,
		ids: { productId: item.sku, ...(summary?.asin && { asin: summary.asin }) },
		refs: [item.sku],
		sku: item.sku,
		gtin: gtinOf(item),
		title: summary?.itemName?.trim() || item.sku,
		options: optionsOf(item),
		price: offer?.price?.amount ?? null,
		imageUrl: summary?.mainImage?.link ?? null,
		url: domain && summary?.asin ? `https://www.${domain}/dp/${encodeURIComponent(summary.asin)}` : null,
		isManaged: quantity !== null,
		quantity,
		leftOutReason,
	};
}

/** An attribute is a list of objects, one for each marketplace or language, whose `value` is text or a number. */
function attributeValues(item: Item, name: string): Record<string, unknown>[] {
	const values = item.attributes?.[name];
	return Array.isArray(values) ? values.filter((value) => typeof value === "object" && value !== null) : [];
}

function gtinOf(item: Item): string | null {
	for (const { value } of attributeValues(item, "externally_assigned_product_identifier")) {
		const gtin = typeof value === "string" ? normaliseGtin(value) : null;
		if (gtin) return gtin;
	}
	return null;
}

/** "Large / Blue": the values of what its family varies by. */
function optionsOf(item: Item): string | null {
	const names = (item.relationships ?? []).flatMap(({ relationships }) =>
		(relationships ?? []).flatMap(({ variationTheme }) => variationTheme?.attributes ?? []),
	);
	const values = [...new Set(names)].flatMap((name) => {
		const value = attributeValues(item, name)[0]?.value;
		return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
	});
	return values.length > 0 ? values.join(" / ") : null;
}

/** Shipped from Amazon's warehouses: of no number that the merchant keeps. */
const isAmazons = ({ fulfillment }: Order): boolean => fulfillment?.fulfilledBy === "AMAZON";

/** Units that Amazon has taken from the available quantity for a line and not given back. */
function takenOf(item: OrderItem, order: Order): number {
	if (isAmazons(order)) return 0;
	const ordered = Math.max(0, item.quantityOrdered);
	const execution = item.cancellation?.cancellationExecution;
	const isCancelled = effectOf(amazonMoments, order.fulfillment?.fulfillmentStatus ?? "") === "gives_back";
	if (!isCancelled && !execution) return ordered;
	if (isKept(execution?.cancelReason)) return ordered;
	const shipped = Math.max(0, item.fulfillment?.quantityFulfilled ?? 0);
	// Of an item that was cancelled singly, what still has to ship stays sold.
	return isCancelled ? shipped : shipped + Math.max(0, item.fulfillment?.quantityUnfulfilled ?? 0);
}

const plainWord = (text: string) => text.toLowerCase().replace(/[^a-z]/g, "");
const keptReasons = new Set(amazonMoments.cancelled_kept.words.map(plainWord));
const isKept = (reason: string | null | undefined) => keptReasons.has(plainWord(reason ?? ""));

/** How far an order's life has come, for stamps that are the same. */
const ranks: Record<string, number> = {
	PENDING_AVAILABILITY: 0,
	PENDING: 1,
	UNSHIPPED: 3,
	PARTIALLY_SHIPPED: 4,
	SHIPPED: 5,
	UNFULFILLABLE: 5,
	CANCELLED: 6,
	CANCELED: 6,
};
const unknownRank = 2;
const ranksApart = 1_000;

export function snapshotOf(order: Order): OrderSnapshot {
	const status = order.fulfillment?.fulfillmentStatus ?? "";
	const cancelled = order.orderItems.filter((item) => item.cancellation?.cancellationExecution).length;
	return {
		orderRef: order.orderId,
		number: order.orderId,
		status: statusOf(status),
		placedAt: new Date(order.createdTime).toISOString(),
		version: {
			at: order.lastUpdatedTime,
			step: (ranks[status] ?? unknownRank) * ranksApart + Math.min(cancelled, 999),
		},
		lines: order.orderItems.map((item) => ({
			lineRef: item.orderItemId,
			listingRef: item.product.sellerSku || null,
			sku: item.product.sellerSku?.trim() || null,
			title: item.product.title?.trim() ?? "",
			taken: takenOf(item, order),
		})),
	};
}

function statusOf(status: string): OrderSnapshot["status"] {
	if (effectOf(amazonMoments, status) === "gives_back") return "cancelled";
	return status === "SHIPPED" ? "closed" : "open";
}
