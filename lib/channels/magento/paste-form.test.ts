import { expect, test } from "vitest";
import { PasteProblem } from "../paste-form";
import { pasteForm } from "./paste-form";

const strings = {
	consumerKey: "a".repeat(32),
	consumerSecret: "b".repeat(32),
	accessToken: "c".repeat(32),
	accessTokenSecret: "d".repeat(32),
};

function problem(work: () => unknown): string | null {
	try {
		work();
		return null;
	} catch (error) {
		if (error instanceof PasteProblem) return error.code;
		throw error;
	}
}

test.each([
	["shop.example.com", "https://shop.example.com"],
	["https://Shop.Example.com/admin_x1/dashboard/", "https://shop.example.com"],
	["https://shop.example.com/de/index.php/admin", "https://shop.example.com/de"],
	["https://shop.example.com/rest/V1/products", "https://shop.example.com"],
	["http://127.0.0.1:3000/sandbox/magento/store-1", "http://127.0.0.1:3000/sandbox/magento/store-1"],
])("%s is the store at %s", (typed, address) => {
	expect(pasteForm.readAddress(typed)).toBe(address);
});

test("what can't be a store's address is said to be none", () => {
	expect(problem(() => pasteForm.readAddress("my shop"))).toBe("ADDRESS");
	expect(problem(() => pasteForm.readAddress("shop"))).toBe("ADDRESS");
	expect(problem(() => pasteForm.readAddress("https://na1.api.commerce.adobe.com/abc"))).toBe("ADOBE_SAAS");
});

test("four strings, or the access token alone", () => {
	expect(pasteForm.readKeys(strings)).toEqual({ access: strings, expiresAt: null });
	expect(pasteForm.readKeys({ accessToken: strings.accessToken, consumerKey: "" })).toEqual({
		access: { accessToken: strings.accessToken },
		expiresAt: null,
	});
});

test.each([
	[{ ...strings, accessToken: "" }, "ACCESS_TOKEN"],
	[{ ...strings, consumerSecret: "" }, "INCOMPLETE"],
	[{ ...strings, accessTokenSecret: strings.accessToken }, "SAME"],
	[{ ...strings, consumerKey: "short" }, "FORM_consumerKey"],
	[{ accessToken: "eyJhbGciOiJIUzI1NiJ9.e30.x" }, "ADMIN_TOKEN"],
])("%o is the mistake %s", (typed, code) => {
	expect(problem(() => pasteForm.readKeys(typed))).toBe(code);
});
