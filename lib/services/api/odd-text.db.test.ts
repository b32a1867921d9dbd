/** Text that no database keeps is refused in a sentence wherever it may stand. */
import { beforeEach, describe, expect, it } from "vitest";
import { makeSku } from "../testing/fixtures";
import { apiDatabaseForTests, type Caller, makeCaller } from "./testing";

const database = apiDatabaseForTests();
let erp: Caller;
beforeEach(async () => {
	erp = await makeCaller(database);
	await makeSku(database, erp.merchant, "MUG", 7);
});

const level = (code: string) => `/skus/${code}/levels/${erp.merchant.locationId}`;
const seen = { onHand: 7 };
const sentence = "A text can't hold NUL or half of a surrogate pair.";

describe.each(["\0", "a\0b", "\ud800", "a\udc00b"])("%j", (odd) => {
	it.each<[where: string, method: string, path: () => string, body: object]>([
		["an adjustment's reason", "POST", () => `${level("MUG")}/adjustments`, { delta: 1, reason: odd }],
		["a count's reason", "PUT", () => level("MUG"), { onHand: 1, seen, reason: odd }],
		["a component", "PUT", () => "/skus/MUG/components", { components: [{ sku: odd, units: 1 }] }],
		["a line", "POST", () => "/reservations", { lines: [{ sku: odd, quantity: 1 }] }],
		["a reference", "POST", () => "/reservations", { lines: [{ sku: "MUG", quantity: 1 }], reference: odd }],
	])("is refused in %s", async (_where, method, path, body) => {
		expect(await erp.call(method, path(), { body })).toMatchObject({
			status: 422,
			body: { reason: "unacceptable", detail: sentence },
		});
	});

	it("is refused as the name of a field", async () => {
		const body = { onHand: 1, seen, [odd]: 1 };
		expect(await erp.call("PUT", level("MUG"), { body })).toMatchObject({ status: 422 });
	});
});

describe("NUL in an address", () => {
	it.each<[what: string, method: string, path: () => string, body?: object]>([
		["the code of a SKU that is read", "GET", () => "/skus/%00"],
		["the code of one that is counted", "PUT", () => level("a%00"), { onHand: 1, seen }],
		["the code of one that is adjusted", "POST", () => `${level("a%00")}/adjustments`, { delta: 1, reason: "x" }],
		["the code of a bundle", "PUT", () => "/skus/%00/components", { components: [] }],
		["a cursor", "GET", () => "/skus?cursor=%00"],
	])("is refused in %s", async (_what, method, path, body) => {
		expect(await erp.call(method, path(), { body })).toMatchObject({ status: 422, body: { detail: sentence } });
	});

	it("is refused inside of a cursor, and names nothing as an id", async () => {
		const cursor = Buffer.from("A\0").toString("base64url");
		expect(await erp.call("GET", `/skus?cursor=${cursor}`)).toMatchObject({
			status: 422,
			body: { reason: "bad_cursor" },
		});
		expect(await erp.call("GET", "/reservations/%00")).toMatchObject({ status: 404 });
		const body = { onHand: 1, seen };
		expect(await erp.call("PUT", "/skus/MUG/levels/%00", { body })).toMatchObject({ status: 404 });
	});
});
