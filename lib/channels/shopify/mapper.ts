/** Pure: Shopify's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { RemoteListing } from "../listing";
import { effectOf } from "../platform-facts";
import type { OrderMail, OrderNode, ProductNode, VariantNode } from "./api-types";
import { shopifyMoments } from "./facts";

/** The digits of `gid://shopify/Kind/123`, also where a query follows them. */
export function digitsOf(gid: string): string {
	const digits = /^gid:\/\/shopify\/\w+\/(\d+)(?:\?|$)/.exec(gid)?.[1];
	if (!digits) throw new Error(`not a Shopify id: ${gid}`);
	return digits;
}

export const gidOf = (kind: "InventoryItem" | "Product" | "Order" | "Location", digits: string) =>
	`gid://shopify/${kind}/${digits}`;

/** The one form under which order lines, from webhooks and from GraphQL alike, name a variant. */
export const variantRef = (digits: string) => `variant:${digits}`;
const inventoryItemRef = (digits: string) => `item:${digits}`;

/**
 * The listing of one variant. Its key is the inventory item, which is what holds stock and what level news names.
 * `quantity` is available at the connection's location; an item that was never stocked there shows none.
 */
export function listingOf(product: ProductNode, variant: VariantNode, locationRef: string): RemoteListing {
	const { inventoryItem } = variant;
	return {
		externalKey: inventoryItem.id,
		ids: { inventoryItemId: inventoryItem.id, variantId: variant.id, productId: product.id },
		refs: [variantRef(digitsOf(variant.id)), inventoryItemRef(digitsOf(inventoryItem.id))],
		sku: blankToNull(variant.sku),
		gtin: normaliseGtin(variant.barcode),
		title: product.title,
		options: product.hasOnlyDefaultVariant
			? null
			: blankToNull(variant.selectedOptions.map((option) => option.value).join(" / ")),
		price: variant.price,
		imageUrl: product.featuredMedia?.preview?.image?.url ?? null,
		url: product.onlineStoreUrl ?? null,
		isManaged: inventoryItem.tracked,
		quantity: locationRef === "" ? null : availableOf(inventoryItem),
		leftOutReason: leftOutReason(product, variant),
	};
}

/** Null where Shopify keeps no count. */
export function availableOf(item: VariantNode["inventoryItem"]): number | null {
	if (!item.tracked) return null;
	return item.inventoryLevel?.quantities.find((quantity) => quantity.name === "available")?.quantity ?? 0;
}

export function changedAt(item: VariantNode["inventoryItem"]): Date | null {
	const stamp = item.inventoryLevel?.quantities.find((quantity) => quantity.name === "available")?.updatedAt;
	return stamp ? new Date(stamp) : null;
}

function leftOutReason(product: ProductNode, variant: VariantNode): string | null {
	if (product.isGiftCard) return "A gift card has no stock.";
	if (variant.requiresComponents)
		return "A Shopify bundle: its number follows from its components and can't be written.";
	return null;
}

/** What both of Shopify's forms of an order say about stock, and nothing else: no name, address or price of a buyer. */
type OrderFacts = {
	id: string;
	name: string;
	createdAt: string;
	updatedAt: string;
	cancelledAt: string | null;
	closedAt: string | null;
	lines: {
		id: string;
		variantId: string | null;
		sku: string | null;
		title: string;
		quantity: number;
		currentQuantity: number;
	}[];
	/** One entry a refund; each with its lines. `locationId`: where units were restocked, null where it does not say. */
	refunds: { lineId: string; quantity: number; restockType: string; locationId: string | null }[][];
};

/** The order in a webhook (REST-shaped JSON, read with parseExact). */
export function orderFromMail(order: OrderMail): OrderSnapshot {
	return snapshotOf({
		id: order.id,
		name: order.name,
		createdAt: order.created_at,
		updatedAt: order.updated_at,
		cancelledAt: order.cancelled_at ?? null,
		closedAt: order.closed_at ?? null,
		lines: order.line_items.map((line) => ({
			id: line.id,
			variantId: line.variant_id ?? null,
			sku: blankToNull(line.sku),
			title: line.name,
			quantity: line.quantity,
			currentQuantity: line.current_quantity,
		})),
		refunds: order.refunds.map((refund) =>
			refund.refund_line_items.map((line) => ({
				lineId: line.line_item_id,
				quantity: line.quantity,
				restockType: line.restock_type,
				locationId: line.location_id ?? null,
			})),
		),
	});
}

/** An order read from the Admin API, with every page of its lines and refunds. */
export function orderFromNode(order: OrderNode): OrderSnapshot {
	return snapshotOf({
		id: digitsOf(order.id),
		name: order.name,
		createdAt: order.createdAt,
		updatedAt: order.updatedAt,
		cancelledAt: order.cancelledAt ?? null,
		closedAt: order.closedAt ?? null,
		lines: order.lineItems.nodes.map((line) => ({
			id: digitsOf(line.id),
			variantId: line.variant ? digitsOf(line.variant.id) : null,
			sku: blankToNull(line.sku),
			title: line.name,
			quantity: line.quantity,
			currentQuantity: line.currentQuantity,
		})),
		refunds: order.refunds.map((refund) =>
			refund.refundLineItems.nodes.map((line) => ({
				lineId: digitsOf(line.lineItem.id),
				quantity: line.quantity,
				restockType: line.restockType.toLowerCase(),
				locationId: line.location ? digitsOf(line.location.id) : null,
			})),
		),
	});
}

const givesBack = (restockType: string) => effectOf(shopifyMoments, restockType) === "gives_back";

/**
 * What each step does is in `shopifyMoments`; here it is read out of the order's numbers: `quantity` is what was ever
 * ordered and never shrinks, and a cancellation with restock comes as a refund.
 *
 * Uncertain, and what we do about it:
 * - Units that left `currentQuantity` without any refund line were removed by an edit; we take them as given back, as
 *   Shopify's admin proposes. On a cancelled order without a single refund line we do not: there nothing says that
 *   anything came back, and believing it would offer units that are gone (R4).
 * - `confirmed: false` (units not reserved yet) counts as taken: it is a moment, and lowering early is harmless.
 * - A line of an untracked variant takes nothing from Shopify's count, but the unit has left the shelf; it counts.
 * - Which location gave the units is not in the order (fulfilment orders tell, with more rights): where several
 *   locations sell, the level read settles it.
 * - Shopify's stamps are to the second. `step` grows with each edit, refund and cancellation, which breaks the ties.
 *   Removing a unit and adding it again within one second may leave it as it was.
 */
function snapshotOf(order: OrderFacts): OrderSnapshot {
	const refundLines = order.refunds.flat();
	const isKeptAway =
		order.cancelledAt !== null && refundLines.length === 0 && shopifyMoments.cancelled_kept.effect === "leaves";
	const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);

	const lines = order.lines.map((line) => {
		const refunded = refundLines.filter((refund) => refund.lineId === line.id);
		const backAgain = refunded.filter((one) => givesBack(one.restockType) && one.quantity > 0);
		const restocked = sum(backAgain.map((one) => one.quantity));
		const left = line.quantity - line.currentQuantity - sum(refunded.map((one) => one.quantity));
		const editedAway = isKeptAway ? 0 : Math.max(0, left);
		const givenBackAt: Record<string, number> = {};
		for (const { locationId, quantity } of backAgain) {
			if (locationId === null) continue;
			const ref = gidOf("Location", locationId);
			givenBackAt[ref] = (givenBackAt[ref] ?? 0) + quantity;
		}
		return {
			lineRef: line.id,
			listingRef: line.variantId === null ? null : variantRef(line.variantId),
			sku: line.sku,
			title: line.title,
			taken: Math.max(0, line.quantity - restocked - editedAway),
			...(Object.keys(givenBackAt).length > 0 && { givenBackAt }),
		};
	});

	return {
		orderRef: order.id,
		number: order.name,
		status: order.cancelledAt !== null ? "cancelled" : order.closedAt !== null ? "closed" : "open",
		placedAt: new Date(order.createdAt).toISOString(),
		version: {
			at: Date.parse(order.updatedAt),
			step:
				sum(order.lines.map((line) => 2 * line.quantity - line.currentQuantity)) +
				order.refunds.length +
				(order.cancelledAt === null ? 0 : 1),
		},
		// Ids grow with time; their order makes the same order the same snapshot, whichever way it came.
		lines: lines.sort((a, b) => compareDigits(a.lineRef, b.lineRef)),
	};
}

const compareDigits = (a: string, b: string) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

function blankToNull(text: string | null | undefined): string | null {
	return text?.trim() ? text : null;
}
