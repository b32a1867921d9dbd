/** Levels: what the catalogue says of a variation and what the ledger has counted of it, at one location. */
import type { Connection } from "../channel-adapter";
import type { ListingIds, RemoteLevel } from "../listing";
import { sortOut } from "../odd-rows";
import { type Count, catalogPage, counts, type Variation } from "./api-types";
import { allPages, callSquare, SquareError } from "./client";
import { type Shelf, shelfOf, shownOf } from "./mapper";
import { withoutUnknownZeros } from "./zeros";

/** Ours, below the thousand that the spec allows: a URL-free body that stays small. */
const idsAtOnce = 500;

export function locationOf({ locationRef }: Connection): string {
	if (locationRef) return locationRef;
	throw new SquareError("refused", "No Square location is chosen for this channel.", {
		fix: "Choose the location that it sells from on the channel's page.",
	});
}

/** Those with a count: a variation that was never counted at this location is absent, whether or not Square shows a zero. */
export async function countsOf(connection: Connection, variationIds: readonly string[]): Promise<Map<string, Count>> {
	const locationRef = locationOf(connection);
	const asked = { location_ids: [locationRef], states: ["IN_STOCK"], limit: 1_000 };
	const path = "/v2/inventory/counts/batch-retrieve";
	const found = new Map<string, Count>();
	for (const catalog_object_ids of inPieces(variationIds)) {
		const pages = await allPages((more) =>
			callSquare(connection, { method: "POST", path, body: { catalog_object_ids, ...asked, ...more } }, counts),
		);
		const there = pages.flatMap((page) => page.counts).filter(({ state }) => state === "IN_STOCK");
		for (const one of await withoutUnknownZeros(connection, locationRef, there)) found.set(one.catalog_object_id, one);
	}
	return found;
}

export async function catalogObjects(connection: Connection, ids: readonly string[]) {
	const objects = [];
	for (const some of inPieces(ids)) {
		const body = { object_ids: some };
		const page = await callSquare(
			connection,
			{ method: "POST", path: "/v2/catalog/batch-retrieve", body },
			catalogPage,
		);
		objects.push(...sortOut(page.objects, ({ id }) => id).whole.filter(({ is_deleted }) => !is_deleted));
	}
	return objects;
}

export async function variationsOf(connection: Connection, ids: readonly string[]): Promise<Variation[]> {
	const objects = await catalogObjects(connection, ids);
	return objects.filter((one) => one.type === "ITEM_VARIATION");
}

export type SeenShelf = Shelf & { id: string; changedAt: Date | null };

/** What is gone is absent. */
export async function readShelves(connection: Connection, variationIds: readonly string[]): Promise<SeenShelf[]> {
	const locationRef = locationOf(connection);
	const variations = await variationsOf(connection, variationIds);
	const found = await countsOf(
		connection,
		variations.map(({ id }) => id),
	);
	return variations.map((variation) => {
		const count = found.get(variation.id);
		const changedAt = count?.calculated_at ? new Date(count.calculated_at) : null;
		return { id: variation.id, changedAt, ...shelfOf(variation, locationRef, count) };
	});
}

/** Two calls for up to 500: whether it is tracked stands in the catalogue, its count in the ledger. A fresh zero costs a third. */
export async function readLevels(
	connection: Connection,
	listings: { externalKey: string; ids: ListingIds }[],
): Promise<RemoteLevel[]> {
	if (listings.length === 0) return [];
	const readAt = connection.now();
	const shelves = await readShelves(
		connection,
		listings.map(({ externalKey }) => externalKey),
	);
	return shelves.map((shelf) => ({
		externalKey: shelf.id,
		quantity: shownOf(shelf),
		readAt,
		changedAt: shelf.changedAt,
	}));
}

function inPieces<T>(items: readonly T[]): T[][] {
	const pieces: T[][] = [];
	for (let i = 0; i < items.length; i += idsAtOnce) pieces.push(items.slice(i, i + idsAtOnce));
	return pieces;
}
