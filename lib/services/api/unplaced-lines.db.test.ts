/** A cart's line that names no location: taken from wherever it lies, in one order, all of it or none. */
import { beforeEach, describe, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { systemContext } from "../context";
import { addLocation } from "../locations/add-location";
import { checkLedger } from "../stock/check-ledger";
import { makeSku } from "../testing/fixtures";
import { apiDatabaseForTests, type Caller, makeCaller } from "./testing";

const database = apiDatabaseForTests();
let cart: Caller;
let skuId: string;
let main: string;
let yard: string;
beforeEach(async () => {
	cart = await makeCaller(database);
	const { merchantId } = cart.merchant;
	main = cart.merchant.locationId;
	yard = (await addLocation(systemContext(merchantId, database.db("app")), "Yard")).locationId;
	skuId = await makeSku(database, cart.merchant, "MUG", 2);
	await cart.call("PUT", `/skus/MUG/levels/${yard}`, { body: { onHand: 2, seen: { onHand: null } } });
});

type Line = { sku: string; quantity: number; locationId?: string };
const reserve = (...lines: Line[]) => cart.call("POST", "/reservations", { body: { lines } });
const mugs = (quantity: number) => reserve({ sku: "MUG", quantity });
const placesOf = (held: { locationId: string; units: number }[]) =>
	new Map(held.map(({ locationId, units }) => [locationId, units]));
/** Main, then Yard. */
const levels = () =>
	database.ownerClient`
		select l.on_hand, l.reserved from levels l join locations o on o.id = l.location_id
		where l.sku_id = ${skuId} order by o.created_at`;
const faults = async () => {
	const { merchantId } = cart.merchant;
	return (await asMerchantPrepared(database.client("app"), merchantId, (run) => checkLedger(run, merchantId))).faults;
};

describe("a line that names no location", () => {
	it("is taken from the first that has enough, else from several, and it is said where", async () => {
		const split = (await mugs(3)).body;
		expect(split.lines).toEqual([{ sku: "MUG", quantity: 3, locationId: null }]);
		expect(placesOf(split.held)).toEqual(
			new Map([
				[main, 2],
				[yard, 1],
			]),
		);
		await cart.call("POST", `/reservations/${split.id}/release`);
		await reserve({ sku: "MUG", quantity: 1, locationId: main });
		const whole = (await mugs(2)).body;
		expect(whole.held).toEqual([{ sku: "MUG", locationId: yard, units: 2 }]);
		expect((await cart.call("POST", `/reservations/${whole.id}/confirm`)).status).toBe(200);
		expect(await levels()).toEqual([
			{ on_hand: 2, reserved: 1 },
			{ on_hand: 0, reserved: 0 },
		]);
		expect(await faults()).toEqual([]);
	});

	it("has all of it or none: of twenty at once that want more than one place has, one is served", async () => {
		const all = await Promise.all(Array.from({ length: 20 }, () => mugs(3)));
		expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
		expect(all.find(({ status }) => status === 409)?.body.detail).toBe(
			"MUG: 3 wanted, 1 available. Nothing was reserved.",
		);
		expect(await levels()).toEqual([
			{ on_hand: 2, reserved: 2 },
			{ on_hand: 2, reserved: 1 },
		]);
		expect(await faults()).toEqual([]);
	});

	it("leaves to a line what that line names, and takes each component of a bundle where it lies", async () => {
		const bundle = await makeSku(database, cart.merchant, "PAIR", null);
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${bundle}`;
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${cart.merchant.merchantId}, ${bundle}, ${skuId}, 2)`;
		const got = await reserve({ sku: "PAIR", quantity: 1 }, { sku: "MUG", quantity: 2, locationId: main });
		expect(got.status).toBe(201);
		expect(await levels()).toEqual([
			{ on_hand: 2, reserved: 2 },
			{ on_hand: 2, reserved: 2 },
		]);
	});
});
