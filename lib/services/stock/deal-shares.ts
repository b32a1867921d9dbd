import type { Statement } from "@/db/statement";
import { ceiling, type Sellable } from "@/lib/stock/bound";
import { connected } from "@/lib/stock/connected";
import { type Demand, type Draw, demandOf, hearDemand, shareOut } from "@/lib/stock/escrow";
import { type AdaptiveSettings, hearPace, noPace, type Pace, paceFrom, stand } from "@/lib/stock/strategy";
import { adaptiveOn } from "./adaptive-on";
import {
	type Holder,
	type Pool,
	readHolders,
	readPools,
	readStocks,
	type Share,
	type Stock,
	storeShares,
	storeStands,
} from "./deal-rows";

/** What the policy says of a slot (lib/stock/offer-policy.ts), as its offer was computed. */
export type Allowed = {
	id: number;
	/** What it is offered of a stock that all share: the most that it may show of one that is split. Null: not counted. */
	most: number | null;
	buffer_units: number;
	out_of_stock_below: number;
};

export type Dealt = {
	pendingChannelIds: string[];
	/** SKUs that have just gone back to being shared: their offers are by the formula again. */
	sharedAgain: string[];
};

/**
 * Decides for each of these SKUs, and for the components of those that are bundles, whether its listings share the stock or
 * split it, and deals the shares (lib/stock strategy and escrow). In the caller's transaction, which holds the locks of the
 * levels and slots of all that `changed`, and of the bundles that hold them; `allowed` has those slots, by id.
 */
export async function dealShares(
	run: Statement,
	skuIds: readonly string[],
	changed: readonly string[],
	allowed: ReadonlyMap<number, Allowed>,
	now: number,
): Promise<Dealt> {
	const pools = await readPools(run, skuIds, changed);
	if (pools.length === 0) return { pendingChannelIds: [], sharedAgain: [] };
	const settings = await settingsByPlatforms(pools);
	const decided = pools.map((pool) => {
		const units = Object.values(pool.sold).reduce((sum, sold) => sum + sold, 0);
		const pace = hearPace(paceOf(pool), units, now, pool.orders);
		const { available, is_escrow: wasEscrow, is_launch: isLaunch } = pool;
		const circumstances = { available, pace, now, wasEscrow, isLaunch };
		return { pool, pace, stand: stand(pool.strategy, circumstances, settings.get(keyOf(pool))) };
	});
	await storeStands(run, decided, now);
	const found = await readHolders(
		run,
		pools.map(({ sku_id }) => sku_id),
	);
	const holders = found.map((holder) => ({ ...holder, ...allowedOf(allowed, holder) }));
	const stocks = await readStocks(run, holders);
	const drawnOn = byStock(stocks);
	const sold = new Map(pools.map((pool) => [stockKey(pool.sku_id, pool.root_id), pool.sold]));
	const dealt = together(holders).flatMap((group) => deal(group, drawnOn, sold, now));
	return {
		pendingChannelIds: await storeShares(run, dealt),
		sharedAgain: decided.filter((one) => one.pool.is_escrow && !one.stand.isEscrow).map(({ pool }) => pool.sku_id),
	};
}

const keyOf = ({ platforms }: Pool): string => platforms.join();

/** What adaptive goes by where these platforms sell; most SKUs of a merchant are sold by the same. */
async function settingsByPlatforms(pools: readonly Pool[]): Promise<Map<string, AdaptiveSettings>> {
	const settings = new Map<string, AdaptiveSettings>();
	for (const pool of pools) if (!settings.has(keyOf(pool))) settings.set(keyOf(pool), await adaptiveOn(pool.platforms));
	return settings;
}

const paceOf = ({ pace, pace_at }: Pool): Pace => (pace && pace_at !== null ? paceFrom(pace, pace_at) : noPace);

type Dealer = Holder & Allowed;

function allowedOf(allowed: ReadonlyMap<number, Allowed>, { id }: Holder): Allowed {
	const found = allowed.get(id);
	if (!found) throw new Error("a listing has a part of the stock, and its offer was not computed");
	return found;
}

/** A SKU where locations overlap. */
const stockKey = (skuId: string, rootId: string): string => `${skuId} ${rootId}`;
const stockKeys = ({ parts, root_id }: Holder): string[] => parts.map(({ skuId }) => stockKey(skuId, root_id));

/** Listings that draw on the same stock, be it by way of others: their shares depend on each other. */
const together = (holders: readonly Dealer[]): Dealer[][] => connected(holders, stockKeys);

function byStock(stocks: readonly Stock[]): ReadonlyMap<string, Stock[]> {
	const by = new Map<string, Stock[]>();
	for (const stock of stocks) {
		const key = stockKey(stock.sku_id, stock.root_id);
		by.set(key, [...(by.get(key) ?? []), stock]);
	}
	return by;
}

const heldBy = ({ bound, doubt, shown }: Holder): number =>
	Math.max(0, shown, bound === null ? 0 : ceiling({ bound, doubt } as Sellable));

/** Units sold since the pace was last brought up to date, by channel; of each stock. */
type Sold = ReadonlyMap<string, Pool["sold"]>;

/** Of a bundle no more can have been sold than of each of its components. */
function demandAt(holder: Holder, sold: Sold, now: number): Demand {
	const units = holder.parts.flatMap((part) => {
		const byChannel = sold.get(stockKey(part.skuId, holder.root_id));
		return byChannel ? Math.floor((byChannel[holder.channel_id] ?? 0) / part.units) : [];
	});
	const before = { units: holder.demand_units, at: holder.demand_at ?? now };
	return hearDemand(before, units.length > 0 ? Math.min(...units) : 0, now);
}

/** What one of a listing takes, of each SKU that it is made of, in each pool that has all the locations it sells from. */
const drawsOf = (holder: Holder, stocks: readonly Stock[]): Draw[] =>
	stocks.flatMap(({ sku_id, root_id, location_ids }, stock) => {
		const part = holder.parts.find(({ skuId }) => skuId === sku_id);
		const isItsOwn = root_id === holder.root_id && holder.location_ids.every((id) => location_ids.includes(id));
		return part && isItsOwn ? { stock, units: holder.units * part.units } : [];
	});

/** Units of each stock that none of those who draw on it may show: the least of what is held back from each of them. */
function heldFromAll(all: readonly { holder: Dealer; draws: readonly Draw[] }[], stock: number): number {
	const held = all.flatMap(({ holder, draws }) =>
		draws.filter((draw) => draw.stock === stock).map(({ units }) => (holder.buffer_units * units) / holder.units),
	);
	return held.length > 0 ? Math.min(...held) : 0;
}

/** What can't be written to, or isn't counted, keeps what it holds; the others split the rest, none more than it would show of all. */
function deal(
	holders: readonly Dealer[],
	stocks: ReadonlyMap<string, readonly Stock[]>,
	sold: Sold,
	now: number,
): Share[] {
	const own = [...new Set(holders.flatMap(stockKeys))].flatMap((key) => stocks.get(key) ?? []);
	const all = holders.map((holder) => ({
		holder,
		draws: drawsOf(holder, own),
		holds: heldBy(holder),
		demand: demandAt(holder, sold, now),
	}));
	const isDealtTo = ({ is_written, most }: Dealer) => is_written && most !== null;
	const kept = all.filter(({ holder }) => !isDealtTo(holder));
	const written = all.filter(({ holder }) => isDealtTo(holder));
	// A cart takes of what no listing holds, of a buffer too.
	const left = own.map(({ available, for_carts }, stock) => available - Math.max(heldFromAll(all, stock), for_carts));
	for (const { draws, holds } of kept)
		for (const { stock, units } of draws) left[stock] = (left[stock] as number) - units * holds;
	const shares = shareOut(
		left,
		written.map(({ holder, draws, holds, demand }) => ({
			draws,
			holds,
			demand: demandOf(demand, now),
			most: holder.most ?? 0,
			outOfStockBelow: holder.out_of_stock_below,
		})),
	);
	return [
		...written.map(({ holder, demand }, index) => ({
			id: holder.id,
			offered: shares[index] as number,
			demand: demand.units,
		})),
		...kept.map(({ holder, holds, demand }) => ({
			id: holder.id,
			offered: holder.most === null ? null : holds,
			demand: demand.units,
		})),
	];
}
