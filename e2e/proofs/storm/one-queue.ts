/**
 * The naive twin: each change is a message to each store, two dozen workers take them in turn whatever store they are
 * for, and a call that fails is tried again after a second, ten times.
 */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { type OpenConnection, openConnection } from "@/lib/services/channels/open-connection";
import type { Random } from "@/lib/simulation/random";
import { quantile } from "@/lib/simulation/statistics";
import type { LiveShop, LiveStore } from "../pipeline/live-shop";
import { mostAtOnce } from "./calls";
import { openStores, type Stormy, threeStores, type Weather } from "./changes";
import { storm } from "./weather";

const everyMs = 100;
/** Three times what calm needs. */
const workers = 24;
const tries = 10;
const againAfterMs = 1_000;

type Listing = { external_key: string; ids: Record<string, string> };
type Message = { store: number; listing: Listing; quantity: number; at: number; isStormy: boolean };

export async function oneQueue(database: TestDatabase, random: Random, weather: Weather): Promise<Stormy> {
	const shop = await openStores(database, threeStores);
	// Its own loops rest: only the queue writes.
	await shop.runner.stop();
	try {
		const doors = await Promise.all(shop.stores.map((store) => doorOf(shop, store)));
		const queue: Message[] = [];
		const lags = doors.map(() => ({ calm: [] as number[], stormy: [] as number[] }));
		const failing: { from: number; to: number }[] = [];
		let dead = 0;
		let isOver = false;
		const work = async () => {
			while (!isOver || queue.length > 0) {
				const message = queue.shift();
				if (!message) {
					await pause(10);
					continue;
				}
				if (!(await sent(doors[message.store], message, failing))) dead++;
				else lags[message.store]?.[message.isStormy ? "stormy" : "calm"].push(performance.now() - message.at);
			}
		};
		const working = Array.from({ length: workers }, work);

		let made = 0;
		const go = async (forMs: number, isStormy: boolean) => {
			const began = performance.now();
			for (let n = 0; n * everyMs < forMs; n++) {
				await pause(began + n * everyMs - performance.now());
				const quantity = 4_000 + random.int(0, 900);
				for (const [store, { listings }] of doors.entries()) {
					const listing = listings[made % listings.length];
					if (listing) queue.push({ store, listing, quantity, at: performance.now(), isStormy });
				}
				made++;
			}
		};
		const [first] = shop.stores as [LiveStore];
		await go(weather.calmMs, false);
		await Promise.all([go(weather.stormMs, true), storm(shop, first, weather.stormMs, random)]);
		const over = performance.now();
		isOver = true;
		await Promise.all(working);
		return {
			changes: made,
			dead,
			probes: failing.length,
			probesAtOnce: mostAtOnce(failing),
			healedMs: performance.now() - over,
			others: lags.slice(1).map(({ calm, stormy }, index) => ({
				platform: threeStores[index + 1] as Platform,
				calmMs: quantile(calm, 0.95),
				stormMs: quantile(stormy, 0.95),
			})),
		};
	} finally {
		await shop.sandbox.stop();
	}
}

type Door = { open: OpenConnection; listings: Listing[] };

async function doorOf(shop: LiveShop, { channelId }: LiveStore): Promise<Door> {
	const sql = shop.database.ownerClient;
	const [row] = await sql<{ platform: Platform }[]>`select platform from channels where id = ${channelId}`;
	if (!row) throw new Error("the channel is gone");
	const target = { channelId, merchantId: shop.merchantId, platform: row.platform };
	const listings = await sql<
		Listing[]
	>`select external_key, ids from listings where channel_id = ${channelId} order by id`;
	return { open: await openConnection(shop.database.client("app"), target), listings };
}

async function sent(
	door: Door | undefined,
	{ listing, quantity }: Message,
	failing: { from: number; to: number }[],
): Promise<boolean> {
	if (!door) return false;
	const about = { externalKey: listing.external_key, ids: listing.ids };
	const { adapter, connection } = door.open;
	for (let attempt = 0; attempt < tries; attempt++) {
		const from = performance.now();
		try {
			const [level] = await adapter.readLevels(connection(), [about]);
			const row = { ...about, quantity, expected: level?.quantity ?? 0 };
			const { rows } = await adapter.writeQuantities(connection(), [row], crypto.randomUUID());
			if (rows[0]?.result === "applied") return true;
		} catch {
			// Tried again below, whatever it was.
		}
		failing.push({ from, to: performance.now() });
		await pause(againAfterMs);
	}
	return false;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
