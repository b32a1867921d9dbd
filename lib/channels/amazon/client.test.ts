import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ChannelError } from "../errors";
import { type Call, callAmazon, encode } from "./client";
import { amazonFacts } from "./facts";
import { refreshAccess } from "./login";
import { isListable, isPathSafe } from "./skus";
import { type Answer, scriptedApi } from "./testing/scripted-api";

const call: Call = { operation: "getOrder", method: "GET", path: "/orders/2026-01-01/orders/1" };
const app = { clientId: "amzn1.application-oa2-client.a", clientSecret: "amzn1.oa2-cs.v1.b", refreshToken: "Atzr|c" };
const errors = (code: string, message = "", details?: string) => ({
	errors: [{ code, message, ...(details === undefined ? {} : { details }) }],
});

async function failing(work: Promise<unknown>): Promise<ChannelError> {
	const error = await work.catch((thrown: unknown) => thrown);
	if (!(error instanceof ChannelError)) throw new Error(`no ChannelError but ${String(error)}`);
	return error;
}

describe("every answer is named", () => {
	const denied = "Access to requested resource is denied.";
	test.each<[string, Answer, string, RegExp]>([
		[
			"input that can't be read",
			{ status: 400, json: errors("InvalidInput", "Request has missing or invalid parameters and cannot be parsed.") },
			"refused",
			/cannot be parsed/,
		],
		[
			"a role, a region or a seller that is wrong",
			{ status: 403, json: errors("Unauthorized", denied, "") },
			"missing_scope",
			/does not allow/,
		],
		[
			"a path that it does not know",
			{ status: 403, json: errors("MissingAuthenticationToken", "Missing Authentication Token") },
			"missing_scope",
			/does not allow/,
		],
		["a firewall's page", { status: 403, text: "<html>Just a moment...</html>" }, "not_a_store", /does not answer/],
		[
			"a client secret that has expired",
			{ status: 403, json: errors("Unauthorized", denied, "The LWA secret token you provided has expired.") },
			"app_misconfigured",
			/secret has expired/,
		],
		[
			"an unknown thing",
			{ status: 404, json: errors("NOT_FOUND", "SKU 'X' not found in marketplace ATVPDKIKX0DER") },
			"gone",
			/no longer knows/,
		],
		["too large a body", { status: 413, json: errors("RequestTooLarge", "too large") }, "refused", /too large/],
		[
			"too many calls",
			{ status: 429, json: errors("QuotaExceeded", "You exceeded your quota for the requested resource.", "") },
			"throttled",
			/no more calls/,
		],
		[
			"trouble",
			{ status: 500, json: errors("InternalFailure", "We encountered an internal error. Please try again.") },
			"unreachable",
			/trouble \(500\)/,
		],
		[
			"a page in place of an answer",
			{ status: 503, text: "<html><h1>503</h1></html>" },
			"unreachable",
			/trouble \(503\)/,
		],
		[
			"a page with status 200",
			{ status: 200, text: "<html>hello</html>" },
			"not_a_store",
			/does not answer at this address/,
		],
		["an error without a body", { status: 400, text: "" }, "refused", /\(400\)/],
		["a redirect", { status: 302, headers: { location: "https://elsewhere" } }, "not_a_store", /does not answer/],
	])("%s", async (_, answer, reason, sentence) => {
		const error = await failing(callAmazon(scriptedApi(() => answer).connection, call, z.object({ a: z.string() })));
		expect([error.reason, error.message]).toEqual([reason, expect.stringMatching(sentence)]);
	});

	test("429 waits as long as one turn takes, and longer for rarer calls", async () => {
		const { connection } = scriptedApi(() => ({ status: 429, json: errors("QuotaExceeded") }));
		const often = await failing(callAmazon(connection, { ...call, patienceMs: 0 }, z.unknown()));
		expect(often.retryAfterMs).toBeGreaterThanOrEqual(2_000);
		expect(often.retryAfterMs).toBeLessThanOrEqual(2_700);
		const seldom = await failing(callAmazon(connection, { ...call, operation: "searchOrders" }, z.unknown()));
		expect(seldom.retryAfterMs).toBeGreaterThan(178_000);
		// Counted by operation: of all calls only the list of orders has to wait so long.
		expect([often.lane, seldom.lane]).toEqual([null, "orders"]);
		const known = await failing(callAmazon(connection, { ...call, operation: "searchOrders" }, z.unknown()));
		expect(known.lane).toBe("orders");
	});
});

describe("tokens", () => {
	const withLogin = (answers: (token: string | undefined) => Answer, login: Answer[] = []) => {
		let given = 0;
		return scriptedApi(
			({ url, headers }) =>
				url.pathname === "/auth/o2/token"
					? (login.shift() ?? { json: { access_token: `Atza|${++given}`, token_type: "bearer", expires_in: 3600 } })
					: answers(headers["x-amz-access-token"]),
			{ access: { ...app, refreshToken: `Atzr|${Math.random()}`, accessToken: "" } },
		);
	};
	const denied = (details: string): Answer => ({
		status: 403,
		json: errors("Unauthorized", "Access to requested resource is denied.", details),
	});

	test("are asked for once and shared, and asked for anew a minute before they end", async () => {
		let ahead = 0;
		const api = withLogin(() => ({ json: {} }));
		const connection = { ...api.connection, now: () => new Date(Date.parse("2026-11-23T14:00:00Z") + ahead) };
		await Promise.all([1, 2, 3].map(() => callAmazon(connection, call, z.unknown())));
		const logins = () => api.asked.filter(({ url }) => url.hostname === "api.amazon.com").length;
		expect(logins()).toBe(1);
		ahead = 3_500_000;
		await callAmazon(connection, call, z.unknown());
		expect(logins()).toBe(1);
		ahead = 3_550_000;
		await callAmazon(connection, call, z.unknown());
		expect(logins()).toBe(2);
	});

	test("one that expires too early is replaced, and the call goes again once", async () => {
		const api = withLogin((token) =>
			token === "Atza|2" ? { json: { a: 1 } } : denied("The access token you provided has expired."),
		);
		expect(await callAmazon(api.connection, call, z.unknown())).toEqual({ a: 1 });
		expect(api.asked.map(({ url }) => url.pathname)).toEqual([
			"/auth/o2/token",
			"/orders/2026-01-01/orders/1",
			"/auth/o2/token",
			"/orders/2026-01-01/orders/1",
		]);
	});

	test("one that is refused for ever is trouble of Amazon's: only its login can say that access was revoked", async () => {
		const api = withLogin(() => denied("The access token you provided is revoked, malformed or invalid."));
		expect((await failing(callAmazon(api.connection, call, z.unknown()))).reason).toBe("unreachable");
	});

	test.each<[string, Answer, string, RegExp]>([
		[
			"revoked",
			{
				status: 400,
				json: {
					error: "invalid_grant",
					error_description:
						"The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
				},
			},
			"access_revoked",
			/authorise the app again/,
		],
		[
			"a code that is used",
			{
				status: 400,
				json: { error: "invalid_grant", error_description: "The request has an invalid grant parameter : code" },
			},
			"access_revoked",
			/once more/,
		],
		[
			"a wrong secret",
			{ status: 401, json: { error: "invalid_client", error_description: "Client authentication failed" } },
			"app_misconfigured",
			/180 days/,
		],
		[
			"an app without the right",
			{
				status: 400,
				json: { error: "unauthorized_client", error_description: "Not authorized for requested operation" },
			},
			"app_misconfigured",
			/client id and secret/,
		],
		["too often", { status: 429, text: "" }, "throttled", /^$/],
		["down", { status: 503, text: "<html>" }, "unreachable", /^$/],
		["an answer without a token", { status: 200, json: { hello: "world" } }, "unreadable", /^$/],
	])("the login says %s", async (_, answer, reason, fix) => {
		const { connection } = scriptedApi(() => answer, { access: app });
		const error = await failing(refreshAccess(connection, app));
		expect([error.reason, error.fix ?? ""]).toEqual([reason, expect.stringMatching(fix)]);
	});

	test("a fresh one leaves the refresh token and all else as it was", async () => {
		const api = withLogin(() => ({ json: {} }));
		const refreshed = await refreshAccess(api.connection, app);
		expect(refreshed).toEqual({
			access: { ...api.connection.access, accessToken: "Atza|1" },
			expiresAt: new Date("2026-11-23T15:00:00Z"),
		});
		const form = new URLSearchParams(api.asked[0]?.body);
		expect(Object.fromEntries(form)).toMatchObject({ grant_type: "refresh_token", client_id: app.clientId });
	});
});

describe("turns", () => {
	test("more than may be saved up wait for theirs, and what would wait too long is told when", async () => {
		let nowMs = Date.parse("2026-11-23T14:00:00Z");
		const api = scriptedApi(() => ({ json: {} }), { now: () => new Date(nowMs) });
		const search = { ...call, operation: "searchOrders" as const };
		for (let n = 0; n < 20; n++) await callAmazon(api.connection, search, z.unknown());
		const error = await failing(callAmazon(api.connection, search, z.unknown()));
		expect(error.reason).toBe("throttled");
		expect(error.retryAfterMs).toBeGreaterThanOrEqual(1_000 / 0.0056);
		expect(error.retryAfterMs).toBeLessThan(190_000);
		expect(api.asked).toHaveLength(20);
		nowMs += error.retryAfterMs ?? 0;
		await callAmazon(api.connection, search, z.unknown());
		expect(api.asked).toHaveLength(21);
	});

	test("the rate that an answer names is the one that counts", async () => {
		const api = scriptedApi(() => ({ json: {}, headers: { "x-amzn-ratelimit-limit": "0.1" } }));
		for (let n = 0; n < 30; n++) await callAmazon(api.connection, call, z.unknown());
		const error = await failing(callAmazon(api.connection, call, z.unknown()));
		expect(error.retryAfterMs).toBeGreaterThanOrEqual(10_000);
		expect(error.retryAfterMs).toBeLessThan(11_000);
	});

	test("429 within the rate is waited out, and a third in a row is told", async () => {
		const answers = [429, 429, 200, 429, 429, 429];
		const api = scriptedApi(() => ({ status: answers.shift() ?? 200, json: {} }));
		const often = { ...call, operation: "getListingsItem" as const };
		expect(await callAmazon(api.connection, often, z.unknown())).toEqual({});
		expect((await failing(callAmazon(api.connection, often, z.unknown()))).reason).toBe("throttled");
		expect(api.asked).toHaveLength(6);
	});

	test("of two sellers each has its own", async () => {
		const [one, two] = [scriptedApi(() => ({ status: 429 })), scriptedApi(() => ({ json: {} }))];
		await failing(callAmazon(one.connection, { ...call, patienceMs: 0 }, z.unknown()));
		await callAmazon(two.connection, call, z.unknown());
		expect(two.asked).toHaveLength(1);
	});
});

describe("requests", () => {
	test("carry a token in Amazon's header, a name in Amazon's form, and lists by commas", async () => {
		const api = scriptedApi(() => ({ json: {} }));
		const query = { marketplaceIds: ["A", "B"], identifiers: ["a b+c", "d&e"], pageToken: undefined, pageSize: 20 };
		await callAmazon(api.connection, { ...call, query }, z.unknown());
		const [asked] = api.asked;
		expect(asked?.url.search).toBe("?marketplaceIds=A,B&identifiers=a%20b%2Bc,d%26e&pageSize=20");
		expect(asked?.headers).toMatchObject({
			"x-amz-access-token": "Atza|given",
			"user-agent": expect.stringMatching(/^\w+\/[\d.]+ \(Language=\w+; Platform=\w+\)$/),
		});
		expect(asked?.headers.authorization).toBeUndefined();
	});

	test("a SKU is encoded once, and wholly", () => {
		expect(encode("A b'(c)*!é+")).toBe("A%20b%27%28c%29%2A%21%C3%A9%2B");
	});

	test("whatever a SKU is made of, it comes back as it was, and nothing of it is read as a path or a query", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (sku) => {
				expect(decodeURIComponent(encode(sku))).toBe(sku);
				expect(encode(sku)).toMatch(/^[\w.~%-]+$/);
				if (!isPathSafe(sku, encode(sku))) return;
				const url = new URL(`https://a.example/items/${encode(sku)}?x=1`);
				expect([url.pathname, url.search]).toEqual([`/items/${encode(sku)}`, "?x=1"]);
			}),
		);
	});

	test.each([
		["SKU-1", true],
		["a b", true],
		["A/B", false],
		["A#B", false],
		["A\\B", false],
		[".", false],
		["..", false],
		["ü".repeat(10), false],
		["x".repeat(40), true],
	])("%s may stand in a path: %s", (sku, isSafe) => {
		expect(isPathSafe(sku, encode(sku))).toBe(isSafe);
	});

	test("a comma parts a list whatever its encoding, so a SKU with one is in none", () => {
		expect([isListable("A,B"), isListable("A;B")]).toEqual([false, true]);
	});
});

test("every word of an order's status is in the table once", () => {
	const words = Object.values(amazonFacts.stockMoments).flatMap((moment) => moment?.words ?? []);
	expect(new Set(words).size).toBe(words.length);
	for (const word of [
		"PENDING_AVAILABILITY",
		"PENDING",
		"UNSHIPPED",
		"PARTIALLY_SHIPPED",
		"SHIPPED",
		"CANCELLED",
		"UNFULFILLABLE",
	])
		expect(words).toContain(word);
});
