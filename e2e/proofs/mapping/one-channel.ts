/**
 * One channel of 10,000 variants on a real database, an order waiting on every one. What is certain is accepted in bulk,
 * the rest is linked by hand as the truth has it; then each order must be counted once, on the right SKU.
 */
import { closePools } from "@/db/client";
import type { TestDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { flawedCatalogue } from "@/lib/matching/testing/flawed-catalogue";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { proposeMappings } from "@/lib/services/mappings/propose-mappings";
import { mappingWorld } from "@/lib/services/mappings/testing";
import { acceptCertain } from "../pipeline/accept-certain";
import { inDatabase } from "../pipeline/in-database";
import { keepSkus, uuidOf } from "./master-skus";

export type OneChannel = {
	variants: number;
	flaws: number;
	/** Of the flawed ones, those that were left to a person. */
	flagged: number;
	linked: number;
	wrong: number;
	/** Order lines that moved nothing, and SKUs of which more or less is left than was sold. */
	dropped: number;
	skusOff: number;
	/** First equal SKU wins: links that are wrong, and lines that find none. */
	naive: { wrong: number; dropped: number };
	seconds: { proposed: number; accepted: number };
};

const onHand = 5;
/** What one call of a person's links takes. */
const linksAtOnce = 2_000;

export const oneChannel = (seed: number, variants: number): Promise<OneChannel> =>
	inDatabase((database) => map(database, seed, variants));

async function map(database: TestDatabase, seed: number, variants: number): Promise<OneChannel> {
	const { skus, listings, truth, flaws } = flawedCatalogue(variants, seed);
	const flawed = [...flaws].filter(([, flaw]) => flaw !== "none").map(([id]) => id);
	const sql = database.ownerClient;
	try {
		const world = await mappingWorld(sql, database.db("app"));
		const channelId = await world.channel("Shopify");
		await fill(sql, world, channelId, { skus, listings });
		// As autovacuum would have by the time that a person reviews them.
		await sql`analyze`;
		const manager = world.as("manager");

		const startedAt = performance.now();
		await proposeMappings(manager);
		const proposedMs = performance.now() - startedAt;
		await acceptCertain(manager);
		const acceptedMs = performance.now() - startedAt - proposedMs;

		const linked = await sql<{ listing_id: string; sku_id: string }[]>`select listing_id, sku_id from mappings`;
		const isRight = new Map(listings.map(({ id }) => [uuidOf(id), uuidOf(truth.get(id) ?? "")]));
		const linkedIds = new Set(linked.map(({ listing_id }) => listing_id));

		const rest = listings.filter(({ id }) => !linkedIds.has(uuidOf(id)));
		for (let from = 0; from < rest.length; from += linksAtOnce)
			await linkListings(manager, {
				links: rest
					.slice(from, from + linksAtOnce)
					.map(({ id }) => ({ listingId: uuidOf(id), skuId: uuidOf(truth.get(id) ?? "") })),
			});
		const [orders] = await sql<{ counted: number; off: number }[]>`
			select count(*) filter (where sku_id is not null and consumed = taken)::int as counted,
				(select count(*) from levels where on_hand <> ${onHand - 1})::int as off
			from order_lines`;
		const byCode = new Map(skus.map(({ code, id }) => [code, id]));
		const naive = listings.map(({ id, sku }) => ({ id, skuId: byCode.get(sku ?? "") }));
		return {
			variants,
			flaws: flawed.length,
			flagged: flawed.filter((id) => !linkedIds.has(uuidOf(id))).length,
			linked: linked.length,
			wrong: linked.filter(({ listing_id, sku_id }) => isRight.get(listing_id) !== sku_id).length,
			dropped: variants - (orders?.counted ?? 0),
			skusOff: orders?.off ?? Number.NaN,
			naive: {
				wrong: naive.filter(({ id, skuId }) => skuId !== undefined && skuId !== truth.get(id)).length,
				dropped: naive.filter(({ skuId }) => skuId === undefined).length,
			},
			seconds: { proposed: proposedMs / 1_000, accepted: acceptedMs / 1_000 },
		};
	} finally {
		await closeNotifiers(database.url);
		await closePools(database.url);
	}
}

type Catalogue = Pick<ReturnType<typeof flawedCatalogue>, "skus" | "listings">;

/** SKUs with stock, listings with slots, and an order of one unit on each. */
async function fill(
	sql: TestDatabase["ownerClient"],
	{ merchantId, locationId }: { merchantId: string; locationId: string },
	channelId: string,
	{ skus, listings }: Catalogue,
) {
	const listingRows = JSON.stringify(listings.map((listing) => ({ ...listing, id: uuidOf(listing.id) })));
	await keepSkus({ ownerClient: sql }, { merchantId, locationId }, skus, onHand);
	await sql`
		insert into listings (id, merchant_id, channel_id, external_key, ids, sku, title)
		select id, ${merchantId}, ${channelId}, id::text, '{}', nullif(sku, ''), title
		from jsonb_to_recordset(${listingRows}::text::jsonb) as l(id uuid, sku text, title text)`;
	await sql`
		insert into listing_refs (merchant_id, channel_id, ref, listing_id)
		select merchant_id, channel_id, external_key, id from listings where channel_id = ${channelId}`;
	await sql`
		insert into slots (merchant_id, channel_id, listing_id, location_id, expected, shown, shown_at)
		select merchant_id, channel_id, id, ${locationId}, ${onHand - 1}, ${onHand - 1}, now() from listings where channel_id = ${channelId}`;
	await sql`
		insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step)
		select channel_id, external_key, merchant_id, external_key, 'open', now(), 1, 0 from listings where channel_id = ${channelId}`;
	await sql`
		insert into order_lines (channel_id, order_ref, line_ref, merchant_id, listing_ref, title, taken, listing_id)
		select channel_id, external_key, '1', merchant_id, external_key, title, 1, id from listings where channel_id = ${channelId}`;
}
