/**
 * Every step of an order's life on every platform, told out of order, twice, by webhook and by poll: after each of them
 * the ledger holds what the store itself shows.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrderStep, StockMoments } from "@/lib/channels/platform-facts";
import { adapterFor } from "@/lib/channels/registry";
import { shopifyMoments } from "@/lib/channels/shopify/facts";
import { wooMoments } from "@/lib/channels/woocommerce/facts";
import { fulfilShopifyOrder } from "@/lib/sandbox/shopify";
import { openTestShop as openShopifyShop, type TestShop as ShopifyShop } from "@/lib/sandbox/shopify/testing";
import { checkout, countDeliveries, editOrder, exchangeLines, sandboxKeys } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { products } from "@/lib/sandbox/testing/seeds";
import { checkout as wooCheckout } from "@/lib/sandbox/woocommerce/checkout";
import { findWanted } from "@/lib/sandbox/woocommerce/orders";
import { openTestShop as openWooShop, type TestShop as WooShop } from "@/lib/sandbox/woocommerce/testing";
import { connectStore } from "../channels/connect-store";
import { type OpenConnection, openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { systemContext } from "../context";
import { readStore } from "../imports/read-store";
import { startFromCatalogue } from "../imports/start-from-catalogue";
import { readDueLevels } from "../levels/read-levels";
import { drainMail } from "../mail/drain-mail";
import { stampSlackMs } from "../stock/recompute-offers";
import { makeMerchant } from "../testing/fixtures";
import { receiveWebhook } from "../webhooks/receive-webhook";
import { pollOrders } from "./poll-orders";

type Mail = { platform: string; channelId: string; headers: Record<string, string>; rawBody: Buffer };

const sandbox = sandboxForTests();
const { database } = sandbox;
/** What stores sent, kept until the test lets it in. */
const kept: Mail[] = [];
const postOffice = createServer(async (incoming, outgoing) => {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	const [, , , platform = "", channelId = ""] = (incoming.url ?? "").split("/");
	const headers = incoming.headers as Record<string, string>;
	kept.push({ platform, channelId, headers, rawBody: Buffer.concat(chunks) });
	outgoing.writeHead(200).end();
});
beforeAll(async () => {
	await new Promise<void>((resolve) => postOffice.listen(0, "127.0.0.1", resolve));
	process.env.PORT = String((postOffice.address() as AddressInfo).port);
	process.env.ONECOUNT_SANDBOX = "on";
});
afterAll(async () => {
	postOffice.closeAllConnections();
	await new Promise((resolve) => postOffice.close(resolve));
});

/** The same numbers from the same seed. */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
	const result = [...items];
	for (let index = result.length - 1; index > 0; index--) {
		const other = Math.floor(random() * (index + 1));
		[result[index], result[other]] = [result[other] as T, result[index] as T];
	}
	return result;
}

/** Units by SKU where the channel sells from, and `there`: of ROPE at the store's other location. */
type Numbers = { LAMP: number; ROPE: number; there: number };
const start: Numbers = { LAMP: 40, ROPE: 30, there: 0 };

type Row<Shop> = {
	/** What is done, in a shopkeeper's words. */
	name: string;
	/** Which step of an order's life it is; null: several at once. */
	step: OrderStep | null;
	act(shop: Shop, orders: Map<string, string>): Promise<unknown>;
	/** What the store's own numbers do. */
	moves: Partial<Numbers>;
};

type World = {
	merchantId: string;
	target: WorkTarget;
	open: OpenConnection;
	storeId: string;
	/** Makes the store send what it has not sent yet. */
	flush(): Promise<unknown>;
	there: { ref: string; locationId: string | null } | null;
};

async function connect(
	platform: "shopify" | "woocommerce",
	storeId: string,
	flush: World["flush"],
	there: { ref: string; name: string; isOurs: boolean } | null,
): Promise<World> {
	const { merchantId } = await makeMerchant(database);
	const ctx = systemContext(merchantId, database.db("app"));
	let locationId: string | null = null;
	if (there?.isOurs) {
		const [row] = await database.ownerClient<{ id: string }[]>`
			insert into locations (merchant_id, name, created_at) values (${merchantId}, ${there.name}, now() + interval '1 hour') returning id`;
		locationId = row?.id ?? null;
	}
	const keys = await sandboxKeys(sandbox.ctx, storeId);
	const webhookSecret = keys.webhookSecret ?? undefined;
	const connected = await connectStore(ctx, { platform, ...keys, webhookSecret, isSandbox: true });
	if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
	const target: WorkTarget = { channelId: connected.channelId, merchantId, platform };
	const client = database.client("app");
	await readStore(client, target);
	await startFromCatalogue(ctx, target.channelId, { isDryRun: false });
	const open = await openConnection(client, target);
	// A sandbox list lags by nothing; orders changed in this very second are looked for as well.
	const facts = { ...open.adapter.facts, orderListLagMs: -2 * stampSlackMs };
	return {
		merchantId,
		target,
		open: { ...open, adapter: { ...open.adapter, facts } },
		storeId,
		flush,
		there: there && { ref: there.ref, locationId },
	};
}

/** What the store shows, asked as anybody would ask it. */
async function shown({ target, open, there }: World): Promise<Numbers> {
	const listings = await database.ownerClient<{ external_key: string; ids: Record<string, string>; sku: string }[]>`
		select external_key, ids, sku from listings where channel_id = ${target.channelId}`;
	const asked = listings.map(({ external_key, ids }) => ({ externalKey: external_key, ids }));
	const read = async (locationRef: string) => {
		const levels = await open.adapter.readLevels({ ...open.connection(), locationRef }, asked);
		const byKey = new Map(levels.map(({ externalKey, quantity }) => [externalKey, quantity ?? 0]));
		return (sku: string) => byKey.get(listings.find((one) => one.sku === sku)?.external_key ?? "") ?? 0;
	};
	const here = await read(open.connection().locationRef);
	return { LAMP: here("LAMP"), ROPE: here("ROPE"), there: there ? (await read(there.ref))("ROPE") : 0 };
}

async function ledger({ merchantId, there }: World): Promise<Numbers> {
	const rows = await database.ownerClient<
		{ code: string; location: string; id: string; on_hand: number; sum: number }[]
	>`
		select k.code, o.name as location, o.id, l.on_hand,
			(select sum(delta)::int from movements m where m.sku_id = l.sku_id and m.location_id = l.location_id) as sum
		from levels l join skus k on k.id = l.sku_id join locations o on o.id = l.location_id where l.merchant_id = ${merchantId}`;
	for (const { on_hand, sum } of rows) expect(sum ?? 0).toBe(on_hand);
	const at = (code: string, location: string) =>
		rows.find((row) => row.code === code && row.location === location)?.on_hand ?? 0;
	return {
		LAMP: at("LAMP", "Main"),
		ROPE: at("ROPE", "Main"),
		there: rows.find((row) => row.code === "ROPE" && row.id === there?.locationId)?.on_hand ?? 0,
	};
}

async function mailOf({ target, storeId, flush }: World): Promise<Mail[]> {
	for (const end = Date.now() + 10_000; ; ) {
		await flush();
		const { waiting = 0, sending = 0 } = await countDeliveries(sandbox.ctx, storeId);
		if (waiting + sending === 0) break;
		if (Date.now() > end) throw new Error("the store never sent its news");
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	const mine = kept.filter(({ channelId }) => channelId === target.channelId);
	for (const one of mine) kept.splice(kept.indexOf(one), 1);
	return mine;
}

const isOfOrders = ({ headers }: Mail) =>
	/^(orders|refunds|order)[/.]/.test(headers["x-shopify-topic"] ?? headers["x-wc-webhook-topic"] ?? "");

const drain = ({ target }: World) => drainMail(target, { maxMs: 10_000, lingerMs: 0, client: database.client("app") });

async function letIn(world: World, mail: readonly Mail[], random: () => number): Promise<void> {
	for (const one of mail) {
		await receiveWebhook(one);
		if (random() < 0.3) await drain(world);
	}
	await drain(world);
}

async function poll(world: World): Promise<void> {
	await database.ownerClient`update channel_health set deep_polled_at = null where channel_id = ${world.target.channelId}`;
	await pollOrders(database.client("app"), world.target, world.open);
	await drain(world);
}

/** Lives the whole life; after every step store and ledger agree, and the store did what its adapter's facts say. */
async function live<Shop>(
	world: World,
	shop: Shop,
	rows: readonly Row<Shop>[],
	moments: StockMoments,
	seed: number,
): Promise<void> {
	const random = randomFrom(seed);
	const orders = new Map<string, string>();
	const past: Mail[] = [];
	let before = await shown(world);
	expect(before).toEqual(start);
	for (const { name, step, act, moves } of rows) {
		await act(shop, orders);
		const now = await shown(world);
		const moved = { LAMP: now.LAMP - before.LAMP, ROPE: now.ROPE - before.ROPE, there: now.there - before.there };
		expect(moved, name).toEqual({ LAMP: 0, ROPE: 0, there: 0, ...moves });
		if (step) {
			const here = moved.LAMP + moved.ROPE;
			expect(here < 0 ? "takes" : here > 0 ? "gives_back" : "leaves", `${name}: the fact of ${step}`).toBe(
				moments[step]?.effect,
			);
		}
		const news = await mailOf(world);
		const how = random();
		if (how < 0.7) {
			const late = shuffled(past, random).slice(0, 3);
			const twice = news.filter(() => random() < 0.5);
			await letIn(world, shuffled([...news, ...late, ...twice], random), random);
		}
		// By poll alone, by both, or where no webhook can tell: an order brought back from the trash or deleted past it; one
		// that within a second is again what it was, word for word, which is what a webhook told twice looks like.
		const isTold = news.some((one) => isOfOrders(one) && !past.some(({ rawBody }) => rawBody.equals(one.rawBody)));
		if (how >= 0.5 || !isTold) await poll(world);
		past.push(...news);
		const counted = await ledger(world);
		expect(counted, `after "${name}" (seed ${seed})`).toEqual(world.there?.locationId ? now : { ...now, there: 0 });
		before = now;
	}
	// All that was ever sent, once more and in no order.
	expect(past.length).toBeGreaterThan(rows.length);
	await letIn(world, shuffled(past, random), random);
	await poll(world);
	expect(await ledger(world), `at the end (seed ${seed})`).toEqual(
		world.there?.locationId ? before : { ...before, there: 0 },
	);
	const { channelId } = world.target;
	await database.ownerClient`update slots set read_due_at = now() where channel_id = ${channelId}`;
	await readDueLevels(database.client("app"), world.target, world.open);
	const slots = await database.ownerClient<{ sku: string; expected: number; unexplained: number }[]>`
		select l.sku, s.expected, s.unexplained from slots s join listings l on l.id = s.listing_id where s.channel_id = ${channelId}`;
	expect(Object.fromEntries(slots.map(({ sku, expected, unexplained }) => [sku, [expected, unexplained]]))).toEqual({
		LAMP: [before.LAMP, 0],
		ROPE: [before.ROPE, 0],
	});
	const mishaps = await database.ownerClient`
		select kind from sync_log where merchant_id = ${world.merchantId} and kind in ('level.drift', 'mail.dead', 'conflict.opened')`;
	expect([...mishaps]).toEqual([]);
}

const logOf = async ({ merchantId }: World, kind: string) =>
	(
		await database.ownerClient<{ data: Record<string, unknown> }[]>`
			select data from sync_log where merchant_id = ${merchantId} and kind = ${kind} order by id`
	).map(({ data }) => data);

const statusOf = async ({ target }: World, orderRef: string | undefined) =>
	(
		await database.ownerClient<{ status: string; is_gone: boolean }[]>`
			select status, gone_at is not null as is_gone from orders where channel_id = ${target.channelId} and order_ref = ${orderRef ?? ""}`
	)[0];

const seeds = [1, 2];
const known = (orders: Map<string, string>, name: string): string => {
	const ref = orders.get(name);
	if (!ref) throw new Error(`no order ${name} yet`);
	return ref;
};

describe("on Shopify", () => {
	const gid = (id: string) => (id.startsWith("gid:") ? id : `gid://shopify/Order/${id}`);
	const digits = (id: string) => id.replace(/^.*\//, "");
	const ask = async (shop: ShopifyShop, query: string, variables: Record<string, unknown> = {}) => {
		const { data, errors } = await shop.graphql(query, variables);
		const [answer] = Object.values(data ?? {}) as [{ userErrors?: unknown[]; orderCancelUserErrors?: unknown[] }];
		expect([errors ?? [], answer?.userErrors ?? [], answer?.orderCancelUserErrors ?? []].flat()).toEqual([]);
		return data;
	};
	const place = async (shop: ShopifyShop, lines: Record<string, number>, financialStatus: "PAID" | "PENDING") => {
		const listings = await shop.listings();
		const lineItems = Object.entries(lines).map(([sku, quantity]) => ({
			variantId: listings.get(sku)?.variantId,
			quantity,
		}));
		const data = await ask(
			shop,
			`mutation($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
				orderCreate(order: $order, options: $options) { order { id } userErrors { field message } } }`,
			{ order: { lineItems, financialStatus }, options: { inventoryBehaviour: "DECREMENT_OBEYING_POLICY" } },
		);
		return digits(data.orderCreate.order.id);
	};
	const refund = async (
		shop: ShopifyShop,
		orderId: string,
		sku: string,
		quantity: number,
		restockType: string,
		at?: string,
	) => {
		const { order } = await ask(
			shop,
			`query($id: ID!) { order(id: $id) { lineItems(first: 10) { nodes { id sku } } } }`,
			{
				id: gid(orderId),
			},
		);
		const line = order.lineItems.nodes.find((node: { sku: string }) => node.sku === sku);
		await ask(
			shop,
			`mutation($input: RefundInput!, $key: String!) {
				refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field message } } }`,
			{
				input: {
					orderId: gid(orderId),
					refundLineItems: [{ lineItemId: line.id, quantity, restockType, ...(at && { locationId: at }) }],
				},
				key: crypto.randomUUID(),
			},
		);
	};
	const cancel = (shop: ShopifyShop, orderId: string, restock: boolean) =>
		ask(
			shop,
			`mutation($id: ID!, $restock: Boolean!) {
				orderCancel(orderId: $id, restock: $restock, reason: CUSTOMER) { job { id } orderCancelUserErrors { field message } userErrors { field message } } }`,
			{ id: gid(orderId), restock },
		);

	const rows: Row<ShopifyShop>[] = [
		{
			name: "an order is placed and not paid",
			step: "placed_unpaid",
			act: async (shop, orders) => orders.set("first", await place(shop, { LAMP: 4 }, "PENDING")),
			moves: { LAMP: -4 },
		},
		{
			name: "it is paid",
			step: "paid",
			act: (shop, orders) =>
				ask(
					shop,
					`mutation($id: ID!) { orderMarkAsPaid(input: { id: $id }) { order { id } userErrors { field message } } }`,
					{
						id: gid(known(orders, "first")),
					},
				),
			moves: {},
		},
		{
			name: "an edit adds a unit",
			step: "units_added",
			act: (shop, orders) => editOrder(sandbox.ctx, shop.store.id, known(orders, "first"), "LAMP", 5),
			moves: { LAMP: -1 },
		},
		{
			name: "an edit adds a line",
			step: "units_added",
			act: (shop, orders) => editOrder(sandbox.ctx, shop.store.id, known(orders, "first"), "ROPE", 3),
			moves: { ROPE: -3 },
		},
		{
			name: "an edit removes a unit",
			step: "units_removed",
			act: (shop, orders) => editOrder(sandbox.ctx, shop.store.id, known(orders, "first"), "LAMP", 4),
			moves: { LAMP: 1 },
		},
		{
			name: "an edit exchanges one for another",
			step: null,
			act: (shop, orders) =>
				exchangeLines(sandbox.ctx, shop.store.id, known(orders, "first"), [
					{ sku: "LAMP", quantity: 3 },
					{ sku: "ROPE", quantity: 4 },
				]),
			moves: { LAMP: 1, ROPE: -1 },
		},
		{
			name: "one unit is cancelled before it ships",
			step: "partly_cancelled",
			act: (shop, orders) => refund(shop, known(orders, "first"), "ROPE", 1, "CANCEL", shop.locationId),
			moves: { ROPE: 1 },
		},
		{
			name: "it ships",
			step: "shipped",
			act: (shop, orders) => fulfilShopifyOrder(sandbox.ctx, shop.store, known(orders, "first")),
			moves: {},
		},
		{
			name: "a unit is returned and restocked",
			step: "refunded_restocked",
			act: (shop, orders) => refund(shop, known(orders, "first"), "LAMP", 1, "RETURN", shop.locationId),
			moves: { LAMP: 1 },
		},
		{
			name: "a unit is returned to the other location",
			step: "returned_elsewhere",
			act: (shop, orders) => refund(shop, known(orders, "first"), "ROPE", 1, "RETURN", shop.otherLocationId),
			moves: { there: 1 },
		},
		{
			name: "money is refunded without restock",
			step: "refunded_kept",
			act: (shop, orders) => refund(shop, known(orders, "first"), "LAMP", 1, "NO_RESTOCK"),
			moves: {},
		},
		{
			name: "another unit is returned to the other location",
			step: "returned_elsewhere",
			act: (shop, orders) => refund(shop, known(orders, "first"), "ROPE", 1, "RETURN", shop.otherLocationId),
			moves: { there: 1 },
		},
		{
			name: "a second order is placed",
			step: null,
			act: async (shop, orders) => orders.set("second", await place(shop, { LAMP: 3, ROPE: 2 }, "PAID")),
			moves: { LAMP: -3, ROPE: -2 },
		},
		{
			name: "it is cancelled with restock",
			step: "cancelled",
			act: (shop, orders) => cancel(shop, known(orders, "second"), true),
			moves: { LAMP: 3, ROPE: 2 },
		},
		{
			name: "a third order is placed and cancelled without restock",
			step: null,
			act: async (shop, orders) => {
				orders.set("third", await place(shop, { ROPE: 2 }, "PAID"));
				await cancel(shop, known(orders, "third"), false);
			},
			moves: { ROPE: -2 },
		},
		{
			name: "a fourth order is placed",
			step: null,
			act: async (shop, orders) => orders.set("fourth", await place(shop, { ROPE: 1 }, "PAID")),
			moves: { ROPE: -1 },
		},
		{
			name: "it is cancelled without restock",
			step: "cancelled_kept",
			act: (shop, orders) => cancel(shop, known(orders, "fourth"), false),
			moves: {},
		},
		{
			name: "it is deleted",
			step: "deleted",
			act: (shop, orders) =>
				ask(shop, `mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { field message } } }`, {
					id: gid(known(orders, "fourth")),
				}),
			moves: {},
		},
	];

	const openShop = () => openShopifyShop(sandbox, { products: products({ LAMP: start.LAMP, ROPE: start.ROPE }) });

	it.each(seeds)(
		"ledger and store agree after every step, with both locations ours (seed %i)",
		async (seed) => {
			const shop = await openShop();
			const there = { ref: shop.otherLocationId, name: "warehouse", isOurs: true };
			const world = await connect("shopify", shop.store.id, async () => {}, there);
			await live(world, shop, rows, shopifyMoments, seed);
			const returns = (await logOf(world, "stock.changed")).filter(({ note }) => note === "restocked at Warehouse");
			expect(returns.map(({ cause, from, to }) => ({ cause, from, to }))).toEqual([
				{ cause: "order_returned", from: 0, to: 1 },
				{ cause: "order_returned", from: 1, to: 2 },
			]);
		},
		120_000,
	);

	it("a return to a location that is none of ours is said, and puts nothing on sale", async () => {
		const shop = await openShop();
		const there = { ref: shop.otherLocationId, name: "Warehouse", isOurs: false };
		const world = await connect("shopify", shop.store.id, async () => {}, there);
		await live(world, shop, rows, shopifyMoments, 7);
		expect((await logOf(world, "order.elsewhere")).map(({ units, location }) => ({ units, location }))).toEqual([
			{ units: 1, location: "Warehouse" },
			{ units: 1, location: "Warehouse" },
		]);
		const [gone] = await logOf(world, "order.deleted");
		expect(gone).toMatchObject({ units: 1 });
	}, 120_000);

	it("every step that it knows is lived, but for a payment that fails, of which it tells nothing", () => {
		const lived = new Set(rows.map(({ step }) => step));
		const left = (Object.keys(shopifyMoments) as OrderStep[]).filter(
			(step) => shopifyMoments[step] && !lived.has(step),
		);
		expect(left).toEqual(["payment_failed"]);
	});
});

describe("on WooCommerce", () => {
	const ids = async (shop: WooShop, sku: string) => (await shop.idsBySku()).get(sku)?.id ?? 0;
	const call = async (shop: WooShop, method: "POST" | "PUT" | "DELETE", path: string, body?: unknown) => {
		const reply = await shop.call(method, path, body);
		expect(reply.status, `${method} ${path}: ${reply.text.slice(0, 200)}`).toBeLessThan(300);
		return reply.body;
	};
	const place = async (shop: WooShop, lines: Record<string, number>, more: Record<string, unknown>) => {
		const line_items = await Promise.all(
			Object.entries(lines).map(async ([sku, quantity]) => ({ product_id: await ids(shop, sku), quantity })),
		);
		return String((await call(shop, "POST", "/orders", { line_items, ...more })).id);
	};
	const change = (shop: WooShop, orders: Map<string, string>, name: string, body: unknown) =>
		call(shop, "PUT", `/orders/${known(orders, name)}`, body);
	const lineOf = async (shop: WooShop, orderId: string, sku: string) => {
		const { body } = await shop.call("GET", `/orders/${orderId}`);
		return body.line_items.find((line: { sku: string }) => line.sku === sku).id as number;
	};
	const refund = async (shop: WooShop, orderId: string, sku: string, quantity: number, api_restock: boolean) =>
		call(shop, "POST", `/orders/${orderId}/refunds`, {
			amount: "0.50",
			api_refund: false,
			api_restock,
			line_items: [{ id: await lineOf(shop, orderId, sku), quantity, refund_total: 0.5 }],
		});

	const rows: Row<WooShop>[] = [
		{
			name: "an order is made and not paid",
			step: "placed_unpaid",
			act: async (shop, orders) => orders.set("first", await place(shop, { LAMP: 4 }, { status: "pending" })),
			moves: {},
		},
		{
			name: "its transfer is awaited",
			step: "payment_awaited",
			act: (shop, orders) => change(shop, orders, "first", { status: "on-hold" }),
			moves: { LAMP: -4 },
		},
		{
			name: "the transfer arrives",
			step: null,
			act: (shop, orders) => change(shop, orders, "first", { status: "processing" }),
			moves: {},
		},
		{
			name: "a second order is paid at once",
			step: "paid",
			act: async (shop, orders) => orders.set("second", await place(shop, { ROPE: 3 }, { set_paid: true })),
			moves: { ROPE: -3 },
		},
		{
			name: "an edit adds a unit",
			step: "units_added",
			act: (shop, orders) => editOrder(sandbox.ctx, shop.store.id, known(orders, "first"), "LAMP", 5),
			moves: { LAMP: -1 },
		},
		{
			name: "an edit adds a line",
			step: "units_added",
			act: async (shop, orders) =>
				change(shop, orders, "first", { line_items: [{ product_id: await ids(shop, "ROPE"), quantity: 3 }] }),
			moves: { ROPE: -3 },
		},
		{
			name: "an edit removes a line",
			step: "units_removed",
			act: async (shop, orders) =>
				change(shop, orders, "first", {
					line_items: [{ id: await lineOf(shop, known(orders, "first"), "ROPE"), quantity: 0 }],
				}),
			moves: { ROPE: 3 },
		},
		{
			name: "an edit exchanges one for another",
			step: null,
			act: (shop, orders) =>
				exchangeLines(sandbox.ctx, shop.store.id, known(orders, "first"), [
					{ sku: "LAMP", quantity: 4 },
					{ sku: "ROPE", quantity: 1 },
				]),
			moves: { LAMP: 1, ROPE: -1 },
		},
		{
			name: "some units are cancelled before they ship",
			step: "partly_cancelled",
			act: (shop, orders) => editOrder(sandbox.ctx, shop.store.id, known(orders, "first"), "LAMP", 3),
			moves: { LAMP: 1 },
		},
		{
			name: "it ships",
			step: "shipped",
			act: (shop, orders) => change(shop, orders, "first", { status: "completed" }),
			moves: {},
		},
		{
			name: "a unit is returned and restocked",
			step: "refunded_restocked",
			act: (shop, orders) => refund(shop, known(orders, "first"), "LAMP", 1, true),
			moves: { LAMP: 1 },
		},
		{
			name: "money is refunded without restock",
			step: "refunded_kept",
			act: (shop, orders) => refund(shop, known(orders, "first"), "LAMP", 1, false),
			moves: {},
		},
		{
			name: "the first order is cancelled after all, and what it still holds comes back",
			step: "cancelled",
			act: (shop, orders) => change(shop, orders, "first", { status: "cancelled" }),
			moves: { LAMP: 2, ROPE: 1 },
		},
		{
			name: "the second order's payment fails afterwards",
			step: "payment_failed",
			act: (shop, orders) => change(shop, orders, "second", { status: "failed" }),
			moves: {},
		},
		{
			name: "it is set back to wait for its payment",
			step: "unpaid_again",
			act: (shop, orders) => change(shop, orders, "second", { status: "pending" }),
			moves: { ROPE: 3 },
		},
		{
			name: "a third order comes from a checkout",
			step: "paid",
			act: async (shop, orders) => {
				const placed = await checkout(sandbox.ctx, shop.store.id, [
					{ sku: "LAMP", quantity: 2 },
					{ sku: "ROPE", quantity: 2 },
				]);
				if (placed.result === "placed") orders.set("third", placed.orderId);
			},
			moves: { LAMP: -2, ROPE: -2 },
		},
		{
			name: "it is set to refunded",
			step: "marked_refunded",
			act: (shop, orders) => change(shop, orders, "third", { status: "refunded" }),
			moves: {},
		},
		{
			name: "it is trashed",
			step: "trashed",
			act: (shop, orders) => call(shop, "DELETE", `/orders/${known(orders, "third")}`),
			moves: {},
		},
		{
			name: "it is taken out of the trash and cancelled",
			step: "cancelled",
			act: (shop, orders) => change(shop, orders, "third", { status: "cancelled" }),
			moves: { LAMP: 2, ROPE: 2 },
		},
		{
			name: "a fourth order is paid",
			step: "paid",
			act: async (shop, orders) => orders.set("fourth", await place(shop, { ROPE: 1 }, { set_paid: true })),
			moves: { ROPE: -1 },
		},
		{
			name: "it is deleted past the trash",
			step: "deleted",
			act: (shop, orders) => call(shop, "DELETE", `/orders/${known(orders, "fourth")}?force=true`),
			moves: {},
		},
	];

	it.each(seeds)(
		"ledger and store agree after every step (seed %i)",
		async (seed) => {
			const shop = await openWooShop(sandbox, { products: products({ LAMP: start.LAMP, ROPE: start.ROPE }) });
			const world = await connect("woocommerce", shop.store.id, () => shop.fetch("/wp-cron.php"), null);
			let fourth: string | undefined;
			const watched = rows.map((row) => ({
				...row,
				act: async (one: WooShop, orders: Map<string, string>) => {
					await row.act(one, orders);
					fourth = orders.get("fourth");
				},
			}));
			await live(world, shop, watched, wooMoments, seed);
			// Nobody is told of it: a poll no longer finds it.
			expect(await statusOf(world, fourth)).toEqual({ status: "deleted", is_gone: true });
			expect((await logOf(world, "order.deleted")).at(-1)).toMatchObject({ units: 1 });
		},
		120_000,
	);

	it("says what a checkout that is not paid keeps, and how long; nothing moves", async () => {
		const shop = await openWooShop(sandbox, {
			products: products({ LAMP: start.LAMP, ROPE: start.ROPE }),
			settings: { hasOffsiteGateway: true },
		});
		const world = await connect("woocommerce", shop.store.id, () => shop.fetch("/wp-cron.php"), null);
		const [row] = await findWanted(sandbox.ctx.db, shop.store.id, [{ sku: "LAMP", quantity: 2 }]);
		if (!row) throw new Error("no lamp");
		const details = { created_via: "store-api", payment_method: "offsite" };
		await wooCheckout(sandbox.ctx, shop.store, [{ row, quantity: 2 }], "pending", details);
		await place(shop, { ROPE: 1 }, { status: "pending" });
		await letIn(world, await mailOf(world), () => 0);
		await poll(world);
		expect(await logOf(world, "order.held")).toMatchObject([{ title: "Item LAMP", units: 2, heldMs: 3_600_000 }]);
		expect(await ledger(world)).toEqual(start);
	});

	it("every step that it knows is lived", () => {
		const lived = new Set(rows.map(({ step }) => step));
		expect((Object.keys(wooMoments) as OrderStep[]).filter((step) => wooMoments[step] && !lived.has(step))).toEqual([]);
	});
});

it("the tables are those of the adapters", async () => {
	expect((await adapterFor("shopify")).facts.stockMoments).toBe(shopifyMoments);
	expect((await adapterFor("woocommerce")).facts.stockMoments).toBe(wooMoments);
});
