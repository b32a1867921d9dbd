/** An order that loses its unit is cancelled by its store: on real Postgres, against sandbox stores over HTTP. */
import { afterEach, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { adapterFor } from "@/lib/channels/registry";
import { findStore } from "@/lib/sandbox/context";
import { fulfilShopifyOrder } from "@/lib/sandbox/shopify";
import { calmStore, checkout, countWireRequests, quantities, setKnobs, setStoreSettings } from "@/lib/sandbox/stores";
import { openConnection } from "../channels/open-connection";
import { decideConflict } from "../conflicts/decide-conflict";
import { listConflicts } from "../conflicts/list-conflicts";
import { readConflict } from "../conflicts/read-conflict";
import { undoDecision } from "../conflicts/undo-decision";
import { applyMailBatch } from "../mail/apply-mail";
import { pausePushes, resumePushes } from "../merchants/pause-pushes";
import { appendMovements } from "../stock/append-movements";
import { setWakeSender } from "../sync/wake";
import { liveStore, productsOf } from "../testing/live-store";
import { sandboxHereForTests } from "../testing/sandbox-here";
import { cancelDueOrders } from "./cancel-orders";
import { cancelRetryMs, giveUpAfterMs, isCancelGivenUp } from "./cancel-pace";
import { findDueCancels } from "./find-due-cancels";
import { pollOrders } from "./poll-orders";

process.env.ONECOUNT_ALLOW_PRIVATE_ADDRESSES = "on";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
afterEach(() => setWakeSender(null));

type Platform = "shopify" | "woocommerce";

/** The last lamp is sold in the store, and was sold elsewhere before: one conflict, whose order the store can cancel. */
async function oversoldIn(platform: Platform, cancelMs = 0) {
	const { ctx, storeId, channelId, target } = await liveStore(database, sandbox, platform, productsOf({ LAMP: 1 }));
	if (platform === "shopify") await setStoreSettings(sandbox.ctx, storeId, { cancelMs });
	const sql = database.ownerClient;
	const client = database.client("app");
	const [level] = await sql<{ sku_id: string; location_id: string }[]>`
		select sku_id, location_id from levels where merchant_id = ${ctx.merchantId}`;
	if (!level) throw new Error("the lamp is counted");
	const elsewhere = { skuId: level.sku_id, locationId: level.location_id, delta: -1, actor: "test" };
	await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		appendMovements(tx, ctx.merchantId, [{ ...elsewhere, kind: "adjustment", causeKey: "elsewhere" }]),
	);
	const sold = await checkout(sandbox.ctx, storeId, [{ sku: "LAMP", quantity: 1 }]);
	if (sold.result !== "placed") throw new Error(sold.message);
	const hear = async () => {
		await sql`update channel_health set orders_cursor = now() - interval '1 minute' where channel_id = ${channelId}`;
		await pollOrders(client, target, await openConnection(client, target));
		while ((await applyMailBatch(target, client)).rows > 0);
	};
	await hear();
	const [item] = (await listConflicts(ctx)).items;
	if (!item) throw new Error("the oversale is a conflict");
	const adapter = await adapterFor(platform);
	return {
		ctx,
		storeId,
		channelId,
		orderId: sold.orderId,
		id: item.id,
		view: () => readConflict(ctx, item.id),
		decide: () => decideConflict(ctx, { ids: [item.id], choice: "cancel" }),
		ask: () => cancelDueOrders(target, { maxMs: 5_000, client }),
		/** As after the time that it is held, or between two attempts. */
		due: () =>
			sql`update order_cancels set next_try_at = now() - interval '10 seconds' where channel_id = ${channelId}`,
		hear,
		async stands() {
			const open = await openConnection(client, target);
			return (await adapter.readOrder(open.connection(), sold.orderId))?.status;
		},
		async asked() {
			const wire = await countWireRequests(sandbox.ctx, storeId);
			return platform === "shopify" ? (wire.orderCancel ?? 0) : null;
		},
		async shows() {
			return (await quantities(sandbox.ctx, storeId)).find(({ sku }) => sku === "LAMP")?.quantity;
		},
		async onHand() {
			return (await sql<{ on_hand: number }[]>`select on_hand from levels where sku_id = ${level.sku_id}`)[0]?.on_hand;
		},
		async told() {
			const rows = await sql<{ kind: string }[]>`
				select kind from sync_log where merchant_id = ${ctx.merchantId} and kind like 'order.%cancelled' order by id`;
			return rows.map(({ kind }) => kind);
		},
	};
}

describe.each<Platform>(["shopify", "woocommerce"])("an order in a %s store", (platform) => {
	it("is cancelled there once it was decided and held, and its unit comes back to the ledger", async () => {
		const shop = await oversoldIn(platform);
		expect(await shop.onHand()).toBe(-1);
		const [first] = (await shop.view()).options;
		expect(first).toMatchObject({ choice: "cancel", consequence: expect.stringContaining("the whole order, 1 unit") });
		await shop.decide();
		const held = await shop.ask();
		expect(held).toMatchObject({ asked: 0, nextDueAt: expect.any(Number) });
		expect(await shop.stands()).toBe("open");
		const waiting = await shop.view();
		expect(waiting.cancel).toMatchObject({ state: "waiting", isHeld: false });
		expect(waiting.decided?.outcome).toBe(`${waiting.cancel?.order} to be cancelled`);
		await shop.due();
		expect(await shop.ask()).toEqual({ asked: 1, nextDueAt: null });
		expect(await shop.stands()).toBe("cancelled");
		await shop.hear();
		expect(await shop.onHand()).toBe(0);
		const done = await shop.view();
		expect(done.cancel).toMatchObject({ state: "done", error: null });
		expect(done.decided).toMatchObject({ undoUntil: null, outcome: `${done.cancel?.order} cancelled` });
		expect(await shop.told()).toEqual(["order.cancelled"]);
	});

	it("is let stand when the decision is taken back before the store was asked, and not after", async () => {
		const shop = await oversoldIn(platform);
		await shop.decide();
		await undoDecision(shop.ctx, { ids: [shop.id] });
		await shop.due();
		expect(await shop.ask()).toEqual({ asked: 0, nextDueAt: null });
		expect(await shop.stands()).toBe("open");
		expect((await shop.view()).state).toBe("open");

		await shop.decide();
		await shop.due();
		await shop.ask();
		await expect(undoDecision(shop.ctx, { ids: [shop.id] })).rejects.toThrow(/has been asked to cancel/);
		expect((await shop.view()).state).toBe("decided");
	});

	it("R2 is cancelled, though whoever claimed it died before it asked", async () => {
		const shop = await oversoldIn(platform);
		await shop.decide();
		await database.ownerClient`
			update order_cancels set state = 'asked', attempts = 1, next_try_at = now() + interval '1 minute' where channel_id = ${shop.channelId}`;
		expect(await shop.ask()).toMatchObject({ asked: 0, nextDueAt: expect.any(Number) });
		await shop.due();
		await shop.ask();
		expect([await shop.stands(), (await shop.view()).cancel?.state]).toEqual(["cancelled", "done"]);
	});

	it("R2 is cancelled once, though whoever asked died before it noted the answer", async () => {
		const shop = await oversoldIn(platform);
		await shop.decide();
		await shop.due();
		await shop.ask();
		const before = await shop.asked();
		await database.ownerClient`
			update order_cancels set state = 'asked', settled_at = null where channel_id = ${shop.channelId}`;
		// Its lease is over: nobody will note the answer any more.
		await shop.due();
		expect(await findDueCancels()).toContain(shop.channelId);
		await shop.ask();
		expect((await shop.view()).cancel?.state).toBe("done");
		expect(await shop.asked()).toBe(before);
		await shop.hear();
		expect([await shop.onHand(), await shop.shows()]).toEqual([0, 1]);
	});

	it("is cancelled though its store's answers are lost on the way", async () => {
		const shop = await oversoldIn(platform);
		await shop.decide();
		await setKnobs(sandbox.ctx, shop.storeId, { appliedThenFailedRate: 1 });
		await shop.due();
		await shop.ask();
		expect((await shop.view()).cancel).toMatchObject({ state: "asked", error: { sentence: expect.any(String) } });
		await calmStore(sandbox.ctx, shop.storeId);
		await shop.due();
		await shop.ask();
		expect(await shop.stands()).toBe("cancelled");
		expect((await shop.view()).cancel?.state).toBe("done");
	});

	it("R12 waits while pushes are paused, and is found when they go on", async () => {
		const shop = await oversoldIn(platform);
		await shop.decide();
		await shop.due();
		await pausePushes(shop.ctx);
		expect(await shop.ask()).toEqual({ asked: 0, nextDueAt: null });
		expect(await findDueCancels()).not.toContain(shop.channelId);
		expect((await shop.view()).cancel).toMatchObject({ state: "waiting", isHeld: true });
		await resumePushes(shop.ctx);
		expect(await findDueCancels()).toContain(shop.channelId);
		await shop.ask();
		expect(await shop.stands()).toBe("cancelled");
	});
});

it("an order that its store cancels in its own time is asked for once, and looked at until it is cancelled", async () => {
	const shop = await oversoldIn("shopify", 3_600_000);
	await shop.decide();
	for (let look = 0; look < 3; look++) {
		await shop.due();
		await shop.ask();
		expect((await shop.view()).cancel).toMatchObject({ state: "asked", isAccepted: true, error: null });
	}
	expect([await shop.asked(), await shop.stands()]).toEqual([1, "open"]);
	await database.ownerClient`
		update sandbox.orders set data = jsonb_set(data, '{order,cancelling,doneAt}', to_jsonb('2026-01-01T00:00:00.000Z'::text))
		where store_id = ${shop.storeId}`;
	await shop.due();
	await shop.ask();
	expect([(await shop.view()).cancel?.state, await shop.asked()]).toEqual(["done", 1]);
});

describe("an order that its store won't cancel", () => {
	it("is a conflict again, that says why, in the log and the audit too", async () => {
		const shop = await oversoldIn("shopify");
		await shop.decide();
		const store = await findStore(sandbox.ctx.db, shop.storeId);
		if (!store) throw new Error("the store is there");
		await fulfilShopifyOrder(sandbox.ctx, store, shop.orderId);
		await shop.due();
		expect(await shop.ask()).toEqual({ asked: 1, nextDueAt: null });
		const view = await shop.view();
		expect(view).toMatchObject({
			state: "open",
			decided: null,
			cancel: {
				state: "failed",
				error: { sentence: expect.stringMatching(/sent|fulfilled/), fix: expect.any(String) },
			},
		});
		expect(view.options.map(({ choice }) => choice)).toContain("backorder");
		expect(await shop.told()).toEqual(["order.not_cancelled"]);
		const audit = await database.ownerClient`
			select actor from audit_log where merchant_id = ${shop.ctx.merchantId} and action = 'conflict.reopened'`;
		expect(audit).toEqual([{ actor: "system" }]);
		expect(await shop.onHand()).toBe(-1);
	});

	it("is left to a person where the connection lacks the right, and says which", async () => {
		const shop = await oversoldIn("shopify");
		await database.ownerClient`
			update channels set facts = jsonb_set(facts, '{scopes}', '["read_orders", "write_inventory"]') where id = ${shop.channelId}`;
		const [first] = (await shop.view()).options;
		expect(first).toMatchObject({ choice: "cancel_in_store", consequence: expect.stringContaining("write_orders") });
		await expect(shop.decide()).rejects.toThrow(/can't cancel .* grant write_orders/);
		await expect(
			decideConflict({ ...shop.ctx, role: "viewer" }, { ids: [shop.id], choice: "cancel" }),
		).rejects.toThrow();
		expect(await database.ownerClient`select from order_cancels where channel_id = ${shop.channelId}`).toHaveLength(0);
	});

	it("is asked for again with growing gaps, and given up when it is surely packed", () => {
		expect([1, 2, 3, 99].map((attempts) => cancelRetryMs(attempts, 1))).toEqual([2_000, 4_000, 8_000, 300_000]);
		expect(cancelRetryMs(3, 0)).toBe(4_000);
		expect([giveUpAfterMs - 5_000, giveUpAfterMs].map((waited) => isCancelGivenUp(waited, 4_000))).toEqual([
			false,
			true,
		]);
	});
});
