/** What became of a store's listings and of the lines of its orders, against what they are. */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import type { Flaw } from "@/lib/matching/testing/flawed-catalogue";
import { type FlawedListing, lentPrefix } from "./flawed-stores";

/** What was ordered, a line each, and the units that the store has sold of it, by tag. */
export type Sold = { ordered: readonly FlawedListing[]; units: ReadonlyMap<number, number> };

/** `imported`: listings by tag. */
export type MappedShop = {
	platform: Platform;
	storeId: string;
	channelId: string;
	listings: readonly FlawedListing[];
	imported: ReadonlyMap<number, string>;
	sold: Sold;
};

export type StoreMapped = {
	platform: Platform;
	listings: number;
	/** Listings that were made there and not imported. */
	missing: number;
	flaws: Record<Exclude<Flaw, "none">, number>;
	/** Of the flawed ones, those that were left to a person. */
	flagged: number;
	linked: number;
	wrong: number;
	/** Lines of orders; those that moved nothing, and units of theirs that the store sold and nobody counted. */
	lines: number;
	dropped: number;
	uncounted: number;
	/** First equal SKU wins: links that are wrong, and lines that find none. */
	naive: { wrong: number; dropped: number };
};

/** `accepted`: SKUs by listing, linked in bulk. */
export async function judgeStore(
	{ ownerClient }: TestDatabase,
	{ platform, channelId, listings, imported, sold }: MappedShop,
	accepted: ReadonlyMap<string, string>,
): Promise<StoreMapped> {
	const linkOf = ({ tag }: FlawedListing) => accepted.get(imported.get(tag) ?? "");
	const flawsOf = (flaw: Flaw) => listings.filter((one) => one.flaw === flaw).length;
	const linked = listings.filter((listing) => linkOf(listing) !== undefined);
	const [lines] = await ownerClient<{ counted: number; units: number }[]>`
		select count(*) filter (where sku_id is not null and consumed = taken)::int as counted, coalesce(sum(consumed), 0)::int as units
		from order_lines where channel_id = ${channelId} and taken > 0`;
	const codes = new Set(listings.map(({ code }) => code));
	const isBlank = ({ sku }: FlawedListing) => sku.startsWith(lentPrefix);
	const isFound = (listing: FlawedListing) => !isBlank(listing) && codes.has(listing.sku);
	return {
		platform,
		listings: listings.length,
		missing: listings.filter(({ tag }) => !imported.has(tag)).length,
		flaws: { duplicate: flawsOf("duplicate"), blank: flawsOf("blank"), renamed: flawsOf("renamed") },
		flagged: listings.filter((listing) => listing.flaw !== "none" && linkOf(listing) === undefined).length,
		linked: linked.length,
		wrong: linked.filter((listing) => linkOf(listing) !== listing.skuId).length,
		lines: sold.ordered.length,
		dropped: sold.ordered.length - (lines?.counted ?? 0),
		uncounted: sumOf(sold.units.values()) - (lines?.units ?? 0),
		naive: {
			wrong: listings.filter((listing) => isFound(listing) && listing.sku !== listing.code).length,
			dropped: sold.ordered.filter((listing) => !isFound(listing)).length,
		},
	};
}

const sumOf = (units: Iterable<number>) => [...units].reduce((sum, one) => sum + one, 0);

/** SKUs of which more or less is left than the stores have sold of what there was. */
export async function countOff(
	{ ownerClient }: TestDatabase,
	shops: readonly MappedShop[],
	onHand: number,
): Promise<number> {
	const taken = new Map<string, number>();
	for (const { listings, sold } of shops)
		for (const { tag, skuId } of listings) taken.set(skuId, (taken.get(skuId) ?? 0) + (sold.units.get(tag) ?? 0));
	const levels = await ownerClient<{ sku_id: string; on_hand: number }[]>`select sku_id, on_hand from levels`;
	return levels.filter(({ sku_id, on_hand }) => on_hand !== onHand - (taken.get(sku_id) ?? 0)).length;
}
