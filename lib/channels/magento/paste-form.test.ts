import { expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { pasteForm } from "./paste-form";

const strings = {
	consumerKey: "a".repeat(32),
	consumerSecret: "b".repeat(32),
	accessToken: "c".repeat(32),
	accessTokenSecret: "d".repeat(32),
};

test.each([
	["shop.example.com", "https://shop.example.com"],
	["https://Shop.Example.com/admin_x1/dashboard/", "https://shop.example.com"],
	["https://shop.example.com/de/index.php/admin", "https://shop.example.com/de"],
	["https://shop.example.com/rest/V1/products", "https://shop.example.com"],
	["http://127.0.0.1:3000/sandbox/magento/store-1", "http://127.0.0.1:3000/sandbox/magento/store-1"],
])("%s is the store at %s", (typed, address) => {
	expect(meantBy(pasteForm.readAddress(typed))).toBe(address);
});

test("what can't be a store's address is said to be none", () => {
	const codes = (text: string) => problemCodes(pasteForm.readAddress(text));
	expect(codes("my shop")).toEqual({ address: "ADDRESS" });
	expect(codes("shop")).toEqual({ address: "ADDRESS" });
	expect(codes("https://na1.api.commerce.adobe.com/abc")).toEqual({ address: "ADOBE_SAAS" });
});

test("four strings, or the access token alone", () => {
	expect(meantBy(pasteForm.readKeys(strings))).toEqual({ access: strings, expiresAt: null });
	expect(meantBy(pasteForm.readKeys({ accessToken: strings.accessToken, consumerKey: "" }))).toEqual({
		access: { accessToken: strings.accessToken },
		expiresAt: null,
	});
});

test.each([
	[{ ...strings, accessToken: "" }, { accessToken: "keys_missing" }],
	[{ ...strings, consumerSecret: "" }, { consumerSecret: "INCOMPLETE" }],
	[
		{ consumerKey: strings.consumerKey },
		{ consumerSecret: "INCOMPLETE", accessToken: "keys_missing", accessTokenSecret: "INCOMPLETE" },
	],
	[{ ...strings, accessTokenSecret: strings.accessToken }, { accessTokenSecret: "SAME" }],
	[
		{ ...strings, consumerKey: "short", consumerSecret: "short" },
		{ consumerKey: "FORM", consumerSecret: "FORM" },
	],
	[{ accessToken: "eyJhbGciOiJIUzI1NiJ9.e30.x" }, { accessToken: "ADMIN_TOKEN" }],
])("%o: %o", (typed, problems) => {
	expect(problemCodes(pasteForm.readKeys(typed))).toEqual(problems);
});
