import { closePools } from "@/db/client";
import { testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { certainScore } from "@/lib/matching/propose";
import { flawedCatalogue } from "@/lib/matching/testing/flawed-catalogue";
import { acceptProposals } from "@/lib/services/mappings/accept-proposals";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { proposeMappings } from "@/lib/services/mappings/propose-mappings";
import { mappingWorld } from "@/lib/services/mappings/testing";
import type { Proof } from "./proof";

const variants = 10_000;
const onHand = 5;
/** What one call of a person's links takes. */
const linksAtOnce = 2_000;

/**
 * One channel of 10,000 variants on a real database, an order waiting on every one. What is certain is accepted in bulk,
 * the rest is linked by hand as the truth has it; then each order must be counted once, on the right SKU.
 */
export const proof: Proof = {
	id: "P12",
	claim:
		"10,000 variants with duplicate, blank and renamed SKUs: all flagged, none linked wrongly, no order line dropped",
	async run({ seed }) {
		const { skus, listings, truth, flaws } = flawedCatalogue(variants, seed);
		const flawed = new Set([...flaws].filter(([, flaw]) => flaw !== "none").map(([id]) => id));
		const database = await testDatabase();
		try {
			const world = await mappingWorld(database.ownerClient, database.db("app"));
			const channelId = await world.channel("Shopify");
			const ids = await fill(database.ownerClient, world, channelId, { skus, listings });
			// As autovacuum would have by the time that a person reviews them.
			await database.ownerClient`analyze`;
			const manager = world.as("manager");

			const startedAt = performance.now();
			await proposeMappings(manager);
			const proposedMs = performance.now() - startedAt;
			let batchId: string | undefined;
			for (let isDone = false; !isDone; ) {
				const step = await acceptProposals(manager, { threshold: certainScore, filter: {}, batchId });
				[isDone, batchId] = [step.isDone, step.batchId];
			}
			const acceptedMs = performance.now() - startedAt - proposedMs;

			const linked = await database.ownerClient<
				{ listing_id: string; sku_id: string }[]
			>`select listing_id, sku_id from mappings`;
			const isRight = new Map(listings.map(({ id }) => [ids.listing(id), ids.sku(truth.get(id) ?? "")]));
			const wrong = linked.filter(({ listing_id, sku_id }) => isRight.get(listing_id) !== sku_id).length;
			const linkedIds = new Set(linked.map(({ listing_id }) => listing_id));
			const flagged = [...flawed].filter((id) => !linkedIds.has(ids.listing(id))).length;

			const rest = listings.filter(({ id }) => !linkedIds.has(ids.listing(id)));
			for (let from = 0; from < rest.length; from += linksAtOnce)
				await linkListings(manager, {
					links: rest
						.slice(from, from + linksAtOnce)
						.map(({ id }) => ({ listingId: ids.listing(id), skuId: ids.sku(truth.get(id) ?? "") })),
				});
			const [orders] = await database.ownerClient<{ parked: number; counted: number; off: number }[]>`
				select count(*) filter (where sku_id is null)::int as parked, count(*) filter (where consumed = taken)::int as counted,
					(select count(*) from levels where on_hand <> ${onHand - 1})::int as off
				from order_lines`;
			if (!orders) throw new Error("an aggregate has one row");

			const byCode = new Map(skus.map(({ code, id }) => [code, id]));
			const naive = listings.map(({ id, sku }) => ({ id, skuId: byCode.get(sku ?? "") }));
			const naiveWrong = naive.filter(({ id, skuId }) => skuId !== undefined && skuId !== truth.get(id)).length;
			const naiveDropped = naive.filter(({ skuId }) => skuId === undefined).length;
			console.log(
				`proposed in ${(proposedMs / 1000).toFixed(1)} s, ${linked.length} accepted in ${(acceptedMs / 1000).toFixed(1)} s, ${rest.length} left for a person`,
			);
			console.log(
				`first equal SKU wins (naive): ${naiveWrong} linked wrongly, ${naiveDropped} order lines without a SKU dropped`,
			);

			const holds =
				wrong === 0 &&
				flagged === flawed.size &&
				orders.parked === 0 &&
				orders.counted === variants &&
				orders.off === 0 &&
				linked.length > 0.9 * variants &&
				naiveWrong > 0 &&
				naiveDropped > 0;
			return {
				holds,
				verdict: `${flagged} of ${flawed.size} flaws flagged, ${wrong} of ${linked.length} links wrong, ${variants - orders.counted} of ${variants} order lines dropped, ${orders.off} SKUs off (seed ${seed}); naive: ${naiveWrong} wrong, ${naiveDropped} dropped`,
			};
		} finally {
			await closeNotifiers(database.url);
			await closePools(database.url);
			await database.close();
		}
	},
};

type Catalogue = Pick<ReturnType<typeof flawedCatalogue>, "skus" | "listings">;

/** SKUs with stock, listings with slots, and an order of one unit on each. Ids are UUIDs in the order of the catalogue. */
async function fill(
	sql: Awaited<ReturnType<typeof testDatabase>>["ownerClient"],
	{ merchantId, locationId }: { merchantId: string; locationId: string },
	channelId: string,
	{ skus, listings }: Catalogue,
) {
	const uuid = (kind: "a" | "b", id: string) => `0000000${kind}-0000-4000-8000-${id.slice(1).padStart(12, "0")}`;
	const ids = { sku: (id: string) => uuid("a", id), listing: (id: string) => uuid("b", id) };
	const skuRows = JSON.stringify(skus.map((sku) => ({ ...sku, id: ids.sku(sku.id) })));
	const listingRows = JSON.stringify(listings.map((listing) => ({ ...listing, id: ids.listing(listing.id) })));
	await sql`
		insert into skus (id, merchant_id, code, title)
		select id, ${merchantId}, code, title from jsonb_to_recordset(${skuRows}::text::jsonb) as k(id uuid, code text, title text)`;
	await sql`
		insert into levels (merchant_id, sku_id, location_id, on_hand, counted_at, version)
		select ${merchantId}, id, ${locationId}, ${onHand}, now() - interval '1 hour', 1 from skus where merchant_id = ${merchantId}`;
	await sql`
		insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key)
		select ${merchantId}, id, ${locationId}, ${onHand}, ${onHand}, 1, 'count', 'start' from skus where merchant_id = ${merchantId}`;
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
	return ids;
}
