/** News from a sandbox account over HTTP, and adding stores to it. */
import { describe, expect, test } from "vitest";
import { addCart as keepCart } from "@/lib/sandbox/api2cart/carts";
import { openTestAccount } from "@/lib/sandbox/api2cart/testing";
import { type Receiver, startReceiver } from "@/lib/sandbox/receiver";
import { sandboxKeys, setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { catalogue } from "@/lib/sandbox/testing/seeds";
import { addCart, api2cart, listCarts, missingOf } from ".";
import { type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();

const openShop = (options: Options = {}) => open(sandbox, options);

describe("webhooks", () => {
	const secret = "abcdefghij0123456789ABCDEF";
	type Shop = Awaited<ReturnType<typeof open>>;
	type Hook = { id: number; entity: string; action: string; callback: string; active: boolean };
	const hooks = async (shop: Shop): Promise<Hook[]> =>
		(await shop.call("webhook.list", { query: { count: 250, params: "force_all" } })).result.webhook;

	async function listening(run: (receiver: Receiver, callbackUrl: string) => Promise<void>) {
		const receiver = await startReceiver();
		try {
			await run(receiver, receiver.url);
		} finally {
			await receiver.stop();
		}
	}
	const verified = (callback: string, { headers, body }: Receiver["mail"][number]) => {
		const query = new URL(callback).search.slice(1);
		const verdict = api2cart.verifyWebhook({ headers, query, rawBody: body }, [secret]);
		return verdict.verdict === "accepted" ? api2cart.parseWebhook(verdict.topic, body) : [];
	};

	test("are made once, kept as they are, switched on again, and made anew when secret or address change", async () => {
		const shop = await openShop();
		await listening(async (_, callbackUrl) => {
			await shop.call("webhook.create", {
				verb: "POST",
				body: { entity: "order", action: "add", callback: `${sandbox.origin}/other` },
			});
			const register = (url = callbackUrl, key = secret) => api2cart.registerWebhooks(shop.connection, url, key);
			expect((await register()).made).toHaveLength(5);
			const first = await hooks(shop);
			expect(first.map(({ entity, action }) => `${entity}.${action}`).sort()).toEqual([
				"order.add",
				"order.add",
				"order.update",
				"product.add",
				"product.update",
				"variant.update",
			]);
			expect(await register()).toEqual({ state: "registered", missing: [], made: [] });
			expect(await hooks(shop)).toEqual(first);

			const off = first.find(({ entity }) => entity === "product");
			await shop.call("webhook.update", { verb: "PUT", body: { id: off?.id, active: false } });
			// What was off had a gap.
			expect(await register()).toEqual({ state: "registered", missing: [], made: ["product.add"] });
			expect((await hooks(shop)).every(({ active }) => active)).toBe(true);

			await register(callbackUrl, `${secret}2`);
			const second = await hooks(shop);
			expect(second).toHaveLength(6);
			expect(second.filter(({ id }) => first.some((one) => one.id === id))).toHaveLength(1);
			expect(JSON.stringify(second)).not.toContain(secret);

			expect(await register("http://10.0.0.1/hook", secret)).toEqual({ state: "unreachable", missing: [] });
			await api2cart.removeWebhooks(shop.connection, callbackUrl);
			expect((await hooks(shop)).map(({ callback }) => callback)).toEqual([`${sandbox.origin}/other`]);
		});
	});

	test("what API2Cart sends is known by its token, and is a reason to read what the store says", async () => {
		const shop = await openShop();
		await listening(async (receiver, callbackUrl) => {
			await api2cart.registerWebhooks(shop.connection, callbackUrl, secret);
			const callback = (await hooks(shop))[0]?.callback ?? "";
			const orderId = await shop.buy("TEE-S", 2);
			const mail = await receiver.wait(3);
			const signals = mail.flatMap((one) => verified(callback, one));
			const { externalKey, ids } = shop.listing("TEE-S");
			expect(signals).toEqual(
				expect.arrayContaining([
					{ kind: "order_changed", orderRef: orderId },
					{ kind: "level_reported", externalKey, hint: 3 },
					{ kind: "listing_changed", productRef: ids.productId },
				]),
			);
			expect(JSON.stringify(mail.map(({ body }) => body.toString()))).not.toContain("Buddenbrook");
		});
	});

	test("a lost store is told of with empty posts, until the fifth switches the webhook off", async () => {
		const shop = await openShop({ settings: { events: ["order"], lostStoreStepMs: 1 } });
		await listening(async (receiver, callbackUrl) => {
			await api2cart.registerWebhooks(shop.connection, callbackUrl, secret);
			const callback = (await hooks(shop))[0]?.callback ?? "";
			await setStoreSettings(sandbox.ctx, shop.store.id, { isConnected: false });
			await shop.call("cart.validate");
			const mail = await receiver.wait(10);
			expect(mail.every(({ body }) => body.length === 0)).toBe(true);
			expect(verified(callback, mail[0] as Receiver["mail"][number])).toEqual([
				{ kind: "access_revoked", storeKey: shop.connection.facts.storeKey },
			]);
			await expect.poll(async () => (await hooks(shop)).map(({ active }) => active)).toEqual([false, false]);
			await setStoreSettings(sandbox.ctx, shop.store.id, { isConnected: true });
			expect((await api2cart.registerWebhooks(shop.connection, callbackUrl, secret)).made).toEqual([
				"order.add",
				"order.update",
			]);
			expect((await hooks(shop)).map(({ active }) => active)).toEqual([true, true]);
		});
	});

	test("news that we did not take is reported as a gap for an hour, so that it is read", async () => {
		const shop = await openShop({ settings: { events: ["order"] } });
		await listening(async (receiver, callbackUrl) => {
			receiver.answer(500);
			await api2cart.registerWebhooks(shop.connection, callbackUrl, secret);
			await shop.buy("CUP");
			await receiver.wait(1);
			const check = async () => (await api2cart.registerWebhooks(shop.connection, callbackUrl, secret)).made;
			await expect.poll(check).toEqual(["order.add"]);
			sandbox.putForward(61 * 60_000);
			expect(await check()).toEqual([]);
		});
	});
});

describe("adding a store by its cart", () => {
	test("of several carts at one address the chosen one is taken, and none where there is none of its kind", async () => {
		const shop = await openShop();
		const other = await openTestAccount(sandbox, { products: catalogue });
		const account = { ...shop.connection, accountKey: shop.access.accountKey };
		const woo = (await listCarts(account)).find(({ cartId }) => cartId === "WoocommerceApi");
		if (!woo) throw new Error("WooCommerce is not among the carts.");
		const { baseUrl, access } = await sandboxKeys(sandbox.ctx, other.backing.id);
		const typed = { wc_consumer_key: access.consumerKey ?? "", wc_consumer_secret: access.consumerSecret ?? "" };
		const add = () => addCart(account, { cart: woo, storeUrl: baseUrl, label: "Second", typed });
		const keep = (cartId: string, storeKey: string) =>
			keepCart(sandbox.ctx, shop.store, other.backing, { cartId, storeKey, label: cartId });
		await keep("Woocommerce", "0".repeat(32));
		await expect(add()).rejects.toMatchObject({ reason: "refused", code: "8" });
		sandbox.putForward(1_000);
		await keep("WoocommerceApi", "1".repeat(32));
		expect(await add()).toEqual({ storeKey: "1".repeat(32), isKnown: true });
	});

	test("what a cart asks for is known, and the store that was added can be connected", async () => {
		const shop = await openShop();
		const other = await openTestAccount(sandbox, { products: catalogue });
		const account = { ...shop.connection, accountKey: shop.access.accountKey };
		const carts = await listCarts(account);
		const woo = carts.find(({ cartId }) => cartId === "WoocommerceApi");
		if (!woo) throw new Error("WooCommerce is not among the carts.");
		const { baseUrl, access } = await sandboxKeys(sandbox.ctx, other.backing.id);
		const typed = { store_url: baseUrl, wc_consumer_key: access.consumerKey ?? "", wc_consumer_secret: "" };
		expect(missingOf(woo, typed)).toEqual([
			{ name: "wc_consumer_secret", description: "WooCommerce consumer secret", isSecret: true },
		]);
		const add = (secret: string) =>
			addCart(account, {
				cart: woo,
				storeUrl: baseUrl,
				label: "Second",
				typed: { ...typed, wc_consumer_secret: secret },
			});
		await expect(add("cs_wrong")).rejects.toMatchObject({ reason: "unreachable", code: "100" });
		const added = await add(access.consumerSecret ?? "");
		expect(added).toMatchObject({ isKnown: false, storeKey: expect.stringMatching(/^[0-9a-f]{32}$/) });
		expect(await add(access.consumerSecret ?? "")).toEqual({ ...added, isKnown: true });
		expect(shop.connection.http.exchanges.at(-1)).toMatchObject({
			method: "PUT",
			url: expect.stringMatching(/account\.config\.update\.json\?.*wc_consumer_secret=/),
		});
		// What is typed for a known store is held against it, too.
		await expect(add("cs_wrong")).rejects.toMatchObject({ reason: "unreachable", code: "100" });
		const second = shop.connectWith({ accountKey: shop.access.accountKey, storeKey: added.storeKey });
		expect((await api2cart.connect(second)).store?.storeKey).toContain(other.backing.id);
		expect(await api2cart.listListings(second, null, null)).toMatchObject({ items: { length: 4 } });
	});
});
