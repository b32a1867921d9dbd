/** Numbers that change all the time while one store of three has its storm: what becomes of it, and of the others. */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { setKnobs } from "@/lib/sandbox/stores";
import type { Random } from "@/lib/simulation/random";
import { quantile } from "@/lib/simulation/statistics";
import { change, poll, whereAll } from "../fan-out/changes";
import { type LiveShop, type LiveStore, openLiveShop } from "../pipeline/live-shop";
import { wrongIn } from "../pipeline/wrong-in";
import { callsWhileDown } from "./calls";
import { latencyMs, storm } from "./weather";

/** Some calm, the storm, and calm again. */
export type Weather = { calmMs: number; stormMs: number };

export type OtherStore = { platform: Platform; calmMs: number; stormMs: number };

export type Stormy = {
	changes: number;
	/** Listings that don't show the stock when all is over: numbers that were given up. */
	dead: number;
	/** Calls to the store in trouble while its breaker was open, … */
	probes: number;
	/** … and the most of them at once. */
	probesAtOnce: number;
	/** From the end of the storm until the store shows every number. */
	healedMs: number;
	/** From a change until each of the others has confirmed it, 95 of 100: in calm, and while the first one had its storm. */
	others: OtherStore[];
};

const skus = 200;
const startsAt = 5_000;
const everyMs = 100;

const stock = Object.fromEntries(Array.from({ length: skus }, (_, n) => [`SKU-${n}`, startsAt]));

/** The first one has the storm. */
export const threeStores: readonly Platform[] = ["shopify", "shopify", "woocommerce"];

export async function openStores(database: TestDatabase, platforms: readonly Platform[]): Promise<LiveShop> {
	const shop = await openLiveShop(database, { platforms: [...platforms], stock, settings: { plan: "plus" } });
	for (const { storeId } of shop.stores) await setKnobs(shop.sandbox.ctx, storeId, { latencyMs });
	return shop;
}

/** Ours. `upset` is what becomes of the first store while it storms. */
export async function changesInStorm(
	database: TestDatabase,
	random: Random,
	weather: Weather,
	platforms = threeStores,
	upset = storm,
): Promise<Stormy> {
	const shop = await openStores(database, platforms);
	const sql = database.ownerClient;
	try {
		const [first, ...others] = shop.stores as [LiveStore, ...LiveStore[]];
		const places = await whereAll(shop);
		let made = 0;
		const go = async (forMs: number) => {
			const began = performance.now();
			for (let n = 0; n * everyMs < forMs; n++) {
				const due = began + n * everyMs;
				if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
				// Each in turn: none so often that its writes are paced.
				const place = places[made % places.length];
				if (place) await change(shop, [{ ...place, delta: random.pick([-2, -1, 1]), key: `change ${made++}` }]);
			}
		};
		const now = async () => (await sql<{ at: string }[]>`select clock_timestamp()::text as at`)[0]?.at ?? "";

		await go(weather.calmMs);
		const began = await now();
		await Promise.all([go(weather.stormMs), upset(shop, first, weather.stormMs, random)]);
		const ended = await now();
		const over = performance.now();
		const healing = poll(async () => (await lateIn(shop, first)) === 0, 120_000).then(() => performance.now() - over);
		await go(weather.calmMs);
		const healedMs = await healing;
		await shop.rest(120_000);
		const lags = await Promise.all(others.map((store) => lagsOf(shop, store, began, ended)));
		return {
			changes: made,
			dead: await wrongIn(shop),
			...(await callsWhileDown(shop, first)),
			healedMs,
			others: lags.map(({ calm, stormy }, index) => ({
				platform: platforms[index + 1] as Platform,
				calmMs: quantile(calm, 0.95),
				stormMs: quantile(stormy, 0.95),
			})),
		};
	} finally {
		await shop.close();
	}
}

/** Offers from before this moment that the store does not show yet. */
async function lateIn({ database }: LiveShop, { channelId }: LiveStore): Promise<number> {
	const [row] = await database.ownerClient<{ late: number }[]>`
		select count(*)::int as late from slots where channel_id = ${channelId} and (is_pending or push_id is not null)
			and offered_at < now() - interval '5 seconds'`;
	return row?.late ?? 0;
}

/** Of each change the time until the channel confirmed it or a newer one. */
async function lagsOf({ database, merchantId }: LiveShop, { channelId }: LiveStore, began: string, ended: string) {
	const rows = await database.ownerClient<{ ms: number; is_stormy: boolean }[]>`
		select extract(epoch from p.settled_at - m.at)::float8 * 1000 as ms,
			m.at between ${began}::text::timestamptz and ${ended}::text::timestamptz as is_stormy
		from movements m cross join lateral (
			select min(settled_at) as settled_at from push_items p
			where p.sku_id = m.sku_id and p.channel_id = ${channelId} and p.sku_version >= m.version and p.outcome = 'applied') p
		where m.merchant_id = ${merchantId} and m.kind = 'adjustment' and m.cause_key like 'change %' and p.settled_at is not null`;
	return {
		calm: rows.filter((row) => !row.is_stormy).map(({ ms }) => ms),
		stormy: rows.filter((row) => row.is_stormy).map(({ ms }) => ms),
	};
}
