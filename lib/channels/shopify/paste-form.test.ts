import { expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { pasteForm, readApp } from "./paste-form";

test("client id and secret pasted the other way round are put right where nothing else begins so", () => {
	expect(meantBy(readApp({ clientId: "shpss_1", clientSecret: "abc" }))).toEqual({
		clientId: "abc",
		clientSecret: "shpss_1",
	});
});

test("a token without the secret key is taken, and says that nobody told what signs the news", () => {
	expect(meantBy(pasteForm.readKeys({ accessToken: "shpat_1" }))).toMatchObject({ webhookSecret: null });
	expect(meantBy(pasteForm.readKeys({ accessToken: "shpat_1", apiSecret: "shpss_1" }))).toMatchObject({
		access: { kind: "token", accessToken: "shpat_1" },
		webhookSecret: "shpss_1",
	});
});

test.each([
	[{ accessToken: "shpss_1" }, { accessToken: "secret_as_token" }],
	[
		{ accessToken: "shpss_1", apiSecret: "shpat_1" },
		{ accessToken: "secret_as_token", apiSecret: "token_as_secret" },
	],
	[
		{ accessToken: "", apiSecret: "shpat_1" },
		{ accessToken: "keys_missing", apiSecret: "token_as_secret" },
	],
	[{ accessToken: "0123456789abcdef0123456789abcdef" }, { accessToken: "key_as_token" }],
])("of a token, %o: %o", (typed, problems) => {
	expect(problemCodes(pasteForm.readKeys(typed))).toEqual(problems);
});

test.each([
	[{ clientId: "abc", clientSecret: "shpat_1" }, { clientSecret: "token_as_secret" }],
	[
		{ clientId: "shpss_1", clientSecret: "shpat_1" },
		{ clientId: "secret_as_id", clientSecret: "token_as_secret" },
	],
	[
		{ clientId: "shpss_1", clientSecret: "" },
		{ clientId: "secret_as_id", clientSecret: "keys_missing" },
	],
	[{}, { clientId: "keys_missing", clientSecret: "keys_missing" }],
])("of an app, %o: %o", (typed, problems) => {
	expect(problemCodes(readApp(typed))).toEqual(problems);
});

test.each([
	["www.nordlicht.de", "ends in .myshopify.com"],
	["192.168.1.5", "is no Shopify store"],
	["", "Type the address"],
])("the address %j is told what to type instead", (text, words) => {
	expect(pasteForm.readAddress(text)).toMatchObject({
		problems: [{ field: "address", sentence: expect.stringContaining(words) }],
	});
});

test("an address of the admin is the store's", () => {
	expect(meantBy(pasteForm.readAddress("https://admin.shopify.com/store/nordlicht/orders"))).toBe(
		"https://nordlicht.myshopify.com",
	);
});
