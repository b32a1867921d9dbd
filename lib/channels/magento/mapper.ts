/** Pure: Magento's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { RemoteListing } from "../listing";
import type { Order, OrderItem, Product } from "./api-types";

export const productKey = (id: string) => `product:${id}`;

const stockHolders: ReadonlySet<string> = new Set(["simple", "virtual", "downloadable"]);

/** Only these hold stock; the others are made of them. */
export const holdsStock = ({ type_id }: Pick<Product, "type_id">) => stockHolders.has(type_id);

/** A configurable product is no listing: its children are products of their own, and listed by themselves. */
export const isListed = ({ type_id }: Pick<Product, "type_id">) => type_id !== "configurable";

/** Attributes under which stores keep a barcode; Magento has none of its own. */
const gtinAttributes = ["gtin", "ean", "upc", "barcode", "gtin13", "ean13"];

const attributeOf = ({ custom_attributes }: Product, code: string): string | null => {
	const value = custom_attributes.find(({ attribute_code }) => attribute_code === code)?.value;
	return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
};

/** `quantity` null: it keeps no count. */
export function listingOf(product: Product, quantity: number | null, mediaUrl: string | null): RemoteListing {
	const image = attributeOf(product, "image");
	return {
		externalKey: productKey(product.id),
		ids: { productId: product.id, sku: product.sku },
		refs: [productKey(product.id)],
		sku: product.sku.trim() === "" ? null : product.sku,
		gtin: gtinAttributes.map((code) => normaliseGtin(attributeOf(product, code))).find((gtin) => gtin !== null) ?? null,
		title: product.name || product.sku,
		options: null,
		price: product.price === null || product.price === undefined ? null : String(product.price),
		imageUrl: mediaUrl && image && image !== "no_selection" ? `${mediaUrl}catalog/product${image}` : null,
		url: null,
		isManaged: quantity !== null,
		quantity,
		leftOutReason: leftOutReason(product),
	};
}

function leftOutReason({ type_id }: Product): string | null {
	if (holdsStock({ type_id })) return null;
	if (type_id === "bundle") return "A bundle has no stock of its own; its parts are listed by themselves.";
	if (type_id === "grouped")
		return "A group of products has no stock of its own; its products are listed by themselves.";
	return `Magento keeps no stock per source for a product of the kind “${type_id}”.`;
}

/** What of an order is asked for: no name, address or payment of a buyer is ever sent to us. */
export const orderFields =
	"items[entity_id,increment_id,state,created_at,updated_at,items[item_id,parent_item_id,name,sku,product_id,product_type,is_virtual,qty_ordered,qty_canceled,qty_invoiced,qty_shipped,qty_refunded]],total_count";

type Progress = { canceled: number; shipped: number; invoiced: number; refunded: number };
type Line = { item: OrderItem; progress: Progress };

/**
 * The lines that stand for stock. A configurable product gives two lines with one SKU, and its child's stay at zero for what was
 * shipped and cancelled: the parent's count. A bundle is shipped as a whole or in parts: whichever of the two says more.
 */
function stockLines({ items }: Order): Line[] {
	const byId = new Map(items.map((item) => [item.item_id, item]));
	return items
		.filter(({ product_type }) => product_type !== "configurable" && product_type !== "bundle")
		.map((item) => ({ item, progress: progressOf(item, byId.get(item.parent_item_id ?? "")) }));
}

function progressOf(item: OrderItem, parent: OrderItem | undefined): Progress {
	const own = {
		canceled: item.qty_canceled,
		shipped: item.qty_shipped,
		invoiced: item.qty_invoiced,
		refunded: item.qty_refunded,
	};
	if (!parent || parent.qty_ordered <= 0) return own;
	const share = item.qty_ordered / parent.qty_ordered;
	const theirs = {
		canceled: parent.qty_canceled * share,
		shipped: parent.qty_shipped * share,
		invoiced: parent.qty_invoiced * share,
		refunded: parent.qty_refunded * share,
	};
	if (parent.product_type === "configurable") return theirs;
	return {
		canceled: Math.max(own.canceled, theirs.canceled),
		shipped: Math.max(own.shipped, theirs.shipped),
		invoiced: Math.max(own.invoiced, theirs.invoiced),
		refunded: Math.max(own.refunded, theirs.refunded),
	};
}

/**
 * Taken from what is salable when the order is placed, whatever it waits for, and given back when it is cancelled. A refund
 * gives back only where its credit memo returned the units to stock, which no answer tells: it gives back nothing here, and
 * what came back is found in the level. Too low is harmless, too high is not (R4).
 */
function takenOf({ item, progress }: Line, state: string): number {
	const kept = item.qty_ordered - progress.canceled;
	const gone = Math.max(progress.shipped, progress.invoiced);
	return Math.max(0, Math.ceil(round(state === "canceled" ? Math.min(kept, gone) : kept)));
}

/** decimal(12,4), without what a double adds to it. */
const round = (value: number) => Math.round(value * 10_000) / 10_000;

/** As Magento itself counts what is still to be shipped; a download leaves with its invoice. */
export function openByProduct(order: Order): Map<string, number> {
	const open = new Map<string, number>();
	for (const { item, progress } of stockLines(order)) {
		if (!item.product_id) continue;
		const left = item.is_virtual ? progress.invoiced : progress.shipped;
		const units = round(item.qty_ordered - progress.canceled - left - (item.is_virtual ? 0 : progress.refunded));
		if (units > 0) open.set(item.product_id, (open.get(item.product_id) ?? 0) + units);
	}
	return open;
}

/**
 * `step`: a partial shipment does not move the order's stamp, so that what was processed is counted beside it; nothing of that
 * ever grows less.
 */
export function snapshotOf(order: Order): OrderSnapshot {
	const processed = order.items.reduce(
		(sum, item) => sum + item.qty_canceled + item.qty_invoiced + item.qty_shipped + item.qty_refunded,
		0,
	);
	return {
		orderRef: order.entity_id,
		number: `#${order.increment_id ?? order.entity_id}`,
		status: statusOf(order.state),
		placedAt: new Date(order.created_at).toISOString(),
		version: { at: order.updated_at, step: Math.ceil(round(processed)) },
		lines: stockLines(order)
			.map((line) => ({
				lineRef: line.item.item_id,
				// By product, since a SKU may carry the choice of an option behind it, or be another since.
				listingRef: line.item.product_id && line.item.product_id !== "0" ? productKey(line.item.product_id) : null,
				sku: line.item.sku?.trim() || null,
				title: line.item.name ?? "",
				taken: takenOf(line, order.state),
			}))
			.sort((a, b) => Number(a.lineRef) - Number(b.lineRef)),
	};
}

function statusOf(state: string): OrderSnapshot["status"] {
	if (state === "canceled") return "cancelled";
	return state === "complete" || state === "closed" ? "closed" : "open";
}
