import { describe, expect, test } from "vitest";
import type { Check, ConnectReport } from "../channel-adapter";
import { ChannelError } from "../errors";
import { connect, storeKeyOf } from "./connect";
import { recorded } from "./testing/recorded";
import { type Answer, type Asked, scriptedShop } from "./testing/scripted-shop";

const from = (name: string): Answer => {
	const { status, headers, body } = recorded(name).response;
	const lower = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]));
	return { status, headers: lower, ...(typeof body === "string" ? { text: body } : { json: body }) };
};

/** A shop where all is well, but for what a test says. */
function shop(
	differs: (asked: Asked, path: string) => Answer | null = () => null,
	options: Parameters<typeof scriptedShop>[1] = {},
) {
	return scriptedShop((asked) => {
		const path = asked.url.pathname.replace("/wp-json", "");
		const other = differs(asked, path);
		if (other) return other;
		if (path === "/") return from("wp_json_index");
		if (path === "/wc/v3/system_status") {
			const answer = from("system_status") as { headers: Record<string, string> };
			return { ...answer, headers: { ...answer.headers, date: "Mon, 23 Nov 2026 14:00:00 GMT" } };
		}
		if (path.endsWith("/woocommerce_hold_stock_minutes"))
			return { json: { id: "woocommerce_hold_stock_minutes", value: "60" } };
		if (path.startsWith("/wc/v3/settings")) return from("setting_manage_stock");
		return { json: [] };
	}, options);
}
const stateOf = (report: ConnectReport, name: Check["name"]) => report.checks.find((check) => check.name === name);

test("a shop where all is well passes every check, and nothing is written", async () => {
	const { connection, asked } = shop(undefined, { facts: { publicUrl: "https://stock.example.com" } });
	const report = await connect(connection);
	expect(report.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
		"address passed",
		"credentials passed",
		"scopes passed",
		"inventory_read passed",
		"inventory_write passed",
		"stock_management passed",
		"webhooks passed",
		"clock passed",
	]);
	expect(report.store).toEqual({
		storeKey: "shop.example.com",
		name: "Test Shop",
		locations: [],
		facts: {
			auth: "basic",
			hasVariationsRoute: true,
			wooVersion: "10.5.0",
			wordpressVersion: "6.9.7",
			hasWpCron: true,
			hasOrderTables: true,
			currency: "EUR",
			holdStockMinutes: 60,
			timeZone: "Europe/Berlin",
			utcOffsetHours: 1,
		},
	});
	expect(asked.filter(({ method }) => method !== "GET").map(({ body }) => body)).toEqual([{}]);
});

describe("the address", () => {
	test("plain permalinks are named, with where to change them", async () => {
		const { connection } = shop((asked) =>
			asked.url.searchParams.has("rest_route") ? from("wp_json_index") : from("plain_permalinks_index"),
		);
		const report = await connect(connection);
		expect(stateOf(report, "address")).toMatchObject({
			state: "failed",
			sentence: expect.stringContaining("Test Shop"),
		});
		expect(stateOf(report, "address")?.fix).toContain("Settings → Permalinks");
		expect(report.store).toBeNull();
		expect(stateOf(report, "credentials")?.state).toBe("skipped");
	});

	test("a web page that is no WordPress is named", async () => {
		const { connection } = shop(() => from("plain_permalinks_index"));
		expect(stateOf(await connect(connection), "address")?.sentence).toBe("No WordPress shop answers at this address.");
	});

	test("WordPress without WooCommerce is named", async () => {
		const { connection } = shop((_, path) => (path === "/" ? { json: { name: "Blog", namespaces: ["wp/v2"] } } : null));
		expect(stateOf(await connect(connection), "address")?.fix).toContain("Activate WooCommerce");
	});

	test("a shop that moved says where to", async () => {
		const { connection } = shop(() => ({
			status: 301,
			text: "",
			headers: { location: "https://www.shop.example.com/wp-json/" },
		}));
		expect(stateOf(await connect(connection), "address")?.fix).toBe("Connect https://www.shop.example.com instead.");
	});

	test("no answer is no exception", async () => {
		const { connection } = shop(() => new ChannelError("unreachable", "shop.example.com can't be reached."));
		expect(stateOf(await connect(connection), "address")?.sentence).toBe("shop.example.com can't be reached.");
	});

	test("an index that is closed to strangers does not keep out who has keys", async () => {
		const { connection } = shop((_, path) =>
			path === "/"
				? { status: 401, json: { code: "rest_login_required", message: "Log in.", data: { status: 401 } } }
				: null,
		);
		const report = await connect(connection);
		expect(stateOf(report, "credentials")?.state).toBe("passed");
		expect(report.store?.storeKey).toBe("shop.example.com");
	});
});

describe("the keys", () => {
	const refuseKeys = (name: string) => shop((_, path) => (path === "/" ? null : from(name)));

	test.each([
		["err_wrong_key", "WooCommerce does not know the consumer key."],
		["err_wrong_secret", "WooCommerce does not accept the consumer secret."],
		["err_write_key_reads", "The keys may not read."],
	])("%s", async (name, sentence) => {
		const report = await connect(refuseKeys(name).connection);
		expect(stateOf(report, "credentials")).toMatchObject({ state: "failed", sentence });
		expect(report.store).toBeNull();
	});

	test("a customer's keys are told from wrong ones", async () => {
		const report = await connect(refuseKeys("err_customer_role_writes").connection);
		expect(stateOf(report, "credentials")?.fix).toContain("shop manager");
	});

	test("a shop that ignores Basic behind a proxy is asked by signed calls", async () => {
		const { connection, asked } = shop((one, path) => {
			if (path === "/" || one.url.searchParams.has("oauth_signature")) return null;
			return from("err_basic_over_http");
		});
		const report = await connect(connection);
		expect(report.store?.facts.auth).toBe("oauth_as_http");
		expect(stateOf(report, "credentials")?.state).toBe("passed");
		expect(asked.slice(2).every(({ url }) => url.searchParams.has("oauth_signature"))).toBe(true);
	});

	test("plain http is always signed", async () => {
		const { connection, asked } = shop(undefined, { baseUrl: "http://shop.example.com" });
		expect((await connect(connection)).store?.facts.auth).toBe("oauth");
		expect(
			asked.slice(1).every(({ url, headers }) => url.searchParams.has("oauth_signature") && !headers.authorization),
		).toBe(true);
	});

	test("a read-only key lets us watch", async () => {
		const { connection } = shop((asked) => (asked.method === "POST" ? from("err_read_key_writes") : null));
		const report = await connect(connection);
		expect(stateOf(report, "scopes")?.state).toBe("warned");
		expect(stateOf(report, "inventory_read")?.state).toBe("passed");
		expect(stateOf(report, "inventory_write")?.state).toBe("failed");
		expect(report.store).not.toBeNull();
	});
});

test("a shop that counts nothing is named", async () => {
	const { connection } = shop((_, path) => (path.startsWith("/wc/v3/settings") ? { json: { value: "no" } } : null));
	expect(stateOf(await connect(connection), "stock_management")).toMatchObject({ state: "failed" });
});

test("a shop older than the list of all variations is asked product by product", async () => {
	const { connection } = shop((_, path) => (path === "/wc/v3/variations" ? from("err_no_route") : null));
	expect((await connect(connection)).store?.facts.hasVariationsRoute).toBe(false);
});

describe("webhooks", () => {
	test.each([
		["https://192.168.1.5", "private address"],
		["https://10.0.0.1:8080", "private address"],
		["https://[::1]", "private address"],
		["https://localhost", "private address"],
		["https://stock.local", "private address"],
		["https://stock.example.com:3000", "port 3000"],
	])("WordPress would not deliver to %s", async (publicUrl, why) => {
		const { connection } = shop(undefined, { facts: { publicUrl } });
		expect(stateOf(await connect(connection), "webhooks")).toMatchObject({
			state: "warned",
			sentence: expect.stringContaining(why),
		});
	});

	test.each([
		"https://stock.example.com",
		"https://stock.example.com:8080",
		"https://shop.example.com:9999",
		"http://203.1.2.3",
	])("WordPress delivers to %s", async (publicUrl) => {
		const { connection } = shop(undefined, { facts: { publicUrl } });
		expect(stateOf(await connect(connection), "webhooks")?.state).toBe("passed");
	});

	test("without a public address news is asked for", async () => {
		expect(stateOf(await connect(shop().connection), "webhooks")?.state).toBe("skipped");
	});
});

describe("the clock", () => {
	test("minutes apart is warned of", async () => {
		const { connection } = shop(undefined, { now: () => new Date("2026-11-23T14:03:00Z") });
		expect(stateOf(await connect(connection), "clock")).toMatchObject({ state: "warned" });
	});

	test("a signature refused for its time is the clock's fault, not the key's", async () => {
		const { connection } = shop((_, path) => (path === "/" ? null : from("err_oauth_stale_timestamp")), {
			baseUrl: "http://shop.example.com",
		});
		const report = await connect(connection);
		expect(stateOf(report, "clock")?.state).toBe("failed");
		expect(stateOf(report, "credentials")?.state).toBe("skipped");
	});
});

test.each([
	["https://Shop.Example.com/", "shop.example.com"],
	["http://shop.example.com", "shop.example.com"],
	["https://shop.example.com/blog/", "shop.example.com/blog"],
])("%s is the store %s", (home, key) => {
	expect(storeKeyOf(home)).toBe(key);
});
