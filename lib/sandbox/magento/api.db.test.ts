/** The sandbox store's own rules on the wire: who may come in, how it is searched, and what it says when it is not. */
import { describe, expect, test } from "vitest";
import { signedHeader } from "@/lib/channels/magento/oauth";
import { countWireRequests, setStoreSettings } from "../stores";
import { sandboxForTests } from "../testing";
import { product } from "../testing/seeds";
import { editProduct } from "./seed";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();

const products = ["A", "B", "C", "D", "E"].map((sku, index) => product(sku, index, `Thing ${sku}`));
const openShop = (settings: Parameters<typeof openTestShop>[1] = {}) =>
	openTestShop(sandbox, { products, ...settings });
const search = (...pairs: [string, string | number][]) =>
	pairs.map(([name, value]) => `${encodeURIComponent(`searchCriteria${name}`)}=${encodeURIComponent(value)}`).join("&");
const filter = (
	field: string,
	value: string | number,
	condition = "eq",
	group = 0,
	index = 0,
): [string, string | number][] => {
	const at = `[filter_groups][${group}][filters][${index}]`;
	return [
		[`${at}[field]`, field],
		[`${at}[value]`, value],
		[`${at}[condition_type]`, condition],
	];
};
const skusOf = ({ body }: { body: { items: { sku: string }[] } }) => body.items.map(({ sku }) => sku);

describe("who calls", () => {
	const header = (shop: TestShop, url: string, change: object = {}) => ({
		authorization: signedHeader(shop.tokens, { method: "GET", url, now: sandbox.now(), ...change }),
	});
	const path = "/rest/V1/store/websites";

	test("a signature is good once, for its own address, and until ten minutes ahead", async () => {
		const shop = await openShop();
		const url = `${shop.baseUrl}${path}`;
		const once = header(shop, url);
		expect((await shop.fetch(path, { headers: once })).status).toBe(200);
		expect((await shop.fetch(path, { headers: once })).body.message).toContain("nonce is already being used");
		expect((await shop.fetch(path, { headers: header(shop, `${url}?x=1`) })).body.message).toContain(
			"signature is invalid",
		);
		const ahead = new Date(sandbox.now().getTime() + 11 * 60_000);
		expect((await shop.fetch(path, { headers: header(shop, url, { now: ahead }) })).status).toBe(400);
		const behind = new Date(sandbox.now().getTime() - 11 * 60_000);
		expect((await shop.fetch(path, { headers: header(shop, url, { now: behind }) })).status).toBe(200);
	});

	test("another way to sign, a parameter that is missing and a stranger are refused in Magento's words", async () => {
		const shop = await openShop();
		const { authorization } = header(shop, `${shop.baseUrl}${path}`);
		const sha1 = await shop.fetch(path, {
			headers: { authorization: authorization.replace("HMAC-SHA256", "HMAC-SHA1") },
		});
		expect([sha1.status, sha1.body]).toEqual([
			400,
			{ message: "Signature method %1 is not supported", parameters: ["HMAC-SHA1"] },
		]);
		const part = await shop.fetch(path, {
			headers: { authorization: authorization.replace(/oauth_nonce="[^"]*", /, "") },
		});
		expect(part.status).toBe(400);
		const stranger = await shop.fetch(path);
		expect([stranger.status, stranger.body]).toEqual([
			401,
			{
				message: "The consumer isn't authorized to access %resources.",
				parameters: { resources: "Magento_Backend::store" },
			},
		]);
	});

	test("the access token alone counts where the store says so, and an admin's for an hour", async () => {
		const shop = await openShop();
		const bearer = (token: string) => shop.fetch(path, { headers: { authorization: `Bearer ${token}` } });
		expect((await bearer(shop.tokens.accessToken)).status).toBe(401);
		await setStoreSettings(sandbox.ctx, shop.store.id, { takesBearer: true });
		expect((await bearer(shop.tokens.accessToken)).status).toBe(200);
		const signIn = () =>
			shop.fetch("/rest/V1/integration/admin/token", {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify({ username: "admin", password: shop.store.secrets.adminPassword }),
			});
		expect((await signIn()).body.message).toContain("2fa provider-specific");
		await setStoreSettings(sandbox.ctx, shop.store.id, { hasTwoFactor: false });
		const token = (await signIn()).body;
		expect((await bearer(token)).status).toBe(200);
		sandbox.putForward(61 * 60_000);
		expect((await bearer(token)).status).toBe(401);
	});

	test("what is not ticked is refused as to a stranger, and left out of a product without a word", async () => {
		const shop = await openShop();
		expect((await shop.call("GET", "/V1/products/A")).body.extension_attributes.stock_item.qty).toBe(0);
		await setStoreSettings(sandbox.ctx, shop.store.id, { resources: ["Magento_Catalog::products"] });
		expect((await shop.call("GET", "/V1/orders?searchCriteria")).status).toBe(401);
		const product = await shop.call("GET", "/V1/products/A");
		expect(product.status).toBe(200);
		expect(product.body.extension_attributes.stock_item).toBeUndefined();
	});
});

describe("addresses", () => {
	test("a store view before the version, none, index.php; one that there is not matches no route", async () => {
		const shop = await openShop({ settings: { takesBearer: true } });
		const status = async (path: string) =>
			(await shop.fetch(path, { headers: { authorization: `Bearer ${shop.tokens.accessToken}` } })).status;
		for (const path of ["/rest/V1", "/rest/all/V1", "/rest/default/V1", "/index.php/rest/V1"])
			expect(await status(`${path}/store/websites`)).toBe(200);
		expect(await status("/rest/nowhere/V1/store/websites")).toBe(404);
		expect(await status("/rest/V1/nothing")).toBe(404);
	});

	test("an encoded slash is a part of the SKU, or a page where the web server refuses it", async () => {
		const shop = await openTestShop(sandbox, {
			products: [product("A/B C", 1)],
		});
		expect((await shop.call("GET", "/V1/stockItems/A%2FB+C")).body.qty).toBe(1);
		expect((await shop.call("GET", "/V1/stockItems/A/B%20C")).status).toBe(404);
		await setStoreSettings(sandbox.ctx, shop.store.id, { takesEncodedSlashes: false });
		const refused = await shop.call("GET", "/V1/stockItems/A%2FB%20C");
		expect([refused.status, refused.body]).toEqual([404, null]);
	});

	test("a body must be JSON and say so", async () => {
		const shop = await openShop();
		expect((await shop.call("POST", "/V1/inventory/source-items", "{broken")).body).toEqual({
			message: "Decoding error.",
		});
		const bare = await fetch(`${shop.baseUrl}/rest/V1/inventory/source-items`, {
			method: "POST",
			body: "{}",
			headers: { "content-type": "text/plain" },
		});
		expect(await bare.json()).toEqual({ message: "Content-Type header is empty." });
	});
});

describe("searching", () => {
	test("groups must all hold, filters of a group any; keys in either spelling", async () => {
		const shop = await openShop();
		const any = search(...filter("sku", "A", "eq", 0, 0), ...filter("sku", "b", "eq", 0, 1));
		expect(skusOf(await shop.call("GET", `/V1/products?${any}`)).sort()).toEqual(["A", "B"]);
		const all = search(...filter("sku", "A,B,C", "in", 0), ...filter("sku", "B", "neq", 1));
		expect(skusOf(await shop.call("GET", `/V1/products?${all}`)).sort()).toEqual(["A", "C"]);
		expect(
			skusOf(
				await shop.call(
					"GET",
					`/V1/products?${all.replaceAll("filter_groups", "filterGroups").replaceAll("condition_type", "conditionType")}`,
				),
			).sort(),
		).toEqual(["A", "C"]);
	});

	test("without criteria it is refused, and a field that is none differs by list", async () => {
		const shop = await openShop();
		const bare = await shop.call("GET", "/V1/products");
		expect([bare.status, bare.body]).toEqual([
			400,
			{ message: '"%fieldName" is required. Enter and try again.', parameters: { fieldName: "searchCriteria" } },
		]);
		expect((await shop.call("GET", "/V1/products?searchCriteria=")).body.total_count).toBe(5);
		expect((await shop.call("GET", `/V1/products?${search(...filter("colour", "x"))}`)).status).toBe(400);
		const flat = await shop.call("GET", `/V1/orders?${search(...filter("colour", "x"))}`);
		expect(flat.status).toBe(500);
		expect(flat.body.message).toContain("Report ID: webapi-");
	});

	test("a page past the end is empty, or in old versions the last one again", async () => {
		const shop = await openShop();
		const third = search(["[pageSize]", 2], ["[currentPage]", 9], ["[sortOrders][0][field]", "entity_id"]);
		expect(skusOf(await shop.call("GET", `/V1/products?${third}`))).toEqual([]);
		await setStoreSettings(sandbox.ctx, shop.store.id, { clampsPages: true, pageSizeLimit: 300 });
		expect(skusOf(await shop.call("GET", `/V1/products?${third}`))).toEqual(["E"]);
		const large = await shop.call("GET", `/V1/products?${search(["[pageSize]", 301])}`);
		expect(large.body).toEqual({ message: "Maximum SearchCriteria pageSize is %max", parameters: { max: 300 } });
	});

	test("fields cut the answer, and the list carries no stock", async () => {
		const shop = await openShop();
		const { body } = await shop.call(
			"GET",
			`/V1/products?${search(...filter("sku", "C"))}&fields=items%5Bsku%2Cextension_attributes%5Bwebsite_ids%5D%5D`,
		);
		expect(body).toEqual({ items: [{ sku: "C", extension_attributes: { website_ids: [1] } }] });
		const whole = await shop.call("GET", `/V1/products?${search(...filter("sku", "C"))}`);
		expect(whole.text).not.toContain("stock_item");
		expect(whole.text).not.toContain("null");
	});

	test("a saved product has a later stamp", async () => {
		const shop = await openShop();
		sandbox.putForward(5_000);
		const since = sandbox.now().toISOString().slice(0, 19).replace("T", " ");
		await editProduct(sandbox.ctx, shop.store, "B", { name: "Other" });
		expect(skusOf(await shop.call("GET", `/V1/products?${search(...filter("updated_at", since, "gteq"))}`))).toEqual([
			"B",
		]);
	});
});

test("every request is counted under what it is about", async () => {
	const shop = await openShop();
	await shop.lies("A");
	await shop.call("POST", "/V1/inventory/source-items", { sourceItems: [] });
	expect(await countWireRequests(sandbox.ctx, shop.store.id)).toMatchObject({ read: 1, write: 1 });
});
