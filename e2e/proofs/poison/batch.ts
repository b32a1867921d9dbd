/** A store that has lost some of its products and told nobody: their rows spoil the calls that carry them. */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { countWireRequests, removeProduct, setKnobs } from "@/lib/sandbox/stores";
import { openConnection } from "@/lib/services/channels/open-connection";
import type { Random } from "@/lib/simulation/random";
import { change, whereAll } from "../fan-out/changes";
import { type LiveShop, type LiveStore, openLiveShop } from "../pipeline/live-shop";

type Size = { rows: number; bad: number };

export type Poisoned = {
	platform: Platform;
	bad: number;
	of: number;
	/** Good rows that the store shows afterwards. */
	applied: number;
	/** Bad rows that are no longer written: refused with a conflict, or found gone. */
	quarantined: number;
	/** Writing calls beyond those that the same change took before anything was bad. */
	extraCalls: number;
};

const startsAt = 500;
/** Several hundred rows of a platform that takes each by itself, on a busy machine. */
const restMs = 240_000;

async function open(database: TestDatabase, platform: Platform, { rows }: Size): Promise<LiveShop> {
	const stock = Object.fromEntries(Array.from({ length: rows }, (_, n) => [`SKU-${n}`, startsAt]));
	return openLiveShop(database, { platforms: [platform], stock });
}

/** `count` of the SKUs, drawn; their products are deleted in the store, and the news of it is lost. */
async function spoil(shop: LiveShop, { rows, bad }: Size, random: Random): Promise<Set<string>> {
	const [{ storeId }] = shop.stores as [LiveStore];
	await setKnobs(shop.sandbox.ctx, storeId, { webhookLossRate: 1 });
	const codes = new Set<string>();
	while (codes.size < bad) codes.add(`SKU-${random.int(0, rows - 1)}`);
	for (const code of codes) await removeProduct(shop.sandbox.ctx, storeId, code);
	return codes;
}

/** Ours. */
export async function poisoned(
	database: TestDatabase,
	platform: Platform,
	size: Size,
	random: Random,
): Promise<Poisoned> {
	const shop = await open(database, platform, size);
	try {
		const [store] = shop.stores as [LiveStore];
		const places = await whereAll(shop);
		const everywhere = async (key: string) => {
			const before = await writesOf(shop, store);
			await change(
				shop,
				places.map((place) => ({ ...place, delta: -1, key: `${key} ${place.code}` })),
			);
			await shop.rest(restMs);
			return (await writesOf(shop, store)) - before;
		};
		const clean = await everywhere("clean");
		const bad = await spoil(shop, size, random);
		const calls = await everywhere("spoilt");
		const shown = await shop.shown(store);
		const [row] = await database.ownerClient<{ count: number }[]>`
			select count(*)::int as count from slots s join listings l on l.id = s.listing_id
			where s.channel_id = ${store.channelId} and l.sku = any(${[...bad]}) and (l.gone_at is not null or s.held_reason is not null)`;
		return {
			platform,
			bad: size.bad,
			of: size.rows,
			applied: places.filter(({ code }) => !bad.has(code) && shown.get(code) === startsAt - 2).length,
			quarantined: row?.count ?? 0,
			extraCalls: calls - clean,
		};
	} finally {
		await shop.close();
	}
}

export type Whole = { applied: number; calls: number };

const tries = 10;

/** The naive twin: what fails as a whole is sent again as a whole. */
export async function wholeAgain(
	database: TestDatabase,
	platform: Platform,
	size: Size,
	random: Random,
): Promise<Whole> {
	const shop = await open(database, platform, size);
	await shop.runner.stop();
	try {
		const [store] = shop.stores as [LiveStore];
		await spoil(shop, size, random);
		const target = { channelId: store.channelId, merchantId: shop.merchantId, platform };
		const door = await openConnection(database.client("app"), target);
		const listings = await database.ownerClient<{ external_key: string; ids: Record<string, string> }[]>`
			select external_key, ids from listings where channel_id = ${store.channelId} order by id`;
		const batch = listings.map(({ external_key, ids }) => ({
			externalKey: external_key,
			ids,
			quantity: startsAt - 1,
			expected: startsAt,
		}));
		let calls = 0;
		let applied = 0;
		while (applied === 0 && calls < tries) {
			const { rows } = await door.adapter.writeQuantities(door.connection(), batch, crypto.randomUUID());
			applied = rows.filter(({ result }) => result === "applied").length;
			calls++;
		}
		return { applied, calls };
	} finally {
		await shop.sandbox.stop();
	}
}

async function writesOf(shop: LiveShop, { storeId }: LiveStore): Promise<number> {
	return (await countWireRequests(shop.sandbox.ctx, storeId)).write ?? 0;
}
