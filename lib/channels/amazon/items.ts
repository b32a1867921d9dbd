/** Reading items: one by its SKU, twenty by theirs, or a search page by page. */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { type Item, item, itemSearch } from "./api-types";
import { callAmazon, encode, isGone, pause } from "./client";
import { searchSize } from "./facts";
import { isListable, isPathSafe } from "./skus";

export const wholeItem = ["summaries", "attributes", "offers", "fulfillmentAvailability", "relationships"] as const;
/** Whose stock it is and how much: a parent is told by its relationships. */
export const stockOfItem = ["fulfillmentAvailability", "relationships"] as const;

type IncludedData = readonly (typeof wholeItem)[number][];

export const itemsPath = ({ access }: Connection) => `/listings/2021-08-01/items/${encode(access.sellerId ?? "")}`;

export type Search = Record<string, string | number | readonly string[] | undefined>;
type FoundItems = { items: Item[]; nextToken: string | null; total: number };

/** Long enough for an import and a push to share the bucket. */
const patienceMs = 10_000;

/** Seen at random: the same token is taken a few seconds later. */
const tokenRetriesMs = [1_000, 4_000];

export async function searchItems(
	connection: Connection,
	includedData: IncludedData,
	search: Search,
	wait: (ms: number) => Promise<void> = pause,
): Promise<FoundItems> {
	const call = {
		operation: "searchListingsItems" as const,
		method: "GET" as const,
		path: itemsPath(connection),
		query: { marketplaceIds: [connection.access.marketplaceId ?? ""], includedData, pageSize: searchSize, ...search },
		patienceMs,
	};
	for (let tries = 0; ; tries++) {
		try {
			const found = await callAmazon(connection, call, itemSearch);
			return { items: found.items, nextToken: found.pagination?.nextToken ?? null, total: found.numberOfResults };
		} catch (error) {
			const retryMs = isTokenGlitch(error) ? tokenRetriesMs[tries] : undefined;
			if (retryMs === undefined) throw error;
			await wait(retryMs);
		}
	}
}

const isTokenGlitch = (error: unknown): boolean =>
	error instanceof ChannelError && error.reason === "refused" && /provided 'pageToken'/.test(error.message);

/** Null when Amazon does not know it. */
async function getItem(connection: Connection, includedData: IncludedData, sku: string): Promise<Item | null> {
	const call = {
		operation: "getListingsItem" as const,
		method: "GET" as const,
		path: `${itemsPath(connection)}/${encode(sku)}`,
		query: { marketplaceIds: [connection.access.marketplaceId ?? ""], includedData },
		patienceMs,
	};
	try {
		const found = await callAmazon(connection, call, item);
		// A SKU that the path mangled would be somebody else's.
		return found.sku === sku ? found : null;
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

type ReadItem = { item: Item; readAt: Date };

/** Reads items by SKU; those that Amazon does not know are missing. `readAt` is taken before the call that read it. */
export async function readItems(
	connection: Connection,
	includedData: IncludedData,
	skus: readonly string[],
): Promise<Map<string, ReadItem>> {
	const found = new Map<string, ReadItem>();
	const singly = skus.filter((sku) => !isListable(sku) || (skus.length === 1 && isPathSafe(sku, encode(sku))));
	const wanted = new Set(skus);
	for (const some of inPieces(skus.filter((sku) => !singly.includes(sku)))) {
		const readAt = connection.now();
		const { items } = await searchItems(connection, includedData, { identifiers: some, identifiersType: "SKU" });
		for (const one of items) if (wanted.has(one.sku)) found.set(one.sku, { item: one, readAt });
	}
	for (const sku of singly) {
		const readAt = connection.now();
		const one = await getItem(connection, includedData, sku);
		if (one) found.set(sku, { item: one, readAt });
	}
	return found;
}

function inPieces<T>(items: readonly T[]): T[][] {
	const pieces: T[][] = [];
	for (let i = 0; i < items.length; i += searchSize) pieces.push(items.slice(i, i + searchSize));
	return pieces;
}
