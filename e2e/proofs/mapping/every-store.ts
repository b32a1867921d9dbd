/**
 * The catalogues of a store of every platform, each with flaws of its own, imported over HTTP as its adapter reads them; what
 * is certain is linked in bulk. Orders of flawed and sound things lie there before anything is linked, and each of their
 * lines must have moved the right SKU in the end.
 */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { flawedCatalogue } from "@/lib/matching/testing/flawed-catalogue";
import { startSandboxServer } from "@/lib/sandbox/server";
import { checkout, quantities, setKnobs } from "@/lib/sandbox/stores";
import { type Context, systemContext } from "@/lib/services/context";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { proposeMappings } from "@/lib/services/mappings/propose-mappings";
import { makeMerchant } from "@/lib/services/testing/fixtures";
import { startRunner } from "@/lib/services/testing/runner";
import type { Random } from "@/lib/simulation/random";
import { acceptCertain } from "../pipeline/accept-certain";
import { connect, type LiveShop, type LiveStore, makeStore, pollAll, until } from "../pipeline/live-shop";
import { everyPlatform } from "../pipeline/mix";
import { storeIdsOf } from "../pipeline/store-ids";
import { type BlankSkus, blankSkus } from "./blank-skus";
import { type FlawedListing, flawedListings, soldOf, tagOf } from "./flawed-stores";
import { countOff, judgeStore, type MappedShop, type Sold, type StoreMapped } from "./judge";
import { keepSkus } from "./master-skus";

export type Mapped = { stores: StoreMapped[]; skusOff: number };

/** Of each SKU: more than is sold. */
const onHand = 50;
const linesOfOrder = 5;
const linksAtOnce = 2_000;
const askAgainMs = 1_000;

type Parts = Pick<LiveShop, "database" | "sandbox" | "ctx">;
type Opened = LiveStore & { platform: Platform; listings: FlawedListing[]; blanks: BlankSkus };

export async function everyStoreMapped(database: TestDatabase, random: Random, skuCount: number): Promise<Mapped> {
	const runner = await startRunner(database);
	const sandbox = await startSandboxServer({ databaseUrl: database.url, random: random.next });
	try {
		const merchant = await makeMerchant(database);
		const ctx = systemContext(merchant.merchantId, database.db("app"));
		const { skus } = flawedCatalogue(skuCount, random.int(1, 1_000_000));
		await keepSkus(database, merchant, skus, onHand);
		const parts = { database, sandbox, ctx };
		const opened: Opened[] = [];
		for (const platform of everyPlatform())
			opened.push(await open(parts, platform, flawedListings(platform, skus, random)));
		const shops: MappedShop[] = [];
		for (const one of opened) {
			const sold = await order(parts, one, random);
			shops.push({ ...one, sold, imported: await importedBy(database, one) });
		}
		await heard(database, shops);

		await proposeMappings(ctx);
		await acceptCertain(ctx);
		const accepted = await linksOf(database);
		await linkRest(ctx, shops, accepted);
		if (runner.errors.length > 0) throw runner.errors[0];
		return {
			stores: await Promise.all(shops.map((shop) => judgeStore(database, shop, accepted))),
			skusOff: await countOff(database, shops, onHand),
		};
	} finally {
		await runner.stop();
		await sandbox.stop();
	}
}

async function open(parts: Parts, platform: Platform, listings: FlawedListing[]): Promise<Opened> {
	const products = listings.map(({ product }) => product);
	const made = await makeStore(parts.sandbox, platform, products, { plan: "plus" });
	const blanks = await blankSkus(parts.database, await storeIdsOf(parts.database, { storeId: made.id }));
	const store = await connect(parts, made);
	// Its orders are polled: what is told of a product while it has a lent name would be no flaw any more.
	await setKnobs(parts.sandbox.ctx, store.storeId, { webhookLossRate: 1 });
	return { ...store, platform, listings, blanks };
}

/** Each flawed listing, and a sound one for each. Which of two that share a SKU is taken is the store's affair. */
async function order(
	{ sandbox }: Parts,
	{ storeId, listings, blanks, platform }: Opened,
	random: Random,
): Promise<Sold> {
	const flawed = listings.filter(({ flaw }) => flaw !== "none");
	const sound = listings.filter(({ flaw }) => flaw === "none").slice(0, flawed.length);
	const bySku = new Map([...flawed, ...sound].map((listing) => [listing.sku, listing]));
	const ordered = [...bySku.values()];
	await blanks.lend();
	for (let from = 0; from < ordered.length; from += linesOfOrder) {
		const lines = ordered.slice(from, from + linesOfOrder).map(({ sku }) => ({ sku, quantity: random.int(1, 3) }));
		const result = await checkout(sandbox.ctx, storeId, lines);
		if (result.result !== "placed") throw new Error(`${platform} refused an order: ${result.message}`);
	}
	await blanks.takeBack();
	const units = new Map<number, number>();
	for (const { quantity } of await quantities(sandbox.ctx, storeId))
		if (quantity !== null && soldOf(quantity) > 0) units.set(tagOf(quantity), soldOf(quantity));
	return { ordered, units };
}

/** A list of orders may be behind, so that stores are asked until all of them are there. */
async function heard(database: TestDatabase, stores: readonly MappedShop[]): Promise<void> {
	const wanted = stores.reduce((sum, { sold }) => sum + sold.ordered.length, 0);
	await until("every order line", 90_000, async () => {
		const [row] = await database.ownerClient<{ count: number }[]>`
			select count(*)::int as count from order_lines where taken > 0`;
		const isAll = (row?.count ?? 0) >= wanted;
		if (!isAll) {
			await pollAll({ database, stores: [...stores] });
			await new Promise((resolve) => setTimeout(resolve, askAgainMs));
		}
		return isAll;
	});
}

/** Listings by tag: by what each showed when it was imported. */
async function importedBy({ ownerClient }: TestDatabase, { channelId }: LiveStore): Promise<Map<number, string>> {
	const rows = await ownerClient<{ id: string; quantity: number }[]>`
		select l.id, s.shown as quantity from listings l join slots s on s.listing_id = l.id
		where l.channel_id = ${channelId} and s.shown is not null`;
	return new Map(rows.map(({ id, quantity }) => [tagOf(quantity), id]));
}

/** SKU by listing. */
async function linksOf({ ownerClient }: TestDatabase): Promise<Map<string, string>> {
	const rows = await ownerClient<{ listing_id: string; sku_id: string }[]>`select listing_id, sku_id from mappings`;
	return new Map(rows.map(({ listing_id, sku_id }) => [listing_id, sku_id]));
}

/** By hand, as they are. */
async function linkRest(
	ctx: Context,
	shops: readonly MappedShop[],
	accepted: ReadonlyMap<string, string>,
): Promise<void> {
	const links = shops.flatMap(({ listings, imported }) =>
		listings.flatMap(({ tag, skuId }) => {
			const listingId = imported.get(tag);
			return listingId && !accepted.has(listingId) ? [{ listingId, skuId }] : [];
		}),
	);
	for (let from = 0; from < links.length; from += linksAtOnce)
		await linkListings(ctx, { links: links.slice(from, from + linksAtOnce) });
}
