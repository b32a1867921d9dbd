/** News out of a queue, from a sandbox account's own, over HTTP: kept before it is taken out, each once, and by nobody else. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { enqueue } from "@/lib/sandbox/amazon/news";
import { promptSettings } from "@/lib/sandbox/amazon/testing";
import { checkout, createSandboxStore, getSandboxStore, sandboxKeys, setStoreSettings } from "@/lib/sandbox/stores";
import { connectStore } from "../channels/connect-store";
import type { WorkTarget } from "../channels/work-target";
import { type Context, systemContext } from "../context";
import { readStore } from "../imports/read-store";
import { makeMerchant } from "../testing/fixtures";
import { productsOf } from "../testing/live-store";
import { sandboxHereForTests } from "../testing/sandbox-here";
import * as keeper from "../webhooks/keep-mail";
import { collectMail, findQueues } from "./collect-mail";
import { drainMail } from "./drain-mail";

process.env.ONECOUNT_ALLOW_PRIVATE_ADDRESSES = "on";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

type Account = { ctx: Context; storeId: string; sellerId: string; target: WorkTarget };

async function connected(options: { ctx?: Context; queueOf?: string; withoutQueue?: boolean } = {}): Promise<Account> {
	const ctx = options.ctx ?? systemContext((await makeMerchant(database)).merchantId, database.db("app"));
	const { id: storeId } = await createSandboxStore(sandbox.ctx, {
		platform: "amazon",
		name: "an account",
		products: productsOf({ LAMP: 9 }),
		settings: promptSettings,
	});
	const { baseUrl, access } = await sandboxKeys(sandbox.ctx, storeId);
	const { queueUrl: _url, queueKeyId: _id, queueSecret: _secret, ...withoutQueue } = access;
	const result = await connectStore(ctx, {
		platform: "amazon",
		baseUrl,
		access: options.withoutQueue ? withoutQueue : access,
		accessExpiresAt: new Date(0),
		isSandbox: true,
	});
	if (result.result !== "connected") throw new Error(JSON.stringify(result.checks));
	const target: WorkTarget = { channelId: result.channelId, merchantId: ctx.merchantId, platform: "amazon" };
	await readStore(database.client("app"), target);
	return { ctx, storeId, sellerId: access.sellerId ?? "", target };
}

const collect = (target: WorkTarget, maxMs = 1_000) => collectMail(target, { maxMs, client: database.client("app") });

async function put(storeId: string, notification: unknown): Promise<void> {
	const store = await getSandboxStore(sandbox.ctx, storeId);
	if (store) await enqueue(sandbox.ctx.db, sandbox.ctx, store, JSON.stringify(notification), "test", 0);
}

const quantityChange = (sellerId: string, quantity = 4, id = randomUUID()) => ({
	NotificationVersion: "1.0",
	NotificationType: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
	PayloadVersion: "1.0",
	EventTime: "2026-11-23T13:46:00Z",
	Payload: { SellerId: sellerId, FulfillmentChannelCode: "DEFAULT", Sku: "LAMP", Quantity: quantity },
	NotificationMetadata: {
		ApplicationId: "a",
		SubscriptionId: "s",
		PublishTime: "2026-11-23T13:46:00Z",
		NotificationId: id,
	},
});

const inboxOf = (target: WorkTarget) =>
	database.ownerClient<{ topic: string; body: string; source: string }[]>`
		select topic, convert_from(body, 'UTF8') as body, source from inbox where channel_id = ${target.channelId} order by id`;

async function waiting(storeId: string): Promise<number> {
	const [row] = await sandbox.ctx.db.execute<{ count: number }>(
		sql`select count(*)::int as count from sandbox.deliveries where store_id = ${storeId} and state = 'queued'`,
	);
	return row?.count ?? -1;
}

/** What was received and not taken out shows again after its time. */
const showAgain = (storeId: string) =>
	sandbox.ctx.db.execute(
		sql`update sandbox.deliveries set due_at = now() where store_id = ${storeId} and state = 'queued'`,
	);

describe("a channel's queue", () => {
	it("brings a sale into the inbox, from where the order is read, and is empty afterwards", async () => {
		const account = await connected();
		const sold = await checkout(sandbox.ctx, account.storeId, [{ sku: "LAMP", quantity: 2 }]);
		const collected = await collect(account.target);
		expect(collected).toEqual({ state: "read", kept: 2, strange: 0 });
		const mail = await inboxOf(account.target);
		expect(mail.map(({ topic, source }) => [topic, source]).sort()).toEqual([
			["LISTINGS_ITEM_MFN_QUANTITY_CHANGE", "webhook"],
			["ORDER_CHANGE", "webhook"],
		]);
		expect(JSON.stringify(mail)).not.toContain("48110");
		expect(await waiting(account.storeId)).toBe(0);
		await drainMail(account.target, { maxMs: 10_000, lingerMs: 100, client: database.client("app") });
		const [line] = await database.ownerClient`
			select l.taken from orders o join order_lines l on l.channel_id = o.channel_id and l.order_ref = o.order_ref
			where o.channel_id = ${account.target.channelId} and o.order_ref = ${sold.result === "placed" ? sold.orderId : ""}`;
		expect(line?.taken).toBe(2);
	}, 60_000);

	it("that dies between keeping and taking out gives the same again, and it is kept once", async () => {
		const account = await connected();
		await put(account.storeId, quantityChange(account.sellerId));
		await setStoreSettings(sandbox.ctx, account.storeId, { queueKeepRate: 1 });
		expect(await collect(account.target)).toMatchObject({ state: "trouble", kept: 1 });
		expect(await waiting(account.storeId)).toBe(1);
		await setStoreSettings(sandbox.ctx, account.storeId, { queueKeepRate: 0 });
		await showAgain(account.storeId);
		expect(await collect(account.target)).toEqual({ state: "read", kept: 0, strange: 0 });
		expect(await inboxOf(account.target)).toHaveLength(1);
		expect(await waiting(account.storeId)).toBe(0);
	}, 60_000);

	it("is not emptied when the inbox can't be written", async () => {
		const account = await connected();
		await put(account.storeId, quantityChange(account.sellerId));
		const broken = vi.spyOn(keeper, "keepMail").mockRejectedValueOnce(new Error("the database is away"));
		await expect(collect(account.target)).rejects.toThrow("the database is away");
		broken.mockRestore();
		expect(await waiting(account.storeId)).toBe(1);
		await showAgain(account.storeId);
		expect((await collect(account.target)).kept).toBe(1);
	}, 60_000);

	it("that holds news of several stores gives each to its own channel of the merchant, and to no other merchant's", async () => {
		const account = await connected();
		const sister = await connected({ ctx: account.ctx });
		const stranger = await connected();
		for (const { sellerId } of [account, sister, stranger]) await put(account.storeId, quantityChange(sellerId));
		expect(await collect(account.target)).toEqual({ state: "read", kept: 2, strange: 1 });
		expect(await inboxOf(account.target)).toHaveLength(1);
		expect(await inboxOf(sister.target)).toHaveLength(1);
		expect(await inboxOf(stranger.target)).toHaveLength(0);
		expect(await waiting(account.storeId)).toBe(0);
	}, 60_000);

	it("with what is no notification leaves a dead letter with its bytes, and what comes beside it is read", async () => {
		const account = await connected();
		await put(account.storeId, "not a notification");
		await put(account.storeId, quantityChange(account.sellerId));
		expect((await collect(account.target)).kept).toBe(2);
		await drainMail(account.target, { maxMs: 5_000, lingerMs: 50, client: database.client("app") });
		const dead = await database.ownerClient`
			select convert_from(body, 'UTF8') as body, error from inbox where channel_id = ${account.target.channelId} and state = 2`;
		expect(dead).toMatchObject([{ body: '"not a notification"', error: expect.stringContaining("no notification") }]);
	}, 60_000);

	it("whose keys no longer work makes the channel live on polling, and says so once", async () => {
		const account = await connected();
		await sandbox.ctx.db.execute(
			sql`update sandbox.stores set secrets = secrets || '{"queueSecret": "another"}' where id = ${account.storeId}`,
		);
		await vi.waitFor(async () => expect((await collect(account.target)).state).toBe("trouble"), { timeout: 5_000 });
		await collect(account.target);
		const [health] = await database.ownerClient`
			select webhook_state from channel_health where channel_id = ${account.target.channelId}`;
		expect(health?.webhook_state).toBe("unreachable");
		const told = await database.ownerClient`
			select data from sync_log where channel_id = ${account.target.channelId} and kind = 'channel.webhooks' and state = 'hold'`;
		expect(told).toHaveLength(1);
		expect(JSON.stringify(told[0]?.data)).toContain("access key");
	}, 60_000);

	it("is asked for of every connected account, and one without a queue is told apart", async () => {
		const account = await connected({ withoutQueue: true });
		expect(await findQueues()).toContain(account.target.channelId);
		expect(await collect(account.target)).toEqual({ state: "none", kept: 0, strange: 0 });
		const [health] = await database.ownerClient`
			select webhook_state from channel_health where channel_id = ${account.target.channelId}`;
		expect(health?.webhook_state).toBe("unreachable");
	}, 60_000);
});
