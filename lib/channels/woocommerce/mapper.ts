/** Pure: WooCommerce's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { ListingIds, RemoteListing } from "../listing";
import { effectOf } from "../platform-facts";
import type { LineItem, Order, Product, Variation } from "./api-types";
import { wooMoments } from "./facts";
import { blankToNull, plainText } from "./text";

/** What holds stock, and under the same form what an order line names. */
export const productKey = (id: number | string) => `product:${id}`;
export const variationKey = (id: number | string) => `variation:${id}`;

type Stock = { manage_stock: boolean | "parent"; stock_quantity: number | null };

/**
 * The count of something that keeps its own. Null where it keeps none. A count that was switched on and never typed is
 * shown as none left (seen: "outofstock"). Plugins sell by weight: of 2.7 metres two pieces can be sold, and a shortage of
 * half a metre is one piece short.
 */
export function ownQuantity({ manage_stock, stock_quantity }: Stock): number | null {
	return manage_stock === true ? Math.floor(stock_quantity ?? 0) : null;
}

/** `variations`: all of them, for a variable product; the listings of one product. */
export function listingsOf(product: Product, variations: readonly Variation[]): RemoteListing[] {
	if (!isVariable(product)) return [productListing(product, [])];
	const inOrder = [...variations].sort((a, b) => a.id - b.id);
	const pooled = inOrder.filter((variation) => variation.manage_stock === "parent");
	const others = inOrder.filter((variation) => variation.manage_stock !== "parent");
	return [
		...(pooled.length > 0 ? [productListing(product, pooled)] : []),
		...others.map((variation) => variationListing(product, variation)),
	];
}

/** Plugins bring kinds of their own, such as "variable-subscription". */
export const isVariable = ({ type }: Product) => type.startsWith("variable");

/** `pooled`: variations that sell from this product's stock. */
function productListing(product: Product, pooled: readonly Variation[]): RemoteListing {
	const lone = pooled.length === 1 ? pooled[0] : undefined;
	return {
		externalKey: productKey(product.id),
		ids: { productId: String(product.id) },
		refs: [productKey(product.id), ...pooled.map(({ id }) => variationKey(id))],
		sku: blankToNull(product.sku) ?? blankToNull(lone?.sku),
		gtin: normaliseGtin(product.global_unique_id) ?? normaliseGtin(lone?.global_unique_id),
		title: plainText(product.name),
		options: pooled.length > 0 ? pooled.map(optionsOf).join(", ") : null,
		price: blankToNull(product.price),
		imageUrl: product.images?.[0]?.src || null,
		url: product.permalink || null,
		isManaged: product.manage_stock === true,
		quantity: ownQuantity(product),
		leftOutReason: leftOutReason(product),
	};
}

function variationListing(product: Product, variation: Variation): RemoteListing {
	const image = Array.isArray(variation.image) ? null : variation.image;
	return {
		externalKey: variationKey(variation.id),
		ids: { productId: String(product.id), variationId: String(variation.id) },
		refs: [variationKey(variation.id)],
		sku: blankToNull(variation.sku),
		gtin: normaliseGtin(variation.global_unique_id),
		title: plainText(product.name),
		options: optionsOf(variation),
		price: blankToNull(variation.price),
		imageUrl: image?.src || product.images?.[0]?.src || null,
		url: variation.permalink || product.permalink || null,
		isManaged: variation.manage_stock === true,
		quantity: ownQuantity(variation),
		leftOutReason: null,
	};
}

/** "S / Blue"; a variation that fits any value of an attribute leaves it blank. */
const optionsOf = (variation: Variation) =>
	plainText(variation.attributes.map(({ option }) => option || "any").join(" / ")) || plainText(variation.name);

function leftOutReason({ type }: Product): string | null {
	if (type === "external") return "It is sold on another site, so the shop has no stock of it.";
	if (type === "grouped") return "A group of products has no stock of its own; its products are listed by themselves.";
	return null;
}

/** Whether an id of a webhook or a batch answer belongs to these ids. */
export const idOf = (ids: ListingIds): string => ids.variationId ?? ids.productId ?? "";

/** A checkout that nobody finished: listed by the API, sold nothing, reserved nothing (seen). */
export const isDraft = (order: Order) => order.status === "checkout-draft" || order.status === "auto-draft";

const metaNumber = (line: LineItem, key: string): number | null => {
	const value = line.meta_data.find((meta) => meta.key === key)?.value;
	const number = typeof value === "number" || (typeof value === "string" && value !== "") ? Number(value) : Number.NaN;
	return Number.isFinite(number) ? number : null;
};
const takenMark = "_reduced_stock";
const restockedMark = "_restock_refunded_items";

/**
 * What the shop has taken from its stock for a line and not given back.
 *
 * Seen: WooCommerce keeps that very number on the line as `_reduced_stock`. It appears when the order first takes, falls
 * with each refund that restocks (a line of 5 after restocking 4 and keeping 1 stands at "1"), follows an edit of the
 * line, stays when the status becomes refunded or failed or the order is trashed (none of which gives anything back), and
 * what it says is what a later cancellation returns. So where it stands, it is the answer; refunds need no reading.
 *
 * Where it is missing, the line was given back (a cancellation takes the mark away, and a refund of the payment may
 * follow), or all its units were restocked by refunds, or it sells what the shop does not count. The last can't be told
 * from the order, so:
 * - While the order sells (processing, on-hold, completed, or a plugin's status of a paid order) a counted line would
 *   have its mark. The shop took nothing from a number, yet the units leave the shelf: the line counts whole. Its refunds
 *   are not lines of the order and change nothing here: too low is harmless, too high is not (R4).
 * - In any other status nothing is taken: counted lines that are still taken keep their mark through all of them.
 */
function takenOf(line: LineItem, order: Order): number {
	const marked = metaNumber(line, takenMark);
	if (marked !== null) return wholeUnits(marked);
	if (!sells(order) || (metaNumber(line, restockedMark) ?? 0) > 0) return 0;
	return wholeUnits(line.quantity);
}

/** Half a piece sold can't be sold again: up. */
const wholeUnits = (units: number) => Math.max(0, Math.ceil(units));

/** A status that a plugin made sells what was paid for. */
function sells({ status, date_paid_gmt }: Order): boolean {
	const effect = effectOf(wooMoments, status);
	return effect === "takes" || (effect === null && typeof date_paid_gmt === "number");
}

/** A buyer's checkout that waits for its payment; WooCommerce holds nothing for orders made by REST or by hand (seen). */
const isHeld = ({ status, created_via }: Order): boolean =>
	status === "pending" && (created_via === "checkout" || created_via === "store-api");

/** How far an order's life has come, for stamps of the same second. A revived order steps back, and is asked for. */
const ranks: Record<string, number> = {
	"checkout-draft": 0,
	pending: 1,
	failed: 2,
	"on-hold": 3,
	processing: 4,
	completed: 5,
	cancelled: 6,
	refunded: 7,
	trash: 8,
};
const unknownRank = 4;

export function snapshotOf(order: Order): OrderSnapshot {
	const lines = order.line_items.map((line) => ({
		lineRef: String(line.id),
		listingRef: refOf(line),
		sku: blankToNull(line.sku),
		title: plainText(line.name ?? ""),
		taken: takenOf(line, order),
		...(isHeld(order) && { held: wholeUnits(line.quantity) }),
	}));
	const restocked = order.line_items.reduce((sum, line) => sum + (metaNumber(line, restockedMark) ?? 0), 0);
	const wasTaken = order.line_items.some((line) => metaNumber(line, takenMark) !== null);
	// A cancellation is saved before its units are given back and the marks removed.
	const hasGivenBack = order.status === "cancelled" && !wasTaken ? 1 : 0;
	return {
		orderRef: String(order.id),
		number: `#${order.number}`,
		status: statusOf(order.status),
		placedAt: new Date(order.date_created_gmt).toISOString(),
		version: {
			at: order.date_modified_gmt,
			step: 2 * (ranks[order.status] ?? unknownRank) + order.refunds.length + Math.ceil(restocked) + hasGivenBack,
		},
		lines: lines.sort((a, b) => Number(a.lineRef) - Number(b.lineRef)),
	};
}

/** Null where the product was deleted: WooCommerce accepts such lines, with product 0 (seen). */
function refOf(line: LineItem): string | null {
	if (line.variation_id > 0) return variationKey(line.variation_id);
	return line.product_id > 0 ? productKey(line.product_id) : null;
}

function statusOf(status: string): OrderSnapshot["status"] {
	if (status === "trash") return "deleted";
	if (status === "cancelled") return "cancelled";
	return status === "completed" || status === "refunded" ? "closed" : "open";
}
