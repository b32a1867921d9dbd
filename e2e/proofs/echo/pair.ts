/** Two Shopify stores that share a stock both ways, over HTTP: edits, edits back and sales, with late and repeated news. */
import type { TestDatabase } from "@/db/testing";
import { checkout, countWireRequests, setKnobs, setQuantity } from "@/lib/sandbox/stores";
import { setDriftPolicy } from "@/lib/services/channels/set-drift-policy";
import { seeded } from "@/lib/simulation/random";
import { type LiveShop, type LiveStore, openLiveShop } from "../pipeline/live-shop";

export type EchoPair = {
	skus: number;
	edits: number;
	editsBack: number;
	sales: number;
	/** Edits that the ledger has. */
	counted: number;
	/** Calls that still left in ten seconds after all had come to rest, polls apart. */
	restlessCalls: number;
	wrong: string[];
};

/** Each round changes every SKU once, in one of the two stores, and comes to rest; the platform's lists lag 15 s. */
export async function twoWayPair(
	database: TestDatabase,
	{ skus, rounds, seed }: { skus: number; rounds: number; seed: number },
): Promise<EchoPair> {
	const random = seeded(seed);
	const right = new Map(Array.from({ length: skus }, (_, index) => [`SKU-${index}`, random.int(20, 60)]));
	const shop = await openLiveShop(database, { platforms: ["shopify", "shopify"], stock: Object.fromEntries(right) });
	const result: EchoPair = { skus, edits: 0, editsBack: 0, sales: 0, counted: 0, restlessCalls: 0, wrong: [] };
	try {
		for (const { channelId, storeId } of shop.stores) {
			await setDriftPolicy(shop.ctx, channelId, { class: "manual_edit", policy: "channel_counts" });
			await setKnobs(shop.sandbox.ctx, storeId, {
				webhookDelayMs: 200,
				webhookDelayJitterMs: 3_000,
				webhookDuplicateRate: 0.3,
				webhookReorderRate: 0.3,
			});
		}
		/** What each SKU was in the round before. */
		const earlier = new Map<string, number>();
		for (let round = 0; round < rounds; round++) {
			for (const [sku, units] of [...right]) {
				const store = random.pick(shop.stores);
				const back = earlier.get(sku);
				earlier.set(sku, units);
				if (random.chance(0.2)) {
					await checkout(shop.sandbox.ctx, store.storeId, [{ sku, quantity: 1 }]);
					right.set(sku, units - 1);
					result.sales++;
					continue;
				}
				const isBack = back !== undefined && back !== units && random.chance(0.6);
				const edited = isBack ? back : units + random.pick([-5, -2, 3, 7]);
				await setQuantity(shop.sandbox.ctx, store.storeId, sku, edited);
				right.set(sku, edited);
				result.edits++;
				if (isBack) result.editsBack++;
			}
			await shop.rest(180_000);
		}
		await compare(shop, right, result);
	} finally {
		await shop.close();
	}
	return result;
}

async function compare(shop: LiveShop, right: ReadonlyMap<string, number>, result: EchoPair): Promise<void> {
	const before = await callsOf(shop);
	await new Promise((resolve) => setTimeout(resolve, 10_000));
	result.restlessCalls = (await callsOf(shop)) - before;
	if (result.restlessCalls > 0) result.wrong.push(`${result.restlessCalls} calls at rest`);
	for (const [index, store] of shop.stores.entries()) {
		const shown = await shop.shown(store);
		for (const [sku, units] of right)
			if (shown.get(sku) !== units) result.wrong.push(`store ${index} shows ${shown.get(sku)} of ${sku}, not ${units}`);
	}
	const [row] = await shop.database.ownerClient<{ counted: number }[]>`
		select count(*)::int as counted from movements where merchant_id = ${shop.merchantId} and kind = 'channel_edit'`;
	result.counted = row?.counted ?? 0;
	if (result.counted !== result.edits) result.wrong.push(`the ledger has ${result.counted} of ${result.edits} edits`);
}

/** Writes and reads of levels; the poll of orders goes on by its clock. */
async function callsOf({ sandbox, stores }: LiveShop): Promise<number> {
	const counts = await Promise.all(stores.map(({ storeId }: LiveStore) => countWireRequests(sandbox.ctx, storeId)));
	return counts.reduce((sum, one) => sum + (one.write ?? 0) + (one.levels ?? 0), 0);
}
