import { afterEach, describe, expect, test } from "vitest";
import type { Connection } from "../channel-adapter";
import type { Page } from "../listing";
import { shopify } from "./adapter";
import { wantedScopes } from "./facts";
import { wantedTopics } from "./subscriptions";
import { pages, type Root, schemaStore } from "./testing/schema-store";
import { type Answer, type Asked, costExtension } from "./testing/scripted-store";

let store: Awaited<ReturnType<typeof schemaStore>> | undefined;
afterEach(() => store?.close());
async function storeWith(root: Root, before?: (asked: Asked) => Answer | null): Promise<Connection> {
	store = await schemaStore(root, before);
	return store.connection;
}

async function everything<T>(
	read: (page: string | null) => Promise<Page<T>>,
): Promise<{ items: T[]; total: number | null }> {
	const first = await read(null);
	const items = [...first.items];
	for (let { next } = first; next; ) {
		const page = await read(next);
		items.push(...page.items);
		next = page.next;
	}
	return { items, total: first.total };
}

const variant = (product: number, n: number, change: object = {}) => ({
	id: `gid://shopify/ProductVariant/${product}${1000 + n}`,
	sku: `SKU-${product}-${n}`,
	barcode: null,
	price: "9.90",
	requiresComponents: false,
	selectedOptions: [{ name: "Size", value: String(n) }],
	inventoryItem: {
		id: `gid://shopify/InventoryItem/${product}${1000 + n}`,
		tracked: true,
		inventoryLevel: (args: Record<string, unknown>) => ({
			quantities: [{ name: "available", quantity: args.locationId === "gid://shopify/Location/106318430514" ? n : -1 }],
		}),
	},
	...change,
});
const product = (id: number, variants: number) => ({
	id: `gid://shopify/Product/${id}`,
	title: `Product ${id}`,
	updatedAt: "2026-11-20T10:00:00Z",
	isGiftCard: false,
	hasOnlyDefaultVariant: variants === 1,
	onlineStoreUrl: null,
	featuredMedia: { __typename: "MediaImage", preview: { image: { url: "https://cdn.example/1.jpg" } } },
	variants: pages(Array.from({ length: variants }, (_, n) => variant(id, n))),
});
const tooDear = { json: { errors: [{ message: "Query cost is 2004.", extensions: { code: "MAX_COST_EXCEEDED" } }] } };

describe("the catalogue", () => {
	test("comes whole, with every variant of a product that has more than 100", async () => {
		const products = [product(7, 1), product(8, 250), ...Array.from({ length: 60 }, (_, n) => product(100 + n, 2))];
		const connection = await storeWith({
			products: pages(products),
			product: (args: Record<string, unknown>) => products.find((one) => one.id === args.id),
			productVariantsCount: { count: 371 },
		});
		const { items, total } = await everything((page) => shopify.listListings(connection, null, page));
		expect(items).toHaveLength(1 + 250 + 120);
		expect(total).toBe(371);
		expect(new Set(items.map((one) => one.externalKey)).size).toBe(371);
		expect(items.find((one) => one.sku === "SKU-8-249")).toMatchObject({
			refs: ["variant:81249", "item:81249"],
			quantity: 249,
			options: "249",
			imageUrl: "https://cdn.example/1.jpg",
		});
	});

	test("is read in smaller pages where a page costs too much", async () => {
		const products = Array.from({ length: 20 }, (_, n) => product(100 + n, 1));
		const affordable = (asked: Asked) => (Number(asked.variables.first) > 10 ? tooDear : null);
		const connection = await storeWith({ products: pages(products), productVariantsCount: { count: 20 } }, affordable);
		const { items } = await everything((page) => shopify.listListings(connection, null, page));
		expect(items).toHaveLength(20);
		// 50 is too dear, 13 too, 4 is not; and what was learned is kept over the pages.
		expect(store?.asked.map((asked) => asked.variables.first)).toEqual([50, 13, 4, 4, 4, 4, 4]);
	});

	test("goes on behind 20,000 products, where a cursor would soon stop working", async () => {
		const queries = new Set<unknown>();
		const connection = await storeWith({
			products: (args: Record<string, unknown>) => {
				queries.add(args.query);
				const from = Number(args.after ?? /^id:>(\d+)$/.exec(String(args.query))?.[1] ?? 0);
				const nodes = Array.from({ length: 250 }, (_, n) => ({ ...product(from + n + 1, 1), variants: pages([]) }));
				return { nodes, pageInfo: { hasNextPage: from < 20_500, endCursor: String(from + 250) } };
			},
			productVariantsCount: { count: 0 },
		});
		await everything((page) => shopify.listListings(connection, null, page));
		expect([...queries]).toEqual([null, "id:>20000"]);
	});

	test("since a moment is asked for by that moment, to the second", async () => {
		const connection = await storeWith({ products: pages([product(7, 1)]) });
		const { total } = await shopify.listListings(connection, new Date("2026-11-24T10:00:00.789Z"), null);
		expect(total).toBeNull();
		expect(store?.asked[0]?.variables).toMatchObject({
			query: "updated_at:>='2026-11-24T10:00:00Z'",
			sortKey: "UPDATED_AT",
		});
	});

	test("has no quantities before a location was chosen", async () => {
		const connection = await storeWith({ products: pages([product(7, 1)]), productVariantsCount: { count: 1 } });
		const { items } = await shopify.listListings({ ...connection, locationRef: "" }, null, null);
		expect(items[0]?.quantity).toBeNull();
	});

	test("gives one product by the name that signals use, and nothing for one that is gone", async () => {
		const connection = await storeWith({
			product: (args: Record<string, unknown>) => (args.id === "gid://shopify/Product/8" ? product(8, 120) : null),
		});
		const [signal] = shopify.parseWebhook("products/update", Buffer.from('{"id":8}'));
		if (signal?.kind !== "listing_changed") throw new Error("no signal");
		const listings = await shopify.readProduct(connection, signal.productRef);
		expect(listings).toHaveLength(120);
		expect(listings.every((listing) => listing.ids.productId === signal.productRef)).toBe(true);
		expect(await shopify.readProduct(connection, "gid://shopify/Product/9")).toEqual([]);
	});

	test("a page token that is none is refused in words", async () => {
		const connection = await storeWith({});
		await expect(shopify.listListings(connection, null, "garbage")).rejects.toMatchObject({ reason: "unreadable" });
	});
});

describe("levels", () => {
	const level = (id: string, quantity: number) => ({
		__typename: "InventoryItem",
		id,
		tracked: true,
		inventoryLevel: { quantities: [{ name: "available", quantity }] },
	});
	const nodes = (args: Record<string, unknown>) =>
		(args.ids as string[]).map((id) => {
			if (id.endsWith("/404")) return null;
			if (id.endsWith("/405")) return { __typename: "Product", id };
			if (id.endsWith("/1")) return { ...level(id, 0), tracked: false };
			return level(id, -Number(id.split("/").at(-1)));
		});
	const listings = (...digits: (string | number)[]) =>
		digits.map((n) => ({ externalKey: `gid://shopify/InventoryItem/${n}`, ids: {} }));

	test("of items that are gone are absent, untracked ones have no number, negative ones stay so", async () => {
		const connection = await storeWith({ nodes });
		const now = new Date("2026-11-24T10:00:00Z");
		expect(await shopify.readLevels({ ...connection, now: () => now }, listings(404, 405, 1, 2))).toEqual([
			{ externalKey: "gid://shopify/InventoryItem/1", quantity: null, readAt: now, changedAt: null },
			{ externalKey: "gid://shopify/InventoryItem/2", quantity: -2, readAt: now, changedAt: null },
		]);
	});

	test("of many listings are read 250 at a time, fewer where that costs too much", async () => {
		const many = listings(...Array.from({ length: 600 }, (_, n) => n + 1_000));
		const connection = await storeWith({ nodes }, (asked) =>
			(asked.variables.ids as string[]).length > 125 ? tooDear : null,
		);
		expect(await shopify.readLevels(connection, many)).toHaveLength(600);
		expect(store?.asked.map((asked) => (asked.variables.ids as string[]).length)).toEqual([
			250, 125, 125, 250, 125, 125, 100,
		]);
	});

	test("of nothing ask nothing", async () => {
		const connection = await storeWith({});
		expect(await shopify.readLevels(connection, [])).toEqual([]);
		expect(store?.asked).toEqual([]);
	});
});

describe("orders", () => {
	const line = (n: number) => ({
		id: `gid://shopify/LineItem/${n}`,
		sku: `S-${n}`,
		name: `Line ${n}`,
		quantity: 30,
		currentQuantity: 30,
		variant: { id: `gid://shopify/ProductVariant/${n}` },
	});
	const refund = (n: number, lines: number) => ({
		id: `gid://shopify/Refund/${n}`,
		refundLineItems: pages(
			Array.from({ length: lines }, () => ({
				quantity: 1,
				restockType: "RETURN",
				lineItem: { id: "gid://shopify/LineItem/1" },
			})),
		),
	});
	function order(id: number, lines: number, refunds: ReturnType<typeof refund>[]) {
		return {
			id: `gid://shopify/Order/${id}`,
			name: `#${id}`,
			createdAt: "2026-11-24T10:00:00Z",
			updatedAt: "2026-11-24T10:00:05Z",
			cancelledAt: null,
			closedAt: null,
			lineItems: pages(Array.from({ length: lines }, (_, n) => line(n + 1))),
			refunds: (args: Record<string, unknown>) => refunds.slice(0, Number(args.first)),
		};
	}
	const refunds = [refund(1, 3), ...Array.from({ length: 12 }, (_, n) => refund(n + 2, 1))];

	test("are complete, however many lines and refunds they have", async () => {
		const large = order(5, 320, refunds);
		const connection = await storeWith({
			orders: pages([order(4, 1, []), large]),
			order: (args: Record<string, unknown>) => (args.id === "gid://shopify/Order/5" ? large : null),
			refund: (args: Record<string, unknown>) => refunds.find((one) => one.id === args.id),
		});
		const { items } = await shopify.listOrders(connection, new Date("2026-11-24T09:00:00Z"), null);
		expect(items.map((one) => [one.number, one.lines.length])).toEqual([
			["#4", 1],
			["#5", 320],
		]);
		// 13 refunds gave back 15 of the first line's 30.
		expect(items[1]?.lines[0]).toMatchObject({ lineRef: "1", taken: 15 });
		expect(items[1]?.lines[319]).toMatchObject({ lineRef: "320", listingRef: "variant:320", taken: 30 });
		expect(await shopify.readOrder(connection, "5")).toEqual(items[1]);
	});

	test("with a long refund are complete", async () => {
		const long = refund(1, 27);
		const connection = await storeWith({ order: order(6, 1, [long]), refund: long });
		expect((await shopify.readOrder(connection, "6"))?.lines[0]?.taken).toBe(3);
	});

	test("changed since a moment come page by page", async () => {
		const connection = await storeWith({ orders: pages(Array.from({ length: 60 }, (_, n) => order(n + 1, 1, []))) });
		const { items } = await everything((page) =>
			shopify.listOrders(connection, new Date("2026-11-24T09:00:00Z"), page),
		);
		expect(items.map((one) => one.orderRef)).toEqual(Array.from({ length: 60 }, (_, n) => String(n + 1)));
		expect(store?.asked[0]?.variables.query).toBe("updated_at:>='2026-11-24T09:00:00Z'");
	});

	test("that Shopify no longer knows are null", async () => {
		const connection = await storeWith({ order: null });
		expect(await shopify.readOrder(connection, "9")).toBeNull();
	});

	test("throttled throw what the breaker understands", async () => {
		const spent = {
			errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
			extensions: costExtension(200, 0),
		};
		const connection = await storeWith({}, () => ({ json: spent }));
		await expect(shopify.listOrders(connection, new Date(), null)).rejects.toMatchObject({
			reason: "throttled",
			retryAfterMs: 2_000,
		});
	});
});

describe("connect", () => {
	const shop = {
		name: "Nordlicht",
		myshopifyDomain: "nordlicht.myshopify.com",
		ianaTimezone: "Europe/Berlin",
		currencyCode: "EUR",
		plan: { publicDisplayName: "Basic" },
	};
	const scopes = (...handles: string[]) => ({ accessScopes: handles.map((handle) => ({ handle })) });
	const good: Root = {
		shop,
		currentAppInstallation: scopes(...Object.keys(wantedScopes)),
		locations: pages([
			{ id: "gid://shopify/Location/1", name: "Lager", isActive: true },
			{ id: "gid://shopify/Location/2", name: "Alt", isActive: false },
		]),
		inventoryItems: pages([]),
	};
	async function report(root: Root, change: Partial<Connection> = {}, before?: (asked: Asked) => Answer | null) {
		return shopify.connect({ ...(await storeWith(root, before)), ...change });
	}
	const states = (report: Awaited<ReturnType<typeof shopify.connect>>) =>
		Object.fromEntries(report.checks.map((check) => [check.name, check.state]));

	test("names the store and passes every check", async () => {
		const result = await report(good, { facts: { publicUrl: "https://stock.example.com" } });
		expect(states(result)).toEqual({
			address: "passed",
			credentials: "passed",
			scopes: "passed",
			inventory_read: "passed",
			inventory_write: "passed",
			webhooks: "passed",
			clock: "passed",
		});
		expect(result.store).toMatchObject({
			storeKey: "nordlicht.myshopify.com",
			name: "Nordlicht",
			locations: [
				{ ref: "gid://shopify/Location/1", name: "Lager", isActive: true },
				{ ref: "gid://shopify/Location/2", name: "Alt", isActive: false },
			],
			facts: { apiVersion: "2026-10", timeZone: "Europe/Berlin", currency: "EUR", plan: "Basic" },
		});
	});

	test("writes nothing", async () => {
		await report(good);
		expect(store?.asked.filter((asked) => /\bmutation\b/.test(asked.query))).toEqual([]);
	});

	test("says which rights are missing and what each is for", async () => {
		const result = await report({
			...good,
			currentAppInstallation: scopes("read_products", "write_inventory", "read_locations"),
		});
		const check = result.checks.find((one) => one.name === "scopes");
		expect(check).toEqual({
			name: "scopes",
			state: "failed",
			sentence: "Missing: read_orders (to count what was sold).",
			fix: "Grant read_orders to the app in Shopify, then connect again.",
		});
	});

	test("lets a store be watched that may not be written", async () => {
		const watch = scopes(...Object.keys(wantedScopes).filter((scope) => scope !== "write_inventory"));
		expect(states(await report({ ...good, currentAppInstallation: watch }))).toMatchObject({
			scopes: "warned",
			inventory_read: "passed",
			inventory_write: "warned",
		});
	});

	test("without a public address says that it will ask instead", async () => {
		const check = (await report(good)).checks.find((one) => one.name === "webhooks");
		expect(check).toMatchObject({ state: "skipped", fix: expect.stringContaining("ONECOUNT_URL") });
	});

	test("notices a clock that is wrong, either way", async () => {
		for (const minutes of [-5, 5]) {
			const now = () => new Date(Date.now() + minutes * 60_000);
			const result = await report(good, { now });
			expect(states(result).clock).toBe("warned");
			expect(result.checks.find((one) => one.name === "clock")?.sentence).toMatch(/is (299|300|301) seconds apart/);
			await store?.close();
		}
	});

	test("a refused token fails the credentials and skips what follows", async () => {
		const result = await report(good, {}, () => ({ status: 401, json: { errors: "[API] Invalid API key" } }));
		expect(result.store).toBeNull();
		expect(states(result)).toEqual({
			address: "passed",
			credentials: "failed",
			scopes: "skipped",
			inventory_read: "skipped",
			inventory_write: "skipped",
			webhooks: "skipped",
			clock: "skipped",
		});
	});

	test("a web page fails the address", async () => {
		const result = await report(good, {}, () => ({ headers: { "content-type": "text/html" }, text: "<html>" }));
		expect(result.checks[0]).toMatchObject({
			name: "address",
			state: "failed",
			fix: expect.stringContaining(".myshopify.com"),
		});
		expect(states(result).credentials).toBe("skipped");
	});

	test("a denied location list fails the stock check alone", async () => {
		const denied = {
			json: {
				errors: [
					{ message: "Access denied for locations field.", path: ["locations"], extensions: { code: "ACCESS_DENIED" } },
				],
			},
		};
		const result = await report(good, {}, (asked) => (asked.query.includes("Locations") ? denied : null));
		expect(result.checks.find((one) => one.name === "inventory_read")).toMatchObject({
			state: "failed",
			sentence: "The connection lacks the right read_locations.",
		});
		expect(result.store).toMatchObject({ storeKey: "nordlicht.myshopify.com", locations: [] });
	});

	test("a version that Shopify no longer serves is noticed", async () => {
		const old = (asked: Asked): Answer | null =>
			asked.query.includes("query Store")
				? {
						headers: { "x-shopify-api-version": "2027-10" },
						json: { data: { shop, currentAppInstallation: good.currentAppInstallation } },
					}
				: null;
		const result = await report(good, {}, old);
		expect(result.checks[0]).toMatchObject({ name: "address", state: "warned", fix: "Update Onecount." });
	});
});

describe("webhooks", () => {
	const callback = "https://stock.example.com/api/webhooks/shopify/5f0c";
	type Subscription = {
		id: string;
		topic: string;
		uri: string;
		format: string;
		filter: string;
		includeFields: string[];
	};

	/** Shopify's registry of one app: one subscription for each topic and address, https only. */
	async function registry(existing: Subscription[] = [], refuse: (topic: string) => string | null = () => null) {
		const kept = [...existing];
		let next = 1;
		const connection = await storeWith({
			webhookSubscriptions: (args: Record<string, unknown>) => pages(kept)(args),
			webhookSubscriptionCreate: ({ topic, webhookSubscription }: Record<string, unknown>) => {
				const asked = webhookSubscription as Partial<Subscription>;
				const uri = String(asked.uri);
				const fail = (message: string) => ({
					userErrors: [{ field: ["webhookSubscription", "callbackUrl"], message }],
				});
				if (!uri.startsWith("https://")) return fail("Address protocol http:// is not supported");
				if (kept.some((one) => one.topic === topic && one.uri === uri))
					return fail("Address for this topic has already been taken");
				const refusal = refuse(String(topic));
				if (refusal) return fail(refusal);
				const made = {
					filter: "",
					includeFields: [],
					...asked,
					uri,
					format: "JSON",
					topic: String(topic),
					id: `gid://shopify/WebhookSubscription/${next++}`,
				};
				kept.push(made);
				return { webhookSubscription: made, userErrors: [] };
			},
			webhookSubscriptionDelete: ({ id }: Record<string, unknown>) => {
				const at = kept.findIndex((one) => one.id === id);
				if (at < 0) return { userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }] };
				kept.splice(at, 1);
				return { deletedWebhookSubscriptionId: id, userErrors: [] };
			},
		});
		return { kept, connection };
	}
	const topicsAt = (kept: Subscription[], uri: string) =>
		kept
			.filter((one) => one.uri === uri)
			.map((one) => one.topic)
			.sort();
	const subscription = (change: Partial<Subscription>): Subscription => ({
		id: "gid://shopify/WebhookSubscription/900",
		topic: "APP_UNINSTALLED",
		uri: callback,
		format: "JSON",
		filter: "",
		includeFields: [],
		...change,
	});

	test("are made once; asking again changes nothing", async () => {
		const { kept, connection } = await registry();
		expect(await shopify.registerWebhooks(connection, callback, "")).toEqual({
			state: "registered",
			missing: [],
			made: wantedTopics,
		});
		expect(topicsAt(kept, callback)).toEqual([...wantedTopics].sort());
		const before = structuredClone(kept);
		const asked = store?.asked.length ?? 0;
		expect(await shopify.registerWebhooks(connection, callback, "")).toMatchObject({ made: [] });
		expect(kept).toEqual(before);
		expect(store?.asked.slice(asked).every((one) => one.query.includes("query Webhooks"))).toBe(true);
	});

	test("that Shopify dropped come back, only those, and are named", async () => {
		const { kept, connection } = await registry();
		await shopify.registerWebhooks(connection, callback, "");
		const dropped = kept.splice(2, 3).map(({ topic }) => topic);
		const asked = store?.asked.length ?? 0;
		expect(await shopify.registerWebhooks(connection, callback, "")).toMatchObject({ made: dropped });
		expect(topicsAt(kept, callback)).toEqual([...wantedTopics].sort());
		expect(store?.asked.slice(asked).filter((one) => one.query.includes("CreateWebhook"))).toHaveLength(3);
	});

	test("ask for no buyer's name or address", async () => {
		const { kept, connection } = await registry();
		await shopify.registerWebhooks(connection, callback, "");
		const orders = kept.filter((one) => /^ORDERS_(CREATE|UPDATED|CANCELLED)$/.test(one.topic));
		expect(orders).toHaveLength(3);
		for (const { includeFields } of orders) {
			expect(includeFields).toContain("line_items");
			expect(includeFields.join()).not.toMatch(/customer|address|email|phone/);
		}
	});

	test("of this channel at an older address, or with other settings, are replaced; others are left alone", async () => {
		const moved = subscription({
			id: "gid://shopify/WebhookSubscription/901",
			uri: "https://old.example.com/api/webhooks/shopify/5f0c",
		});
		const filtered = subscription({ id: "gid://shopify/WebhookSubscription/902", filter: "id:1" });
		const sister = subscription({
			id: "gid://shopify/WebhookSubscription/903",
			uri: "https://stock.example.com/api/webhooks/shopify/6a1d",
		});
		const queue = subscription({ id: "gid://shopify/WebhookSubscription/904", uri: "pubsub://project:topic" });
		const { kept, connection } = await registry([moved, filtered, sister, queue]);
		expect(await shopify.registerWebhooks(connection, callback, "")).toMatchObject({
			state: "registered",
			missing: [],
		});
		expect(kept).toContain(sister);
		expect(kept).toContain(queue);
		expect(kept).not.toContain(moved);
		expect(kept).not.toContain(filtered);
		expect(topicsAt(kept, callback)).toEqual([...wantedTopics].sort());
	});

	test("to an address that Shopify refuses are unreachable, and what stood is kept", async () => {
		const moved = subscription({ uri: "https://old.example.com/api/webhooks/shopify/5f0c" });
		const { kept, connection } = await registry([moved]);
		expect(await shopify.registerWebhooks(connection, callback.replace("https", "http"), "")).toEqual({
			state: "unreachable",
			missing: wantedTopics,
		});
		expect(kept).toEqual([moved]);
		expect(store?.asked.filter((one) => one.query.includes("CreateWebhook"))).toHaveLength(1);
	});

	test("that the app may not have are named, and the rest stands", async () => {
		const { kept, connection } = await registry([], (topic) =>
			topic.startsWith("ORDERS")
				? "This app is not approved to subscribe to webhook topics containing protected customer data."
				: null,
		);
		expect(await shopify.registerWebhooks(connection, callback, "")).toMatchObject({
			state: "registered",
			missing: ["ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED", "ORDERS_EDITED", "ORDERS_DELETE"],
		});
		expect(kept).toHaveLength(wantedTopics.length - 5);
	});

	test("are removed, and those of others are not", async () => {
		const sister = subscription({ uri: "https://stock.example.com/api/webhooks/shopify/6a1d" });
		const { kept, connection } = await registry([sister]);
		await shopify.registerWebhooks(connection, callback, "");
		await shopify.removeWebhooks(connection, callback);
		expect(kept).toEqual([sister]);
	});
});
