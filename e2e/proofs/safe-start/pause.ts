/** The global pause in the middle of many changes: how long after it a write still lands; and where writes are messages. */
import type { TestDatabase } from "@/db/testing";
import { setKnobs } from "@/lib/sandbox/stores";
import { openConnection } from "@/lib/services/channels/open-connection";
import { pausePushes, resumePushes } from "@/lib/services/merchants/pause-pushes";
import type { Random } from "@/lib/simulation/random";
import { change, whereAll } from "../fan-out/changes";
import { type LiveShop, type LiveStore, openLiveShop } from "../pipeline/live-shop";
import { wrongIn } from "../pipeline/wrong-in";

export type Paused = {
	/** Writes that landed before, … */
	before: number;
	/** … and after the pause was agreed to, … */
	after: number;
	/** … the last of them so long after it; 0: none. */
	lastMs: number;
	/** Changes that came while it was paused. */
	changes: number;
	/** Listings that don't show the stock after it was resumed. */
	wrong: number;
};

const skus = 300;
const startsAt = 1_000;
const everyMs = 100;
const atOnce = 10;
/** Each way of a call and back. */
const latencyMs = 300;

/** Ours: changes come as fast before the pause as during it. `watchLevels` must be on. */
export async function pauseAmidChanges(database: TestDatabase, random: Random, ms: number): Promise<Paused> {
	const shop = await open(database);
	try {
		const places = await whereAll(shop);
		let count = 0;
		const go = async (forMs: number) => {
			for (const end = performance.now() + forMs; performance.now() < end; ) {
				const due = performance.now() + everyMs;
				await change(
					shop,
					Array.from({ length: atOnce }, () => ({
						...random.pick(places),
						delta: random.pick([-2, -1, 1]),
						key: `change ${count++}`,
					})),
				);
				await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
			}
		};
		await go(ms);
		await pausePushes(shop.ctx);
		const pausedAt = await databaseTime(database);
		const before = count;
		await go(2 * ms);
		const landed = await landingsAround(database, pausedAt);
		await resumePushes(shop.ctx);
		await shop.rest(120_000);
		return { ...landed, changes: count - before, wrong: await wrongIn(shop) };
	} finally {
		await shop.close();
	}
}

/** The naive twin: every change is a message to the store, and the pause stops only new ones from being made. */
export async function pauseOfQueue(database: TestDatabase, random: Random, ms: number): Promise<Paused> {
	const shop = await open(database);
	try {
		const [store] = shop.stores as [LiveStore];
		const target = { channelId: store.channelId, merchantId: shop.merchantId, platform: "shopify" as const };
		const { adapter, connection } = await openConnection(database.client("app"), target);
		const listings = await database.ownerClient<{ external_key: string; ids: Record<string, string> }[]>`
			select external_key, ids from listings where channel_id = ${store.channelId}`;
		const shown = new Map(listings.map(({ external_key }) => [external_key, startsAt]));
		let queue = Promise.resolve();
		for (const end = performance.now() + ms; performance.now() < end; ) {
			const listing = random.pick(listings);
			queue = queue.then(async () => {
				const expected = shown.get(listing.external_key) ?? startsAt;
				const row = { externalKey: listing.external_key, ids: listing.ids, quantity: expected - 1, expected };
				const { rows } = await adapter.writeQuantities(connection(), [row], crypto.randomUUID());
				if (rows[0]?.result === "applied") shown.set(listing.external_key, expected - 1);
			});
			await new Promise((resolve) => setTimeout(resolve, everyMs));
		}
		const pausedAt = await databaseTime(database);
		await queue;
		return { ...(await landingsAround(database, pausedAt)), changes: 0, wrong: 0 };
	} finally {
		await shop.close();
	}
}

async function open(database: TestDatabase): Promise<LiveShop> {
	const stock = Object.fromEntries(Array.from({ length: skus }, (_, n) => [`SKU-${n}`, startsAt]));
	const shop = await openLiveShop(database, { platforms: ["shopify"], stock, settings: { plan: "plus" } });
	for (const { storeId } of shop.stores) await setKnobs(shop.sandbox.ctx, storeId, { latencyMs });
	return shop;
}

async function databaseTime({ ownerClient }: TestDatabase): Promise<string> {
	const [row] = await ownerClient<{ now: string }[]>`select clock_timestamp()::text as now`;
	return row?.now ?? "";
}

async function landingsAround({ ownerClient }: TestDatabase, pausedAt: string) {
	const [row] = await ownerClient<{ before: number; after: number; lastMs: number }[]>`
		select (count(*) filter (where at <= ${pausedAt}::text::timestamptz))::int as before,
			(count(*) filter (where at > ${pausedAt}::text::timestamptz))::int as after,
			coalesce(greatest(0, extract(epoch from max(at) - ${pausedAt}::text::timestamptz) * 1000), 0)::float8 as "lastMs"
		from level_history where not is_sale`;
	return row ?? { before: 0, after: 0, lastMs: Number.POSITIVE_INFINITY };
}
