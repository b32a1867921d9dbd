/** Ways in and out of a store, against sandbox stores over HTTP: what is believed, what is kept, and what is gone after. */
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { checkout, createSandboxStore, sandboxKeys, setQuantity, setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { type Context, systemContext } from "../context";
import { readStore } from "../imports/read-store";
import { startFromCatalogue } from "../imports/start-from-catalogue";
import { verifyStalest } from "../levels/verify-levels";
import { drainMail } from "../mail/drain-mail";
import { readOverview } from "../overview/read-overview";
import { findTarget } from "../sync/find-work";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { receiveWebhook } from "../webhooks/receive-webhook";
import { checkWebhooks } from "./check-webhooks";
import { readAttempt } from "./connect-attempt";
import { connectWithKeys } from "./connect-with-keys";
import { disconnectChannel } from "./disconnect-channel";
import { dryRun } from "./dry-run";
import { checkStore } from "./nudge-channel";
import { readAddress } from "./read-address";
import { readChannel } from "./read-channels";
import { setDriftPolicy } from "./set-drift-policy";
import { setLocation } from "./set-location";
import { beginShopifyOAuth, finishShopifyOAuth } from "./shopify-oauth";
import { switchPushingOn } from "./switch-pushing";
import { beginHandOver, receiveHandedKeys } from "./woocommerce-hand-over";
import { workChannel } from "./work-channel";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
const origin = "http://onecount.test";

async function merchant(): Promise<Context> {
	const { merchantId } = await makeMerchant(database);
	return { ...systemContext(merchantId, database.db("app")), actor: `user:${randomUUID()}`, role: "owner" };
}

async function store(platform: "shopify" | "woocommerce") {
	const variants = [{ sku: "TL-400", gtin: null, options: null, price: "54.00", quantity: 7 }];
	const { id } = await createSandboxStore(sandbox.ctx, {
		platform,
		name: `a ${platform} store`,
		products: [{ title: "Trail Lamp 400", variants }],
	});
	return { id, ...(await sandboxKeys(sandbox.ctx, id)) };
}

async function connectedShopify(ctx: Context) {
	const shop = await store("shopify");
	const outcome = await connectWithKeys(ctx, {
		platform: "shopify",
		address: shop.baseUrl,
		fields: { accessToken: shop.access.accessToken, apiSecret: shop.access.clientSecret },
	});
	if (outcome.result !== "connected") throw new Error(JSON.stringify(outcome.checks));
	const target = await findTarget(outcome.channelId);
	if (!target) throw new Error("the channel is gone");
	await readStore(database.client("app"), target);
	return { channelId: outcome.channelId, shop };
}

/** The merchant's browser at the store's own page. */
async function agree(redirectTo: string, answer = "install"): Promise<URLSearchParams> {
	const response = await fetch(`${sandbox.origin}${redirectTo}`, {
		method: "POST",
		body: new URLSearchParams({ answer }),
		redirect: "manual",
	});
	return new URL(response.headers.get("location") ?? "").searchParams;
}

describe("Shopify's OAuth", () => {
	const begin = async (ctx: Context) => {
		const shop = await store("shopify");
		const fields = { clientId: shop.access.clientId ?? "", clientSecret: shop.access.clientSecret ?? "" };
		return { shop, begun: await beginShopifyOAuth(ctx, { address: shop.baseUrl, fields }, { origin }) };
	};

	test("connects once, for the one who asked, and keeps no app secret beside the credentials", async () => {
		const ctx = await merchant();
		const { begun } = await begin(ctx);
		const query = await agree(begun.redirectTo);
		const back = await finishShopifyOAuth(ctx, query, begun.state);
		expect(back).toMatchObject({ result: "done", channelId: expect.any(String) });
		expect(await finishShopifyOAuth(ctx, query, begun.state)).toEqual({ result: "rejected", reason: "state" });
		const rows = await database.ownerClient`
			select 1 from connect_attempts where merchant_id = ${ctx.merchantId} and sealed_app is not null`;
		expect(rows).toHaveLength(0);
		const channel = await readChannel(ctx, (back as { channelId: string }).channelId);
		expect(channel).toMatchObject({ state: "importing", renewsItself: true });
		expect(channel.accessExpiresAt).not.toBeNull();
	});

	test("takes nothing without the browser's state, for another person, or with a changed answer", async () => {
		const ctx = await merchant();
		const first = await begin(ctx);
		const query = await agree(first.begun.redirectTo);
		expect(await finishShopifyOAuth(ctx, query, "")).toEqual({ result: "rejected", reason: "state" });
		const other = { ...ctx, actor: `user:${randomUUID()}` };
		expect(await finishShopifyOAuth(other, query, first.begun.state)).toEqual({
			result: "rejected",
			reason: "other_person",
		});
		const second = await begin(ctx);
		const forged = await agree(second.begun.redirectTo);
		forged.set("shop", "somebody-else.myshopify.com");
		expect(await finishShopifyOAuth(ctx, forged, second.begun.state)).toEqual({
			result: "rejected",
			reason: "signature",
		});
		const third = await begin(ctx);
		expect(await finishShopifyOAuth(ctx, await agree(third.begun.redirectTo, "cancel"), third.begun.state)).toEqual({
			result: "rejected",
			reason: "denied",
		});
	});

	test("sends nobody to a store that does not answer, and keeps no attempt of it", async () => {
		const ctx = await merchant();
		const fields = {
			clientId: "0123456789abcdef0123456789abcdef",
			clientSecret: "shpss_0123456789abcdef0123456789abcdef",
		};
		const address = `${sandbox.origin}/sandbox/shopify/nobody-0`;
		await expect(beginShopifyOAuth(ctx, { address, fields }, { origin })).rejects.toMatchObject({
			reason: "not_a_store",
		});
		const attempts = await database.ownerClient`select 1 from connect_attempts where merchant_id = ${ctx.merchantId}`;
		expect(attempts).toHaveLength(0);
	});

	test.each([
		"evil.myshopify.com.attacker.com",
		"https://evil.myshopify.com:8443/admin",
		"evil.myshopify.com@attacker.com",
	])("sends nobody to %s", async (address) => {
		await expect(beginShopifyOAuth(await merchant(), { address, fields: {} }, { origin })).rejects.toMatchObject({
			reason: "not_a_shop",
		});
	});

	test("is another merchant's, and so as good as not there", async () => {
		const ctx = await merchant();
		const { begun } = await begin(ctx);
		const query = await agree(begun.redirectTo);
		expect(await finishShopifyOAuth({ ...(await merchant()), actor: ctx.actor }, query, begun.state)).toEqual({
			result: "rejected",
			reason: "state",
		});
	});
});

describe("WooCommerce's hand-over", () => {
	const begin = async (ctx: Context) => {
		const shop = await store("woocommerce");
		const begun = await beginHandOver(ctx, { address: shop.baseUrl }, { origin });
		const userId = new URL(begun.redirectTo, origin).searchParams.get("user_id") ?? "";
		return { shop, begun, userId };
	};
	const post = (userId: string, access: Record<string, string>) =>
		Buffer.from(
			JSON.stringify({
				key_id: 1,
				user_id: userId,
				consumer_key: access.consumerKey,
				consumer_secret: access.consumerSecret,
				key_permissions: "read_write",
			}),
		);

	test("accepts keys that work at the very shop, once", async () => {
		const ctx = await merchant();
		const { shop, begun, userId } = await begin(ctx);
		const keys = post(userId, shop.access);
		const both = await Promise.all([receiveHandedKeys(keys, new Date()), receiveHandedKeys(keys, new Date())]);
		expect(both.sort()).toEqual(["accepted", "rejected"]);
		expect(await readAttempt(ctx, begun.attemptId)).toMatchObject({
			state: "connected",
			channelId: expect.any(String),
		});
	});

	test("rejects keys of another shop, a word that is not ours, and one that is over", async () => {
		const ctx = await merchant();
		const other = await store("woocommerce");
		const { userId, shop, begun } = await begin(ctx);
		expect(await receiveHandedKeys(post(`${userId}x`, shop.access), new Date())).toBe("rejected");
		expect(await receiveHandedKeys(post(userId, shop.access), new Date(Date.now() + 31 * 60_000))).toBe("rejected");
		expect(await receiveHandedKeys(post(userId, other.access), new Date())).toBe("rejected");
		expect(await readAttempt(ctx, begun.attemptId)).toMatchObject({ state: "failed", channelId: null });
		expect(await receiveHandedKeys(Buffer.from("not json"), new Date())).toBe("rejected");
	});
});

test("the same store again is the same channel, and keeps on pushing", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	await dryRun(ctx, channelId, { markSeen: true });
	await switchPushingOn(ctx, channelId);
	const again = await connectWithKeys(ctx, {
		way: "client_credentials",
		platform: "shopify",
		address: shop.baseUrl,
		fields: { clientId: shop.access.clientId, clientSecret: shop.access.clientSecret },
	});
	expect(again).toMatchObject({ result: "connected", channelId, isReconnect: true });
	expect(await readChannel(ctx, channelId)).toMatchObject({ state: "live", renewsItself: true });
});

test("a token without the app's secret key is connected, asks for news, and says so", async () => {
	const ctx = await merchant();
	const shop = await store("shopify");
	const outcome = await connectWithKeys(ctx, {
		platform: "shopify",
		address: shop.baseUrl,
		fields: { accessToken: shop.access.accessToken, apiSecret: "" },
	});
	if (outcome.result !== "connected") throw new Error("not connected");
	expect(outcome.checks.find(({ name }) => name === "webhooks")).toMatchObject({ state: "warned" });
	expect(await checkWebhooks(outcome.channelId)).toBe("none");
	expect((await readChannel(ctx, outcome.channelId)).webhooks).toMatchObject({ hasSecret: false, state: "none" });
});

test("webhooks that the store dropped are made again", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	const count = async () => {
		const [row] = await database.ownerClient<{ n: number }[]>`
			select count(*)::int as n from sandbox.webhooks where store_id = ${shop.id}`;
		return row?.n;
	};
	const made = await count();
	expect(made).toBeGreaterThan(0);
	const owed = async () => {
		const [row] = await database.ownerClient`
			select deep_polled_at is null as whole_overlap, next_poll_at <= now() as orders, listings_due_at <= now() as listings, verify_asked_at is not null as levels
			from channel_health where channel_id = ${channelId}`;
		return row;
	};
	await database.ownerClient`
		update channel_health set deep_polled_at = now(), next_poll_at = now() + interval '1 minute', listings_due_at = null where channel_id = ${channelId}`;
	expect(await checkWebhooks(channelId)).toBe("registered");
	expect(await owed()).toEqual({ whole_overlap: false, orders: false, listings: null, levels: false });

	await database.ownerClient`delete from sandbox.webhooks where store_id = ${shop.id}`;
	expect(await checkWebhooks(channelId)).toBe("registered");
	expect(await count()).toBe(made);
	// What nobody told of meanwhile is read: orders, listings, and every level.
	expect(await owed()).toEqual({ whole_overlap: true, orders: true, listings: true, levels: true });
});

test("what was sold and edited while a store's webhooks were gone is counted and found after they are made again", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	const target = await findTarget(channelId);
	if (!target) throw new Error("the channel is gone");
	await startFromCatalogue(ctx, channelId, { isDryRun: false });
	await dryRun(ctx, channelId, { markSeen: true });
	await switchPushingOn(ctx, channelId);
	const client = database.client("app");
	const work = async () => {
		await workChannel(target, { maxMs: 20_000, lingerMs: 0, client });
		await drainMail(target, { maxMs: 20_000, lingerMs: 0, client });
	};
	// Until nothing more is due for a while.
	await work();
	await database.ownerClient`update channel_health set next_poll_at = now() + interval '1 minute' where channel_id = ${channelId}`;
	await database.ownerClient`delete from sandbox.webhooks where store_id = ${shop.id}`;
	await checkout(sandbox.ctx, shop.id, [{ sku: "TL-400", quantity: 2 }]);
	await setQuantity(sandbox.ctx, shop.id, "TL-400", 4);

	expect(await checkWebhooks(channelId)).toBe("registered");
	await work();
	await verifyStalest(client, target);
	const [found] = await database.ownerClient`
		select l.on_hand, s.shown, s.read_due_at is not null as is_doubted from slots s join levels l on l.sku_id = s.sku_id where s.channel_id = ${channelId}`;
	// Seven, less the two that were sold; the four that somebody typed is seen, and looked into.
	expect(found).toEqual({ on_hand: 5, shown: 4, is_doubted: true });
});

describe("news that is quiet for too long", () => {
	/** Sales that were found in the minute so long ago, one each. */
	const found = (channelId: string, minutesAgo: readonly number[]) => database.ownerClient`
		insert into channel_minutes (channel_id, minute, merchant_id, orders)
		select ${channelId}, date_trunc('minute', now() - m * interval '1 minute'), merchant_id, 1
		from channels, unnest(${[...minutesAgo]}::int[]) m where id = ${channelId}
		on conflict (channel_id, minute) do update set orders = channel_minutes.orders + 1`;
	const health = (channelId: string, webhookMinutesAgo: number, newsMinutesAgo: number) => database.ownerClient`
		update channel_health set webhook_state = 'registered', last_webhook_at = now() - ${webhookMinutesAgo} * interval '1 minute',
			last_news_at = now() - ${newsMinutesAgo} * interval '1 minute' where channel_id = ${channelId}`;
	const seen = async (ctx: Context, channelId: string) => ({
		card: (await readChannel(ctx, channelId)).silence,
		needs: (await readOverview(ctx)).needs
			.filter(({ key }) => key === `silence:${channelId}`)
			.map(({ title }) => title),
	});
	async function liveChannel() {
		const made = await makeMerchant(database);
		const channelId = await makeChannel(database, made);
		await database.ownerClient`update channels set created_at = now() - interval '9 days' where id = ${channelId}`;
		return { ctx: systemContext(made.merchantId, database.db("app")), channelId };
	}

	test("is on the card and on the overview once sales were found that no webhook told of", async () => {
		const { ctx, channelId } = await liveChannel();
		await health(channelId, 40, 1);
		await found(channelId, [1, 2]);
		// Their webhooks may still come.
		expect(await seen(ctx, channelId)).toEqual({ card: null, needs: [] });
		await found(channelId, [20, 30]);
		expect(await seen(ctx, channelId)).toEqual({
			card: { of: "webhooks", since: expect.any(String), sales: 2 },
			needs: ["a store: webhooks silent"],
		});
		await health(channelId, 0, 1);
		expect(await seen(ctx, channelId)).toEqual({ card: null, needs: [] });
	});

	test("is told of a shop that stopped selling in the middle of its day", async () => {
		const { ctx, channelId } = await liveChannel();
		const pace = Array.from({ length: 20 }, (_, index) => 62 + index * 2);
		await health(channelId, 61, 61);
		await found(channelId, pace);
		// Yesterday nobody bought at this time, either.
		expect((await seen(ctx, channelId)).card).toBeNull();
		await found(
			channelId,
			pace.slice(0, 12).map((minutes) => minutes - 61 + 24 * 60),
		);
		expect(await seen(ctx, channelId)).toEqual({
			card: { of: "sales", since: expect.any(String), usual: 12 },
			needs: ["a store: unusually quiet"],
		});
	});
});

test("disconnecting takes the typed name, and leaves neither webhooks nor credentials; connecting again goes on read-only", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	await dryRun(ctx, channelId, { markSeen: true });
	await switchPushingOn(ctx, channelId);
	await expect(disconnectChannel(ctx, channelId, "another store")).rejects.toMatchObject({ reason: "name_differs" });
	expect(await disconnectChannel(ctx, channelId, " A Shopify Store ")).toEqual({ webhooksLeft: null });
	const left = await database.ownerClient`
		select 1 from credentials where channel_id = ${channelId} union all select 1 from sandbox.webhooks where store_id = ${shop.id}`;
	expect(left).toHaveLength(0);
	expect(await findTarget(channelId)).toBeNull();
	const again = await connectWithKeys(ctx, {
		platform: "shopify",
		address: shop.baseUrl,
		fields: { accessToken: shop.access.accessToken, apiSecret: shop.access.clientSecret },
	});
	expect(again).toMatchObject({ result: "connected", channelId });
	expect(await readChannel(ctx, channelId)).toMatchObject({ state: "importing", pushingSince: null });
});

test("news of a store that was disconnected is refused, and taken as soon as it is connected again", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	const { accessToken = "", clientSecret = "" } = shop.access;
	let sent = 0;
	const tell = async () => {
		const rawBody = Buffer.from(JSON.stringify({ id: 1 }));
		const headers = {
			"x-shopify-topic": "products/update",
			"x-shopify-webhook-id": `${++sent}`,
			"x-shopify-hmac-sha256": createHmac("sha256", clientSecret).update(rawBody).digest("base64"),
		};
		return (await receiveWebhook({ platform: "shopify", channelId, headers, rawBody })).status;
	};
	await disconnectChannel(ctx, channelId, "a shopify store");
	expect(await tell()).toBe(404);
	await setTimeout(1_100);
	await connectWithKeys(ctx, {
		platform: "shopify",
		address: shop.baseUrl,
		fields: { accessToken, apiSecret: clientSecret },
	});
	expect(await tell()).toBe(200);
});

test("a store that lets us in again goes on where it was, once a check has shown it", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	await dryRun(ctx, channelId, { markSeen: true });
	await switchPushingOn(ctx, channelId);
	const target = await findTarget(channelId);
	if (!target) throw new Error("the channel is gone");
	const work = () => workChannel(target, { maxMs: 5_000, lingerMs: 100, client: database.client("app") });
	const letIn = (isInstalled: boolean) => setStoreSettings(sandbox.ctx, shop.id, { isInstalled });
	await letIn(false);
	await work();
	await checkStore(ctx, channelId);
	expect(await readChannel(ctx, channelId)).toMatchObject({ state: "revoked" });
	await letIn(true);
	await checkStore(ctx, channelId);
	expect(await readChannel(ctx, channelId)).toMatchObject({
		state: "live",
		breaker: { state: "closed" },
		lastError: null,
		job: { state: "waiting" },
	});
	await readStore(database.client("app"), target);
	await work();
	expect((await readChannel(ctx, channelId)).state).toBe("live");
});

test("a store that no longer lets us in can still be left", async () => {
	const ctx = await merchant();
	const { channelId, shop } = await connectedShopify(ctx);
	await setStoreSettings(sandbox.ctx, shop.id, { isInstalled: false });
	expect((await checkStore(ctx, channelId)).find(({ name }) => name === "credentials")?.state).toBe("failed");
	const { webhooksLeft } = await disconnectChannel(ctx, channelId, "a shopify store");
	expect(webhooksLeft).not.toBeNull();
	expect(await readChannel(ctx, channelId)).toMatchObject({ state: "disconnected" });
});

test("another location forgets what the first one showed, and is read-only until its dry run was seen", async () => {
	const ctx = await merchant();
	const { channelId } = await connectedShopify(ctx);
	await dryRun(ctx, channelId, { markSeen: true });
	await switchPushingOn(ctx, channelId);
	const { locations, locationRef } = await readChannel(ctx, channelId);
	const other = locations.find(({ ref }) => ref !== locationRef);
	await setLocation(ctx, channelId, other?.ref ?? "");
	expect(await readChannel(ctx, channelId)).toMatchObject({
		state: "connecting",
		locationRef: other?.ref,
		pushingSince: null,
	});
	const target = await findTarget(channelId);
	if (target) await readStore(database.client("app"), target);
	const [slot] = await database.ownerClient`select location_ref, expected from slots where channel_id = ${channelId}`;
	expect(slot).toEqual({ location_ref: other?.ref, expected: 0 });
	await expect(switchPushingOn(ctx, channelId)).rejects.toMatchObject({ reason: "dry_run_not_seen" });
});

test("a channel's rules are its merchant's alone", async () => {
	const { channelId } = await connectedShopify(await merchant());
	const stranger = await merchant();
	await expect(setDriftPolicy(stranger, channelId, { class: "manual_edit", policy: "ask" })).rejects.toMatchObject({
		status: 404,
	});
	await expect(disconnectChannel(stranger, channelId, "a shopify store")).rejects.toMatchObject({ status: 404 });
	await expect(readChannel(stranger, channelId)).rejects.toMatchObject({ status: 404 });
	await expect(
		setDriftPolicy({ ...stranger, role: "support" }, channelId, { class: "manual_edit", policy: "ask" }),
	).rejects.toMatchObject({
		status: 403,
	});
});

describe("an address", () => {
	test("of a sandbox store is one by this very port and path only", async () => {
		expect(await readAddress("shopify", ` http://localhost:${process.env.PORT}/sandbox/shopify/toy-1/ `)).toEqual({
			result: "meant",
			value: { baseUrl: `${sandbox.origin}/sandbox/shopify/toy-1`, isSandbox: true },
		});
		for (const host of ["127.0.0.1:1", "10.0.0.1"])
			expect(await readAddress("woocommerce", `http://${host}/sandbox/woocommerce/toy-1`)).toMatchObject({
				value: { isSandbox: false },
			});
	});

	test.each([
		["woocommerce", "shopify", "choose Shopify"],
		["shopify", "woocommerce", "choose WooCommerce"],
		["shopify", "square", "choose Square"],
	] as const)("given to %s while it is a sandbox store of %s names the platform", async (platform, other, words) => {
		expect(await readAddress(platform, `${sandbox.origin}/sandbox/${other}/toy-1`)).toMatchObject({
			problems: [{ field: "address", sentence: expect.stringContaining(words) }],
		});
	});

	test("that can't be right is told what the platform's form says", async () => {
		const wrong = (code: string) => ({ result: "wrong", problems: [{ field: "address", code }] });
		expect(await readAddress("shopify", "www.nordlicht.de")).toMatchObject(wrong("own_domain"));
		expect(await readAddress("woocommerce", `https://${"x".repeat(3_000)}.example`)).toMatchObject(wrong("too_long"));
	});
});
