import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { authorizeUrl, readHandedKeys, readReturn } from "@/lib/channels/woocommerce/hand-over";
import { sandboxForTests } from "../testing";
import { openTestShop, startReceiver, type TestShop } from "./testing";

const sandbox = sandboxForTests();
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let shop: TestShop;
beforeAll(async () => {
	receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(async () => {
	receiver.received.length = 0;
	receiver.receiver.status = 200;
	shop = await openTestShop(sandbox);
});

const path = (url: string) => url.slice(shop.baseUrl.length);
const asked = () =>
	path(
		authorizeUrl({
			storeUrl: shop.baseUrl,
			appName: "Onecount",
			userId: "word.mac",
			returnUrl: `${receiver.url}/back?tab=1`,
			callbackUrl: `${receiver.url}/keys`,
		}),
	);

/** As a browser: sign in, read the form, answer it. */
async function walk(answer: "approve" | "deny") {
	const login = await shop.fetch(asked());
	expect(login.text).toContain("you need to be logged in");
	const signedIn = await shop.fetch(asked().replace("authorize", "login"), { method: "POST", body: "username=x" });
	expect(signedIn.status).toBe(302);
	const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
	const location = new URL(signedIn.headers.get("location") ?? "", shop.baseUrl).href;
	const consent = await shop.fetch(path(location), { headers: { cookie } });
	expect(consent.text).toContain("Onecount would like to connect to your store");
	const nonce = /name="wc_auth_nonce" value="([^"]+)"/.exec(consent.text)?.[1] ?? "";
	const submit = (body: string) =>
		shop.fetch(asked().replace("authorize", "access_granted"), {
			method: "POST",
			headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
			body,
		});
	return { reply: await submit(`wc_auth_nonce=${nonce}&answer=${answer}`), submit };
}

test("the keys are with us before the browser is, and they work", async () => {
	const { reply } = await walk("approve");
	expect(receiver.received).toMatchObject([
		{ path: "/keys", headers: { "content-type": "application/json;charset=UTF-8" } },
	]);
	const handed = readHandedKeys(Buffer.from(receiver.received[0]?.body ?? ""));
	expect(handed).toMatchObject({ userId: "word.mac", permissions: "read_write" });
	expect(reply.status).toBe(302);
	const back = new URL(reply.headers.get("location") ?? "");
	expect(readReturn(back.searchParams)).toEqual({ isGranted: true, userId: "word.mac" });
	expect(back.searchParams.get("tab")).toBe("1");
	const keys = handed?.access as { consumerKey: string; consumerSecret: string };
	expect((await shop.call("PUT", "/products/1", {}, keys)).body.code).toBe("woocommerce_rest_product_invalid_id");
});

test.each([201, 302, 500])("a callback that answers %d gets no key that lives", async (status) => {
	receiver.receiver.status = status;
	const { reply } = await walk("approve");
	expect(reply.status).toBe(401);
	expect(reply.text).toContain("unable to send the consumer data");
	const handed = readHandedKeys(Buffer.from(receiver.received[0]?.body ?? ""));
	const keys = handed?.access as { consumerKey: string; consumerSecret: string };
	expect((await shop.call("GET", "/products", undefined, keys)).body.message).toBe("Consumer key is invalid.");
});

test("a no sends nothing", async () => {
	const { reply } = await walk("deny");
	expect(readReturn(new URL(reply.headers.get("location") ?? "").searchParams).isGranted).toBe(false);
	expect(receiver.received).toEqual([]);
});

describe("what is refused", () => {
	test("an answer without the form's own nonce", async () => {
		const { submit } = await walk("deny");
		expect((await submit("wc_auth_nonce=0000000000&answer=approve")).status).toBe(401);
		expect(receiver.received).toEqual([]);
	});

	test("a visitor who did not sign in sees no question", async () => {
		const reply = await shop.fetch(asked().replace("authorize", "access_granted"), {
			method: "POST",
			body: "answer=approve",
		});
		expect(reply.text).toContain("you need to be logged in");
	});

	test.each(["app_name", "user_id", "return_url", "callback_url", "scope"])("a request without %s", async (name) => {
		const url = new URL(shop.baseUrl + asked());
		url.searchParams.delete(name);
		const reply = await shop.fetch(path(url.href));
		expect([reply.status, reply.text.includes(`Missing parameter ${name}`)]).toEqual([400, true]);
	});

	test("a callback without https, by a shop that keeps to the rules", async () => {
		shop = await openTestShop(sandbox, { settings: { mayCallPrivate: false } });
		expect((await shop.fetch(asked())).text).toContain("needs to be over SSL");
	});
});
