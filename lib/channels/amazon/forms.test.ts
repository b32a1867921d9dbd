/** What people paste, and where Amazon's consent page leads. */
import { describe, expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { consent } from "./consent";
import { pasteForm } from "./paste-form";

const keys = {
	marketplaceId: "A1PA6795UKMFR9",
	sellerId: "A3TH9S8BH6GOGM",
	clientId: "amzn1.application-oa2-client.0123456789abcdef",
	clientSecret: "amzn1.oa2-cs.v1.secret",
	refreshToken: "Atzr|token",
};
const queue = {
	queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/onecount",
	queueKeyId: "AKIAEXAMPLE",
	queueSecret: "wJalr/secret",
};

describe("the address", () => {
	test.each([
		["amazon.de", "eu"],
		["https://www.amazon.co.uk/dp/B0", "eu"],
		["sellercentral.amazon.com", "na"],
		["https://sellercentral-europe.amazon.com/home", "eu"],
		["jp", "fe"],
		["A39IBJ37TRP1C6", "fe"],
		["https://sellingpartnerapi-na.amazon.com", "na"],
	])("%s is of the region %s", (typed, region) => {
		expect(meantBy(pasteForm.readAddress(typed))).toBe(`https://sellingpartnerapi-${region}.amazon.com`);
	});

	test.each(["shop.example.com", "sellingpartnerapi-na.amazon.com.evil.example", "amazon.de.evil.example", ""])(
		"%s is none of Amazon's",
		(typed) => {
			expect(problemCodes(pasteForm.readAddress(typed))).toEqual({ address: "not_a_marketplace" });
		},
	);
});

describe("the keys", () => {
	test("become access whose first token is still to be fetched", () => {
		expect(meantBy(pasteForm.readKeys(keys))).toEqual({ access: keys, expiresAt: new Date(0) });
		expect(meantBy(pasteForm.readKeys({ ...keys, ...queue })).access).toEqual({
			...keys,
			...queue,
			queueRegion: "eu-west-1",
		});
	});

	test.each<[Partial<typeof keys & typeof queue>, Record<string, string>]>([
		[{ refreshToken: "" }, { refreshToken: "keys_missing" }],
		[
			{ clientId: keys.clientSecret, clientSecret: keys.clientId },
			{ clientId: "secret_as_identifier", clientSecret: "identifier_as_secret" },
		],
		[{ clientId: "amzn1.sp.solution.0123" }, { clientId: "application_id" }],
		[{ refreshToken: "Atza|token" }, { refreshToken: "access_token" }],
		[{ refreshToken: "token" }, { refreshToken: "not_a_token" }],
		[
			{ marketplaceId: "DE", sellerId: "my shop", clientSecret: "" },
			{ marketplaceId: "not_a_marketplace_id", sellerId: "not_a_seller", clientSecret: "keys_missing" },
		],
		[{ queueUrl: queue.queueUrl }, { queueKeyId: "queue_incomplete", queueSecret: "queue_incomplete" }],
		[{ queueKeyId: "AKIAEXAMPLE" }, { queueUrl: "queue_incomplete", queueSecret: "queue_incomplete" }],
		[{ ...queue, queueUrl: `${queue.queueUrl}.fifo` }, { queueUrl: "fifo_queue" }],
		[
			{ ...queue, queueUrl: "https://sqs.eu-west-1.amazonaws.com.evil.example/123456789012/q" },
			{ queueUrl: "not_a_queue" },
		],
		[{ ...queue, queueUrl: "http://169.254.169.254/123456789012/q" }, { queueUrl: "not_a_queue" }],
	])("%o: %o", (change, problems) => {
		expect(problemCodes(pasteForm.readKeys({ ...keys, ...change }))).toEqual(problems);
	});

	test("every field that is asked for is read", () => {
		expect(pasteForm.fields.map(({ name }) => name).sort()).toEqual(Object.keys({ ...keys, ...queue }).sort());
		expect(pasteForm.fields.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual([
			"clientSecret",
			"refreshToken",
			"queueSecret",
		]);
	});
});

describe("consent", () => {
	const app = { clientId: "amzn1.sp.solution.1/amzn1.application-oa2-client.2", clientSecret: "s" };
	const visit = { app, state: "st/ate", redirectUri: "https://stock.example.com/api/oauth/amazon" };

	test.each([
		["https://sellingpartnerapi-na.amazon.com", "https://sellercentral.amazon.com"],
		["https://sellingpartnerapi-eu.amazon.com", "https://sellercentral-europe.amazon.com"],
		["https://sellingpartnerapi-fe.amazon.com", "https://sellercentral.amazon.co.jp"],
	])("of %s is asked for at %s", (baseUrl, host) => {
		const url = new URL(consent.authorizeUrl?.({ ...visit, baseUrl }) ?? "");
		expect(`${url.origin}${url.pathname}`).toBe(`${host}/apps/authorize/consent`);
		expect(Object.fromEntries(url.searchParams)).toEqual({
			application_id: "amzn1.sp.solution.1",
			state: visit.state,
			redirect_uri: visit.redirectUri,
		});
	});

	test("can't be asked for without the app's own id", () => {
		const bare = { ...app, clientId: "amzn1.application-oa2-client.2" };
		expect(() =>
			consent.authorizeUrl?.({ ...visit, app: bare, baseUrl: "https://sellingpartnerapi-na.amazon.com" }),
		).toThrow(/own id/);
	});

	test("comes back with a code and a seller, or is a no", () => {
		const agreed = new URLSearchParams("state=s&selling_partner_id=A1&spapi_oauth_code=c");
		expect(consent.readReturn(agreed)).toEqual({ result: "agreed", state: "s", given: { code: "c", sellerId: "A1" } });
		expect(consent.readReturn(new URLSearchParams("state=s"))).toMatchObject({ result: "denied", state: "s" });
		expect(consent.readReturn(new URLSearchParams("error=access_denied&error_description=no%20thanks"))).toMatchObject({
			result: "denied",
			sentence: expect.stringContaining("no thanks"),
		});
	});

	const startWith = (amazon_callback_uri: string, more: Record<string, string> = {}) =>
		consent.readStart?.(
			new URLSearchParams({ amazon_callback_uri, amazon_state: "a/1", selling_partner_id: "A1", ...more }),
		);
	const confirm = "/apps/authorize/confirm/amzn1.sellerapps.app.1";

	test.each([
		["sellercentral.amazon.com", "na"],
		["sellercentral.amazon.com.mx", "na"],
		["sellercentral-europe.amazon.com", "eu"],
		["sellercentral.amazon.nl", "eu"],
		["sellercentral.amazon.co.jp", "fe"],
	])("that began in the Appstore goes on at %s with both words", (host, region) => {
		const start = startWith(`https://${host}${confirm}`, { version: "beta" });
		expect(start?.baseUrl).toBe(`https://sellingpartnerapi-${region}.amazon.com`);
		const to = new URL(start?.onward(visit) ?? "");
		expect(`${to.origin}${to.pathname}`).toBe(`https://${host}${confirm}`);
		expect(Object.fromEntries(to.searchParams)).toEqual({
			redirect_uri: visit.redirectUri,
			amazon_state: "a/1",
			state: visit.state,
			version: "beta",
		});
	});

	test("that is said to have begun at any other address is Amazon's at none of them", () => {
		for (const page of [
			`https://evil.example${confirm}`,
			`https://sellercentral.amazon.com.evil.example${confirm}`,
			`https://evil.example/sellercentral.amazon.com${confirm}`,
			`https://sellercentral.amazon.com@evil.example${confirm}`,
			`https://somebody@sellercentral.amazon.com${confirm}`,
			`https://sellercentral.amazon.com:8443${confirm}`,
			`http://sellercentral.amazon.com${confirm}`,
			`https://www.amazon.com${confirm}`,
			"https://sellercentral.amazon.com/gp/redirect.html?to=evil",
			`https://sellercentral.amazon.com${confirm}/../../../../gp/redirect`,
		])
			expect([page, startWith(page)?.baseUrl]).toEqual([page, null]);
		for (const page of ["", "javascript", "//sellercentral.amazon.com/apps"]) expect(startWith(page)).toBeNull();
		expect(startWith(`https://sellercentral.amazon.com${confirm}`, { amazon_state: "" })).toBeNull();
	});
});
