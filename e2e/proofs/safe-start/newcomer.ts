/**
 * P13's world: a merchant with two live stores connects a third one, which is empty, broken, or breaks down while its
 * listings are read. Everything is linked as a person would, and people buy in the live stores meanwhile.
 */
import type { TestDatabase } from "@/db/testing";
import { calmStore, checkout, countWireRequests, createSandboxStore, quantities, setKnobs } from "@/lib/sandbox/stores";
import { dryRun } from "@/lib/services/channels/dry-run";
import { openConnection } from "@/lib/services/channels/open-connection";
import { switchPushingOn } from "@/lib/services/channels/switch-pushing";
import { ServiceError } from "@/lib/services/errors";
import { linkListings } from "@/lib/services/mappings/link-listings";
import { connectSandboxStore } from "@/lib/services/sandbox/connect-sandbox-store";
import { wake } from "@/lib/services/sync/wake";
import { productsOf } from "@/lib/services/testing/live-store";
import { type LiveShop, type LiveStore, openLiveShop, until } from "../pipeline/live-shop";

export const troubles = ["empty", "broken", "half-loaded"] as const;
export type Trouble = (typeof troubles)[number];
type Platform = "shopify" | "woocommerce";

export type Newcomer = {
	trouble: Trouble;
	platform: Platform;
	/** Listings that were linked while the store was in trouble. */
	linked: number;
	/** Calls that wrote to it before anybody agreed. */
	writes: number;
	/** Listings, in any store, that show another number than before and than sales explain. */
	changed: number;
	/** How switching on was answered: as it was, after a look, after the trouble was over. */
	answers: string[];
	/** Listings that don't show the stock once somebody had seen the changes and agreed to them. */
	wrongAfterwards: number;
};

const units = 10;
/** Three pages of the largest that either platform gives. */
const skus = 260;
const stock = Object.fromEntries(Array.from({ length: skus }, (_, n) => [`SKU-${n}`, units]));
/** The newcomer has a few that nobody knows. */
const strangers = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`STRANGER-${n}`, units]));
const shows: Record<Trouble, number> = { empty: 0, broken: units + 3, "half-loaded": units - 3 };

export async function ours(database: TestDatabase, trouble: Trouble, platform: Platform): Promise<Newcomer> {
	const shop = await openLiveShop(database, { platforms: ["shopify", "shopify"], stock });
	try {
		const store = await connect(shop, trouble, platform);
		// Connecting tries whether it may write, with nothing in the call.
		const tried = await writesTo(shop, store);
		const before = await allQuantities(shop, store);
		const linked = await linkAll(shop, store);
		// Writes do leave, where they may: a sale is seen in the other live store.
		await sellOne(shop);
		const answers = [await answerOf(() => switchPushingOn(shop.ctx, store.channelId))];
		await dryRun(shop.ctx, store.channelId, { markSeen: true });
		answers.push(await answerOf(() => switchPushingOn(shop.ctx, store.channelId)));
		await sellOne(shop);
		await heal(shop, store);
		await linkAll(shop, store);
		const { changes, toZero } = await dryRun(shop.ctx, store.channelId, { markSeen: true });
		answers.push(await answerOf(() => switchPushingOn(shop.ctx, store.channelId)));
		await sellOne(shop);
		const writes = (await writesTo(shop, store)) - tried;
		const changed = differences(before, await allQuantities(shop, store), 3);

		await switchPushingOn(shop.ctx, store.channelId, { changes, toZero });
		const isRight = async () => wrongIn(await quantities(shop.sandbox.ctx, store.storeId)) === 0;
		await until("the newcomer to show the stock", 60_000, async () => {
			await shop.runner.sweep();
			return isRight();
		}).catch(() => {});
		const wrongAfterwards = wrongIn(await quantities(shop.sandbox.ctx, store.storeId));
		return { trouble, platform, linked, writes, changed, answers, wrongAfterwards };
	} finally {
		await shop.close();
	}
}

export type TwinStart = {
	trouble: Trouble;
	writes: number;
	/** Listings whose number it changed, … */
	changed: number;
	/** … of them, those that it set to zero because it knew of no stock. */
	zeroed: number;
};

/** The naive twin: what it could read of a new store it brings in step at once; what it has no number for has none. */
export async function syncAtOnce(database: TestDatabase, trouble: Trouble, platform: Platform): Promise<TwinStart> {
	const shop = await openLiveShop(database, { platforms: ["shopify"], stock });
	try {
		const store = await connect(shop, trouble, platform);
		const before = new Map((await quantities(shop.sandbox.ctx, store.storeId)).map((row) => [row.sku, row.quantity]));
		const target = { channelId: store.channelId, merchantId: shop.merchantId, platform };
		const { adapter, connection } = await openConnection(shop.database.client("app"), target);
		const rows = await shop.database.ownerClient<
			{ external_key: string; ids: Record<string, string>; sku: string | null; shown: number | null }[]
		>`
			select l.external_key, l.ids, l.sku, s.expected as shown from listings l left join slots s on s.listing_id = l.id
			where l.channel_id = ${store.channelId}
			-- The strangers first: what the store throttles is given up.
			order by l.sku desc`;
		for (const { external_key, ids, sku, shown } of rows) {
			const row = { externalKey: external_key, ids, quantity: stock[sku ?? ""] ?? 0, expected: shown ?? 0 };
			// Whatever goes wrong is tried once more, and then given up.
			const write = () => adapter.writeQuantities(connection(), [row], crypto.randomUUID());
			await write()
				.catch(write)
				.catch(() => {});
		}
		const after = await quantities(shop.sandbox.ctx, store.storeId);
		const changed = after.filter(({ sku, quantity }) => quantity !== before.get(sku));
		return {
			trouble,
			writes: await writesTo(shop, store),
			changed: changed.length,
			zeroed: changed.filter(({ quantity }) => quantity === 0).length,
		};
	} finally {
		await shop.close();
	}
}

/** Until its listings are read, or some of them. */
async function connect(shop: LiveShop, trouble: Trouble, platform: Platform): Promise<LiveStore> {
	const shown = Object.fromEntries(Object.keys(stock).map((sku) => [sku, shows[trouble]]));
	const store = await createSandboxStore(shop.sandbox.ctx, {
		platform,
		name: "a newcomer",
		products: productsOf({ ...shown, ...strangers }),
		settings: platform === "woocommerce" ? { cronEveryMs: 1_000 } : {},
		// So slow that it can break down between two pages.
		knobs: { latencyMs: trouble === "half-loaded" ? 300 : 0 },
	});
	const connected = await connectSandboxStore(shop.ctx, shop.sandbox.ctx, store);
	if (connected.result !== "connected") throw new Error(`not connected: ${JSON.stringify(connected.checks)}`);
	const { channelId } = connected;
	if (trouble === "broken")
		await setKnobs(shop.sandbox.ctx, store.id, { errorRate: 0.25, appliedThenFailedRate: 0.1, throttleRate: 0.1 });
	await until("its listings", 60_000, async () => {
		const [job] = await shop.database.ownerClient<{ state: string; done: number; read: number }[]>`
			select state, done, (select count(*)::int from listings where channel_id = ${channelId}) as read
			from channel_jobs where channel_id = ${channelId} order by started_at desc limit 1`;
		if (trouble === "half-loaded" && job && job.done > 0) await setKnobs(shop.sandbox.ctx, store.id, { outage: true });
		if (job?.state === "done") return true;
		if (job?.state !== "failed") return false;
		if (job.read > 0) return true;
		// It fails at nearly every step: again, until something of it is known.
		wake("import", [channelId]);
		return false;
	});
	// It is back, and could be written to.
	if (trouble === "half-loaded") await calmStore(shop.sandbox.ctx, store.id);
	return { storeId: store.id, channelId };
}

async function heal(shop: LiveShop, { storeId, channelId }: LiveStore): Promise<void> {
	await calmStore(shop.sandbox.ctx, storeId);
	await until("its listings, all of them", 60_000, async () => {
		const [row] = await shop.database.ownerClient<{ is_read: boolean }[]>`
			select exists (select from channel_jobs where channel_id = ${channelId} and state = 'done') as is_read`;
		if (!row?.is_read) wake("import", [channelId]);
		return row?.is_read === true;
	});
}

/** What a person links by hand: every listing whose SKU is one of ours. */
async function linkAll({ database, ctx }: LiveShop, { channelId }: LiveStore): Promise<number> {
	const links = await database.ownerClient<{ listingId: string; skuId: string }[]>`
		select l.id as "listingId", k.id as "skuId" from listings l join skus k on k.merchant_id = l.merchant_id and k.code = l.sku
		where l.channel_id = ${channelId} and not exists (select from mappings m where m.listing_id = l.id)`;
	await linkListings(ctx, { links });
	return links.length;
}

const soldSku = "SKU-0";

/** In the first store, and it is over when the second one shows it. */
async function sellOne(shop: LiveShop): Promise<void> {
	const [first, second] = shop.stores as [LiveStore, LiveStore];
	const { result } = await checkout(shop.sandbox.ctx, first.storeId, [{ sku: soldSku, quantity: 1 }]);
	if (result !== "placed") throw new Error(`the sale was ${result}`);
	const left = (await shop.shown(first)).get(soldSku);
	await until("the sale to be in the other store", 30_000, async () => {
		await shop.runner.sweep();
		return (await shop.shown(second)).get(soldSku) === left;
	});
}

async function answerOf(work: () => Promise<void>): Promise<string> {
	try {
		await work();
		return "done";
	} catch (error) {
		if (error instanceof ServiceError) return error.reason;
		throw error;
	}
}

const writesTo = async (shop: LiveShop, { storeId }: LiveStore): Promise<number> =>
	(await countWireRequests(shop.sandbox.ctx, storeId)).write ?? 0;

async function allQuantities(shop: LiveShop, newcomer: LiveStore): Promise<Map<string, number>> {
	const all = new Map<string, number>();
	for (const store of [...shop.stores, newcomer])
		for (const [sku, quantity] of await shop.shown(store)) all.set(`${store.channelId} ${sku}`, quantity);
	return all;
}

/** The SKU that was sold in the live stores may show so many fewer. */
function differences(before: Map<string, number>, after: Map<string, number>, sold: number): number {
	const [first, second] = [...new Set([...before.keys()].map((key) => key.split(" ")[0]))];
	const explained = new Set([`${first} ${soldSku}`, `${second} ${soldSku}`]);
	return [...after].filter(
		([key, quantity]) => quantity !== (before.get(key) ?? Number.NaN) - (explained.has(key) ? sold : 0),
	).length;
}

const wrongIn = (rows: readonly { sku: string; quantity: number | null }[]): number =>
	rows.filter(({ sku, quantity }) => sku in stock && quantity !== (sku === soldSku ? units - 3 : units)).length +
	rows.filter(({ sku, quantity }) => sku in strangers && quantity !== units).length;

/** Nothing was written before somebody agreed, and then what they had agreed to. */
export const isSafe = ({ linked, writes, changed, answers, wrongAfterwards, trouble }: Newcomer): boolean =>
	writes === 0 &&
	changed === 0 &&
	wrongAfterwards === 0 &&
	answers.every((answer) => answer !== "done") &&
	answers.at(-1) === "share_not_confirmed" &&
	(trouble !== "half-loaded" || (linked > 0 && linked < skus));
