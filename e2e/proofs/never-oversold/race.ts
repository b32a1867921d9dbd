/**
 * P4 on the whole pipeline: real stores over HTTP that answer late, fail, do it and fail, and whose news comes late or not
 * at all; more people than there are units, in all of them at once.
 */
import type { TestDatabase } from "@/db/testing";
import { calmStore, checkout, setKnobs } from "@/lib/sandbox/stores";
import { setSkuStrategy } from "@/lib/services/stock/set-strategy";
import { type Random, seeded } from "@/lib/simulation/random";
import type { Strategy } from "@/lib/stock/strategy";
import { inDatabase } from "../pipeline/in-database";
import { type LiveShop, type LiveShopOptions, openLiveShop, pollAll, until } from "../pipeline/live-shop";

export type Race = {
	stock: number;
	sold: number;
	oversold: number;
	refused: number;
	/** Units that nobody could buy in the end, though people still came. */
	left: number;
	/** The most that the listings held in all, beyond what there was by then: E1 as the database had it, looked at all the time. */
	overheld: number;
	wrong: string[];
};

export type RaceOptions = {
	platforms: LiveShopOptions["platforms"];
	strategy: Strategy;
	stock: number;
	buyers: number;
	seed: number;
};

const sku = "LAMP";
const bad = {
	latencyMs: 20,
	latencyJitterMs: 150,
	errorRate: 0.03,
	appliedThenFailedRate: 0.05,
	webhookDelayMs: 1_500,
	webhookDelayJitterMs: 5_000,
	webhookLossRate: 0.05,
};

async function race(database: TestDatabase, options: RaceOptions): Promise<Race> {
	const random = seeded(options.seed);
	const shop = await openLiveShop(database, {
		platforms: options.platforms,
		stock: { [sku]: options.stock },
		random: random.next,
	});
	try {
		await chooseStrategy(shop, options.strategy);
		for (const { storeId } of shop.stores) await setKnobs(shop.sandbox.ctx, storeId, bad);
		const ledger = watchLedger(shop);
		const bought = await buy(shop, options.buyers, random);
		for (const { storeId } of shop.stores) await calmStore(shop.sandbox.ctx, storeId);
		await pollAll(shop);
		await shop.rest(240_000);
		const overheld = await ledger.end();
		return {
			stock: options.stock,
			...bought,
			oversold: Math.max(0, bought.sold - options.stock),
			left: Math.max(0, options.stock - bought.sold),
			overheld,
			wrong: await compare(shop, options.stock - bought.sold, options.strategy),
		};
	} finally {
		await shop.close();
	}
}

/** Until every store shows its part, and nothing is held twice any more. */
async function chooseStrategy(shop: LiveShop, strategy: Strategy): Promise<void> {
	const [row] = await shop.database.ownerClient<{ id: string }[]>`
		select id from skus where merchant_id = ${shop.merchantId} and code = ${sku}`;
	await setSkuStrategy(shop.ctx, row?.id ?? "", strategy);
	await until("the strategy to be in force", 90_000, async () => {
		await pollAll(shop);
		await shop.rest(60_000);
		return strategy !== "escrow" || (await heldBeyond(shop)) <= 0;
	});
}

async function buy(shop: LiveShop, buyers: number, random: Random): Promise<{ sold: number; refused: number }> {
	let sold = 0;
	let refused = 0;
	const each = async (store: (typeof shop.stores)[number], count: number) => {
		for (let n = 0; n < count; n++) {
			const { result } = await checkout(shop.sandbox.ctx, store.storeId, [{ sku, quantity: 1 }]);
			if (result === "placed") sold++;
			else refused++;
			await new Promise((resolve) => setTimeout(resolve, random.int(20, 400)));
		}
	};
	await Promise.all(shop.stores.map((store) => each(store, Math.ceil(buyers / shop.stores.length))));
	return { sold, refused };
}

/** Units that the listings hold in all, beyond what there is; zero or less: E1 holds. */
async function heldBeyond({ database, merchantId }: LiveShop): Promise<number> {
	const [row] = await database.ownerClient<{ beyond: number }[]>`
		select coalesce(max(held - available), 0)::int as beyond from (
			select l.on_hand - l.reserved as available, sum(greatest(0, s.bound + s.doubt) * s.units) as held
			from levels l join slots s on s.sku_id = l.sku_id and s.location_id = l.location_id
			where l.merchant_id = ${merchantId} group by l.sku_id, l.location_id, l.on_hand, l.reserved
		) pool`;
	return row?.beyond ?? 0;
}

/** Looks at the books as often as it can, until it is told to end. */
function watchLedger(shop: LiveShop): { end(): Promise<number> } {
	let isOver = false;
	let most = 0;
	const watching = (async () => {
		while (!isOver) most = Math.max(most, await heldBeyond(shop));
	})();
	return {
		async end() {
			isOver = true;
			await watching;
			return most;
		},
	};
}

async function compare(shop: LiveShop, left: number, strategy: Strategy): Promise<string[]> {
	const wrong: string[] = [];
	const [level] = await shop.database.ownerClient<{ on_hand: number }[]>`
		select l.on_hand from levels l where l.merchant_id = ${shop.merchantId}`;
	if (level?.on_hand !== left) wrong.push(`${level?.on_hand} on hand, not ${left}`);
	let shown = 0;
	for (const store of shop.stores) shown += (await shop.shown(store)).get(sku) ?? 0;
	if (strategy === "escrow" && shown > Math.max(0, left))
		wrong.push(`the stores show ${shown} between them, of ${left}`);
	return wrong;
}

/** In a database of its own. */
export const raceOf = (options: RaceOptions): Promise<Race> => inDatabase((database) => race(database, options));
