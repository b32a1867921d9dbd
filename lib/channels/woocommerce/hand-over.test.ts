import { describe, expect, test } from "vitest";
import {
	authorizeUrl,
	newHandOver,
	normaliseShopUrl,
	readHandedKeys,
	readHandOver,
	readReturn,
	signHandOver,
} from "./hand-over";

const now = new Date("2026-11-23T14:00:00Z");
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

describe("the word that ties keys to the one who asked", () => {
	const what = newHandOver("merchant-1", "https://shop.example.com/", now);
	const word = signHandOver(what, "secret");

	test("comes back as it was", () => {
		expect(readHandOver(word, "secret", later(29))).toEqual({ ...what, storeUrl: "https://shop.example.com" });
	});

	test("is good for half an hour, and only as we signed it", () => {
		const [payload, mac] = word.split(".");
		const forged = Buffer.from(JSON.stringify({ ...what, merchantId: "merchant-2" })).toString("base64url");
		expect(readHandOver(word, "secret", later(31))).toBeNull();
		expect(readHandOver(word, "other", now)).toBeNull();
		expect(readHandOver(`${forged}.${mac}`, "secret", now)).toBeNull();
		expect(readHandOver(`${payload}`, "secret", now)).toBeNull();
		expect(readHandOver(`${word}.x`, "secret", now)).toBeNull();
		expect(readHandOver("", "secret", now)).toBeNull();
	});

	test("is never the same twice, so that each can be accepted once", () => {
		expect(newHandOver("merchant-1", "https://shop.example.com", now).nonce).not.toBe(what.nonce);
	});
});

describe("where the merchant agrees", () => {
	const to = {
		storeUrl: "https://shop.example.com/",
		appName: "Onecount",
		userId: "a.b",
		returnUrl: "https://stock.example.com/channels?x=1",
		callbackUrl: "https://stock.example.com/api/oauth/woocommerce",
	};

	test("asks for reading and writing, with every parameter that WooCommerce demands", () => {
		const url = new URL(authorizeUrl(to));
		expect(url.origin + url.pathname).toBe("https://shop.example.com/wc-auth/v1/authorize");
		expect(Object.fromEntries(url.searchParams)).toEqual({
			app_name: "Onecount",
			scope: "read_write",
			user_id: "a.b",
			return_url: to.returnUrl,
			callback_url: to.callbackUrl,
		});
	});

	test("a callback without https is refused here, before WooCommerce does", () => {
		expect(() => authorizeUrl({ ...to, callbackUrl: "http://stock.example.com/x" })).toThrow("https addresses only");
		expect(() =>
			authorizeUrl({ ...to, storeUrl: "http://shop.example.com", callbackUrl: "http://127.0.0.1:3000/x" }),
		).toThrow();
		const beside = {
			...to,
			storeUrl: "http://127.0.0.1:3000/sandbox/woocommerce/a",
			callbackUrl: "http://127.0.0.1:3000/x",
		};
		expect(authorizeUrl(beside)).toContain("/sandbox/woocommerce/a/wc-auth/v1/authorize?");
	});
});

describe("what the shop posts", () => {
	const body = {
		key_id: 1,
		user_id: "a.b",
		consumer_key: "ck_0123456789abcdef",
		consumer_secret: "cs_0123456789abcdef",
		key_permissions: "read_write",
	};
	const read = (changes: object) => readHandedKeys(Buffer.from(JSON.stringify({ ...body, ...changes })));

	test("is keys and the word", () => {
		expect(read({})).toEqual({
			userId: "a.b",
			access: { consumerKey: "ck_0123456789abcdef", consumerSecret: "cs_0123456789abcdef" },
			permissions: "read_write",
		});
	});

	test.each([{ consumer_key: "x" }, { consumer_secret: undefined }, { key_permissions: "all" }, { user_id: null }])(
		"and nothing else: %o",
		(changes) => {
			expect(read(changes)).toBeNull();
		},
	);

	test("bytes that are no JSON are nothing", () => {
		expect(readHandedKeys(Buffer.from("<html>"))).toBeNull();
	});
});

test("the browser comes back with a yes or a no", () => {
	expect(readReturn(new URLSearchParams("success=1&user_id=a.b"))).toEqual({ isGranted: true, userId: "a.b" });
	expect(readReturn(new URLSearchParams("success=0&user_id=a.b")).isGranted).toBe(false);
	expect(readReturn(new URLSearchParams("")).isGranted).toBe(false);
});

test.each([
	["shop.example.com", "https://shop.example.com"],
	[" https://Shop.Example.com/ ", "https://shop.example.com"],
	["http://shop.example.com/blog/", "http://shop.example.com/blog"],
	["https://shop.example.com/wp-admin/admin.php?page=wc", "https://shop.example.com"],
	["https://shop.example.com/blog/wp-json/", "https://shop.example.com/blog"],
	["http://127.0.0.1:3000/sandbox/woocommerce/a", "http://127.0.0.1:3000/sandbox/woocommerce/a"],
	["ftp://shop.example.com", null],
	["https://user:pw@shop.example.com", null],
	["my shop", null],
	["", null],
])("%s is the shop %s", (typed, url) => {
	expect(normaliseShopUrl(typed)).toBe(url);
});
