/** Reading items: one by its SKU, twenty by theirs, or a search page by page. */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { type Item, item, itemSearch } from "./api-types";
import { AmazonError, callAmazon, encode, isGone, pause } from "./client";
import { searchSize } from "./facts";
import { isListable, isPathSafe } from "./skus";

export const wholeItem = ["summaries", "attributes", "offers", "fulfillmentAvailability", "relationships"] as const;
/** Whose stock it is and how much: a parent is told by its relationships, and without a row Amazon's by a number in its summary. */
export const stockOfItem = ["summaries", "fulfillmentAvailability", "relationships"] as const;

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

/** `asin`: what the item is offered under, for a SKU that can be named in no other way. */
export type NamedItem = { sku: string; asin?: string | null };

/** Why an item can't be asked for; null where it can. */
export const unnameable = ({ sku, asin }: NamedItem): AmazonError | null =>
	isListable(sku) || hasPath(sku) || asin
		? null
		: new AmazonError("refused", "Amazon's interfaces have no way to name this SKU.", {
				fix: "Give the item a SKU without commas.",
				code: "UNNAMEABLE_SKU",
			});

/**
 * Reads items by SKU; those that Amazon does not know are missing, and so are those that can't be named to it. `readAt` is taken
 * before the call that read it.
 */
export async function readItems(
	connection: Connection,
	includedData: IncludedData,
	named: readonly NamedItem[],
): Promise<Map<string, ReadItem>> {
	const found = new Map<string, ReadItem>();
	const keep = (one: Item | null, readAt: Date) => one && found.set(one.sku, { item: one, readAt });
	const asked = named.filter((one) => unnameable(one) === null);
	const singly = asked.filter(({ sku }) => !isListable(sku) || (named.length === 1 && hasPath(sku)));
	const listed = asked.filter((one) => !singly.includes(one)).map(({ sku }) => sku);
	const wanted = new Set(listed);
	for (const some of inPieces(listed)) {
		const readAt = connection.now();
		const { items } = await searchItems(connection, includedData, { identifiers: some, identifiersType: "SKU" });
		for (const one of items) if (wanted.has(one.sku)) keep(one, readAt);
	}
	for (const one of singly) {
		const readAt = connection.now();
		const read = hasPath(one.sku)
			? getItem(connection, includedData, one.sku)
			: findOffered(connection, includedData, one);
		keep(await read, readAt);
	}
	return found;
}

const hasPath = (sku: string) => isPathSafe(sku, encode(sku));

/** Among the seller's items of one ASIN. */
async function findOffered(
	connection: Connection,
	includedData: IncludedData,
	{ sku, asin }: NamedItem,
): Promise<Item | null> {
	if (!asin) return null;
	let token: string | null = null;
	do {
		const search = { identifiers: [asin], identifiersType: "ASIN", pageToken: token ?? undefined };
		const page: FoundItems = await searchItems(connection, includedData, search);
		const one = page.items.find((item) => item.sku === sku);
		if (one) return one;
		token = page.nextToken;
	} while (token !== null);
	return null;
}

function inPieces<T>(items: readonly T[]): T[][] {
	const pieces: T[][] = [];
	for (let i = 0; i < items.length; i += searchSize) pieces.push(items.slice(i, i + searchSize));
	return pieces;
}
