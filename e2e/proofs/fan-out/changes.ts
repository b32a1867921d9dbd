/** One SKU that changes a thousand times in ten seconds, in two real stores over HTTP; and a zero behind a long queue. */
import type { Platform } from "@/db/schema";
import { asMerchantPrepared } from "@/db/statement";
import type { TestDatabase } from "@/db/testing";
import { countWireRequests, setKnobs } from "@/lib/sandbox/stores";
import { openConnection } from "@/lib/services/channels/open-connection";
import { foldMovements } from "@/lib/services/stock/append-movements";
import { updateSlots } from "@/lib/services/stock/recompute-offers";
import { wake } from "@/lib/services/sync/wake";
import type { Random } from "@/lib/simulation/random";
import { type LiveShop, type LiveStore, openLiveShop } from "../pipeline/live-shop";
import { storeIdsOf } from "../pipeline/store-ids";

const sku = "HOT";
const startsAt = 2_000;

export type Fan = {
	changes: number;
	/** How long the changes took. */
	seconds: number;
	stores: {
		platform: Platform;
		/** Writes and reads that the changes caused; the poll of orders comes by its clock, changes or not. */
		calls: number;
		writes: number;
		/** Of any kind: a store that is written blindly is asked for its orders, too, before and behind each write (R4). */
		all: number;
		/** Writes that landed after a newer one had. */
		oldAfterNew: number;
		shows: number;
	}[];
	/** On hand after the last change. */
	last: number;
};

/** On a schedule of arrivals: a slow change does not slow the ones behind it. */
export async function manyChanges(shop: LiveShop, count: number, overMs: number, random: Random): Promise<Fan> {
	const { skuId, locationId } = await where(shop, sku);
	const before = await callsOf(shop);
	const began = performance.now();
	let last = startsAt;
	const pending: Promise<void>[] = [];
	for (let n = 0; n < count; n++) {
		const due = began + (n * overMs) / count;
		if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
		const delta = random.pick([-3, -2, -1, 1]);
		last += delta;
		pending.push(change(shop, [{ skuId, locationId, delta, key: `change ${n}` }]));
	}
	await Promise.all(pending);
	const seconds = (performance.now() - began) / 1_000;
	await shop.rest(60_000);
	const after = await callsOf(shop);
	const stores = await Promise.all(
		shop.stores.map(async (store, index) => ({
			platform: await platformOf(shop, store),
			calls: (after[index]?.calls ?? 0) - (before[index]?.calls ?? 0),
			writes: (after[index]?.writes ?? 0) - (before[index]?.writes ?? 0),
			all: (after[index]?.all ?? 0) - (before[index]?.all ?? 0),
			oldAfterNew: await oldAfterNew(shop, store),
			shows: (await shop.shown(store)).get(sku) ?? Number.NaN,
		})),
	);
	return { changes: count, seconds, stores, last };
}

export const hotShop = (database: TestDatabase, platforms: readonly Platform[] = ["shopify", "shopify"]) =>
	openLiveShop(database, { platforms: [...platforms], stock: { [sku]: startsAt } });

/** The naive twin: each change is written as soon as it is known, by a call of its own. */
export async function callPerChange(shop: LiveShop, count: number, overMs: number, random: Random): Promise<Fan> {
	const [store] = shop.stores as [LiveStore];
	const target = { channelId: store.channelId, merchantId: shop.merchantId, platform: "shopify" as const };
	const open = await openConnection(shop.database.client("app"), target);
	const [listing] = await shop.database.ownerClient<{ external_key: string; ids: Record<string, string> }[]>`
		select external_key, ids from listings where channel_id = ${store.channelId} limit 1`;
	if (!listing) throw new Error("the store has no listing");
	const about = { externalKey: listing.external_key, ids: listing.ids };
	const before = await callsOf(shop);
	const began = performance.now();
	let last = startsAt;
	const written: { value: number; at: number }[] = [];
	const push = async (value: number) => {
		const [level] = await open.adapter.readLevels(open.connection(), [about]);
		const row = { ...about, quantity: value, expected: level?.quantity ?? 0 };
		const { rows } = await open.adapter.writeQuantities(open.connection(), [row], crypto.randomUUID());
		if (rows[0]?.result === "applied") written.push({ value, at: performance.now() });
	};
	const pending: Promise<unknown>[] = [];
	for (let n = 0; n < count; n++) {
		const due = began + (n * overMs) / count;
		if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
		last += random.pick([-3, -2, -1, 1]);
		pending.push(push(last).catch(() => {}));
	}
	await Promise.all(pending);
	const seconds = (performance.now() - began) / 1_000;
	const after = await callsOf(shop);
	const calls = (after[0]?.calls ?? 0) - (before[0]?.calls ?? 0);
	const shows = (await shop.shown(store)).get(sku) ?? Number.NaN;
	return {
		changes: count,
		seconds,
		last,
		stores: [{ platform: "shopify", calls, writes: written.length, all: calls, oldAfterNew: 0, shows }],
	};
}

export type Urgent = {
	pending: number;
	/** From the commit of the zero until the store shows it. */
	zeroMs: number;
	/** Until the whole queue was through: when a zero that waits its turn would be shown. */
	queueMs: number;
	/** Of the pending ones, those that were through when the zero was. */
	before: number;
};

/** A slow store with a long queue, and something that has just sold out at its end. */
export async function zeroBehind(database: TestDatabase, pending: number, random: Random): Promise<Urgent> {
	const stock = Object.fromEntries(Array.from({ length: pending + 1 }, (_, n) => [`SKU-${n}`, 500 + (n % 100)]));
	const shop = await openLiveShop(database, {
		platforms: ["shopify"],
		stock,
		settings: { plan: "plus" },
	});
	try {
		const [store] = shop.stores as [LiveStore];
		await setKnobs(shop.sandbox.ctx, store.storeId, { latencyMs: 500, latencyJitterMs: 100 });
		const rows = await shop.database.ownerClient<
			{ sku_id: string; location_id: string; code: string; on_hand: number }[]
		>`
			select k.id as sku_id, l.location_id, k.code, l.on_hand from skus k join levels l on l.sku_id = k.id where k.merchant_id = ${shop.merchantId}`;
		const last = rows.find(({ code }) => code === `SKU-${pending}`);
		if (!last) throw new Error("the SKU that sells out is missing");
		const others = rows.filter((row) => row !== last);
		await change(
			shop,
			others.map((row) => ({
				skuId: row.sku_id,
				locationId: row.location_id,
				delta: random.int(-50, -1),
				key: "queue",
			})),
		);
		const queued = performance.now();
		await new Promise((resolve) => setTimeout(resolve, 300));
		await change(shop, [{ skuId: last.sku_id, locationId: last.location_id, delta: -last.on_hand, key: "sold out" }]);
		const soldOut = performance.now();
		await poll(async () => (await levelOf(shop, last.code)) === 0, 30_000);
		const zeroMs = performance.now() - soldOut;
		const before = pending - (await waiting(shop));
		await poll(async () => (await waiting(shop)) === 0, 120_000);
		return { pending, zeroMs, queueMs: performance.now() - queued, before };
	} finally {
		await shop.close();
	}
}

async function waiting({ database, merchantId }: LiveShop): Promise<number> {
	const [row] = await database.ownerClient<{ count: number }[]>`
		select count(*)::int as count from slots where merchant_id = ${merchantId} and is_pending`;
	return row?.count ?? 0;
}

/** A look costs the store nothing: by its own truth, not over the wire. */
async function levelOf({ database }: LiveShop, code: string): Promise<number | undefined> {
	const [row] = await database.ownerClient<{ quantity: number }[]>`
		select quantity from sandbox.items where kind = 'level' and sku = ${code}`;
	return row?.quantity;
}

/** Resolves once it is so, or the time is up. */
export async function poll(look: () => Promise<boolean>, withinMs: number): Promise<void> {
	for (const end = Date.now() + withinMs; !(await look()) && Date.now() < end; )
		await new Promise((resolve) => setTimeout(resolve, 10));
}

type Change = { skuId: string; locationId: string; delta: number; key: string };

/** In one transaction, and the stores are told. */
export async function change(shop: LiveShop, changes: readonly Change[]): Promise<void> {
	const client = shop.database.client("app");
	const { pendingChannelIds } = await asMerchantPrepared(client, shop.merchantId, async (run) => {
		await foldMovements(
			run,
			shop.merchantId,
			changes.map(({ key, ...one }) => ({ ...one, kind: "adjustment" as const, causeKey: key, actor: "proof" })),
		);
		return updateSlots(run, [...new Set(changes.map(({ skuId }) => skuId))], []);
	});
	wake("work", pendingChannelIds);
}

async function where(shop: LiveShop, code: string): Promise<Place> {
	const place = (await whereAll(shop)).find((one) => one.code === code);
	if (!place) throw new Error(`there is no ${code}`);
	return place;
}

type Place = { skuId: string; locationId: string; code: string };

/** Every SKU of the shop. */
export async function whereAll({ database, merchantId }: LiveShop): Promise<Place[]> {
	return database.ownerClient<Place[]>`
		select k.id as "skuId", l.location_id as "locationId", k.code from skus k join levels l on l.sku_id = k.id
		where k.merchant_id = ${merchantId}`;
}

async function callsOf(shop: LiveShop): Promise<{ calls: number; writes: number; all: number }[]> {
	return Promise.all(
		shop.stores.map(async ({ storeId }) => {
			const counts = await countWireRequests(shop.sandbox.ctx, storeId);
			const writes = (counts.write ?? 0) + (counts["bulk-write"] ?? 0);
			// Its owner's queue is no part of the store.
			const all = Object.entries(counts).reduce((sum, [what, count]) => sum + (what === "queue" ? 0 : count), 0);
			return { calls: writes + (counts.levels ?? 0), writes, all };
		}),
	);
}

async function platformOf({ database }: LiveShop, { channelId }: LiveStore): Promise<Platform> {
	const [row] = await database.ownerClient<{ platform: Platform }[]>`
		select platform from channels where id = ${channelId}`;
	if (!row) throw new Error("the channel is gone");
	return row.platform;
}

/** By the trigger's order of landings and the SKU version that each write carried. */
async function oldAfterNew({ database }: LiveShop, store: LiveStore): Promise<number> {
	const { channelId } = store;
	const [row] = await database.ownerClient<{ count: number }[]>`
		with landed as (
			select h.seq, (
				select p.sku_version from push_items p
				where p.channel_id = ${channelId} and p.quantity = h.after and p.at <= h.at order by p.at desc limit 1) as version
			from level_history h where not h.is_sale and h.store_id = any(${await storeIdsOf(database, store)})
		)
		select count(*)::int as count from (select version, lag(version) over (order by seq) as before from landed) l where version < before`;
	return row?.count ?? 0;
}
