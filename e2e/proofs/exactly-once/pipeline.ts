/** The real way: signed webhooks through the door, polled orders beside them, applied by fifty workers at once. */
import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import type { TestDatabase } from "@/db/testing";
import { parseWebhook } from "@/lib/channels/shopify/webhook";
import type { WorkTarget } from "@/lib/services/channels/work-target";
import { applyMailBatch } from "@/lib/services/mail/apply-mail";
import { keepOrders } from "@/lib/services/orders/keep-orders";
import { checkLedger } from "@/lib/services/stock/check-ledger";
import { rebuildLevels } from "@/lib/services/stock/rebuild-levels";
import { updateSlots } from "@/lib/services/stock/recompute-offers";
import { makeChannel, makeListing, makeMerchant, makeSku } from "@/lib/services/testing/fixtures";
import { receiveWebhook } from "@/lib/services/webhooks/receive-webhook";
import { keepWebhookSecret, signedMail } from "../pipeline/shopify-mail";
import { bodyOf, type Delivery, finalOffer, finalOnHand, finalTaken, type World } from "./world";

const secret = "a secret of the app";
/** The database may pick one of two that wait for each other; the row waits, and is applied with the next batch. */
const isDeadlock = (error: unknown) => (error as { code?: string }).code === "40P01";

export type RunResult = {
	/** What differs from the reference model; empty when all is well. */
	wrong: string[];
	deliveries: number;
	deadlocks: number;
};

export async function runPipeline(
	database: TestDatabase,
	client: postgres.Sql,
	world: World,
	workers: number,
): Promise<RunResult> {
	const shop = await openShop(database, world);
	await asMerchantPrepared(client, shop.merchantId, (run) => updateSlots(run, shop.skuIds, []));
	const queue = [...world.deliveries];
	let deadlocks = 0;
	const work = async () => {
		for (let next = queue.pop(); next; next = queue.pop()) {
			const target = shop.targets[next.order.channel] as WorkTarget;
			await hear(client, target, next);
			await applyMailBatch(target, client).catch((error) => {
				if (!isDeadlock(error)) throw error;
				deadlocks++;
			});
		}
	};
	await Promise.all(Array.from({ length: workers }, work));
	for (const target of shop.targets) while ((await applyMailBatch(target, client)).rows > 0);
	return { wrong: await compare(database, client, world, shop), deliveries: world.deliveries.length, deadlocks };
}

async function hear(client: postgres.Sql, target: WorkTarget, delivery: Delivery): Promise<void> {
	const body = bodyOf(delivery);
	if (delivery.by.way === "webhook") {
		const reply = await receiveWebhook(signedMail(target.channelId, secret, "orders/updated", body, delivery.by.id));
		if (reply.status !== 200) throw new Error(`a signed webhook was answered ${reply.status}`);
		return;
	}
	const [signal] = parseWebhook("orders/updated", Buffer.from(body));
	if (signal?.kind !== "order") throw new Error("an order was not read as one");
	await asMerchantPrepared(client, target.merchantId, (run) => keepOrders(run, target, [signal.order]));
}

type Shop = { merchantId: string; targets: WorkTarget[]; skuIds: string[]; listingIds: string[] };

const shownAtFirst = 500;

async function openShop(database: TestDatabase, world: World): Promise<Shop> {
	const merchant = await makeMerchant(database);
	const sql = database.ownerClient;
	const targets: WorkTarget[] = [];
	for (let channel = 0; channel < world.channels; channel++) {
		const channelId = await makeChannel(database, merchant);
		const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
		await keepWebhookSecret(database, target, secret);
		targets.push(target);
	}
	const skuIds: string[] = [];
	for (const [index, stock] of world.stock.entries())
		skuIds.push(await makeSku(database, merchant, `SKU-${index}`, stock));
	const bundleId = skuIds[world.bundle.sku] as string;
	await sql`update skus set is_bundle = 'yes' where id = ${bundleId}`;
	for (const { sku, units } of world.bundle.components)
		await sql`
			insert into sku_components (merchant_id, bundle_id, component_id, units)
			values (${merchant.merchantId}, ${bundleId}, ${skuIds[sku] as string}, ${units})`;
	const listingIds: string[] = [];
	for (const { channel, variantId, sku, units } of world.listings)
		listingIds.push(
			await makeListing(database, merchant, targets[channel]?.channelId as string, `variant:${variantId}`, {
				skuId: skuIds[sku],
				units,
				shown: shownAtFirst,
			}),
		);
	return { merchantId: merchant.merchantId, targets, skuIds, listingIds };
}

async function compare(database: TestDatabase, client: postgres.Sql, world: World, shop: Shop): Promise<string[]> {
	const sql = database.ownerClient;
	const wrong: string[] = [];
	const expect = (what: string, found: unknown, right: unknown) => {
		if (found !== right) wrong.push(`${what} ${found}, not ${right}`);
	};
	const levels = await sql<{ sku_id: string; on_hand: number }[]>`
		select sku_id, on_hand from levels where merchant_id = ${shop.merchantId}`;
	const onHand = new Map(levels.map((level) => [level.sku_id, level.on_hand]));
	for (const [sku, left] of finalOnHand(world).entries())
		if (left !== null) expect(`SKU ${sku} on hand`, onHand.get(shop.skuIds[sku] as string), left);

	const slots = await sql<{ listing_id: string; offered: number; expected: number }[]>`
		select listing_id, offered, expected from slots where merchant_id = ${shop.merchantId}`;
	const slotOf = new Map(slots.map((slot) => [slot.listing_id, slot]));
	const taken = finalTaken(world);
	for (const [index, listing] of world.listings.entries()) {
		const slot = slotOf.get(shop.listingIds[index] as string);
		expect(`listing ${listing.variantId} offered`, slot?.offered, finalOffer(world, listing));
		expect(`listing ${listing.variantId} expected`, slot?.expected, shownAtFirst - (taken.get(listing) ?? 0));
	}

	const ledger = await asMerchantPrepared(client, shop.merchantId, (run) => checkLedger(run, shop.merchantId));
	expect("faults of the ledger", ledger.faultCount, 0);
	const rebuilt = await asMerchantPrepared(client, shop.merchantId, (run) => rebuildLevels(run, shop.merchantId));
	expect("levels that a rebuild changes", rebuilt.changed, 0);
	const [mail] = await sql<{ waiting: number }[]>`
		select count(*)::int as waiting from inbox where merchant_id = ${shop.merchantId} and state <> 1`;
	expect("mail left over", mail?.waiting, 0);
	return wrong;
}
