/** Writing to a sandbox store over HTTP: what becomes of each row, whatever becomes of the call. */
import { describe, expect, test } from "vitest";
import { editProduct } from "@/lib/sandbox/magento/seed";
import { countWireRequests, setKnobs, setQuantity, setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { many } from "@/lib/sandbox/testing/seeds";
import type { WriteRow } from "../listing";
import { magento } from ".";
import { type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();
const openShop = (options: Options = {}) => open(sandbox, options);

type Shop = Awaited<ReturnType<typeof openShop>>;
const everyRow = (shop: Shop, quantity: number): WriteRow[] =>
	shop.listings.map(({ externalKey, ids, quantity: expected }) => ({
		externalKey,
		ids,
		quantity,
		expected: expected ?? 0,
		open: 0,
	}));
const results = async (shop: Shop, rows: WriteRow[]) =>
	(await magento.writeQuantities(shop.connection, rows, "key")).rows.map(({ result }) => result);
const write = (shop: Shop, rows: WriteRow[]) => magento.writeQuantities(shop.connection, rows, "key");

describe("one bad row", () => {
	test("fails all: none was sent, so that the caller splits; alone it is refused with the store's words", async () => {
		const shop = await openShop();
		const before = await shop.lies("CUP");
		// The source was given a name that its version takes no longer.
		const { topology } = shop.connection.facts as { topology: Record<string, unknown> };
		const spaced = {
			...shop.connection,
			locationRef: "de fault",
			facts: { ...shop.connection.facts, topology: { "de fault": topology.default } },
		};
		const rows = [shop.row("CUP", 30), shop.row("TEE-S", 30)];
		const refusal = expect.stringContaining('"source_code" can not contain whitespaces.');
		const whole = await magento.writeQuantities(spaced, rows, "key");
		expect(whole.rows.map(({ result }) => result)).toEqual(["not_sent", "not_sent"]);
		expect(whole).toMatchObject({ trouble: null, objection: { message: refusal } });
		const alone = await magento.writeQuantities(spaced, rows.slice(0, 1), "key");
		expect(alone.rows).toMatchObject([{ result: "refused", error: { message: refusal } }]);
		expect(await shop.lies("CUP")).toEqual(before);
	});

	test("that we know to be bad is refused by itself, and the rest goes", async () => {
		const shop = await openShop();
		const blank = { ...shop.row("MUG", 1), ids: { productId: "1", sku: " MUG" } };
		expect(await results(shop, [shop.row("CUP", 3), blank, { ...shop.row("TEE-S", 1), quantity: 1.5 }])).toEqual([
			"applied",
			"refused",
			"refused",
		]);
		expect(await shop.shows("CUP")).toBe(3);
	});
});

describe("a store that takes few rows at once", () => {
	test("is asked when it is connected, and written in so many", async () => {
		const shop = await openShop({ products: many(45), settings: { rowLimit: 20 } });
		expect(shop.connection.facts.largestRows).toBe(20);
		expect(new Set(await results(shop, everyRow(shop, 9)))).toEqual(new Set(["applied"]));
		expect(await shop.shows("P44")).toBe(9);
		expect((await countWireRequests(sandbox.ctx, shop.store.id)).write).toBe(1 + 3);
	});

	test("that became one since says so once, and all is written", async () => {
		const shop = await openShop({ products: many(30) });
		expect(shop.connection.facts.largestRows).toBeNull();
		await setStoreSettings(sandbox.ctx, shop.store.id, { rowLimit: 20, language: "de" });
		expect(new Set(await results(shop, everyRow(shop, 9)))).toEqual(new Set(["applied"]));
		await results(shop, everyRow(shop, 8));
		// The probe of connecting; one refused, two; two.
		expect((await countWireRequests(sandbox.ctx, shop.store.id)).write).toBe(1 + 3 + 2);
		expect(await shop.shows("P29")).toBe(8);
	});

	test("and small pages is read in so many", async () => {
		const shop = await openShop({ products: many(45), settings: { pageSizeLimit: 20, clampsPages: true } });
		expect(shop.connection.facts.largestPage).toBe(20);
		expect(shop.listings).toHaveLength(45);
		expect(await magento.readLevels(shop.connection, shop.listings)).toHaveLength(45);
		for (let order = 0; order < 25; order++) await shop.buy(`P${order}`);
		expect(await shop.orders()).toHaveLength(25);
		expect(await shop.level("P3")).toEqual({ quantity: 0, source: 1, open: 1 });
	});
});

describe("what nobody knows the outcome of", () => {
	test("a deadlock may have stored a part: unknown, and nothing is tried again", async () => {
		const shop = await openShop({ settings: { deadlockRate: 1 } });
		const answer = await write(shop, [shop.row("CUP", 3), shop.row("TEE-S", 1)]);
		expect(answer.rows.map(({ result }) => result)).toEqual(["unknown", "unknown"]);
		expect(answer.trouble).toBeNull();
		expect([await shop.shows("CUP"), await shop.shows("TEE-S")]).toEqual([3, 5]);
	});

	test("a break after the save: unknown, and the rows are there", async () => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, { breaksInIndexer: true });
		const answer = await write(shop, [shop.row("CUP", 3)]);
		expect(answer).toMatchObject({ rows: [{ result: "unknown" }], trouble: { reason: "unreachable" } });
		expect(answer.trouble?.code).toMatch(/^webapi-/);
		expect(await shop.shows("CUP")).toBe(3);
	});

	test.each([
		["silence", { timeoutRate: 1 }, "unknown", "timeout"],
		["an answer that is lost", { appliedThenFailedRate: 1 }, "unknown", null],
		["trouble", { errorRate: 1 }, "unknown", "unreachable"],
		["an outage", { outage: true }, "not_sent", "unreachable"],
		["a page that asks to wait", { throttleRate: 1 }, "not_sent", "throttled"],
	] as const)("%s", async (_, knobs, result, reason) => {
		const shop = await openShop();
		await setKnobs(sandbox.ctx, shop.store.id, knobs);
		const answer = await magento.writeQuantities(shop.connection, [shop.row("CUP", 3)], "key");
		expect(answer.rows).toMatchObject([{ result }]);
		if (reason) expect(answer.trouble?.reason).toBe(reason);
		expect(answer.exchanges).toHaveLength(1);
	});

	test("a source that was deleted is no deadlock: refused, with what to do", async () => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, { sources: [{ code: "other", name: "Other", enabled: true }] });
		expect((await write(shop, [shop.row("CUP", 3), shop.row("TEE-S", 1)])).rows).toMatchObject([
			{ result: "refused", error: { code: "SOURCE_GONE" } },
			{ result: "refused", error: { code: "SOURCE_GONE" } },
		]);
	});

	test("access that is taken away is no outage", async () => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, { isRevoked: true });
		expect(await write(shop, [shop.row("CUP", 3)])).toMatchObject({
			rows: [{ result: "not_sent" }],
			trouble: { reason: "access_revoked" },
		});
		await setStoreSettings(sandbox.ctx, shop.store.id, { isRevoked: false, resources: ["Magento_Catalog::products"] });
		expect((await write(shop, [shop.row("CUP", 3)])).trouble).toMatchObject({
			reason: "missing_scope",
			code: "Magento_InventoryApi::stock_source_item_assign",
		});
	});
});

describe("a stock of several sources", () => {
	const settings = {
		sources: [
			{ code: "main", name: "Main", enabled: true },
			{ code: "west", name: "West", enabled: true },
			{ code: "shut", name: "Shut", enabled: false },
		],
		stocks: [{ id: 2, name: "EU", websites: ["base"], sources: ["main", "west", "shut"] }],
	};
	const openTwo = async (west: number) => {
		const shop = await openShop({ settings });
		const rows = [{ sku: "CUP", source_code: "west", quantity: west, status: 1 }];
		await shop.call("POST", "/V1/inventory/source-items", { sourceItems: rows });
		return shop;
	};

	test("sells the number that was written, whatever lies at the others", async () => {
		const shop = await openTwo(4);
		await shop.buy("CUP", 3);
		expect(await shop.level("CUP")).toEqual({ quantity: 21, source: 24, open: 3 });
		expect(await results(shop, [shop.row("CUP", 7, 3)])).toEqual(["applied"]);
		expect(await shop.lies("CUP", "main")).toEqual({ quantity: 6, status: 1 });
		expect(await shop.level("CUP")).toEqual({ quantity: 7, source: 10, open: 3 });
	});

	test("that would sell more than may be, whatever is written, is refused by name", async () => {
		const shop = await openTwo(9);
		const { rows } = await write(shop, [shop.row("CUP", 7), shop.row("TEE-S", 2)]);
		expect(rows).toMatchObject([{ result: "refused", error: { code: "OTHER_SOURCES" } }, { result: "applied" }]);
		expect((await write(shop, [shop.row("CUP", 0, 20)])).rows).toMatchObject([
			{ result: "refused", error: { code: "OTHER_SOURCES" } },
		]);
	});
});

test("what sells on backorder is brought to nothing salable, and not closed", async () => {
	const shop = await openShop();
	await editProduct(sandbox.ctx, shop.store, "CUP", { backorders: 1 });
	await shop.buy("CUP", 25);
	expect(await shop.level("CUP")).toEqual({ quantity: -5, source: 20, open: 25 });
	await setQuantity(sandbox.ctx, shop.store.id, "CUP", 25);
	// Read while nothing of it could be sold, so that its kind is known.
	expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 25, open: 25 });
	await write(shop, [shop.row("CUP", 0, 40)]);
	expect(await shop.lies("CUP")).toEqual({ quantity: 25, status: 1 });
	expect(await shop.buy("CUP", 1)).toBeDefined();
});

describe("the asynchronous route", () => {
	/** Once something has gone through its queue, the store is known to work it off. */
	const openQueue = async (count: number, settings: Options["settings"] = {}) => {
		const shop = await openShop({ products: many(count), settings });
		await shop.call("POST", "/async/bulk/V1/inventory/source-items", [
			{ sourceItems: [{ sku: "P0", source_code: "default", quantity: 1, status: 1 }] },
		]);
		const connected = await magento.connect(shop.connection);
		return { ...shop, connection: { ...shop.connection, facts: connected.store?.facts ?? {} } };
	};
	const counts = async (shop: { store: { id: string } }) => countWireRequests(sandbox.ctx, shop.store.id);

	test("is taken for large batches of a store whose consumer was seen to work, and its answer waited for", async () => {
		const shop = await openQueue(250);
		expect(shop.connection.facts.consumersRun).toBe(true);
		expect(new Set(await results(shop, everyRow(shop, 9)))).toEqual(new Set(["applied"]));
		expect(await shop.shows("P249")).toBe(9);
		expect((await counts(shop))["bulk-write"]).toBe(2);
		expect(await results(shop, everyRow(shop, 8).slice(0, 20))).not.toContain("accepted");
		expect((await counts(shop))["bulk-write"]).toBe(2);
	});

	test("is not taken where nothing shows that it works, or no right to ask", async () => {
		const idle = await openShop({ products: many(120) });
		expect(idle.connection.facts.consumersRun).toBe(false);
		const shop = await openQueue(120, { resources: null });
		await setStoreSettings(sandbox.ctx, shop.store.id, { resources: ["Magento_Catalog::products"] });
		expect((await magento.connect(shop.connection)).store?.facts.consumersRun).toBe(false);
	});

	test("left open, its rows are accepted; they are not written over, and the next batch goes plainly", async () => {
		const shop = await openQueue(120);
		await setStoreSettings(sandbox.ctx, shop.store.id, { consumersRun: false });
		expect(new Set(await results(shop, everyRow(shop, 9)))).toEqual(new Set(["accepted"]));
		const again = await write(shop, everyRow(shop, 8).slice(0, 2));
		expect(again).toMatchObject({
			rows: [{ result: "not_sent" }, { result: "not_sent" }],
			trouble: { reason: "throttled", code: "BULK_OPEN" },
		});
		await setStoreSettings(sandbox.ctx, shop.store.id, { consumersRun: true });
		expect(await shop.shows("P100")).toBe(9);
		expect(new Set(await results(shop, everyRow(shop, 8)))).toEqual(new Set(["applied"]));
		expect((await counts(shop))["bulk-write"]).toBe(2);
		expect(await shop.shows("P100")).toBe(8);
	}, 60_000);
});
