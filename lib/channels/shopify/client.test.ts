import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ChannelError } from "../errors";
import { callShopify, mayHaveLanded, readReply } from "./client";
import { type Answer, costExtension, scriptedStore } from "./testing/scripted-store";

const shape = z.object({ shop: z.object({ name: z.string() }) });
const good = { data: { shop: { name: "Nordlicht" } } };
let store: Awaited<ReturnType<typeof scriptedStore>> | undefined;
afterEach(() => store?.close());

async function ask(answer: Answer) {
	store = await scriptedStore(() => answer);
	return callShopify(store.connection, "query { shop { name } }", { a: 1 }, shape);
}
async function trouble(answer: Answer): Promise<ChannelError> {
	const error = await ask(answer).then(
		() => null,
		(error: unknown) => error,
	);
	if (error instanceof ChannelError) return error;
	throw new Error(`expected a ChannelError, got ${error}`);
}

test("a call goes to the pinned version with the token, and brings data and budget", async () => {
	const reply = await ask({ json: { ...good, extensions: costExtension(14, 1986) } });
	expect(reply.data.shop.name).toBe("Nordlicht");
	expect(reply.budget).toEqual({ available: 1986, maximum: 2000, restorePerSecond: 100 });
	expect(store?.asked[0]).toMatchObject({
		path: "/admin/api/2026-10/graphql.json",
		headers: { "x-shopify-access-token": "shpat_test", "content-type": "application/json" },
		body: { query: "query { shop { name } }", variables: { a: 1 } },
	});
});

test("the token is in no kept exchange", async () => {
	await ask({ json: { ...good, extensions: { note: "shpat_test" } } });
	expect(JSON.stringify(store?.connection.http.exchanges)).not.toContain("shpat_test");
});

const coded = (code: string, more: object = {}) => ({
	json: { errors: [{ message: "No.", extensions: { code }, ...more }] },
});
const throttled = (requested: number, available: number, restore: number) => ({
	json: {
		errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
		extensions: costExtension(requested, available, restore),
	},
});
const html = { headers: { "content-type": "text/html" }, text: "<!doctype html><title>Shop</title>" };

describe("what Shopify may answer", () => {
	test.each<[string, Answer, Partial<ChannelError>]>([
		["spent budget", throttled(250, 10, 100), { reason: "throttled", code: "THROTTLED", retryAfterMs: 3_000 }],
		["spent by a hair", throttled(100, 99.5, 1000), { reason: "throttled", retryAfterMs: 1_000 }],
		["429", { status: 429, headers: { "retry-after": "2.0" }, text: "" }, { reason: "throttled", retryAfterMs: 2_000 }],
		["430", { status: 430, text: "" }, { reason: "throttled", retryAfterMs: 2_000 }],
		[
			"revoked token",
			{ status: 401, json: { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" } },
			{
				reason: "access_revoked",
				fix: "Check that the token is whole, and that the app is still installed on the store.",
			},
		],
		[
			"a right that is named",
			coded("ACCESS_DENIED", {
				message: "Access denied for orders field. Required access: `read_orders` access scope.",
				path: ["orders"],
			}),
			{ reason: "missing_scope", code: "read_orders" },
		],
		[
			"a right known by its field alone",
			coded("ACCESS_DENIED", { message: "Access denied for locations field.", path: ["locations"] }),
			{ reason: "missing_scope", code: "read_locations" },
		],
		[
			"a right refused in the old way",
			{ status: 403, json: { errors: "[API] This action requires merchant approval for read_orders scope." } },
			{ reason: "missing_scope", code: "read_orders" },
		],
		["a frozen store", { status: 402, json: { errors: "Unavailable Shop" } }, { reason: "refused", code: "HTTP_402" }],
		["no such shop", { status: 404, json: { errors: "Not Found" } }, { reason: "not_a_store" }],
		["a shop that moved", { status: 301, headers: { location: "https://x" }, text: "" }, { reason: "not_a_store" }],
		["a web page", html, { reason: "not_a_store" }],
		["a proxy that asks who we are", { ...html, status: 401 }, { reason: "not_a_store", code: "HTTP_401" }],
		["a firewall's page", { ...html, status: 403 }, { reason: "not_a_store", code: "HTTP_403" }],
		["an outage page", { ...html, status: 502 }, { reason: "unreachable", code: "HTTP_502" }],
		[
			"an outage with a date",
			{ status: 503, headers: { "retry-after": "30" }, text: "" },
			{ reason: "unreachable", retryAfterMs: 30_000 },
		],
		["an outage with HTTP 200", coded("INTERNAL_SERVER_ERROR"), { reason: "unreachable" }],
		["a document that it refuses", coded("undefinedField"), { reason: "refused", code: "undefinedField" }],
		["cut JSON", { text: '{"data":{' }, { reason: "unreadable" }],
		["data of another form", { json: { data: { shop: null } } }, { reason: "unreadable" }],
		["no data at all", { json: {} }, { reason: "unreadable" }],
		["silence", "silence", { reason: "timeout" }],
		["a cut connection", "hang up", { reason: "timeout" }],
	])("%s", async (_, answer, expected) => {
		expect(await trouble(answer)).toMatchObject(expected);
	});

	test("every refusal is a sentence without an exclamation mark", async () => {
		for (const answer of [coded("X"), { status: 401, text: "" }, { status: 404, text: "" }, html] satisfies Answer[]) {
			expect((await trouble(answer)).message).toMatch(/^[A-Z][^!]*[.]$/);
			await store?.close();
		}
	});

	test("a search that Shopify reads only in part is refused, though it answers everything with 200", async () => {
		const search = [
			{
				path: ["products"],
				query: "updatd_at:>1",
				warnings: [{ field: "updatd_at", message: "Invalid search field for this query." }],
			},
		];
		const error = await trouble({ json: { ...good, extensions: { search } } });
		expect(error).toMatchObject({ reason: "unreadable", code: "SEARCH_WARNING" });
		await store?.close();
		await expect(
			ask({ json: { ...good, extensions: { search: [{ query: "x", parsed: {}, warnings: [] }] } } }),
		).resolves.toBeDefined();
	});

	test("nobody listening is certainly not done; silence and outages may be", async () => {
		store = await scriptedStore(() => ({ json: good }));
		await store.close();
		const refused = await callShopify(store.connection, "query { shop { name } }", {}, shape).catch((error) => error);
		expect(refused).toMatchObject({ reason: "unreachable" });
		expect(mayHaveLanded(refused)).toBe(false);
		for (const [answer, landed] of [
			["silence", true],
			[{ status: 503, text: "" }, true],
			[{ text: "<html>" }, true],
			[throttled(20, 1, 100), false],
			[{ status: 429, text: "" }, false],
			[{ status: 401, text: "" }, false],
			[coded("BAD_REQUEST"), false],
		] satisfies [Answer, boolean][]) {
			expect([answer, mayHaveLanded(await trouble(answer))]).toEqual([answer, landed]);
			await store?.close();
		}
	});
});

test("a connection without a token asks nothing", async () => {
	store = await scriptedStore(() => ({ json: good }));
	const bare = { ...store.connection, access: {} };
	await expect(callShopify(bare, "query { shop { name } }", {}, shape)).rejects.toMatchObject({
		reason: "access_revoked",
	});
	expect(store.asked).toEqual([]);
});

test("a budget in a form that nobody knows costs no answer", () => {
	const text = JSON.stringify({ ...good, extensions: { cost: { throttleStatus: "soon" } } });
	expect(readReply({ status: 200, headers: {}, text, ms: 1 }, shape)).toMatchObject({ data: good.data, budget: null });
});
