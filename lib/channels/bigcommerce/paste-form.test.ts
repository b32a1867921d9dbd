import { describe, expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { pasteForm } from "./paste-form";

const base = "https://api.bigcommerce.com/stores/abc123";

describe("the address", () => {
	test.each([
		"https://api.bigcommerce.com/stores/abc123/v3/",
		"https://api.bigcommerce.com/stores/abc123/v2",
		"https://api.bigcommerce.com/stores/abc123",
		"api.bigcommerce.com/stores/abc123/v3/",
		" https://API.bigcommerce.com/stores/ABC123/v3/ ",
		"abc123",
		"https://store-abc123.mybigcommerce.com/manage/dashboard",
		"store-abc123-1.mybigcommerce.com",
	])("%s", (text) => {
		expect(meantBy(pasteForm.readAddress(text))).toBe(base);
	});

	test.each([
		["https://shop.example.com/", "SHOP_ADDRESS"],
		["my-shop.mybigcommerce.com", "SHOP_ADDRESS"],
		["https://evil.example/sandbox/bigcommerce/shop-1a2b", "SHOP_ADDRESS"],
		["http://10.0.0.8:8080/sandbox/bigcommerce/shop-1a2b", "NOT_AN_ADDRESS"],
		["https://api.bigcommerce.com.evil.example/stores/abc123/v3", "SHOP_ADDRESS"],
		["https://api.bigcommerce.com/stores/", "SHOP_ADDRESS"],
		["https://api.bigcommerce.com/stores/a/../../x", "SHOP_ADDRESS"],
		["", "NOT_AN_ADDRESS"],
		["abc 123", "NOT_AN_ADDRESS"],
	])("%s is told what to paste instead", (text, code) => {
		expect(problemCodes(pasteForm.readAddress(text))).toEqual({ address: code });
	});
});

describe("the keys", () => {
	const accessToken = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p";
	const clientSecret = "9f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

	test("are the token, and what else was given", () => {
		expect(meantBy(pasteForm.readKeys({ accessToken }))).toEqual({ access: { accessToken }, expiresAt: null });
		expect(meantBy(pasteForm.readKeys({ accessToken, clientId: "id", clientSecret })).access).toEqual({
			accessToken,
			clientId: "id",
			clientSecret,
		});
	});

	test.each([
		[{}, { accessToken: "keys_missing" }],
		[{ accessToken: `${base}/v3/` }, { accessToken: "ADDRESS_AS_TOKEN" }],
		[{ accessToken, clientId: accessToken }, { clientId: "PASTED_TWICE" }],
		[
			{ accessToken, clientId: accessToken, clientSecret: accessToken },
			{ clientId: "PASTED_TWICE", clientSecret: "PASTED_TWICE" },
		],
		[{ accessToken, clientId: "id", clientSecret: "id" }, { clientSecret: "PASTED_TWICE" }],
		[{ accessToken: clientSecret, clientSecret }, { accessToken: "SECRET_AS_TOKEN" }],
		[{ accessToken: "short" }, { accessToken: "NOT_A_TOKEN" }],
		[{ accessToken: "a1b2c3d4e5f6g7h8i9j0 k1l2m3n4o5p" }, { accessToken: "NOT_A_TOKEN" }],
	])("%o is told what is wrong: %o", (typed, problems) => {
		expect(problemCodes(pasteForm.readKeys(typed))).toEqual(problems);
	});
});
