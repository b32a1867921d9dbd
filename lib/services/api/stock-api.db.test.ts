/** Other systems read and change stock: once, as they saw it, and only their own merchant's. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { keyLimit } from "../api-keys/find-key";
import { systemContext } from "../context";
import { readMovements } from "../skus/read-movements";
import { checkLedger } from "../stock/check-ledger";
import { makeChannel, makeListing, makeSku } from "../testing/fixtures";
import { largestBodyBytes } from "./handle-api";
import { routes } from "./routes";
import { apiDatabaseForTests, type Caller, callApi, type Got, makeCaller, samplesOf } from "./testing";

const database = apiDatabaseForTests();
let erp: Caller;
let skuId: string;
let level: string;
let reservationId: string;
beforeEach(async () => {
	erp = await makeCaller(database);
	skuId = await makeSku(database, erp.merchant, "MUG/1 é", 7);
	level = `/skus/${encodeURIComponent("MUG/1 é")}/levels/${erp.merchant.locationId}`;
});

const set = (onHand: number, seen: object, more: { once?: string } = {}) =>
	erp.call("PUT", level, { body: { onHand, seen }, ...more });
const adjust = (delta: number, more: { once?: string; reason?: string } = {}) =>
	erp.call("POST", `${level}/adjustments`, { body: { delta, reason: more.reason ?? "delivery" }, once: more.once });
const onHand = async () =>
	(await database.ownerClient`select on_hand from levels where sku_id = ${skuId}`)[0]?.on_hand as number;
const noSuchSku = (code: string) =>
	`There is no SKU ${code}, or it is archived. GET /skus lists the codes; capitals and spaces count.`;
const movements = () =>
	database.ownerClient`select delta, kind, actor, note from movements where sku_id = ${skuId} and version > 1 order by version`;

describe("reading SKUs", () => {
	it("tells levels and offers of one by its code, whatever the code holds", async () => {
		const channelId = await makeChannel(database, erp.merchant);
		const listingId = await makeListing(database, erp.merchant, channelId, "mug", { skuId, shown: 7 });
		expect((await erp.call("GET", `/skus/${encodeURIComponent("MUG/1 é")}`)).body).toEqual({
			id: skuId,
			code: "MUG/1 é",
			title: "MUG/1 é",
			gtin: null,
			isBundle: false,
			available: 7,
			levels: [
				{
					location: { id: erp.merchant.locationId, name: "Main" },
					onHand: 7,
					reserved: 0,
					available: 7,
					version: 1,
					countedAt: expect.any(String),
				},
			],
			offers: [
				{
					channel: { id: channelId, name: "a store", platform: "shopify" },
					listing: { id: listingId, title: "mug" },
					units: 1,
					offered: 7,
					shows: 7,
				},
			],
		});
	});

	it("pages by a cursor: each SKU once, in the order of the codes", async () => {
		for (const code of ["A", "B", "C", "D"]) await makeSku(database, erp.merchant, code, null);
		const seen: string[] = [];
		for (let cursor: string | null = ""; cursor !== null; ) {
			const page: Got = await erp.call("GET", `/skus?limit=2${cursor && `&cursor=${cursor}`}`);
			seen.push(...page.body.data.map(({ code }: { code: string }) => code));
			cursor = page.body.nextCursor;
		}
		expect(seen).toEqual(["A", "B", "C", "D", "MUG/1 é"]);
	});

	it.each(["limit=0", "limit=201", "limit=x", "cursor=%21", "cursor=YQ%3D"])("refuses %s", async (query) => {
		expect(await erp.call("GET", `/skus?${query}`)).toMatchObject({ status: 422 });
	});

	it("tells the locations", async () => {
		expect((await erp.call("GET", "/locations")).body).toEqual({
			data: [{ id: erp.merchant.locationId, name: "Main" }],
		});
	});
});

describe("setting what a bundle is made of", () => {
	const setComponents = (code: string, components: unknown[], once?: string) =>
		erp.call("PUT", `/skus/${code}/components`, { body: { components }, once });

	it("makes a bundle by codes, once, and takes it apart again", async () => {
		await makeSku(database, erp.merchant, "KIT", null);
		const got = await setComponents("KIT", [{ sku: "MUG/1 é", units: 2 }], "kit-1");
		expect(got.body).toEqual({ sku: "KIT", isBundle: true, components: [{ sku: "MUG/1 é", units: 2 }] });
		expect((await setComponents("KIT", [{ sku: "MUG/1 é", units: 2 }], "kit-1")).text).toBe(got.text);
		expect((await erp.call("GET", "/skus/KIT")).body).toMatchObject({ isBundle: true, available: 3 });
		expect((await setComponents("KIT", [])).body).toEqual({ sku: "KIT", isBundle: false, components: [] });
	});

	it("refuses what can't be, in a sentence with the names", async () => {
		await makeSku(database, erp.merchant, "KIT", null);
		expect(await setComponents("NONE", [])).toMatchObject({ status: 404, body: { detail: noSuchSku("NONE") } });
		expect((await setComponents("KIT", [{ sku: "NONE", units: 1 }])).body).toMatchObject({
			reason: "no_such_sku",
			detail: "There is no SKU NONE.",
		});
		expect((await setComponents("KIT", [{ sku: "MUG/1 é", units: 0 }])).body).toMatchObject({
			reason: "bad_components",
			detail: expect.stringContaining("MUG/1 é × 0"),
		});
		expect((await setComponents("KIT", [{ sku: "KIT", units: 1 }])).body.reason).toBe("component_loop");
		expect((await setComponents(encodeURIComponent("MUG/1 é"), [{ sku: "KIT", units: 1 }])).body.reason).toBe(
			"has_stock",
		);
	});
});

describe("setting on hand", () => {
	it("is a count: the ledger names the key, the offer follows, and the channel has something to push", async () => {
		const channelId = await makeChannel(database, erp.merchant);
		await makeListing(database, erp.merchant, channelId, "mug", { skuId, shown: 7 });
		const got = await erp.call("PUT", level, { body: { onHand: 12, seen: { version: 1 }, reason: "stocktake" } });
		expect(got).toMatchObject({
			status: 200,
			body: { sku: "MUG/1 é", from: 7, onHand: 12, available: 12, version: 2 },
		});
		expect(await movements()).toEqual([{ delta: 5, kind: "count", actor: `api:${erp.keyId}`, note: "stocktake" }]);
		const ctx = systemContext(erp.merchant.merchantId);
		const [newest] = (await readMovements(ctx, { skuId })).movements;
		expect(newest?.sentence).toBe("Counted by ERP: “stocktake”");
		const [slot] = await database.ownerClient`select offered, is_pending from slots where sku_id = ${skuId}`;
		expect(slot).toEqual({ offered: 12, is_pending: true });
		const [audit] = await database.ownerClient`
			select actor, action from audit_log where merchant_id = ${erp.merchant.merchantId}`;
		expect(audit).toEqual({ actor: `api:${erp.keyId}`, action: "stock.adjusted" });
	});

	it.each([
		[{ version: 4 }, "version 4"],
		[{ onHand: 9 }, "9 on hand"],
		[{ onHand: null }, "no count"],
	])("is refused when it was decided from a level that is no more: both are told (%j)", async (seen, words) => {
		expect(await set(12, seen)).toMatchObject({
			status: 409,
			body: {
				reason: "stale_level",
				detail: `You saw ${words}, by now it is 7 on hand, version 1. Read it again, then decide.`,
				seen,
				onHand: 7,
				version: 1,
			},
		});
		expect(await movements()).toEqual([]);
	});

	it("below zero is refused with the numbers", async () => {
		expect(await set(-3, { version: 1 })).toMatchObject({
			status: 422,
			body: { reason: "below_zero", asked: -3, onHand: 7, detail: "There can't be -3; 7 are on hand. Count again." },
		});
		expect(await onHand()).toBe(7);
	});

	it("of two who saw the same at once one is told that it changed, for a first count too", async () => {
		const both = (await Promise.all([set(12, { version: 1 }), set(3, { onHand: 7 })])).map(({ status }) => status);
		expect(both.sort()).toEqual([200, 409]);
		await makeSku(database, erp.merchant, "NEW", null);
		const first = (units: number) =>
			erp.call("PUT", `/skus/NEW/levels/${erp.merchant.locationId}`, {
				body: { onHand: units, seen: { onHand: null } },
			});
		const firsts = await Promise.all([first(4), first(4), first(4)]);
		expect(firsts.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
	});
});

describe("adjusting on hand", () => {
	it("takes a signed difference with its reason, below zero too", async () => {
		expect((await adjust(5)).body).toMatchObject({ from: 7, onHand: 12, version: 2 });
		expect((await adjust(-14, { reason: "water damage" })).body).toMatchObject({ from: 12, onHand: -2 });
		expect(await movements()).toMatchObject([
			{ delta: 5, kind: "adjustment", note: "delivery" },
			{ delta: -14, kind: "adjustment", note: "water damage" },
		]);
	});

	it("of a hundred at once leaves none out, and the ledger adds up", async () => {
		const done = await Promise.all(Array.from({ length: 100 }, () => adjust(1)));
		expect(new Set(done.map(({ status }) => status))).toEqual(new Set([200]));
		expect(await onHand()).toBe(107);
		const { merchantId } = erp.merchant;
		const ledger = await asMerchantPrepared(database.client("app"), merchantId, (run) => checkLedger(run, merchantId));
		expect(ledger).toMatchObject({ movements: 101, faultCount: 0 });
	});

	it.each([
		[{ delta: 0, reason: "x" }, "/delta", "Say by how many units it changes."],
		[{ delta: 1.5, reason: "x" }, "/delta", "Units are whole."],
		[{ delta: 1, reason: " " }, "/reason", "Say why."],
	])("refuses %j and names the field", async (body, pointer, detail) => {
		expect(await erp.call("POST", `${level}/adjustments`, { body })).toMatchObject({
			status: 422,
			body: { detail, errors: [{ pointer, detail }] },
		});
	});

	it("beyond what any shop has is refused with the numbers, in steps too, and the way back is open", async () => {
		await database.ownerClient`update levels set on_hand = 2147483000 where sku_id = ${skuId}`;
		expect((await adjust(1_000)).body).toMatchObject({
			status: 422,
			reason: "too_many",
			detail:
				"There are 2,147,483,000 on hand, and 1,000 more would make it 2,147,484,000. Beyond 1,000,000 it is likely a typing error.",
		});
		expect((await adjust(-1_000)).body).toMatchObject({ onHand: 2_147_482_000 });
		await database.ownerClient`update levels set on_hand = -999999 where sku_id = ${skuId}`;
		expect((await adjust(-2)).body).toMatchObject({
			reason: "too_many",
			detail:
				"There are −999,999 on hand, and 2 fewer would make it −1,000,001. Beyond 1,000,000 it is likely a typing error.",
		});
	});

	it("of a bundle is refused: it has no stock of its own", async () => {
		const bundle = await makeSku(database, erp.merchant, "SET", null);
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${bundle}`;
		const at = `/skus/SET/levels/${erp.merchant.locationId}`;
		const body = { delta: 1, reason: "x" };
		expect(await erp.call("POST", `${at}/adjustments`, { body })).toMatchObject({
			status: 422,
			body: { reason: "is_bundle" },
		});
		const count = { onHand: 1, seen: { onHand: null } };
		expect(await erp.call("PUT", at, { body: count })).toMatchObject({ status: 422, body: { reason: "is_bundle" } });
	});

	it("of what is not there is refused, by its name and with where to look", async () => {
		const adjustAt = async (code: string, place: string) => {
			const path = `/skus/${encodeURIComponent(code)}/levels/${place}/adjustments`;
			return (await erp.call("POST", path, { body: { delta: 1, reason: "x" } })).body;
		};
		expect(await adjustAt("NONE", erp.merchant.locationId)).toMatchObject({
			status: 404,
			detail: noSuchSku("NONE"),
		});
		for (const place of ["nowhere", randomUUID()])
			expect(await adjustAt("MUG/1 é", place)).toMatchObject({
				status: 404,
				detail: `There is no location ${place}. GET /locations lists the ids.`,
			});
		expect(await erp.call("GET", "/skus/mug")).toMatchObject({ status: 404, body: { detail: noSuchSku("mug") } });
		expect(await movements()).toEqual([]);
	});
});

describe("an Idempotency-Key", () => {
	it("gives the first answer again, to the byte, and moves nothing", async () => {
		const first = await adjust(5, { once: "delivery-77" });
		await adjust(1);
		const again = await adjust(5, { once: "delivery-77" });
		expect(again.text).toBe(first.text);
		expect(again.status).toBe(200);
		expect(again.headers.get("idempotency-replayed")).toBe("true");
		expect(await onHand()).toBe(13);
	});

	it("gives a refusal again too, whatever has changed since", async () => {
		const first = await set(12, { onHand: 9 }, { once: "set-1" });
		await adjust(2);
		expect((await set(12, { onHand: 9 }, { once: "set-1" })).text).toBe(first.text);
	});

	it("of another request is refused, however the JSON is written it is the same one", async () => {
		await adjust(5, { once: "one" });
		expect(await adjust(6, { once: "one" })).toMatchObject({
			status: 422,
			body: { reason: "idempotency_key_reused" },
		});
		const again = await erp.call("POST", `${level}/adjustments`, {
			once: "one",
			body: '{ "reason": "delivery",  "delta": 5 }',
		});
		expect(again.status).toBe(200);
		expect(await onHand()).toBe(12);
	});

	it("of a request under way is told so, and of twenty at once one moves", async () => {
		const all = await Promise.all(Array.from({ length: 20 }, () => adjust(1, { once: "same" })));
		expect(all.every(({ status }) => status === 200 || status === 409)).toBe(true);
		expect(await onHand()).toBe(8);
		expect((await adjust(1, { once: "same" })).status).toBe(200);
	});

	it("is another key's own: two systems may choose the same", async () => {
		const oms = await makeCaller(database, { merchant: erp.merchant });
		await adjust(1, { once: "1" });
		const body = { delta: 1, reason: "delivery" };
		expect(
			(await oms.call("POST", `${level}/adjustments`, { body, once: "1" })).headers.get("idempotency-replayed"),
		).toBeNull();
		expect(await onHand()).toBe(9);
	});

	it("of a request that failed is free again: nothing of it happened", async () => {
		const late = `/skus/LATE/levels/${erp.merchant.locationId}/adjustments`;
		const body = { delta: 4, reason: "x" };
		expect((await erp.call("POST", late, { body, once: "late" })).status).toBe(404);
		await makeSku(database, erp.merchant, "LATE", 0);
		expect((await erp.call("POST", late, { body, once: "late" })).body).toMatchObject({ onHand: 4 });
	});
});

const sample = (operationId: string) =>
	samplesOf(erp.merchant, "MUG/1 é", reservationId)[operationId] as { path: string; body?: unknown };
const writes = routes.filter((route) => "write" in route);

describe("every route", () => {
	beforeEach(async () => {
		const held = await erp.call("POST", "/reservations", { body: { lines: [{ sku: "MUG/1 é", quantity: 1 }] } });
		reservationId = held.body.id;
	});

	it.each(routes)(
		"$operationId is closed to who has no key, and to a key without its scope, which is named",
		async (route) => {
			const { path, body } = sample(route.operationId);
			const stranger = await callApi(route.method, path, { body });
			expect(stranger).toMatchObject({ status: 401, body: { reason: "unknown_key" } });
			expect(stranger.headers.get("www-authenticate")).toBe("Bearer");
			const narrow = await makeCaller(database, { merchant: erp.merchant, scopes: [] });
			expect(await narrow.call(route.method, path, { body })).toMatchObject({
				status: 403,
				body: { reason: "missing_scope", scope: route.scope, detail: expect.stringContaining(route.scope) },
			});
			expect(await movements()).toEqual([]);
		},
	);

	it.each(routes)("$operationId turns away who asks too often, and says when to come back", async (route) => {
		const { path, body } = sample(route.operationId);
		await erp.call("GET", "/locations");
		await database.ownerClient`update rate_limits set attempts = ${keyLimit.attempts} where key = ${`api:${erp.keyId}`}`;
		const got = await erp.call(route.method, path, { body });
		expect(got.status).toBe(429);
		expect(Number(got.headers.get("retry-after"))).toBeGreaterThan(0);
	});

	it.each(routes.filter(({ params }) => Object.keys(params.shape).length > 0))(
		"$operationId shows and changes nothing of another merchant",
		async (route) => {
			const { path, body } = sample(route.operationId);
			const other = await makeCaller(database);
			expect(await other.call(route.method, path, { body })).toMatchObject({ status: 404 });
			expect(await movements()).toEqual([]);
		},
	);

	it.each(writes)("$operationId needs an Idempotency-Key and JSON that is not too large", async (route) => {
		const { path, body } = sample(route.operationId);
		expect(await erp.call(route.method, path, { body, once: null })).toMatchObject({
			status: 400,
			body: { reason: "idempotency_key_missing" },
		});
		if (!route.body) return;
		expect(await erp.call(route.method, path, { body: "{" })).toMatchObject({
			status: 400,
			body: { reason: "not_json" },
		});
		expect(await erp.call(route.method, path, { body: " ".repeat(largestBodyBytes + 1) })).toMatchObject({
			status: 413,
		});
		expect(await erp.call(route.method, path, { body: {} })).toMatchObject({ status: 422 });
	});

	it.each(writes)("$operationId says 409 while the same request is under way", async (route) => {
		const { path, body } = sample(route.operationId);
		const once = randomUUID();
		await database.ownerClient.begin(async (tx) => {
			await tx`select pg_advisory_xact_lock(hashtextextended(${`api:${erp.keyId}:${once}`}, 0))`;
			expect(await erp.call(route.method, path, { body, once })).toMatchObject({
				status: 409,
				body: { reason: "in_progress" },
			});
		});
		expect((await erp.call(route.method, path, { body, once })).status).toBeLessThan(300);
	});

	it("lists of one merchant hold nothing of another", async () => {
		const other = await makeCaller(database);
		expect((await other.call("GET", "/skus")).body.data).toEqual([]);
		expect((await other.call("GET", "/locations")).body.data).not.toEqual(
			(await erp.call("GET", "/locations")).body.data,
		);
	});
});

it("an address that is none, or a method that an address does not take, is told in the same shape", async () => {
	expect(await erp.call("GET", "/nothing")).toMatchObject({ status: 404, body: { reason: "no_such_path" } });
	const got = await erp.call("POST", "/skus");
	expect(got).toMatchObject({ status: 405, body: { detail: "This address takes GET, not POST." } });
	expect(got.headers.get("allow")).toBe("GET");
});
