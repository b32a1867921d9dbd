import type { Connection } from "../channel-adapter";
import type { Page, RemoteLevel, RemoteListing } from "../listing";
import { levelsReply, moreVariantsReply, type ProductNode, productReply, productsReply } from "./api-types";
import { callShopify, isTooDear } from "./client";
import { levelsDocument, moreVariantsDocument, productDocument, productsDocument } from "./documents";
import { largestArray } from "./facts";
import { availableOf, changedAt, digitsOf, listingOf } from "./mapper";
import { affordably, nextPlace, readPlace, searchMoment } from "./paging";

const productsAtOnce = 50;

/** `total` comes with the first page of a full listing and counts variants. */
export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	const at = page
		? readPlace(page)
		: { filter: changedSince ? changedFrom(changedSince) : "", after: null, first: productsAtOnce, seen: 0 };
	const [reply, first] = await affordably(at.first, (first) =>
		callShopify(
			connection,
			productsDocument,
			{
				first,
				after: at.after,
				query: at.filter || null,
				sortKey: changedSince ? "UPDATED_AT" : "ID",
				count: page === null && changedSince === null,
				...locationOf(connection),
			},
			productsReply,
		),
	);
	const { products, productVariantsCount } = reply.data;
	const last = products.nodes.at(-1);
	const restart = last && (changedSince ? changedFrom(new Date(last.updatedAt)) : `id:>${digitsOf(last.id)}`);
	const items: RemoteListing[] = [];
	for (const product of products.nodes) items.push(...(await allVariants(connection, product)));
	return {
		items,
		next: nextPlace({ ...at, first }, products.pageInfo, products.nodes.length, restart ?? null),
		total: productVariantsCount?.count ?? null,
	};
}

const changedFrom = (moment: Date) => `updated_at:>='${searchMoment(moment)}'`;

/** `productRef` is the product's gid, as in a listing's ids and in signals. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	const variables = { id: productRef, ...locationOf(connection) };
	const { data } = await callShopify(connection, productDocument, variables, productReply);
	return data.product ? allVariants(connection, data.product) : [];
}

/** A product has up to 2,048 variants; 100 come with it. */
async function allVariants(connection: Connection, product: ProductNode): Promise<RemoteListing[]> {
	const variants = [...product.variants.nodes];
	let { pageInfo } = product.variants;
	while (pageInfo.hasNextPage && pageInfo.endCursor) {
		const variables = { id: product.id, after: pageInfo.endCursor, ...locationOf(connection) };
		const { data } = await callShopify(connection, moreVariantsDocument, variables, moreVariantsReply);
		// Deleted meanwhile: what we have is the past, and products/delete tells the rest.
		if (!data.product) break;
		variants.push(...data.product.variants.nodes);
		pageInfo = data.product.variants.pageInfo;
	}
	return variants.map((variant) => listingOf(product, variant, connection.locationRef));
}

/** The schema wants a location even where `@include` leaves the field out. */
const locationOf = ({ locationRef }: Connection) => ({
	location: locationRef || "gid://shopify/Location/0",
	atLocation: locationRef !== "",
});

/**
 * Available at the connection's location, read by id and thus strongly consistent. An item that was never stocked there
 * shows 0. `readAt` is taken before the call that read it.
 */
export async function readLevels(
	connection: Connection,
	listings: { externalKey: string; ids: Record<string, string> }[],
): Promise<RemoteLevel[]> {
	const levels: RemoteLevel[] = [];
	for (let i = 0; i < listings.length; i += largestArray)
		levels.push(
			...(await levelsOf(
				connection,
				listings.slice(i, i + largestArray).map(({ externalKey }) => externalKey),
			)),
		);
	return levels;
}

async function levelsOf(connection: Connection, ids: string[]): Promise<RemoteLevel[]> {
	const readAt = connection.now();
	try {
		const variables = { ids, location: connection.locationRef };
		const { data } = await callShopify(connection, levelsDocument, variables, levelsReply);
		return data.nodes.flatMap((item) =>
			item ? [{ externalKey: item.id, quantity: availableOf(item), readAt, changedAt: changedAt(item) }] : [],
		);
	} catch (error) {
		if (!isTooDear(error) || ids.length === 1) throw error;
		const half = Math.ceil(ids.length / 2);
		return [...(await levelsOf(connection, ids.slice(0, half))), ...(await levelsOf(connection, ids.slice(half)))];
	}
}
