import { describe, expect, test } from "vitest";
import { cleanPaste } from "./read-address";
import { readShopifyApp, readShopifyToken, readWooKeys } from "./read-keys";

test("what comes along when text is copied is taken off", () => {
	expect(cleanPaste(" “shpat_ab\u200Bc” \n")).toBe("shpat_abc");
	expect(cleanPaste("<https://shop.example.com>")).toBe("https://shop.example.com");
});

describe("keys pasted the other way round", () => {
	test("are put right where nothing else begins so", () => {
		expect(readShopifyApp({ clientId: "shpss_1", clientSecret: "abc" })).toEqual({
			clientId: "abc",
			clientSecret: "shpss_1",
		});
		expect(readWooKeys({ consumerKey: "cs_1", consumerSecret: "ck_1" })).toEqual({
			consumerKey: "ck_1",
			consumerSecret: "cs_1",
		});
	});
});

test.each([
	[() => readShopifyToken({ accessToken: "shpss_1", apiSecret: "" }), "API secret key"],
	[() => readShopifyToken({ accessToken: "shpss_1", apiSecret: "shpat_1" }), "swapped"],
	[() => readShopifyToken({ accessToken: "0123456789abcdef0123456789abcdef", apiSecret: "" }), "API key"],
	[() => readShopifyApp({ clientId: "abc", clientSecret: "shpat_1" }), "access token"],
	[() => readShopifyApp({ clientId: "abc", clientSecret: " " }), "both"],
	[() => readWooKeys({ consumerKey: "abc", consumerSecret: "cs_1" }), "begins with ck_"],
	[() => readWooKeys({ consumerKey: "ck_1", consumerSecret: "abc" }), "begins with cs_"],
])("a mistake that is known is named (%#)", (read, words) => {
	expect(read).toThrow(words);
});
