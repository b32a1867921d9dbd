/**
 * A store whose webhooks are off and whose stamps say nothing: some of its listings come to show another number, each for
 * a reason of its own. On real Postgres, over HTTP, with the real loops; what passes meanwhile is moved in the rows.
 */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { checkout, setKnobs, setQuantity, setStoreSettings } from "@/lib/sandbox/stores";
import { setDriftPolicy } from "@/lib/services/channels/set-drift-policy";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { adjustStock } from "@/lib/services/skus/adjust-stock";
import { createSku } from "@/lib/services/skus/create-sku";
import { wake } from "@/lib/services/sync/wake";
import type { Random } from "@/lib/simulation/random";
import { type DriftClass, type DriftPolicies, driftClasses } from "@/lib/stock/drift";
import { type LiveShop, type LiveStore, openLiveShop, until } from "../pipeline/live-shop";
import { storeIdsOf } from "../pipeline/store-ids";
import { codeOf, type Plan, planOf, policiesOf, skusOf } from "./plan";

/** A listing that changed: what it showed, what it shows now, and what it is. */
export type SilentChange = { sku: string; class: DriftClass; before: number; after: number };

export type Silent = {
	platform: Platform;
	listings: number;
	changes: readonly SilentChange[];
	/** What each class is to become, in this store. */
	policies: DriftPolicies;
};

const packUnits = 6;
const bundleUnits = 2;
const hourMs = 60 * 60_000;

export type SilentShop = Silent & { shop: LiveShop; store: LiveStore };

/** Connected, in step, an hour ago; then `changes` listings change and nobody tells. */
export async function silentShop(
	database: TestDatabase,
	options: { platform: Platform; listings: number; changes: number; random: Random },
): Promise<SilentShop> {
	const { platform, listings, random } = options;
	const plan = planOf(platform, options.changes);
	const stock = Object.fromEntries(
		// No whole number of packs, and nowhere near scarce.
		Array.from({ length: listings }, (_, n) => [
			codeOf(n),
			packUnits * random.int(60, 120) + random.int(1, packUnits - 1),
		]),
	);
	// A plan that lets the catalogue be read at once; what follows is at the smallest plan's limits.
	const shop = await openLiveShop(database, {
		platforms: [platform],
		stock,
		settings: { salesMoveStamps: false, plan: "plus" },
	});
	const [store] = shop.stores as [LiveStore];
	await setStoreSettings(shop.sandbox.ctx, store.storeId, { plan: "standard" });
	await setKnobs(shop.sandbox.ctx, store.storeId, { webhookLossRate: 1 });
	const policies = policiesOf[platform];
	for (const driftClass of driftClasses)
		await setDriftPolicy(shop.ctx, store.channelId, { class: driftClass, policy: policies[driftClass] });

	await makePacks(shop, skusOf(plan, "rounding"));
	await makeBundles(shop, skusOf(plan, "bundle"), listings);
	await writeSome(shop, skusOf(plan, "lost_write"));
	await rest(shop);
	await pass(shop, hourMs);

	const changes = await changeSilently(shop, store, plan, stock, random);
	return { platform, listings, changes, policies, shop, store };
}

type Linked = {
	listing_id: string;
	sku_id: string;
	location_id: string;
	version: number;
	on_hand: number;
	code: string;
};

async function linksOf({ database, merchantId }: LiveShop, skus: readonly string[]): Promise<Linked[]> {
	return database.ownerClient<Linked[]>`
		select l.id as listing_id, k.id as sku_id, v.location_id, m.version, v.on_hand, k.code
		from listings l join mappings m on m.listing_id = l.id join skus k on k.id = m.sku_id join levels v on v.sku_id = k.id
		where l.merchant_id = ${merchantId} and l.sku = any(${[...skus]}) order by l.sku`;
}

async function makePacks(shop: LiveShop, skus: readonly string[]): Promise<void> {
	const links = await linksOf(shop, skus);
	await linkListings(shop.ctx, {
		links: links.map((link) => ({
			listingId: link.listing_id,
			skuId: link.sku_id,
			units: packUnits,
			seenVersion: link.version,
		})),
	});
}

/** Each of two of another SKU, one of the last of the catalogue. */
async function makeBundles(shop: LiveShop, skus: readonly string[], listings: number): Promise<void> {
	const links = await linksOf(shop, skus);
	const parts = await linksOf(
		shop,
		skus.map((_, n) => codeOf(listings - 1 - n)),
	);
	const made = await Promise.all(links.map(({ code }) => createSku(shop.ctx, { code: `KIT-${code}` })));
	const sql = shop.database.ownerClient;
	for (const [n, { id }] of made.entries()) {
		const part = parts[n];
		if (!part) throw new Error("a bundle needs a part of its own");
		await sql`update skus set is_bundle = 'yes' where id = ${id}`;
		await sql`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${shop.merchantId}, ${id}, ${part.sku_id}, ${bundleUnits})`;
	}
	await linkListings(shop.ctx, {
		links: links.map((link, n) => ({
			listingId: link.listing_id,
			skuId: made[n]?.id as string,
			units: 1,
			seenVersion: link.version,
		})),
	});
}

/** So that there is a write of ours which can turn out lost. */
async function writeSome(shop: LiveShop, skus: readonly string[]): Promise<void> {
	for (const link of await linksOf(shop, skus))
		await adjustStock(shop.ctx, {
			skuId: link.sku_id,
			locationId: link.location_id,
			mode: "change",
			value: -5,
			seen: link.on_hand,
			key: `before ${link.code}`,
		});
}

async function changeSilently(
	shop: LiveShop,
	store: LiveStore,
	plan: Plan,
	stock: Readonly<Record<string, number>>,
	random: Random,
): Promise<SilentChange[]> {
	const shown = await shop.shown(store);
	// All stamps of it are half an hour old: no cursor comes by there again.
	const halfAnHourAgo = { ...shop.sandbox.ctx, now: () => new Date(Date.now() - hourMs / 2) };
	const changes: SilentChange[] = [];
	for (const [sku, driftClass] of plan) {
		const before = shown.get(sku) ?? Number.NaN;
		if (driftClass === "unseen_sale") {
			const units = random.int(1, 4);
			await checkout(halfAnHourAgo, store.storeId, [{ sku, quantity: units }]);
			changes.push({ sku, class: driftClass, before, after: before - units });
			continue;
		}
		const to = before + stepOf(driftClass, random);
		// Back to the number from before our only write there, a blind store's edit and a lost write are the same.
		const after = driftClass !== "lost_write" && to === stock[sku] ? to + 1 : to;
		await setQuantity(halfAnHourAgo, store.storeId, sku, after);
		changes.push({ sku, class: driftClass, before, after });
	}
	return changes;
}

function stepOf(driftClass: DriftClass, random: Random): number {
	// What `writeSome` took off is back.
	if (driftClass === "lost_write") return 5;
	return driftClass === "rounding" ? 1 : random.pick([-7, -4, -3, -1, 2, 3, 8, 11]);
}

/** Everything that we know of becomes older by so much, and so do the store's stamps: as if we had waited. */
export async function pass({ database, merchantId, stores }: LiveShop, ms: number): Promise<void> {
	const storeIds = (await Promise.all(stores.map((store) => storeIdsOf(database, store)))).flat();
	await database.ownerClient.begin(async (sql) => {
		const by = sql`${ms}::int * interval '1 ms'`;
		// The loops are running: locked in the order in which everybody locks.
		await sql`select from levels where merchant_id = ${merchantId} order by sku_id, location_id for update`;
		await sql`select from slots where merchant_id = ${merchantId} order by id for update`;
		await sql`select from sandbox.items where store_id = any(${storeIds}) order by id for update`;
		await sql`
			update slots set shown_at = shown_at - ${by}, shown_until = shown_until - ${by}, verified_at = verified_at - ${by},
				unexplained_since = unexplained_since - ${by}, read_due_at = read_due_at - ${by}, paced_until = paced_until - ${by}
			where merchant_id = ${merchantId}`;
		await sql`update levels set counted_at = counted_at - ${by}, counted_from = counted_from - ${by} where merchant_id = ${merchantId}`;
		await sql`update push_items set at = at - ${by}, settled_at = settled_at - ${by} where merchant_id = ${merchantId}`;
		await sql`update sandbox.items set modified_at = modified_at - ${by} where store_id = any(${storeIds})`;
		// Square's ledger, in which a recount swallows what happened before it.
		for (const stamp of ["occurredAt", "countedAt"])
			await sql`
				update sandbox.items set data = jsonb_set(data, array[${stamp}], to_jsonb((data->>${stamp})::timestamptz - ${by}))
				where store_id = any(${storeIds}) and kind in ('change', 'count') and data->>${stamp} <> ''`;
	});
}

/** Nothing is due any more but what waits for a person. */
export async function rest(shop: LiveShop): Promise<void> {
	const { database, merchantId, runner, stores } = shop;
	let calm = 0;
	await until("rest", 180_000, async () => {
		wake(
			"work",
			stores.map(({ channelId }) => channelId),
		);
		await runner.sweep();
		const [row] = await database.ownerClient<{ due: number }[]>`
			select ((select count(*) from slots where merchant_id = ${merchantId}
					and ((is_pending and unexplained = 0) or push_id is not null or read_due_at is not null))
				+ (select count(*) from inbox where merchant_id = ${merchantId} and state = 0))::int as due`;
		calm = row?.due === 0 ? calm + 1 : 0;
		return calm >= 3;
	});
	if (runner.errors.length > 0) throw runner.errors[0];
}
