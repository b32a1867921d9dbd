/** Writing through a sandbox account over HTTP. The truth comes from the store behind. */
import { describe, expect, test } from "vitest";
import type { Knobs } from "@/db/schema";
import type { A2cSettings } from "@/lib/sandbox/api2cart/settings";
import { countWireRequests, setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { many } from "@/lib/sandbox/testing/seeds";
import type { Connection } from "../channel-adapter";
import type { WriteRow } from "../listing";
import { api2cart } from ".";
import { type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();

const openShop = (options: Options = {}) => open(sandbox, options);

const bodies = (connection: Connection) =>
	connection.http.exchanges.flatMap(({ request }) => (request ? [JSON.parse(request) as Record<string, unknown>] : []));

describe("writing", () => {
	test("only the number leaves: no default of the description, nothing twice, no quantity in a key", async () => {
		const shop = await openShop();
		await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 15), shop.row("TEE-S", 9)], "push-1");
		const sent = bodies(shop.connection);
		expect(sent.map((body) => Object.keys(body).sort())).toEqual([
			["id", "idempotency_key", "reduce_quantity"],
			["id", "idempotency_key", "increase_quantity", "product_id"],
		]);
		await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 11)], "push-1");
		expect(bodies(shop.connection).at(-1)?.idempotency_key).toBe(sent[0]?.idempotency_key);
	});

	test("the same push again replays and moves nothing; after a quarter of an hour it would", async () => {
		const shop = await openShop();
		const rows = [shop.row("CUP", 17)];
		for (let time = 0; time < 3; time++)
			expect((await api2cart.writeQuantities(shop.connection, rows, "push-1")).rows[0]?.result).toBe("applied");
		expect(await shop.shows("CUP")).toBe(17);
		sandbox.putForward(15 * 60_000 + 1_000);
		await api2cart.writeQuantities(shop.connection, rows, "push-1");
		expect(await shop.shows("CUP")).toBe(14);
	});

	test("a difference of nothing needs no call, and no number of units never leaves", async () => {
		const shop = await openShop();
		const before = shop.connection.http.exchanges.length;
		const { rows } = await api2cart.writeQuantities(
			shop.connection,
			[shop.row("CUP", 20), { ...shop.row("TEE-S", 0), quantity: 1.5 }],
			"k",
		);
		expect(rows).toMatchObject([{ result: "applied", shown: null }, { result: "refused" }]);
		expect(shop.connection.http.exchanges).toHaveLength(before);
	});

	test("more than is there can't be taken: something was sold that we have not heard of", async () => {
		const shop = await openShop();
		await shop.buy("CUP", 18);
		const { rows, trouble } = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 0)], "k");
		expect(rows[0]).toMatchObject({ result: "stale" });
		expect(trouble).toBeNull();
		expect(await shop.shows("CUP")).toBe(2);
	});

	test("one bad row is its own: unmanaged, unknown, and the good one between them", async () => {
		const shop = await openShop();
		const gone = { externalKey: "product:999", ids: { productId: "999" }, quantity: 1, expected: 0 };
		const { rows, trouble } = await api2cart.writeQuantities(
			shop.connection,
			[gone, shop.row("CUP", 4), { ...shop.row("LOOSE", 4), expected: 0 }],
			"k",
		);
		expect(rows).toMatchObject([
			{ result: "refused", error: { reason: "gone", code: "112" } },
			{ result: "applied" },
			{ result: "refused", error: { code: "IGNORED" } },
		]);
		expect(trouble).toBeNull();
	});

	test.each<[string, Partial<Knobs>, string, string, number]>([
		["silence", { timeoutRate: 1 }, "unknown", "timeout", 20],
		["done, and the answer lost", { appliedThenFailedRate: 1 }, "unknown", "", 3],
		["an error", { errorRate: 1 }, "unknown", "unreachable", 20],
		["an outage", { outage: true }, "unknown", "unreachable", 20],
		["congestion of the store", { throttleRate: 1 }, "not_sent", "throttled", 20],
	])("%s: nothing is tried twice", async (_, knobs, result, reason, shows) => {
		const shop = await openShop({ knobs, timeoutMs: 1_500 });
		const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 3)], "key");
		expect(written.rows[0]?.result).toBe(result);
		if (reason !== "") expect(written.trouble?.reason).toBe(reason);
		else expect(written.trouble).not.toBeNull();
		expect(written.exchanges).toHaveLength(1);
		expect(await shop.shows("CUP")).toBe(shows);
	});

	test.each<[string, Partial<A2cSettings>, string, string]>([
		["a lost store: whether it was lost before, nobody says", { isConnected: false }, "unknown", "unreachable"],
		["a full account", { mostCalls: { account: 0, store: 5 } }, "not_sent", "throttled"],
		["a full store", { mostCalls: { account: 10, store: 0 } }, "not_sent", "throttled"],
	])("%s; nothing further leaves", async (_, settings, result, reason) => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, settings);
		const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 3), shop.row("TEE-S", 1)], "key");
		expect(written.rows.map((row) => row.result)).toEqual([result, "not_sent"]);
		expect(written.trouble?.reason).toBe(reason);
	});

	test.each([
		[100, "Store API access error."],
		[105, "Bridge response error."],
		[106, "URL is not reachable."],
		[107, "504 Gateway Time-out"],
	])("what code %i (%s) hides may have been done, and is not done again under its key", async (code, message) => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, { answersWrites: { code, message } });
		for (let time = 0; time < 2; time++) {
			const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 15)], "push-1");
			expect(written.rows[0]?.result).toBe("unknown");
			expect(written.trouble).toMatchObject({ reason: "unreachable", code: String(code) });
			expect(await shop.shows("CUP")).toBe(15);
		}
	});

	test("words of the store that nobody knows are for the level to tell, and are no trouble of the channel", async () => {
		const shop = await openShop();
		const answersWrites = { code: 107, message: "Item is on a promotion" };
		await setStoreSettings(sandbox.ctx, shop.store.id, { answersWrites });
		const rows = [shop.row("CUP", 15), shop.row("TEE-S", 1)];
		const written = await api2cart.writeQuantities(shop.connection, rows, "push-1");
		expect(written.rows.map(({ result }) => result)).toEqual(["accepted", "accepted"]);
		expect(written.trouble).toBeNull();
		expect(await Promise.all(["CUP", "TEE-S"].map(shop.shows))).toEqual([15, 1]);
	});

	test("keys that are revoked in mid-push stop it, and what was written stays told", async () => {
		const shop = await openShop({ products: many(20, () => 5) });
		const { http } = shop.connection;
		let calls = 0;
		const revoking: Connection = {
			...shop.connection,
			http: {
				exchanges: http.exchanges,
				send: (request) =>
					http.send(++calls <= 4 ? request : { ...request, headers: { ...request.headers, "x-api-key": "revoked" } }),
			},
		};
		const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 9));
		const written = await api2cart.writeQuantities(revoking, rows, "k");
		const results = written.rows.map(({ result }) => result);
		expect(results.filter((result) => result === "applied")).toHaveLength(4);
		expect(results.filter((result) => result === "not_sent")).toHaveLength(16);
		expect(written.trouble?.reason).toBe("access_revoked");
		expect(calls).toBeLessThan(10);
	});

	test("calls of one process queue for the store's five instead of being refused", async () => {
		const shop = await openShop({ products: many(30), knobs: { latencyMs: 20 } });
		const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 5));
		const [first, second] = await Promise.all([
			api2cart.writeQuantities(shop.connection, rows.slice(0, 15), "a"),
			api2cart.writeQuantities(shop.connectWith(shop.access, { facts: shop.connection.facts }), rows.slice(15), "b"),
		]);
		expect([...first.rows, ...second.rows].every(({ result }) => result === "applied")).toBe(true);
	});

	test("a marketplace has only accepted what it shows minutes later", async () => {
		const shop = await openShop({ settings: { cartId: "AmazonSP", visibleAfterMs: 120_000 } });
		const { rows } = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 8)], "k");
		expect(rows).toEqual([{ externalKey: shop.listing("CUP").externalKey, result: "accepted" }]);
		const level = async () => (await api2cart.readLevels(shop.connection, [shop.listing("CUP")]))[0]?.quantity;
		expect(await level()).toBe(20);
		sandbox.putForward(121_000);
		expect(await level()).toBe(8);
	});

	test("where relative writes are a reading and a writing, one beside another is lost: the level tells", async () => {
		const shop = await openShop({ settings: { racyWindowMs: 300 } });
		await Promise.all([
			api2cart.writeQuantities(shop.connection, [shop.row("CUP", 15)], "a"),
			api2cart.writeQuantities(shop.connection, [shop.row("CUP", 13)], "b"),
		]);
		const [level] = await api2cart.readLevels(shop.connection, [shop.listing("CUP")]);
		expect(level?.quantity).toBe(await shop.shows("CUP"));
		expect(level?.quantity).toBeGreaterThan(8);
	});

	describe("many rows", () => {
		const batchCalls = async (id: string) => (await countWireRequests(sandbox.ctx, id)).jobs ?? 0;

		test("are one batch where the store has it, each row answered by its place", async () => {
			const shop = await openShop({ products: many(70, () => 5), settings: { hasBatch: true } });
			await shop.buy("P4", 5);
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", sku === "P4" ? 0 : 9));
			rows[7] = { externalKey: "product:999", ids: { productId: "999" }, quantity: 3, expected: 0 };
			const { rows: answers, exchanges } = await api2cart.writeQuantities(shop.connection, rows, "k");
			expect(answers[4]).toMatchObject({ result: "stale" });
			expect(answers[7]).toMatchObject({ result: "refused", error: { reason: "gone" } });
			expect(answers.filter(({ result }) => result === "applied")).toHaveLength(68);
			expect(exchanges.filter(({ method }) => method === "POST")).toHaveLength(1);
			expect(await batchCalls(shop.store.id)).toBeGreaterThanOrEqual(1);
			expect(await shop.shows("P69")).toBe(9);
		});

		test("are told apart by their places when they go again in another order", async () => {
			const shop = await openShop({
				products: many(61, () => 5),
				settings: { hasBatch: true, batchMs: { starts: 0, ends: 0 } },
			});
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 9));
			rows[3] = { externalKey: "product:999", ids: { productId: "999" }, quantity: 3, expected: 0 };
			for (const sent of [rows, rows.toReversed()]) {
				const { rows: answers } = await api2cart.writeQuantities(shop.connection, sent, "k");
				const refused = answers.filter(({ result }) => result !== "applied");
				expect(refused).toMatchObject([{ externalKey: "product:999", result: "refused" }]);
			}
			expect(await shop.shows("P2")).toBe(9);
		}, 30_000);

		test("go row by row when the batch is refused whole", async () => {
			const shop = await openShop({ products: many(61, () => 5), settings: { hasBatch: true } });
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 9));
			// The same item under two keys of ours: a duplicate id.
			rows[0] = { ...(rows[1] as WriteRow), externalKey: "product:again" };
			const { rows: answers } = await api2cart.writeQuantities(shop.connection, rows, "k");
			expect(answers.every(({ result }) => result === "applied")).toBe(true);
			expect(await shop.shows("P2")).toBe(9);
			expect(await shop.shows("P1")).toBe(13);
		}, 30_000);

		test("go row by row where the store has no batch", async () => {
			const shop = await openShop({ products: many(61, () => 5) });
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 9));
			const { rows: answers, exchanges } = await api2cart.writeQuantities(shop.connection, rows, "k");
			expect(answers.every(({ result }) => result === "applied")).toBe(true);
			expect(exchanges).toHaveLength(61);
		}, 30_000);
	});
});
