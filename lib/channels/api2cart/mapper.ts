/** Pure: API2Cart's shapes → ours. */
import type { OrderSnapshot } from "@/lib/stock/order";
import { normaliseGtin } from "../gtin";
import type { ListingIds, RemoteListing } from "../listing";
import type { Child, Inventory, Line, Order, Product } from "./api-types";
import { isCancelled, rankOf, type StatusFacts, standingOf } from "./statuses";

/** Ids are any text, some are SKUs: encoded, so that none can be taken for two. */
export const productKey = (productId: string) => `product:${encodeURIComponent(productId)}`;
export const childKey = (productId: string, childId: string) =>
	`variant:${encodeURIComponent(productId)}/${encodeURIComponent(childId)}`;
/** An order line that names the variant without its product. */
const looseChildKey = (childId: string) => `variant:${encodeURIComponent(childId)}`;
const skuKey = (sku: string) => `sku:${encodeURIComponent(sku)}`;

export const keyOf = ({ productId = "", childId }: ListingIds): string =>
	childId === undefined ? productKey(productId) : childKey(productId, childId);

type Stock = {
	quantity: number | null;
	inventory: Inventory;
	/** Every word of the platform about the stock. */
	isManaged: boolean | null;
	isSilent: boolean;
};

const productStock = (product: Product): Stock => ({
	quantity: product.quantity,
	inventory: product.inventory,
	isManaged: product.is_stock_managed ?? product.manage_stock,
	isSilent: [product.is_stock_managed, product.manage_stock, product.in_stock, product.backorders ?? null].every(
		(flag) => flag === null,
	),
});

const childStock = (child: Child): Stock => ({
	quantity: child.inventory_level,
	inventory: child.inventory,
	isManaged: child.manage_stock,
	isSilent: [child.manage_stock, child.in_stock, child.allow_backorders].every((flag) => flag === null),
});

export type Shown = { isManaged: boolean; quantity: number | null };

/**
 * What an item shows at the warehouse that we sell from; at all of them where the store keeps none apart. Zero with nothing
 * else said is no proof of zero (every recorded reply of Walmart): unknown.
 */
function shownOf(stock: Stock, locationRef: string): Shown {
	const isManaged = stock.isManaged ?? stock.quantity !== null;
	if (!isManaged) return { isManaged, quantity: null };
	if (stock.quantity === 0 && stock.inventory.length === 0 && stock.isSilent) return { isManaged, quantity: null };
	if (locationRef !== "" && stock.inventory.length > 0) {
		const here = stock.inventory.filter(({ warehouse_id }) => warehouse_id === locationRef);
		return { isManaged, quantity: Math.floor(here.reduce((sum, { quantity }) => sum + (quantity ?? 0), 0)) };
	}
	return { isManaged, quantity: stock.quantity === null ? null : Math.floor(stock.quantity) };
}

export const productShown = (product: Product, locationRef: string) => shownOf(productStock(product), locationRef);
export const childShown = (child: Child, locationRef: string) => shownOf(childStock(child), locationRef);

const blankToNull = (text: string | null | undefined) =>
	text === null || text === undefined || text.trim() === "" ? null : text.trim();

/** A part of a bundle has its stock elsewhere: as the product that it is. */
const isPart = (child: Child) => typeof child.default_qty_in_pack === "number";

/**
 * The child items hold the stock where there are any; the product only where there are none, or where it counts for all
 * its variants and they don't count themselves. `children`: all of the product's.
 */
export function listingsOf(product: Product, children: readonly Child[], locationRef: string): RemoteListing[] {
	const variants = children.filter((child) => !isPart(child));
	const isBundle = children.length > 0 && variants.length === 0;
	if (variants.length === 0) return [productListing(product, [], locationRef, isBundle)];
	const isPool = product.is_stock_managed === true && variants.every(({ manage_stock }) => manage_stock === false);
	if (isPool) return [productListing(product, variants, locationRef, false)];
	return variants.map((child) => childListing(product, child, variants.length === 1, locationRef));
}

function productListing(
	product: Product,
	pooled: readonly Child[],
	locationRef: string,
	isBundle: boolean,
): RemoteListing {
	const [only] = pooled.length === 1 ? pooled : [];
	return {
		externalKey: productKey(product.id),
		ids: { productId: product.id },
		refs: [
			productKey(product.id),
			...skuRef(product.u_sku),
			...pooled.flatMap(({ id }) => [childKey(product.id, id), looseChildKey(id)]),
		],
		sku: blankToNull(product.u_sku) ?? blankToNull(only?.sku),
		gtin: normaliseGtin(product.u_gtin) ?? normaliseGtin(product.u_ean) ?? normaliseGtin(product.u_upc),
		title: blankToNull(product.name) ?? product.id,
		options: pooled.length > 0 ? pooled.map((child) => optionsOf(product, child)).join(", ") : null,
		price: typeof product.price === "number" ? product.price.toFixed(2) : null,
		imageUrl: product.images?.[0]?.http_path ?? null,
		url: product.url ?? null,
		...productShown(product, locationRef),
		leftOutReason: isBundle ? "A bundle has no stock of its own; its parts are listed by themselves." : null,
	};
}

function childListing(product: Product, child: Child, isOnly: boolean, locationRef: string): RemoteListing {
	return {
		externalKey: childKey(product.id, child.id),
		ids: { productId: product.id, childId: child.id },
		refs: [
			childKey(product.id, child.id),
			looseChildKey(child.id),
			...skuRef(child.sku),
			...(isOnly ? [productKey(product.id)] : []),
		],
		sku: blankToNull(child.sku),
		gtin: normaliseGtin(child.gtin) ?? normaliseGtin(child.ean) ?? normaliseGtin(child.upc),
		title: blankToNull(product.name) ?? product.id,
		options: optionsOf(product, child),
		price: typeof child.default_price === "number" ? child.default_price.toFixed(2) : null,
		imageUrl: child.images?.[0]?.http_path ?? product.images?.[0]?.http_path ?? null,
		url: child.url ?? product.url ?? null,
		...childShown(child, locationRef),
		leftOutReason: null,
	};
}

const skuRef = (sku: string | null | undefined) => {
	const known = blankToNull(sku);
	return known === null ? [] : [skuKey(known)];
};

/** A child's name begins with its product's: "Hoodie - Red / L". */
function optionsOf(product: Product, child: Child): string | null {
	const name = blankToNull(child.name);
	const start = blankToNull(product.name) ?? "";
	if (name === null || !name.startsWith(start)) return name;
	return blankToNull(name.slice(start.length).replace(/^[\s:–—-]+/, ""));
}

/** Carts write "" and "0" where they have none. */
const idOf = (text: string | null | undefined) => {
	const id = blankToNull(text);
	return id === "0" ? null : id;
};

/** By variant, else by product, else by the SKU, as much as the platform says. */
function refOf({ product_id: productId, variant_id: variantId, model }: Line): string | null {
	const [product, variant, sku] = [idOf(productId), idOf(variantId), blankToNull(model)];
	if (variant !== null) return product === null ? looseChildKey(variant) : childKey(product, variant);
	if (product !== null) return productKey(product);
	return sku === null ? null : skuKey(sku);
}

/** Half a piece sold can't be sold again: up. */
const wholeUnits = (quantity: number) => Math.max(0, Math.ceil(quantity));

/** A bundle's line and those of its parts tell of the same units: the parts hold the stock. */
function stockLines(lines: readonly Line[]): Line[] {
	const bundles = new Set(
		lines.flatMap(({ order_product_id: own, parent_order_product_id: parent }) =>
			parent === own ? [] : (idOf(parent) ?? []),
		),
	);
	return lines.filter(({ order_product_id }) => !bundles.has(idOf(order_product_id) ?? ""));
}

export function snapshotOf(order: Order, facts: StatusFacts): OrderSnapshot {
	const standing = standingOf(order.status, facts);
	const lines = stockLines(order.order_products).map((line, index) => {
		const units = wholeUnits(line.quantity);
		return {
			lineRef: idOf(line.order_product_id) ?? `line ${index + 1}`,
			listingRef: refOf(line),
			sku: blankToNull(line.model),
			title: line.name ?? "",
			taken: standing.isTaken ? units : 0,
			...(standing.isHeld && { held: units }),
		};
	});
	const at = order.modified_at ?? order.create_at ?? 0;
	return {
		orderRef: order.order_id,
		number: `#${order.order_id.replace(/^#/, "")}`,
		status: isCancelled(order.status, facts) ? "cancelled" : isOver(order, facts) ? "closed" : "open",
		placedAt: new Date(order.create_at ?? at).toISOString(),
		version: { at, step: 10 * rankOf(order.status, facts) + Math.min(9, order.refunds.length) },
		lines,
	};
}

const isOver = ({ status }: Order, facts: StatusFacts) => [4, 6].includes(rankOf(status, facts));
