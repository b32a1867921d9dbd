/** The steady re-reading of what stores show, against sandbox stores over HTTP. */
import { beforeAll, describe, expect, it } from "vitest";
import { amazonFacts } from "@/lib/channels/amazon/facts";
import { a2cFacts } from "@/lib/channels/api2cart/facts";
import { bigcommerceFacts } from "@/lib/channels/bigcommerce/facts";
import { magentoFacts } from "@/lib/channels/magento/facts";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { squareFacts } from "@/lib/channels/square/facts";
import { wooFacts } from "@/lib/channels/woocommerce/facts";
import { countWireRequests, quantities, setKnobs } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { readChannel } from "../channels/read-channels";
import { workChannel } from "../channels/work-channel";
import { beginLoop } from "../sync/wake";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { readBatch } from "./due-reads";
import { callsPerRun, findStaleLevels, verifyStalest } from "./verify-levels";
import { verifyNow } from "./verify-now";

const sandbox = sandboxHereForTests();
const { database } = sandbox;

const sql = () => database.ownerClient;
const verify = ({ target }: LiveStore) => verifyStalest(database.client("app"), target);
const catalogue = (size: number) =>
	Object.fromEntries(Array.from({ length: size }, (_, n) => [`SKU-${String(n).padStart(4, "0")}`, n + 20]));

/** An hour has passed, in which nobody read anything; a later SKU was read a little later. */
const age = ({ channelId }: LiveStore) => sql()`
	update slots s set verified_at = now() - interval '1 hour' + n.nr * interval '1 s', shown_at = now() - interval '1 hour' + n.nr * interval '1 s', shown_until = now() - interval '1 hour' + n.nr * interval '1 s'
	from (select id, row_number() over (order by sku) as nr from listings where channel_id = ${channelId}) n where s.listing_id = n.id`;

const stale = async ({ channelId }: LiveStore) =>
	(
		await sql()<{ sku: string }[]>`
		select l.sku from slots s join listings l on l.id = s.listing_id
		where s.channel_id = ${channelId} and s.shown_at < now() - interval '10 min' order by l.sku`
	).map(({ sku }) => sku);

const calls = async ({ storeId }: LiveStore) =>
	Object.values(await countWireRequests(sandbox.ctx, storeId)).reduce((sum, count) => sum + count, 0);

/** Somebody changes a number, and neither webhook nor stamp tells of it. */
const editSilently = ({ storeId }: LiveStore, sku: string, quantity: number) => sql()`
	update sandbox.items set quantity = ${quantity} where store_id = ${storeId} and sku = ${sku} and quantity is not null`;

const everyFacts = [shopifyFacts, wooFacts, bigcommerceFacts, amazonFacts, a2cFacts, squareFacts, magentoFacts];

it.each(everyFacts)("10,000 listings of $label are read within fifteen minutes", (facts) => {
	const reading = (10_000 / readBatch) * facts.rereadEveryMs;
	const runs = Math.ceil(10_000 / readBatch / callsPerRun);
	// Each run waits for its minute.
	expect(reading + runs * 60_000).toBeLessThanOrEqual(15 * 60_000);
});

describe.each(["shopify", "woocommerce"] as const)("the levels of a healthy %s store", (platform) => {
	it("are read again, the stalest first, a hundred a call, until none is stale; that moves and writes nothing", async () => {
		const shop = await liveStore(database, sandbox, platform, productsOf(catalogue(230)));
		await age(shop);
		expect(await findStaleLevels()).toContain(shop.channelId);
		const before = await calls(shop);
		expect(await verify(shop)).toEqual({ read: 100, nextInMs: expect.any(Number) });
		expect((await stale(shop))[0]).toBe("SKU-0100");
		expect((await verify(shop)).nextInMs).toBeGreaterThanOrEqual(7_000);
		expect(await verify(shop)).toEqual({ read: 30, nextInMs: null });
		expect(await verify(shop)).toEqual({ read: 0, nextInMs: null });
		expect(await calls(shop)).toBe(before + 3);
		expect(await findStaleLevels()).not.toContain(shop.channelId);
		const { slots, verifiedAt } = await readChannel(shop.ctx, shop.channelId);
		expect(slots).toEqual({ pending: 0, drift: 0, held: 0, verified: 230 });
		expect(Date.now() - Date.parse(verifiedAt ?? "")).toBeLessThan(60_000);
		const [pushes] = await sql()`select count(*)::int as n from pushes where channel_id = ${shop.channelId}`;
		expect(pushes?.n).toBe(0);
	});

	it("are read again at once when somebody asks for it, and the channel says how far that is", async () => {
		const shop = await liveStore(database, sandbox, platform, productsOf(catalogue(120)));
		expect(await verify(shop)).toEqual({ read: 0, nextInMs: null });
		expect((await readChannel(shop.ctx, shop.channelId)).verifyAsked).toBeNull();
		await verifyNow(shop.ctx, shop.channelId);
		expect(await findStaleLevels()).toContain(shop.channelId);
		expect((await readChannel(shop.ctx, shop.channelId)).verifyAsked?.left).toBe(120);
		expect((await verify(shop)).read).toBe(100);
		expect((await readChannel(shop.ctx, shop.channelId)).verifyAsked?.left).toBe(20);
		expect((await verify(shop)).read).toBe(20);
		const channel = await readChannel(shop.ctx, shop.channelId);
		expect(channel.verifyAsked).toBeNull();
		expect(Date.parse(channel.medianVerifiedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(channel.verifiedAt ?? ""));
		expect(await verify(shop)).toEqual({ read: 0, nextInMs: null });
	});

	it("tell of a listing that is there no more, which is then asked for no more", async () => {
		const shop = await liveStore(database, sandbox, platform, productsOf({ LAMP: 5, ROPE: 7 }));
		const [listing] = await sql()<{ ref: string }[]>`
			select ids->>'productId' as ref from listings where channel_id = ${shop.channelId} and sku = 'LAMP'`;
		const id = listing?.ref.split("/").at(-1) ?? "";
		await sql()`delete from sandbox.items where store_id = ${shop.storeId} and (id = ${id} or parent_id = ${id} or sku = 'LAMP')`;
		await age(shop);
		await verify(shop);
		const [slot] = await sql()`
			select l.gone_at is not null as is_gone, s.read_due_at, s.is_pending from slots s join listings l on l.id = s.listing_id
			where s.channel_id = ${shop.channelId} and l.sku = 'LAMP'`;
		expect(slot).toEqual({ is_gone: true, read_due_at: null, is_pending: false });
		expect(await verify(shop)).toEqual({ read: 0, nextInMs: null });
		expect(await findStaleLevels()).not.toContain(shop.channelId);
	});
});

it("a difference that nothing explains goes the way of every other: read once more, classified, settled by policy", async () => {
	const shop = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 20, ROPE: 7 }));
	await editSilently(shop, "LAMP", 14);
	await age(shop);
	const worker = beginLoop("work", shop.channelId);
	await verify(shop);
	expect(worker?.end()).toBe(true);
	const slot = async () =>
		(
			await sql()`
				select expected, unexplained, read_due_at is not null as is_due from slots s join listings l on l.id = s.listing_id
				where s.channel_id = ${shop.channelId} and l.sku = 'LAMP'`
		)[0];
	expect(await slot()).toEqual({ expected: 20, unexplained: -6, is_due: true });
	// WooCommerce's orders are a second behind.
	await workChannel(shop.target, { maxMs: 6_000, lingerMs: 1_500, client: database.client("app") });
	const shown = new Map((await quantities(sandbox.ctx, shop.storeId)).map(({ sku, quantity }) => [sku, quantity]));
	expect(shown).toEqual(
		new Map([
			["LAMP", 20],
			["ROPE", 7],
		]),
	);
	const log = await sql()<{ kind: string; class: string }[]>`
		select kind, data->>'class' as class from sync_log where channel_id = ${shop.channelId} and kind like 'level.%' order by id`;
	expect([...log]).toEqual([
		{ kind: "level.drift", class: "manual_edit" },
		{ kind: "level.healed", class: "manual_edit" },
	]);
});

it("R7 is read the sooner where no signal that arrives covers every change of its levels", async () => {
	const shops = [
		{
			shop: await liveStore(database, sandbox, "shopify", productsOf({ LAMP: 5 })),
			webhooks: "registered",
			isDue: false,
		},
		{
			shop: await liveStore(database, sandbox, "shopify", productsOf({ LAMP: 5 })),
			webhooks: "unreachable",
			isDue: true,
		},
		{
			shop: await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5 })),
			webhooks: "registered",
			isDue: true,
		},
	];
	for (const { shop, webhooks, isDue } of shops) {
		await sql()`update channel_health set webhook_state = ${webhooks} where channel_id = ${shop.channelId}`;
		await sql()`
			update slots set verified_at = now() - interval '7 min', shown_at = now() - interval '7 min' where channel_id = ${shop.channelId}`;
		expect((await findStaleLevels()).includes(shop.channelId), `${shop.target.platform}, ${webhooks}`).toBe(isDue);
		expect(await verify(shop)).toEqual({ read: isDue ? 1 : 0, nextInMs: null });
	}
});

it("may be asked for by whoever settles what goes wrong, and only of a store that is pushed to", async () => {
	const shop = await liveStore(database, sandbox, "shopify", productsOf({ LAMP: 5 }));
	await expect(verifyNow({ ...shop.ctx, role: "viewer" }, shop.channelId)).rejects.toMatchObject({ status: 403 });
	await expect(verifyNow(shop.ctx, crypto.randomUUID())).rejects.toMatchObject({ status: 404 });
	await sql()`update channels set state = 'read_only' where id = ${shop.channelId}`;
	await expect(verifyNow(shop.ctx, shop.channelId)).rejects.toMatchObject({ reason: "not_live" });
});

describe("a store is left alone", () => {
	let shop: LiveStore;
	beforeAll(async () => {
		shop = await liveStore(database, sandbox, "shopify", productsOf({ LAMP: 20 }));
	});

	it.each([
		["while it asks for less", "update channel_health set quiet_until = now() + interval '1 min'"],
		["while it is down", "update channel_health set breaker = 'open', breaker_until = now() + interval '1 min'"],
		[
			"while half of its budget is spent",
			`update channel_health set budget = jsonb_build_object('available', 900, 'maximum', 2000, 'restorePerSecond', 100, 'at', now())`,
		],
		["before pushing is on", "update channels set state = 'read_only'"],
	])("%s", async (_, change) => {
		await sql()`update channels set state = 'live' where id = ${shop.channelId}`;
		await sql()`update channel_health set quiet_until = null, breaker = 'closed', budget = null where channel_id = ${shop.channelId}`;
		await age(shop);
		await sql().unsafe(`${change} where ${change.includes("channel_health") ? "channel_id" : "id"} = $1`, [
			shop.channelId,
		]);
		const before = await calls(shop);
		expect(await verify(shop)).toEqual({ read: 0, nextInMs: null });
		expect(await calls(shop)).toBe(before);
	});

	it("no longer than its budget takes to come back", async () => {
		await sql()`update channels set state = 'live' where id = ${shop.channelId}`;
		await sql()`
			update channel_health set quiet_until = now() - interval '1 s', breaker = 'closed',
				budget = jsonb_build_object('available', 100, 'maximum', 2000, 'restorePerSecond', 100, 'at', now() - interval '9 s')
			where channel_id = ${shop.channelId}`;
		await age(shop);
		expect((await verify(shop)).read).toBe(1);
	});

	it("for as long as it says when it is asked too much", async () => {
		await age(shop);
		await setKnobs(sandbox.ctx, shop.storeId, { throttleRate: 1 });
		expect(await verify(shop)).toEqual({ read: 0, nextInMs: null });
		const [health] =
			await sql()`select quiet_until > now() as is_quiet from channel_health where channel_id = ${shop.channelId}`;
		expect(health?.is_quiet).toBe(true);
		await setKnobs(sandbox.ctx, shop.storeId, { throttleRate: 0 });
	});
});
