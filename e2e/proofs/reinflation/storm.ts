/**
 * P1 on the whole pipeline: real stores over HTTP that answer late, fail, do it and fail, tell their news late, twice, out
 * of order or not at all, while people buy in all of them.
 */

import type { Platform } from "@/db/schema";
import { asMerchantPrepared } from "@/db/statement";
import type { TestDatabase } from "@/db/testing";
import { adapterFor } from "@/lib/channels/registry";
import { calmStore, checkout, setKnobs } from "@/lib/sandbox/stores";
import { type CheckedLedger, checkLedger } from "@/lib/services/stock/check-ledger";
import { type Random, seeded } from "@/lib/simulation/random";
import { judgeLandings, type Landings } from "../pipeline/landings";
import { watchLevels } from "../pipeline/level-history";
import { type LiveShop, type LiveShopOptions, type LiveStore, openLiveShop, pollAll } from "../pipeline/live-shop";
import { hastenLostAnswers } from "../pipeline/mix";

export type Storm = {
	/** By platform. */
	landings: Landings[];
	placed: number;
	refused: number;
	/** Units sold beyond what there was: news that came too late for another store. */
	oversold: number;
	settledSeconds: number;
	/** What is not as it must be in the end. */
	wrong: string[];
};

export type StormOptions = {
	platforms: LiveShopOptions["platforms"];
	orders: number;
	seed: number;
	/** Units of each SKU at first. */
	startsAt?: number;
	/** See `hastenLostAnswers`; left out, each platform is as slow as it is. */
	isInHaste?: boolean;
	/** Of the news, beside what is lost, doubled and reordered. */
	mostNewsDelayMs?: number;
	/** The naive twin: compares with a level read a moment before, which always passes. */
	readsFirst?: boolean;
};

const skus = ["LAMP", "ROPE", "TENT"];

export async function storm(database: TestDatabase, options: StormOptions): Promise<Storm> {
	const { platforms, startsAt = 25 } = options;
	const random = seeded(options.seed);
	if (options.isInHaste) await hastenLostAnswers(platforms);
	await watchLevels(database);
	const shop = await openLiveShop(database, {
		platforms,
		stock: Object.fromEntries(skus.map((sku) => [sku, startsAt])),
		random: random.next,
	});
	const restore = options.readsFirst ? await readFirst(platforms) : () => {};
	try {
		const knobs = { ...bad, webhookDelayJitterMs: options.mostNewsDelayMs ?? 6_000 };
		for (const { storeId } of shop.stores) await setKnobs(shop.sandbox.ctx, storeId, knobs);
		const sold = await sell(shop, options.orders, random);
		const calmedAt = performance.now();
		for (const { storeId } of shop.stores) await calmStore(shop.sandbox.ctx, storeId);
		await pollAll(shop);
		await shop.rest(240_000);
		const units = [...sold.bySku.values()].map((count) => startsAt - count);
		return {
			landings: await judgeLandings(shop, startsAt),
			placed: sold.placed,
			refused: sold.refused,
			oversold: units.reduce((sum, left) => sum + Math.max(0, -left), 0),
			settledSeconds: (performance.now() - calmedAt) / 1_000,
			wrong: await compare(shop, startsAt, sold.bySku),
		};
	} finally {
		restore();
		await shop.close();
	}
}

const bad = {
	latencyMs: 20,
	latencyJitterMs: 150,
	errorRate: 0.05,
	appliedThenFailedRate: 0.1,
	webhookDelayMs: 100,
	webhookLossRate: 0.1,
	webhookDuplicateRate: 0.2,
	webhookReorderRate: 0.2,
};

async function sell(shop: LiveShop, orders: number, random: Random) {
	const bySku = new Map(skus.map((sku) => [sku, 0]));
	let placed = 0;
	for (let n = 0; n < orders; n++) {
		const { storeId } = random.pick(shop.stores) as LiveStore;
		const sku = random.pick(skus);
		const quantity = random.chance(0.8) ? 1 : 2;
		const { result } = await checkout(shop.sandbox.ctx, storeId, [{ sku, quantity }]);
		if (result === "placed") {
			placed++;
			bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
		}
		await new Promise((resolve) => setTimeout(resolve, random.int(20, 250)));
	}
	return { bySku, placed, refused: orders - placed };
}

async function compare(shop: LiveShop, startsAt: number, bySku: ReadonlyMap<string, number>): Promise<string[]> {
	const wrong: string[] = [];
	const ledger: CheckedLedger = await asMerchantPrepared(shop.database.client("app"), shop.merchantId, (run) =>
		checkLedger(run, shop.merchantId),
	);
	if (ledger.faultCount > 0) wrong.push(`${ledger.faultCount} faults of the ledger`);
	const levels = await shop.database.ownerClient<{ code: string; on_hand: number }[]>`
		select k.code, l.on_hand from levels l join skus k on k.id = l.sku_id where l.merchant_id = ${shop.merchantId}`;
	for (const { code, on_hand } of levels) {
		const left = startsAt - (bySku.get(code) ?? 0);
		if (on_hand !== left) wrong.push(`${on_hand} of ${code} on hand, not ${left}`);
		for (const [index, store] of shop.stores.entries()) {
			const shows = (await shop.shown(store)).get(code);
			if (shows !== Math.max(0, left)) wrong.push(`store ${index} shows ${shows} of ${code}, not ${Math.max(0, left)}`);
		}
	}
	return wrong;
}

/** Of every platform. Returns the way back. */
async function readFirst(platforms: readonly Platform[]): Promise<() => void> {
	const adapters = await Promise.all([...new Set(platforms)].map((platform) => adapterFor(platform)));
	const restores = adapters.map((adapter) => {
		const { writeQuantities } = adapter;
		adapter.writeQuantities = async (connection, rows, key) => {
			const levels = await adapter.readLevels(connection, rows).catch(() => []);
			const shows = new Map(levels.map(({ externalKey, quantity }) => [externalKey, quantity ?? 0]));
			const asRead = rows.map((row) => ({ ...row, expected: shows.get(row.externalKey) ?? row.expected }));
			return writeQuantities(connection, asRead, key);
		};
		return () => {
			adapter.writeQuantities = writeQuantities;
		};
	});
	return () => {
		for (const restore of restores) restore();
	};
}
