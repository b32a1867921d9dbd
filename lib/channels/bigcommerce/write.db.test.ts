/** Writes against a sandbox store over HTTP: accepted, applied later, refused, lost. */
import { describe, expect, test } from "vitest";
import { addToken, allScopes, revokeTokens } from "@/lib/sandbox/bigcommerce/access";
import { setKnobs, setQuantity, setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { many, product, skusOf } from "@/lib/sandbox/testing/seeds";
import type { Connection } from "../channel-adapter";
import type { HttpReply, HttpRequest } from "../http";
import type { WriteOutcome } from "../listing";
import { impatient } from "../testing/connection";
import { bigcommerce } from ".";
import { type Options, openStore as open } from "./testing/open-store";

const sandbox = sandboxForTests();

const openStore = (options?: Options) => open(sandbox, options);
const results = (rows: readonly WriteOutcome[]) => rows.map(({ result }) => result);

type Send = Connection["http"]["send"];
/** What the store is asked goes through other hands. */
const through = (connection: Connection, send: (real: Send, ...request: Parameters<Send>) => ReturnType<Send>) => ({
	...connection,
	http: {
		exchanges: connection.http.exchanges,
		send: (request: Parameters<Send>[0]) => send(connection.http.send, request),
	},
});

/** Says of every item that it never had a number. */
const denyingNumbers =
	(then: (reply: HttpReply) => HttpReply = (reply) => reply) =>
	async (send: Send, request: HttpRequest): Promise<HttpReply> => {
		if (!request.url.endsWith("/adjustments/relative")) return then(await send(request));
		const { items } = JSON.parse(request.body ?? "{}") as { items: Record<string, number>[] };
		const names = items.map(({ product_id }) => `product_id ${product_id}`).join(", ");
		const title = `Items with identity: [${names}] requires absolute adjustment before relative`;
		return { status: 422, headers: {}, text: JSON.stringify({ status: 422, title }), ms: 0 };
	};
const sentItems = (request: string | null | undefined) => JSON.parse(request ?? "{}").items as Record<string, number>[];

type Shop = Awaited<ReturnType<typeof openStore>>;

/** Of a refused call the store applies nothing, and a look past the last moment at which it could has shown it. */
async function showWhole(shop: Shop): Promise<void> {
	const gone = { externalKey: "product:999", ids: { productId: "999" }, quantity: 1, expected: 0 };
	expect(results((await shop.write([shop.row("CUP", 19), gone])).rows)).toEqual(["unknown", "refused"]);
	sandbox.putForward(bigcommerce.facts.lateWriteMs);
	await bigcommerce.readLevels(shop.connection, [shop.listing("CUP")]);
}

describe("what is written", () => {
	test("is a difference that was only taken in, and seen once it was applied; a sale in between is kept", async () => {
		const shop = await openStore({ settings: { adjustmentDelayMs: 8_000 } });
		const { rows, exchanges } = await shop.write([shop.row("CUP", 12), shop.row("TEE-S", 9)]);
		expect(results(rows)).toEqual(["accepted", "accepted"]);
		expect(sentItems(exchanges[0]?.request)).toEqual([
			{ location_id: 1, product_id: Number(shop.listing("CUP").ids.productId), quantity: -8 },
			{ location_id: 1, variant_id: Number(shop.listing("TEE-S").ids.variantId), quantity: 4 },
		]);
		expect(await shop.shows("CUP")).toBe(20);
		await shop.buy("CUP", 2);
		sandbox.putForward(bigcommerce.facts.appliesAfterMs ?? 0);
		expect([await shop.shows("CUP"), await shop.shows("TEE-S")]).toEqual([10, 9]);
	});

	test("is accepted alike where it is never applied, so that only the level tells", async () => {
		const shop = await openStore({ settings: { adjustmentLossRate: 1 } });
		const { rows } = await shop.write([shop.row("CUP", 12)]);
		expect(results(rows)).toEqual(["accepted"]);
		sandbox.putForward(bigcommerce.facts.lateWriteMs);
		const [level] = await bigcommerce.readLevels(shop.connection, [shop.listing("CUP")]);
		expect(level?.quantity).toBe(20);
	});

	test("leaves the safety stock alone", async () => {
		const shop = await openStore();
		const { ids } = shop.listing("CUP");
		await shop.call("PUT", "/v3/inventory/locations/1/items", {
			settings: [{ identity: { product_id: Number(ids.productId) }, safety_stock: 5 }],
		});
		await shop.write([shop.row("CUP", 4, 15)]);
		const { body } = await shop.call("GET", `/v3/inventory/items?product_id:in=${ids.productId}`);
		expect(body.data[0].locations[0]).toMatchObject({ available_to_sell: 4, total_inventory_onhand: 9 });
	});

	test("many rows are one call, and two calls at once are made one after the other", async () => {
		const products = many(500, () => 3);
		const shop = await openStore({ products });
		const rows = skusOf(products).map((sku) => shop.row(sku, 1));
		const answers = await Promise.all([shop.write(rows), shop.write([shop.row("P7", 5, 1)])]);
		expect(answers.map(({ rows }) => new Set(results(rows)))).toEqual([new Set(["accepted"]), new Set(["accepted"])]);
		expect([await shop.shows("P0"), await shop.shows("P7")]).toEqual([1, 5]);
		const [first, second] = shop.connection.http.exchanges.filter(({ method }) => method === "POST");
		const endOfFirst = Date.parse(first?.at ?? "") + (first?.ms ?? 0);
		expect(Date.parse(second?.at ?? "")).toBeGreaterThanOrEqual(endOfFirst - 2);
	});

	test("no difference is no call", async () => {
		const shop = await openStore();
		const { rows, exchanges } = await shop.write([shop.row("CUP", 20)]);
		expect([results(rows), exchanges]).toEqual([["applied"], []]);
	});
});

describe("the first number of an item", () => {
	test("is set absolutely where nothing was ever set, beside rows that wait for the next call", async () => {
		const shop = await openStore();
		await showWhole(shop);
		const { rows, exchanges } = await shop.write([shop.row("CUP", 12), shop.row("TEE-L", 6)]);
		expect(results(rows)).toEqual(["not_sent", "accepted"]);
		expect(
			exchanges.map(({ method, url, status }) => [method, new URL(url).pathname.split("/v3/")[1], status]),
		).toEqual([
			["POST", "inventory/adjustments/relative", 422],
			["GET", "inventory/items", 200],
			["GET", "catalog/products", 200],
			["PUT", "inventory/adjustments/absolute", 200],
		]);
		expect([await shop.shows("CUP"), await shop.shows("TEE-L")]).toEqual([20, 6]);
	});

	test("is set for as many items as one call takes, whatever the length of the refusal that names them", async () => {
		const skus = Array.from({ length: 150 }, (_, n) => `NEW-${n}`);
		const shop = await openStore({
			products: skus.map((sku) => ({
				title: sku,
				variants: [
					{ sku: `OLD ${sku}`, gtin: null, options: "old", price: "1.00", quantity: 5 },
					{ sku, gtin: null, options: "new", price: "1.00", quantity: null },
				],
			})),
		});
		const { rows } = await shop.write(skus.map((sku) => shop.row(sku, 3)));
		expect(new Set(results(rows))).toEqual(new Set(["accepted"]));
		expect([await shop.shows("NEW-0"), await shop.shows("NEW-149")]).toEqual([3, 3]);
	});

	test("is not written over one that somebody set in the meantime", async () => {
		const shop = await openStore({ settings: { belowZeroTitle: "x" } });
		const { ids, externalKey } = shop.listing("TEE-L");
		const meanwhile = through(shop.connection, async (send, request) => {
			const reply = await send(request);
			if (reply.status === 422) await setQuantity(sandbox.ctx, shop.store.id, "TEE-L", 30);
			return reply;
		});
		const { rows } = await shop.write([{ externalKey, ids, quantity: 6, expected: 0 }], meanwhile);
		expect(results(rows)).toEqual(["stale"]);
		expect(await shop.shows("TEE-L")).toBe(30);
	});

	test("is never believed to be missing on the refusal's word alone, however many items it names", async () => {
		const products = many(1_100, () => 7);
		const shop = await openStore({ products });
		const rows = skusOf(products).map((sku) => shop.row(sku, 5, 0));
		const answer = await shop.write(rows, through(shop.connection, denyingNumbers()));
		expect(new Set(results(answer.rows))).toEqual(new Set(["stale"]));
		expect(answer.exchanges.map(({ method }) => method)).not.toContain("PUT");
		expect(Math.max(...answer.exchanges.map(({ url }) => url.length))).toBeLessThan(4_000);
		expect([await shop.shows("P0"), await shop.shows("P1099")]).toEqual([7, 7]);
	}, 60_000);

	test("is not set for an item that the look at the inventory did not tell of", async () => {
		const shop = await openStore({ products: [product("CUP", 7), product("MUG", 7)] });
		const { productId } = shop.listing("CUP").ids;
		const forgetting = through(
			shop.connection,
			denyingNumbers((reply) => {
				const { data, meta } = JSON.parse(reply.text);
				if (!Array.isArray(data)) return reply;
				const rest = data.filter(({ identity }) => String(identity?.product_id) !== productId);
				return { ...reply, text: JSON.stringify({ data: rest, meta }) };
			}),
		);
		const { rows } = await shop.write([shop.row("CUP", 5, 0), shop.row("MUG", 5, 0)], forgetting);
		expect(results(rows)).toEqual(["stale", "stale"]);
		expect([await shop.shows("CUP"), await shop.shows("MUG")]).toEqual([7, 7]);
	});

	test("is found missing over as many pages as the store makes of the inventory", async () => {
		const products = many(120, () => 7);
		const shop = await openStore({ products });
		const smallPages = through(shop.connection, (send, request) =>
			denyingNumbers()(send, { ...request, url: request.url.replace("limit=1000", "limit=50") }),
		);
		const { rows, exchanges } = await shop.write(
			skusOf(products).map((sku) => shop.row(sku, 5, 0)),
			smallPages,
		);
		expect(new Set(results(rows))).toEqual(new Set(["stale"]));
		expect(exchanges.filter(({ url }) => url.includes("/inventory/items"))).toHaveLength(3);
		expect(exchanges.filter(({ url }) => url.includes("/catalog/products"))).toEqual([]);
	});

	test("is set at a location where the item has none, beside one that it has at another", async () => {
		const locations = [
			{ id: 1, code: "A", label: "Shop", enabled: true, isDefault: true },
			{ id: 2, code: "B", label: "Depot", enabled: true, isDefault: false },
		];
		const shop = await openStore({ settings: { locations } });
		const depot = { ...shop.connection, locationRef: "2" };
		expect(results((await shop.write([shop.row("CUP", 6, 0)], depot)).rows)).toEqual(["accepted"]);
		const [level] = await bigcommerce.readLevels(depot, [shop.listing("CUP")]);
		expect([level?.quantity, await shop.shows("CUP")]).toEqual([6, 20]);
	});

	test("is looked at again where something else than none was believed to be there", async () => {
		const shop = await openStore();
		const { rows } = await shop.write([shop.row("TEE-L", 6, 4)]);
		expect(results(rows)).toEqual(["stale"]);
		expect(await shop.shows("TEE-L")).toBe(0);
	});
});

describe("what is refused", () => {
	test("a take below zero is a sale that we have not heard of, however it is worded", async () => {
		for (const belowZeroTitle of ["Items with identity: [%s] can not be adjusted below zero", "No can do"]) {
			const shop = await openStore({ settings: { belowZeroTitle } });
			await shop.buy("TEE-S", 4);
			const { rows, trouble } = await shop.write([shop.row("TEE-S", 2, 5)]);
			expect([results(rows), trouble]).toEqual([["stale"], null]);
			expect(await shop.shows("TEE-S")).toBe(1);
		}
	});

	test("of a batch only the named row is decided, the others may go again as they are", async () => {
		const shop = await openStore();
		await showWhole(shop);
		await shop.buy("TEE-S", 4);
		const { rows } = await shop.write([shop.row("CUP", 19), shop.row("TEE-S", 2, 5), shop.row("TEE-M", 8)]);
		expect(results(rows)).toEqual(["not_sent", "stale", "not_sent"]);
		expect([await shop.shows("CUP"), await shop.shows("TEE-M")]).toEqual([20, 7]);
	});

	test("where no row is named all go again, and the one that is alone is decided", async () => {
		const shop = await openStore({ settings: { belowZeroTitle: "Adjustment was not possible" } });
		await showWhole(shop);
		await shop.buy("TEE-S", 4);
		const bad = shop.row("TEE-S", 2, 5);
		const whole = await shop.write([shop.row("CUP", 19), bad]);
		expect([results(whole.rows), whole.trouble]).toEqual([["not_sent", "not_sent"], null]);
		expect(whole).toHaveProperty("objection.message", "BigCommerce refused the quantity: Adjustment was not possible");
		expect(results((await shop.write([bad])).rows)).toEqual(["stale"]);
		expect(results((await shop.write([shop.row("CUP", 19)])).rows)).toEqual(["accepted"]);
	});

	test("a row that is named by its place alone is decided, with what is said of its field", async () => {
		const shop = await openStore();
		const refusing = through(shop.connection, async (send, request) => {
			if (!request.url.endsWith("/adjustments/relative")) return send(request);
			const errors = { "items.1.quantity": "must be less than 1000" };
			const text = JSON.stringify({ status: 422, title: "Payload contains invalid fields", errors });
			return { status: 422, headers: {}, text, ms: 0 };
		});
		await showWhole(shop);
		const none = { externalKey: "x", ids: {}, quantity: 1, expected: 0 };
		const { rows } = await shop.write([none, shop.row("CUP", 19), shop.row("TEE-S", 2_000)], refusing);
		expect(rows).toMatchObject([
			{ result: "refused" },
			{ result: "not_sent" },
			{ result: "refused", error: { message: expect.stringContaining("must be less than 1000") } },
		]);
	});

	test("a location that the store no longer has is said of every row at once", async () => {
		const shop = await openStore();
		const { rows } = await shop.write([shop.row("CUP", 21), shop.row("TEE-S", 9)], {
			...shop.connection,
			locationRef: "9",
		});
		const refused = { result: "refused", error: { message: expect.stringContaining("Location 9 does not exist") } };
		expect(rows).toMatchObject([refused, refused]);
	});

	describe.each([false, true])(
		"by a store that applies the good rows of a refused call: %s",
		(appliesGoodRowsOf422) => {
			const settings = { appliesGoodRowsOf422, adjustmentDelayMs: 5_000 };

			/**
			 * As a worker goes about it: what was not sent goes again as it is, and what is in doubt is looked at once nothing can
			 * land any more. Where something was sold meanwhile it is left. Returns how many calls it took.
			 */
			async function settle(shop: Shop, goals: Record<string, number>): Promise<number> {
				const open = new Map(Object.keys(goals).map((sku) => [sku, shop.row(sku, 0).expected]));
				for (let calls = 0; calls < 10; calls++) {
					if (open.size === 0) return calls;
					const sent = [...open].map(([sku, shown]) => ({ sku, shown, row: shop.row(sku, goals[sku] ?? 0, shown) }));
					const { rows } = await shop.write(sent.map(({ row }) => row));
					const isSent = ({ row }: (typeof sent)[0]) =>
						rows.some(({ externalKey, result }) => externalKey === row.externalKey && result !== "not_sent");
					if (sent.some(isSent)) sandbox.putForward(bigcommerce.facts.lateWriteMs);
					const listings = sent.map(({ sku }) => shop.listing(sku));
					const levels = await bigcommerce.readLevels(shop.connection, listings);
					for (const one of sent.filter(isSent))
						if (levels.find(({ externalKey }) => externalKey === one.row.externalKey)?.quantity !== one.shown)
							open.delete(one.sku);
				}
				throw new Error("It does not settle.");
			}

			test.each([
				["named", "Items with identity: [%s] can not be adjusted below zero"],
				["not named", "No can do"],
			])("whose bad row is %s, nothing lands twice, and every good row lands", async (_, belowZeroTitle) => {
				const shop = await openStore({ settings: { ...settings, belowZeroTitle } });
				await shop.buy("TEE-S", 4);
				expect(await settle(shop, { CUP: 19, "TEE-S": 2, "TEE-M": 9 })).toBeLessThanOrEqual(4);
				expect([await shop.shows("CUP"), await shop.shows("TEE-S"), await shop.shows("TEE-M")]).toEqual([19, 1, 9]);
			});

			test("the rest of a call goes again at once as soon as the store was seen to have left it undone", async () => {
				const shop = await openStore({ settings });
				for (const result of ["unknown", appliesGoodRowsOf422 ? "unknown" : "not_sent"]) {
					const shown = (await shop.shows("CUP")) ?? 0;
					const gone = { externalKey: "product:999", ids: { productId: "999" }, quantity: 1, expected: 0 };
					const rows = [shop.row("CUP", shown - 1, shown), shop.row("TEE-M", 9), gone];
					expect(results((await shop.write(rows)).rows)).toEqual([result, result, "refused"]);
					// Too early to prove anything: it may still land.
					await bigcommerce.readLevels(shop.connection, [shop.listing("CUP")]);
					sandbox.putForward(bigcommerce.facts.lateWriteMs);
					await bigcommerce.readLevels(shop.connection, [shop.listing("CUP"), shop.listing("TEE-M")]);
				}
			});
		},
	);

	test("another way of tracking, nothing to track and what is gone are told with what to do", async () => {
		const shop = await openStore();
		await shop.call("PUT", `/v3/catalog/products/${shop.listing("TEE-S").ids.productId}`, {
			inventory_tracking: "product",
		});
		await shop.call("PUT", `/v3/catalog/products/${shop.listing("CUP").ids.productId}`, { inventory_tracking: "none" });
		await shop.call("DELETE", `/v3/catalog/products/${shop.listing("Poster").ids.productId}`);
		for (const [sku, fix] of [
			["TEE-S", /link the product instead/],
			["CUP", /stock is tracked/],
			["Poster", /still exists/],
		] as const) {
			const { rows } = await shop.write([shop.row(sku, 30)]);
			const [row] = rows;
			if (row?.result !== "refused") throw new Error(`${sku}: ${row?.result}`);
			expect(row.error.fix).toMatch(fix);
		}
	});

	test("a row without an id or beyond all numbers never leaves", async () => {
		const shop = await openStore();
		const { rows, exchanges } = await shop.write([
			{ externalKey: "x", ids: {}, quantity: 1, expected: 0 },
			shop.row("CUP", 3_000_000_000),
			shop.row("TEE-S", 2.5),
		]);
		expect([results(rows), exchanges]).toEqual([["refused", "refused", "refused"], []]);
	});

	test("without a location nothing is sent", async () => {
		const shop = await openStore();
		const { rows, trouble } = await shop.write([shop.row("CUP", 1)], { ...shop.connection, locationRef: "" });
		expect([results(rows), trouble?.fix]).toEqual([["not_sent"], "Choose a location for this channel."]);
	});
});

describe("trouble", () => {
	test.each([
		["silence", { timeoutRate: 1 }, "unknown", "timeout"],
		["an error", { errorRate: 1 }, "unknown", "unreachable"],
		["an outage", { outage: true }, "unknown", "unreachable"],
		["a spent budget", { throttleRate: 1 }, "not_sent", "throttled"],
	] as const)("%s is told for what it is", async (_, knobs, result, reason) => {
		const shop = await openStore();
		await setKnobs(sandbox.ctx, shop.store.id, knobs);
		const quick = { ...shop.connection, http: impatient(shop.connection.http) };
		const { rows, trouble } = await shop.write([shop.row("CUP", 1)], quick);
		expect([results(rows), trouble?.reason]).toEqual([[result], reason]);
		expect(await shop.shows("CUP")).toBe(20);
	});

	test("an answer that was lost may have landed", async () => {
		const shop = await openStore({ knobs: { appliedThenFailedRate: 1 } });
		const { rows } = await shop.write([shop.row("CUP", 1)]);
		expect(results(rows)).toEqual(["unknown"]);
		expect(await shop.shows("CUP")).toBe(1);
	});

	test("the budget is told with each answer, and waited for by the platform's own figure", async () => {
		const shop = await openStore();
		await setStoreSettings(sandbox.ctx, shop.store.id, { quotaPerWindow: 3 });
		sandbox.putForward(30_000);
		const first = await shop.write([shop.row("CUP", 19)]);
		expect(first.budget).toEqual({ available: 2, maximum: 3, restorePerSecond: 0.1 });
		await shop.write([shop.row("CUP", 18, 19)]);
		await shop.write([shop.row("CUP", 17, 18)]);
		const spent = await shop.write([shop.row("CUP", 16, 17)]);
		expect([results(spent.rows), spent.trouble?.reason]).toEqual([["not_sent"], "throttled"]);
		const waitMs = spent.trouble?.retryAfterMs ?? 0;
		expect(waitMs).toBeGreaterThan(20_000);
		sandbox.putForward(waitMs);
		expect(results((await shop.write([shop.row("CUP", 16, 17)])).rows)).toEqual(["accepted"]);
	});

	test("a token that is revoked between two batches is no outage", async () => {
		const shop = await openStore();
		const { token, clientId } = await addToken(sandbox.ctx, shop.store, { scopes: allScopes });
		const as = shop.connectWith({ accessToken: token });
		expect(results((await shop.write([shop.row("CUP", 19)], as)).rows)).toEqual(["accepted"]);
		await revokeTokens(sandbox.ctx, shop.store, clientId);
		const { rows, trouble } = await shop.write([shop.row("CUP", 18, 19)], as);
		expect([results(rows), trouble?.reason]).toEqual([["not_sent"], "access_revoked"]);
	});
});
