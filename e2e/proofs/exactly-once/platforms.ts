/**
 * Orders of a store of every platform, as its adapter reads them in each state of their lives. Every state comes 1–5 times,
 * in no order at all; in the end the ledger has what the stores themselves have left.
 */

import type { Platform } from "@/db/schema";
import { asMerchantPrepared } from "@/db/statement";
import type { TestDatabase } from "@/db/testing";
import { ChannelError } from "@/lib/channels/errors";
import type { SandboxContext } from "@/lib/sandbox/sandbox-platform";
import { cancelOrder, checkout, editOrder, refundOrder, setKnobs } from "@/lib/sandbox/stores";
import { openConnection } from "@/lib/services/channels/open-connection";
import type { WorkTarget } from "@/lib/services/channels/work-target";
import { applyMailBatch } from "@/lib/services/mail/apply-mail";
import { keepOrders } from "@/lib/services/orders/keep-orders";
import { checkLedger } from "@/lib/services/stock/check-ledger";
import { rebuildLevels } from "@/lib/services/stock/rebuild-levels";
import { findTarget } from "@/lib/services/sync/find-work";
import type { Random } from "@/lib/simulation/random";
import type { OrderSnapshot } from "@/lib/stock/order";
import { manyConnections } from "../pipeline/connections";
import { type LiveShop, type LiveStore, openLiveShop } from "../pipeline/live-shop";
import { everyPlatform } from "../pipeline/mix";
import { shuffled } from "./world";

export type Everywhere = {
	orders: number;
	/** Of orders; each was read from its store. */
	states: number;
	deliveries: number;
	deadlocks: number;
	/** What differs from the stores' own truth; empty when all is well. */
	wrong: string[];
	/** Units that whoever counts each delivery, or believes the last one that came, would be off. */
	naive: { countsEach: number; believesTheLast: number };
};

type State = { target: WorkTarget; order: OrderSnapshot };

const startsAt = 1_000;
const skus = ["LAMP", "ROPE", "TENT"];
const hourMs = 60 * 60_000;
/** Some platforms stamp by the second. */
const betweenMs = 2_000;

export async function everywhere(
	database: TestDatabase,
	random: Random,
	{ ordersEach, workers }: { ordersEach: number; workers: number },
): Promise<Everywhere> {
	const stock = Object.fromEntries(skus.map((sku) => [sku, startsAt]));
	const shop = await openLiveShop(database, { platforms: everyPlatform(), stock });
	// Nothing is heard but what is delivered here.
	await shop.runner.stop();
	const client = await manyConnections(database, workers, "app");
	try {
		// Before the orders were placed: they are sales, not part of the count.
		await database.ownerClient`
			update levels set counted_at = now() - interval '1 day', counted_from = now() - interval '1 day' where merchant_id = ${shop.merchantId}`;
		const began = Date.now() - hourMs;
		let acts = 0;
		const hands: SandboxContext = { ...shop.sandbox.ctx, now: () => new Date(began + acts * betweenMs) };
		const lives: State[][] = [];
		for (const store of shop.stores) {
			await setKnobs(shop.sandbox.ctx, store.storeId, { webhookLossRate: 1 });
			const target = await findTarget(store.channelId);
			if (!target) throw new Error("the channel is gone");
			const { adapter, connection } = await openConnection(client, target);
			const read = (ref: string) => patiently(() => adapter.readOrder(connection(), ref));
			for (let n = 0; n < ordersEach; n++)
				lives.push(await liveOn({ hands, store, target, random, read, act: () => acts++ }));
		}
		const states = lives.flat();
		const deliveries = shuffled(
			random,
			states.flatMap((state) => Array.from({ length: random.int(1, 5) }, () => state)),
		);
		let deadlocks = 0;
		const queue = [...deliveries];
		const work = async () => {
			for (let next = queue.shift(); next; next = queue.shift()) {
				const { target, order } = next;
				await asMerchantPrepared(client, target.merchantId, (run) => keepOrders(run, target, [order]));
				await applyMailBatch(target, client).catch((error) => {
					if ((error as { code?: string }).code !== "40P01") throw error;
					deadlocks++;
				});
			}
		};
		await Promise.all(Array.from({ length: workers }, work));
		for (const { target } of states) while ((await applyMailBatch(target, client)).rows > 0);

		const right = await leftIn(shop);
		const taken = lives.flatMap((life) => life.at(-1) ?? []).reduce((sum, { order }) => sum + takenOf(order), 0);
		const last = new Map(deliveries.map(({ target, order }) => [`${target.channelId} ${order.orderRef}`, order]));
		return {
			orders: lives.length,
			states: states.length,
			deliveries: deliveries.length,
			deadlocks,
			wrong: await compare(shop, right),
			naive: {
				countsEach: deliveries.reduce((sum, { order }) => sum + takenOf(order), 0) - taken,
				believesTheLast: lives.reduce((sum, life) => {
					const { target, order } = life.at(-1) as State;
					const believed = last.get(`${target.channelId} ${order.orderRef}`);
					return sum + Math.abs(takenOf(order) - (believed ? takenOf(believed) : 0));
				}, 0),
			},
		};
	} finally {
		await client.end({ timeout: 5 });
		await shop.sandbox.stop();
	}
}

/** A store that asks to wait is waited for. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
	for (;;)
		try {
			return await ask();
		} catch (error) {
			if (!(error instanceof ChannelError) || error.reason !== "throttled") throw error;
			await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 1_000));
		}
}

const takenOf = ({ lines }: OrderSnapshot) => lines.reduce((sum, { taken }) => sum + taken, 0);

type Life = {
	hands: SandboxContext;
	store: LiveStore;
	target: WorkTarget;
	random: Random;
	read(orderRef: string): Promise<OrderSnapshot | null>;
	act(): void;
};

type Way = "edit" | "return" | "refund" | "cancel";

/**
 * Of a refund that has put units back no order of these tells: it is found in the level. Magento edits by cancelling and
 * placing anew, and Square edits and cancels nothing that is paid.
 */
const tellsNothingOf: Partial<Record<Platform, readonly Way[]>> = {
	magento: ["edit", "return", "cancel"],
	square: ["edit", "return", "cancel"],
	bigcommerce: ["return"],
	api2cart: ["return"],
};

/** One order from its checkout on, read after each thing that happens to it. */
async function liveOn({ hands, store, target, random, read, act }: Life): Promise<State[]> {
	act();
	const bought = skus.filter(() => random.chance(0.5));
	const lines = (bought.length > 0 ? bought : skus.slice(0, 1)).map((sku) => ({ sku, quantity: random.int(2, 5) }));
	const sold = await checkout(hands, store.storeId, lines);
	if (sold.result !== "placed") throw new Error(`${target.platform} refused an order: ${sold.message}`);
	const states: State[] = [];
	const look = async () => {
		const order = await read(sold.orderId);
		if (!order) throw new Error(`${target.platform} does not know its order ${sold.orderId}`);
		states.push({ target, order });
	};
	await look();
	const [line] = lines;
	if (!line) return states;
	const one = [{ sku: line.sku, quantity: 1 }];
	const ways: Record<Way, () => Promise<unknown>> = {
		edit: () => editOrder(hands, store.storeId, sold.orderId, line.sku, line.quantity - 1),
		return: () => refundOrder(hands, store.storeId, sold.orderId, one, true),
		refund: () => refundOrder(hands, store.storeId, sold.orderId, one, false),
		cancel: () => cancelOrder(hands, store.storeId, sold.orderId, true),
	};
	const impossible = new Set(tellsNothingOf[target.platform] ?? []);
	const possible = (Object.keys(ways) as Way[]).filter((way) => !impossible.has(way)).map((way) => ways[way]);
	if (random.chance(0.8)) {
		act();
		await random.pick(possible)();
		await look();
	}
	return states;
}

/** What the stores have left of what all of them had, by their own truth. */
async function leftIn(shop: LiveShop): Promise<Map<string, number>> {
	const left = new Map(skus.map((sku) => [sku, startsAt]));
	for (const store of shop.stores)
		for (const [sku, shows] of await shop.shown(store)) left.set(sku, (left.get(sku) ?? 0) - (startsAt - shows));
	return left;
}

/** By store, what it sold of each SKU and what was counted of that. */
async function differences({ database, merchantId, stores, shown }: LiveShop): Promise<string[]> {
	const found: string[] = [];
	for (const store of stores) {
		const counted = await database.ownerClient<{ platform: string; code: string; units: number }[]>`
			select c.platform, k.code, sum(-m.delta)::int as units
			from movements m join skus k on k.id = m.sku_id join channels c on c.id = m.channel_id
			where m.merchant_id = ${merchantId} and m.channel_id = ${store.channelId} group by 1, 2`;
		const shows = await shown(store);
		for (const { platform, code, units } of counted) {
			const sold = startsAt - (shows.get(code) ?? 0);
			if (sold !== units) found.push(`${platform} sold ${sold} of ${code}, and ${units} were counted`);
		}
	}
	return found;
}

async function compare(shop: LiveShop, right: ReadonlyMap<string, number>): Promise<string[]> {
	const { database, merchantId } = shop;
	const wrong: string[] = [];
	const levels = await database.ownerClient<{ code: string; on_hand: number }[]>`
		select k.code, l.on_hand from levels l join skus k on k.id = l.sku_id where l.merchant_id = ${merchantId}`;
	for (const { code, on_hand } of levels)
		if (on_hand !== right.get(code)) wrong.push(`${on_hand} of ${code} on hand, not ${right.get(code)}`);
	wrong.push(...(wrong.length > 0 ? await differences(shop) : []));
	const client = database.client("app");
	const ledger = await asMerchantPrepared(client, merchantId, (run) => checkLedger(run, merchantId));
	if (ledger.faultCount > 0) wrong.push(`${ledger.faultCount} faults of the ledger`);
	const rebuilt = await asMerchantPrepared(client, merchantId, (run) => rebuildLevels(run, merchantId));
	if (rebuilt.changed > 0) wrong.push(`${rebuilt.changed} levels that a rebuild changes`);
	const [mail] = await database.ownerClient<{ waiting: number }[]>`
		select count(*)::int as waiting from inbox where merchant_id = ${merchantId} and state <> 1`;
	if (mail?.waiting) wrong.push(`${mail.waiting} mails left over`);
	return wrong;
}
