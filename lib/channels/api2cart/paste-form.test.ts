import { describe, expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { storeKeyOf, undeliverable } from "./address";
import { type Cart, cartsOf, missingOf } from "./carts";
import { pasteForm } from "./paste-form";

const storeKey = "ab37fc230bc5df63a5be1b11220949be";

describe("the address", () => {
	test.each([
		["", "https://api.api2cart.com"],
		["api.api2cart.com", "https://api.api2cart.com"],
		["https://api.api2cart.com/v1.1/", "https://api.api2cart.com"],
		["https://api.api2cart.com/v1.1/product.list.json", "https://api.api2cart.com"],
		["http://127.0.0.1:3000/sandbox/api2cart/shop-1/", "http://127.0.0.1:3000/sandbox/api2cart/shop-1"],
	])("%j", (typed, address) => {
		expect(meantBy(pasteForm.readAddress(typed))).toBe(address);
	});

	test("that is API2Cart's web site is told from its API", () => {
		expect(problemCodes(pasteForm.readAddress("https://app.api2cart.com/stores"))).toEqual({ address: "web_site" });
		expect(problemCodes(pasteForm.readAddress("not an address"))).toEqual({ address: "not_an_address" });
	});
});

describe("the keys", () => {
	test("are the account's and the store's", () => {
		expect(meantBy(pasteForm.readKeys({ accountKey: "1234abcd", storeKey: storeKey.toUpperCase() }))).toEqual({
			access: { accountKey: "1234abcd", storeKey },
			expiresAt: null,
		});
	});
	test.each([
		[{ accountKey: "", storeKey }, { accountKey: "keys_missing" }],
		[
			{ accountKey: "", storeKey: "abcd" },
			{ accountKey: "keys_missing", storeKey: "not_a_store_key" },
		],
		[{ accountKey: storeKey, storeKey }, { storeKey: "same_key" }],
		[{ accountKey: storeKey, storeKey: "1234abcd" }, { storeKey: "swapped" }],
		[{ accountKey: "1234", storeKey: "abcd" }, { storeKey: "not_a_store_key" }],
	])("%j: %j", (typed, problems) => {
		expect(problemCodes(pasteForm.readKeys(typed))).toEqual(problems);
	});
});

test("a store is the same under another key and another way of writing its address", () => {
	expect(storeKeyOf("Shopify", "https://Shop.Example.com/")).toBe(storeKeyOf("Shopify", "shop.example.com"));
	expect(storeKeyOf("EBay", "testuser_x")).toBe("EBay:testuser_x");
});

test.each([
	["https://onecount.example/hook", null],
	["http://127.0.0.1:3000/hook", /private/],
	["http://192.168.1.5/hook", /private/],
	["http://shop.local/hook", /private/],
])("whether API2Cart reaches %s", (callback, why) => {
	const told = undeliverable(callback, "https://api.api2cart.com");
	if (why === null) expect(told).toBeNull();
	else expect(told).toMatch(why);
});

describe("carts", () => {
	const [amazon, woo] = cartsOf([
		{
			cart_id: "WoocommerceApi",
			cart_name: "WooCommerce",
			params: { required: [[{ name: "wc_consumer_key" }, { name: "wc_consumer_secret", description: "" }]] },
		},
		{
			cart_id: "AmazonSP",
			cart_name: "Amazon",
			cart_method: "api",
			params: {
				required: [
					[{ name: "amazon_sp_client_id" }, { name: "amazon_sp_client_secret" }, { name: "amazon_sp_refresh_token" }],
					[{ name: "amazon_seller_id", description: "Seller" }],
				],
				additional: [{ name: "amazon_sp_api_environment" }],
			},
		},
	]) as [Cart, Cart];

	test("come by name, their secrets marked", () => {
		expect(woo).toEqual({
			cartId: "WoocommerceApi",
			name: "WooCommerce",
			method: null,
			required: [
				[
					{ name: "wc_consumer_key", description: null, isSecret: true },
					{ name: "wc_consumer_secret", description: null, isSecret: true },
				],
			],
			additional: [],
		});
		expect(amazon.additional).toEqual([{ name: "amazon_sp_api_environment", description: null, isSecret: false }]);
	});

	test("lack what the set nearest to whole lacks", () => {
		expect(missingOf(amazon, {}).map(({ name }) => name)).toEqual(["amazon_seller_id"]);
		expect(missingOf(amazon, { amazon_seller_id: "A1" })).toEqual([]);
		expect(missingOf(woo, { wc_consumer_key: " " })).toHaveLength(2);
	});
});
