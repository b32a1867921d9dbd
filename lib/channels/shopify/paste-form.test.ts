import { expect, test } from "vitest";
import { pasteForm, readApp } from "./paste-form";

test("client id and secret pasted the other way round are put right where nothing else begins so", () => {
	expect(readApp({ clientId: "shpss_1", clientSecret: "abc" })).toEqual({ clientId: "abc", clientSecret: "shpss_1" });
});

test("a token without the secret key is taken, and says that nobody told what signs the news", () => {
	expect(pasteForm.readKeys({ accessToken: "shpat_1" })).toMatchObject({ webhookSecret: null });
	expect(pasteForm.readKeys({ accessToken: "shpat_1", apiSecret: "shpss_1" })).toMatchObject({
		access: { kind: "token", accessToken: "shpat_1" },
		webhookSecret: "shpss_1",
	});
});

test.each([
	[() => pasteForm.readKeys({}), "Paste the Admin API access token"],
	[() => pasteForm.readKeys({ accessToken: "shpss_1" }), "API secret key"],
	[() => pasteForm.readKeys({ accessToken: "shpss_1", apiSecret: "shpat_1" }), "swapped"],
	[() => pasteForm.readKeys({ accessToken: "0123456789abcdef0123456789abcdef" }), "API key"],
	[() => readApp({ clientId: "abc", clientSecret: "shpat_1" }), "access token"],
	[() => readApp({ clientId: "abc", clientSecret: "" }), "both"],
	[() => pasteForm.readAddress("www.nordlicht.de"), "ends in .myshopify.com"],
	[() => pasteForm.readAddress("192.168.1.5"), "is no Shopify store"],
	[() => pasteForm.readAddress(""), "Type the address"],
])("a mistake that is known is named (%#)", (read, words) => {
	expect(read).toThrow(words);
});

test("an address of the admin is the store's", () => {
	expect(pasteForm.readAddress("https://admin.shopify.com/store/nordlicht/orders")).toBe(
		"https://nordlicht.myshopify.com",
	);
});
