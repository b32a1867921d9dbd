/** The catalogue: items with their variations, by page or by the time of change of either the catalogue or a count. */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { Page, RemoteListing } from "../listing";
import { sortOut } from "../odd-rows";
import { catalogOne, catalogPage, counts, type Item, type Variation } from "./api-types";
import { callSquare } from "./client";
import { listingOf, shelfOf } from "./mapper";
import { catalogObjects, countsOf, locationOf, variationsOf } from "./stock";

/** Ours: as many as the catalogue's own pages have. */
const pageSize = 100;

/** Where a walk by time stands: first the catalogue, then the counts; each leads on by Square's own cursor. */
const walk = z.object({ of: z.enum(["catalogue", "counts"]), cursor: z.string().nullable() });
type Walk = z.output<typeof walk>;

export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	if (!changedSince) return listAll(connection, page);
	const at = readWalk(page);
	return at.of === "catalogue"
		? changedInCatalogue(connection, changedSince, at)
		: changedCounts(connection, changedSince, at);
}

async function listAll(connection: Connection, page: string | null): Promise<Page<RemoteListing>> {
	const path = `/v2/catalog/list?types=ITEM${page ? `&cursor=${encodeURIComponent(page)}` : ""}`;
	const found = await callSquare(connection, { method: "GET", path }, catalogPage);
	const { whole, odd } = sortOut(found.objects, ({ id }) => id);
	const items = whole.filter((one) => one.type === "ITEM");
	return { items: await listingsOf(connection, items), odd, next: found.cursor || null, total: null };
}

/** `begin_time` is exclusive: its own millisecond belongs to the walk. */
async function changedInCatalogue(connection: Connection, since: Date, at: Walk): Promise<Page<RemoteListing>> {
	const body = {
		object_types: ["ITEM", "ITEM_VARIATION"],
		begin_time: new Date(since.getTime() - 1).toISOString(),
		include_deleted_objects: false,
		limit: pageSize,
		...(at.cursor && { cursor: at.cursor }),
	};
	const found = await callSquare(connection, { method: "POST", path: "/v2/catalog/search", body }, catalogPage);
	const { whole, odd } = sortOut(found.objects, ({ id }) => id);
	const items = new Map(whole.flatMap((one) => (one.type === "ITEM" ? [[one.id, one] as const] : [])));
	// A variation that changed alone: its item is not in the list, or on another page.
	const alone = whole.filter((one) => one.type === "ITEM_VARIATION" && !items.has(one.item_variation_data.item_id));
	const listed = await listingsOf(connection, [...items.values()]);
	const others = await withItems(
		connection,
		alone.filter((one) => one.type === "ITEM_VARIATION"),
	);
	// An item that is listed brings all of its variations.
	const fresh = others.filter(({ item }) => Date.parse(item.updated_at ?? "") < since.getTime());
	const next = found.cursor
		? { of: "catalogue" as const, cursor: found.cursor }
		: { of: "counts" as const, cursor: null };
	return { items: [...listed, ...(await listingsOfPairs(connection, fresh))], odd, next: writeWalk(next), total: null };
}

/** What moved stock alone leaves the catalogue as it is; what changed there as well has come already. */
async function changedCounts(connection: Connection, since: Date, at: Walk): Promise<Page<RemoteListing>> {
	const body = {
		location_ids: [locationOf(connection)],
		states: ["IN_STOCK"],
		updated_after: new Date(since.getTime() - 1).toISOString(),
		limit: pageSize,
		...(at.cursor && { cursor: at.cursor }),
	};
	const path = "/v2/inventory/counts/batch-retrieve";
	const found = await callSquare(connection, { method: "POST", path, body }, counts);
	const ids = [...new Set(found.counts.map(({ catalog_object_id }) => catalog_object_id))];
	const pairs = ids.length === 0 ? [] : await withItems(connection, await variationsOf(connection, ids));
	const isOld = (stamp: string | null | undefined) => Date.parse(stamp ?? "") < since.getTime();
	const fresh = pairs.filter(({ item, variation }) => isOld(item.updated_at) && isOld(variation.updated_at));
	const next = found.cursor ? writeWalk({ of: "counts", cursor: found.cursor }) : null;
	return { items: await listingsOfPairs(connection, fresh), next, total: null };
}

/** `productRef` is the item's id; a variation's leads to its item. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	try {
		const path = `/v2/catalog/object/${encodeURIComponent(productRef)}`;
		const { object } = await callSquare(connection, { method: "GET", path }, catalogOne);
		if (object.is_deleted) return [];
		if (object.type === "ITEM") return await listingsOf(connection, [object]);
		return await readProduct(connection, object.item_variation_data.item_id);
	} catch (error) {
		if (error instanceof ChannelError && error.reason === "gone") return [];
		throw error;
	}
}

type Pair = { item: Item; variation: Variation };

async function withItems(connection: Connection, variations: readonly Variation[]): Promise<Pair[]> {
	if (variations.length === 0) return [];
	const wanted = [...new Set(variations.map(({ item_variation_data }) => item_variation_data.item_id))];
	const items = (await catalogObjects(connection, wanted)).filter((one) => one.type === "ITEM");
	const byId = new Map(items.map((item) => [item.id, item]));
	return variations.flatMap((variation) => {
		const item = byId.get(variation.item_variation_data.item_id);
		return item ? [{ item, variation }] : [];
	});
}

const listingsOf = (connection: Connection, items: readonly Item[]) =>
	listingsOfPairs(
		connection,
		items.flatMap((item) =>
			item.item_data.variations.filter(({ is_deleted }) => !is_deleted).map((variation) => ({ item, variation })),
		),
	);

async function listingsOfPairs(connection: Connection, pairs: readonly Pair[]): Promise<RemoteListing[]> {
	if (pairs.length === 0) return [];
	const locationRef = locationOf(connection);
	const found = await countsOf(
		connection,
		pairs.map(({ variation }) => variation.id),
	);
	return pairs.map(({ item, variation }) =>
		listingOf(item, variation, locationRef, shelfOf(variation, locationRef, found.get(variation.id))),
	);
}

const writeWalk = (at: Walk) => Buffer.from(JSON.stringify(at)).toString("base64url");

function readWalk(page: string | null): Walk {
	if (!page) return { of: "catalogue", cursor: null };
	try {
		return walk.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new ChannelError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}
