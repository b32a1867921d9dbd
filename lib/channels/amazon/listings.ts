import { z } from "zod";
import type { Connection } from "../channel-adapter";
import type { ListingIds, Page, RemoteLevel, RemoteListing } from "../listing";
import { readCursor, writeCursor } from "./cursor";
import { mostSearchable } from "./facts";
import { type NamedItem, readItems, searchItems, stockOfItem, unnameable, wholeItem } from "./items";
import { listingOf, ownQuantity, untouchable } from "./mapper";
import { askForReport, awaitReport, forgetItems, itemsOf } from "./report";

const place = z.discriminatedUnion("by", [
	/** A walk through all, while there are no more than can be walked through. */
	z.object({ by: z.literal("search"), token: z.string() }),
	z.object({ by: z.literal("report"), reportId: z.string(), total: z.number() }),
	z.object({ by: z.literal("list"), documentId: z.string(), offset: z.number().int() }),
	/** `since`: moves on whenever the walk from it has come to the end of what can be walked through. */
	z.object({ by: z.literal("changes"), since: z.number(), walked: z.number().int(), token: z.string().nullable() }),
]);
type Place = z.output<typeof place>;

/** SKUs of a report that are read for one page: five searches. */
const listPageSize = 100;

/**
 * Up to a thousand items are searched, more are listed by a report and then read live, a hundred a page. Items changed since a
 * moment are searched by their stamp.
 */
export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	const at = page ? readCursor(place, page) : startOf(changedSince);
	switch (at?.by) {
		case "report":
			return awaitList(connection, at);
		case "list":
			return readList(connection, at);
		case "changes":
			return walkChanges(connection, at);
		default:
			return walkAll(connection, at?.token ?? null);
	}
}

const startOf = (changedSince: Date | null): Place | null =>
	changedSince ? { by: "changes", since: changedSince.getTime(), walked: 0, token: null } : null;

const pageOf = (items: RemoteListing[], next: Place | null, total: number | null = null): Page<RemoteListing> => ({
	items,
	next: next && writeCursor(next),
	total,
});

async function walkAll(connection: Connection, token: string | null): Promise<Page<RemoteListing>> {
	const search = { sortBy: "sku", sortOrder: "ASC", pageToken: token ?? undefined };
	const found = await searchItems(connection, wholeItem, search);
	if (token === null && found.total > mostSearchable)
		return pageOf([], { by: "report", reportId: await askForReport(connection), total: found.total }, found.total);
	return pageOf(
		found.items.map((item) => listingOf(item, marketplaceOf(connection))),
		found.nextToken === null ? null : { by: "search", token: found.nextToken },
		found.total,
	);
}

async function awaitList(connection: Connection, at: Extract<Place, { by: "report" }>): Promise<Page<RemoteListing>> {
	const report = await awaitReport(connection, at.reportId);
	switch (report.state) {
		case "waiting":
			return pageOf([], at, at.total);
		case "other":
			return pageOf([], { ...at, reportId: report.reportId }, at.total);
		case "done":
			return readList(connection, { by: "list", documentId: report.documentId, offset: 0 });
	}
}

async function readList(
	connection: Connection,
	{ documentId, offset }: Extract<Place, { by: "list" }>,
): Promise<Page<RemoteListing>> {
	const items = await itemsOf(connection, documentId);
	const end = offset + listPageSize;
	const listings = await readListings(connection, items.slice(offset, end));
	const isLast = end >= items.length;
	if (isLast) forgetItems(connection, documentId);
	return pageOf(listings, isLast ? null : { by: "list", documentId, offset: end }, items.length);
}

/** Oldest change first, so that a walk that ends at a thousand can start anew where it ended. */
async function walkChanges(
	connection: Connection,
	at: Extract<Place, { by: "changes" }>,
): Promise<Page<RemoteListing>> {
	const search = {
		lastUpdatedAfter: new Date(at.since).toISOString(),
		sortBy: "lastUpdatedDate",
		sortOrder: "ASC",
		pageToken: at.token ?? undefined,
	};
	const { items, nextToken } = await searchItems(connection, wholeItem, search);
	const listings = items.map((item) => listingOf(item, marketplaceOf(connection)));
	const walked = at.walked + items.length;
	if (nextToken !== null) return pageOf(listings, { ...at, walked, token: nextToken });
	if (walked < mostSearchable) return pageOf(listings, null);
	const last = items.at(-1)?.summaries?.[0]?.lastUpdatedDate ?? at.since;
	// A thousand under one stamp can't be walked past; the daily reading of all finds the rest of them.
	return pageOf(listings, { by: "changes", since: Math.max(last, at.since + 1), walked: 0, token: null });
}

const marketplaceOf = ({ access }: Connection) => access.marketplaceId ?? "";

/** `productRef` is the SKU: each item stands for itself. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	return readListings(connection, [{ sku: productRef }]);
}

/** What can't be named is there all the same, left out with its reason. */
async function readListings(connection: Connection, named: readonly NamedItem[]): Promise<RemoteListing[]> {
	const found = await readItems(connection, wholeItem, named);
	return named.flatMap((one) => {
		const error = unnameable(one);
		const item = error ? { sku: one.sku } : found.get(one.sku)?.item;
		if (!item) return [];
		const listing = listingOf(item, marketplaceOf(connection));
		return [error ? { ...listing, leftOutReason: `${error.message} ${error.fix}` } : listing];
	});
}

/**
 * What is available now, lowered by orders; not what was last submitted. Null where it is no longer the merchant's own count, or
 * can't be asked for.
 */
export async function readLevels(
	connection: Connection,
	listings: readonly { externalKey: string; ids: ListingIds }[],
): Promise<RemoteLevel[]> {
	const named = listings.map(({ externalKey, ids }) => ({ sku: externalKey, asin: ids.asin }));
	const began = connection.now();
	const found = await readItems(connection, stockOfItem, named);
	return named.flatMap((one): RemoteLevel[] => {
		const read = found.get(one.sku);
		if (!read) return unnameable(one) ? [{ externalKey: one.sku, quantity: null, readAt: began }] : [];
		const quantity = untouchable(read.item) ? null : ownQuantity(read.item);
		return [{ externalKey: one.sku, quantity, readAt: read.readAt }];
	});
}
