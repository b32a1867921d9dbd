/** Stock held for carts: never the same unit twice, all lines or none, given back on time, and the ledger proves it. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { plainSentence } from "@/lib/format/log-line";
import { systemContext } from "../context";
import { readLog } from "../log/read-log";
import { releaseExpired } from "../reservations/release-expired";
import { checkLedger } from "../stock/check-ledger";
import { rebuildLevels } from "../stock/rebuild-levels";
import { setSkuStrategy } from "../stock/set-strategy";
import { makeChannel, makeListing, makeSku } from "../testing/fixtures";
import { apiDatabaseForTests, type Caller, makeCaller } from "./testing";

const database = apiDatabaseForTests();
let cart: Caller;
let skuId: string;
beforeEach(async () => {
	cart = await makeCaller(database);
	skuId = await makeSku(database, cart.merchant, "MUG", 5);
});

type Line = { sku: string; quantity: number; locationId?: string };
const reserve = (lines: Line[], more: { ttlSeconds?: number; reference?: string } = {}) =>
	cart.call("POST", "/reservations", { body: { lines, ...more } });
const mugs = (quantity: number, more?: { ttlSeconds?: number; reference?: string }) =>
	reserve([{ sku: "MUG", quantity }], more);
const confirm = (id: string) => cart.call("POST", `/reservations/${id}/confirm`);
const release = (id: string) => cart.call("POST", `/reservations/${id}/release`);
/** As if so much time had gone by. */
const lapse = (id: string) =>
	database.ownerClient`update reservations set expires_at = now() - interval '1 s' where id = ${id}`;
const level = async (id = skuId) =>
	(await database.ownerClient`select on_hand, reserved from levels where sku_id = ${id}`)[0];
const asApp = <T>(work: Parameters<typeof asMerchantPrepared<T>>[2]) =>
	asMerchantPrepared(database.client("app"), cart.merchant.merchantId, work);
const faults = async () => (await asApp((run) => checkLedger(run, cart.merchant.merchantId))).faults;

/** As if so many carts had held one each, until a second ago. */
const heldByMany = (id: string, carts: number) =>
	database.ownerClient`
		with made as (
			insert into reservations (merchant_id, lines, expires_at, actor)
			select ${cart.merchant.merchantId}, '[]', now() - interval '1 s', 'test' from generate_series(1, ${carts}) returning id
		),
		held as (
			insert into reservation_lines (reservation_id, sku_id, location_id, merchant_id, units)
			select id, ${id}, ${cart.merchant.locationId}, ${cart.merchant.merchantId}, 1 from made
		)
		update levels set reserved = reserved + ${carts} where sku_id = ${id}`;

describe("reserving", () => {
	it("two hundred at once for the last five: exactly five have one, and no unit is held twice", async () => {
		const all = await Promise.all(Array.from({ length: 200 }, () => mugs(1)));
		expect(all.filter(({ status }) => status === 201)).toHaveLength(5);
		expect(all.filter(({ status }) => status === 409)).toHaveLength(195);
		expect(await level()).toEqual({ on_hand: 5, reserved: 5 });
		expect(await faults()).toEqual([]);
	}, 60_000);

	it("takes what is held off every offer at once, and gives it back as soon as it is let go", async () => {
		const channelId = await makeChannel(database, cart.merchant);
		await makeListing(database, cart.merchant, channelId, "mug", { skuId, shown: 5 });
		const offered = async () =>
			(await database.ownerClient`select offered from slots where sku_id = ${skuId}`)[0]?.offered;
		const { body } = await mugs(2);
		expect(await offered()).toBe(3);
		await release(body.id);
		expect(await offered()).toBe(5);
	});

	it("where stores split the stock, gives only what none of them holds: the buffer", async () => {
		const channelId = await makeChannel(database, cart.merchant);
		await makeListing(database, cart.merchant, channelId, "mug", { skuId, shown: 5 });
		const ctx = systemContext(cart.merchant.merchantId, database.db("app"));
		const sql = database.ownerClient;
		await sql`update skus set buffer_units = 2 where id = ${skuId}`;
		await setSkuStrategy(ctx, skuId, "escrow");
		expect((await mugs(1)).body.detail).toMatch(
			/^MUG: 1 wanted, 0 available\. Nothing was reserved\. Of MUG there are 5,/,
		);
		// The lowering to its share has landed.
		await sql`update slots set expected = 3, shown = 3, bound = 3, doubt = 0 where sku_id = ${skuId}`;
		expect((await mugs(2)).status).toBe(201);
		expect((await mugs(1)).status).toBe(409);
		// The store gives up as much, so that the buffer is there for the next.
		expect(await sql`select offered from slots where sku_id = ${skuId}`).toEqual([{ offered: 1 }]);
	});

	it("is all lines or none, and says what was short", async () => {
		const vase = await makeSku(database, cart.merchant, "VASE", 1);
		await makeSku(database, cart.merchant, "NEW", null);
		const got = await reserve([
			{ sku: "MUG", quantity: 2 },
			{ sku: "VASE", quantity: 2 },
			{ sku: "NEW", quantity: 1 },
		]);
		const { locationId } = cart.merchant;
		expect(got).toMatchObject({
			status: 409,
			body: {
				reason: "short",
				detail: "NEW: 1 wanted, 0 available; VASE: 2 wanted, 1 available. Nothing was reserved.",
				short: [
					{ sku: "NEW", locationId, wanted: 1, available: 0 },
					{ sku: "VASE", locationId, wanted: 2, available: 1 },
				],
			},
		});
		expect([await level(), await level(vase)]).toEqual([
			{ on_hand: 5, reserved: 0 },
			{ on_hand: 1, reserved: 0 },
		]);
	});

	it("in opposite orders, a hundred at once, waits for nobody for ever and leaves nothing over", async () => {
		const vase = await makeSku(database, cart.merchant, "VASE", 5);
		const lines: Line[] = [
			{ sku: "MUG", quantity: 1 },
			{ sku: "VASE", quantity: 1 },
		];
		const all = await Promise.all(
			Array.from({ length: 100 }, (_, n) => reserve(n % 2 === 0 ? lines : lines.toReversed())),
		);
		expect(all.filter(({ status }) => status === 201)).toHaveLength(5);
		expect([await level(), await level(vase)]).toEqual([
			{ on_hand: 5, reserved: 5 },
			{ on_hand: 5, reserved: 5 },
		]);
	}, 60_000);

	it("of a bundle holds its components, and lines of one SKU are one", async () => {
		const bundle = await makeSku(database, cart.merchant, "PAIR", null);
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${bundle}`;
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${cart.merchant.merchantId}, ${bundle}, ${skuId}, 2)`;
		const got = await reserve([
			{ sku: "PAIR", quantity: 2 },
			{ sku: "MUG", quantity: 1 },
		]);
		expect(got.body.lines).toMatchObject([
			{ sku: "PAIR", quantity: 2 },
			{ sku: "MUG", quantity: 1 },
		]);
		expect(await level()).toEqual({ on_hand: 5, reserved: 5 });
		expect((await reserve([{ sku: "PAIR", quantity: 1 }])).status).toBe(409);
		expect((await confirm(got.body.id)).status).toBe(200);
		expect(await level()).toEqual({ on_hand: 0, reserved: 0 });
		expect(await faults()).toEqual([]);
	});

	it("of more than a column holds is short, with the numbers", async () => {
		const bundle = await makeSku(database, cart.merchant, "CRATE", null);
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${bundle}`;
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${cart.merchant.merchantId}, ${bundle}, ${skuId}, 10000)`;
		const got = await reserve(Array.from({ length: 100 }, () => ({ sku: "CRATE", quantity: 10_000 })));
		expect(got.body).toMatchObject({
			status: 409,
			detail: "MUG: 10,000,000,000 wanted, 5 available. Nothing was reserved.",
		});
	});

	it.each([
		[[{ sku: "NONE", quantity: 1 }], "no_such_sku"],
		[[{ sku: "MUG", quantity: 1, locationId: randomUUID() }], "no_such_location"],
		[[{ sku: "MUG", quantity: 0 }], "unacceptable"],
		[[], "unacceptable"],
	])("refuses %j", async (lines, reason) => {
		expect((await reserve(lines)).body).toMatchObject({ status: 422, reason });
	});
});

describe("confirming", () => {
	it("sells what was held, once, however often it is asked for", async () => {
		const { body } = await mugs(2, { reference: "CART-77" });
		const all = await Promise.all(Array.from({ length: 10 }, () => confirm(body.id)));
		expect(all.every(({ status, body }) => status === 200 && body.state === "confirmed")).toBe(true);
		expect(await level()).toEqual({ on_hand: 3, reserved: 0 });
		const movements = await database.ownerClient`
			select delta, kind, note, actor from movements where sku_id = ${skuId} and version > 1`;
		expect(movements).toEqual([{ delta: -2, kind: "reservation", note: "CART-77", actor: `api:${cart.keyId}` }]);
		expect(await faults()).toEqual([]);
	});

	it("leaves what is available and offered as it was: it was held", async () => {
		const channelId = await makeChannel(database, cart.merchant);
		await makeListing(database, cart.merchant, channelId, "mug", { skuId, shown: 5 });
		const { body } = await mugs(2, { reference: "CART-77" });
		const [before] = await database.ownerClient`select offered, offered_version from slots where sku_id = ${skuId}`;
		await confirm(body.id);
		const [after] = await database.ownerClient`select offered, offered_version from slots where sku_id = ${skuId}`;
		expect(after).toEqual(before);
		await expect
			.poll(said)
			.toEqual(["Sold: MUG, 2 reserved units by ERP: “CART-77”", "MUG 5 → 3, reserved by ERP: “CART-77”"]);
	});

	it.each([
		["not swept yet", async () => undefined],
		["swept and told", releaseExpired],
	])("after its time is refused with both times: %s", async (_when, sweep) => {
		const late = (await mugs(2)).body;
		await lapse(late.id);
		await sweep();
		const { body } = await cart.call("GET", `/reservations/${late.id}`);
		expect(body.state).toBe("expired");
		const refused = await confirm(late.id);
		const { expiresAt, askedAt } = refused.body;
		expect(refused).toMatchObject({
			status: 409,
			body: {
				reason: "expired",
				expiresAt: body.expiresAt,
				detail: `It expired at ${expiresAt}, and it was ${askedAt} when you asked. Nothing was sold. Reserve anew.`,
			},
		});
		expect(Date.parse(askedAt)).toBeGreaterThan(Date.parse(expiresAt));
		await releaseExpired();
		expect(await level()).toEqual({ on_hand: 5, reserved: 0 });
		expect(await faults()).toEqual([]);
	});

	it("of one that was let go is refused", async () => {
		const { body } = await mugs(2);
		await release(body.id);
		expect(await confirm(body.id)).toMatchObject({ status: 409, body: { reason: "released" } });
		expect(await level()).toEqual({ on_hand: 5, reserved: 0 });
	});

	it("of more than was counted meanwhile is recorded all the same, and is one conflict for a person", async () => {
		const { body } = await mugs(5, { reference: "CART-9" });
		await database.ownerClient`
			insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key)
			values (${cart.merchant.merchantId}, ${skuId}, ${cart.merchant.locationId}, -2, 3, 2, 'count', 'stocktake')`;
		await database.ownerClient`update levels set on_hand = 3, version = 2 where sku_id = ${skuId}`;
		expect((await confirm(body.id)).status).toBe(200);
		const conflicts = await database.ownerClient`
			select kind, units, order_ref from conflicts where merchant_id = ${cart.merchant.merchantId}`;
		expect(conflicts).toEqual([{ kind: "oversold", units: 2, order_ref: body.id }]);
		expect(await faults()).toEqual([]);
	});
});

describe("releasing", () => {
	it("gives back once, and of one that is sold is refused", async () => {
		const { body } = await mugs(2);
		const all = await Promise.all(Array.from({ length: 10 }, () => release(body.id)));
		expect(all.every(({ status, body }) => status === 200 && body.state === "released")).toBe(true);
		expect(await level()).toEqual({ on_hand: 5, reserved: 0 });
		const sold = (await mugs(1)).body.id;
		await confirm(sold);
		expect(await release(sold)).toMatchObject({ status: 409, body: { reason: "confirmed" } });
	});

	it("and confirming at once: one of them is first, and the level says which", async () => {
		for (let round = 0; round < 5; round++) {
			const { body } = await mugs(1);
			const before = await level();
			const [confirmed, released] = await Promise.all([confirm(body.id), release(body.id)]);
			expect([confirmed.status, released.status].sort()).toEqual([200, 409]);
			expect((await level())?.on_hand).toBe(before?.on_hand - (confirmed.status === 200 ? 1 : 0));
		}
		expect(await faults()).toEqual([]);
	});
});

describe("an expired reservation", () => {
	it("is given back by the sweep, of every merchant, and the log says so", async () => {
		const { body } = await mugs(2, { reference: "CART-1" });
		const lasting = (await mugs(1)).body;
		const other = await makeCaller(database);
		const theirs = await makeSku(database, other.merchant, "MUG", 5);
		const { body: also } = await other.call("POST", "/reservations", {
			body: { lines: [{ sku: "MUG", quantity: 4 }] },
		});
		await lapse(body.id);
		await lapse(also.id);
		await releaseExpired();
		expect(await level()).toEqual({ on_hand: 5, reserved: 1 });
		expect(await level(theirs)).toEqual({ on_hand: 5, reserved: 0 });
		expect((await cart.call("GET", `/reservations/${body.id}`)).body).toMatchObject({
			state: "expired",
			endedAt: expect.any(String),
		});
		expect((await cart.call("GET", `/reservations/${lasting.id}`)).body).toMatchObject({
			state: "open",
			endedAt: null,
		});
		await expect.poll(said).toContain("MUG 2 → 4, a reservation expired: “CART-1”");
		expect(await faults()).toEqual([]);
	});

	it("is not reserved for who reads or reserves, though nobody has swept", async () => {
		await lapse((await mugs(5)).body.id);
		expect((await mugs(5)).status).toBe(201);
		expect(await level()).toEqual({ on_hand: 5, reserved: 5 });
		await database.ownerClient`update reservations set expires_at = now() where state = 'open'`;
		expect((await cart.call("GET", "/skus/MUG")).body).toMatchObject({ available: 5, levels: [{ reserved: 0 }] });
		expect(await faults()).toEqual([]);
	});

	it("is free again for who reserves or reads, however many expired since the sweep", async () => {
		const many = await makeSku(database, cart.merchant, "CUP", 300);
		const cups = (quantity: number) => reserve([{ sku: "CUP", quantity }]);
		await heldByMany(many, 300);
		expect((await cups(300)).status).toBe(201);
		expect(await level(many)).toEqual({ on_hand: 300, reserved: 300 });

		const more = await makeSku(database, cart.merchant, "VASE", 450);
		await heldByMany(more, 450);
		expect((await cart.call("GET", "/skus/VASE")).body).toMatchObject({ available: 450, levels: [{ reserved: 0 }] });
		expect(await faults()).toEqual([]);
	});

	it("that is let go after its time stays expired, as it was for who read it", async () => {
		const { body } = await mugs(2);
		await lapse(body.id);
		expect((await cart.call("GET", `/reservations/${body.id}`)).body.state).toBe("expired");
		expect(await release(body.id)).toMatchObject({ status: 200, body: { state: "expired" } });
		expect((await cart.call("GET", `/reservations/${body.id}`)).body.state).toBe("expired");
		expect(await level()).toEqual({ on_hand: 5, reserved: 0 });
		expect(await faults()).toEqual([]);
	});

	it("of several SKUs is given back whole when one of them is wanted", async () => {
		const vase = await makeSku(database, cart.merchant, "VASE", 5);
		const both = await reserve([
			{ sku: "MUG", quantity: 5 },
			{ sku: "VASE", quantity: 5 },
		]);
		await lapse(both.body.id);
		expect((await mugs(1)).status).toBe(201);
		expect([await level(), await level(vase)]).toEqual([
			{ on_hand: 5, reserved: 1 },
			{ on_hand: 5, reserved: 0 },
		]);
	});
});

describe("what is reserved", () => {
	it("is proved to be the sum of the open reservations, and a rebuild makes it so", async () => {
		await mugs(2);
		await database.ownerClient`update levels set reserved = 4 where sku_id = ${skuId}`;
		expect(await faults()).toEqual([
			{ skuId, locationId: cart.merchant.locationId, what: "reserved", version: null, expected: 2, found: 4 },
		]);
		await asApp((run) => rebuildLevels(run, cart.merchant.merchantId));
		expect(await faults()).toEqual([]);
		expect(await level()).toEqual({ on_hand: 5, reserved: 2 });
	});

	it("of another merchant is out of reach: not seen, not confirmed, not released", async () => {
		const { body } = await mugs(2);
		const other = await makeCaller(database);
		for (const [method, path] of [
			["GET", `/reservations/${body.id}`],
			["POST", `/reservations/${body.id}/confirm`],
			["POST", `/reservations/${body.id}/release`],
			["GET", "/reservations/none"],
		] as const)
			expect(await other.call(method, path)).toMatchObject({ status: 404 });
		expect(await level()).toEqual({ on_hand: 5, reserved: 2 });
	});
});

/** The log, newest first, as it is read: up to the oldest transaction that is still under way anywhere. */
async function said(): Promise<string[]> {
	const ctx = systemContext(cart.merchant.merchantId, database.db("app"));
	const { lines } = await readLog(ctx, {});
	return lines.map(({ parts }) => plainSentence(parts));
}
