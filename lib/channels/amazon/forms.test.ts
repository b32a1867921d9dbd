/** What people paste, and where Amazon's consent page leads. */
import { describe, expect, test } from "vitest";
import { PasteProblem } from "../paste-form";
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
		expect(pasteForm.readAddress(typed)).toBe(`https://sellingpartnerapi-${region}.amazon.com`);
	});

	test.each(["shop.example.com", "sellingpartnerapi-na.amazon.com.evil.example", "amazon.de.evil.example", ""])(
		"%s is none of Amazon's",
		(typed) => {
			expect(() => pasteForm.readAddress(typed)).toThrow(PasteProblem);
		},
	);
});

describe("the keys", () => {
	test("become access whose first token is still to be fetched", () => {
		expect(pasteForm.readKeys(keys)).toEqual({ access: keys, expiresAt: new Date(0) });
		expect(pasteForm.readKeys({ ...keys, ...queue }).access).toEqual({ ...keys, ...queue, queueRegion: "eu-west-1" });
	});

	test.each<[Partial<typeof keys & typeof queue>, string]>([
		[{ refreshToken: "" }, "keys_missing"],
		[{ clientId: keys.clientSecret, clientSecret: keys.clientId }, "keys_swapped"],
		[{ clientId: "amzn1.sp.solution.0123" }, "application_id"],
		[{ refreshToken: "Atza|token" }, "access_token"],
		[{ refreshToken: "token" }, "not_a_token"],
		[{ marketplaceId: "DE" }, "not_a_marketplace_id"],
		[{ sellerId: "my shop" }, "not_a_seller"],
		[{ queueUrl: queue.queueUrl }, "queue_incomplete"],
		[{ ...queue, queueUrl: `${queue.queueUrl}.fifo` }, "fifo_queue"],
		[{ ...queue, queueUrl: "https://sqs.eu-west-1.amazonaws.com.evil.example/123456789012/q" }, "not_a_queue"],
		[{ ...queue, queueUrl: "http://169.254.169.254/123456789012/q" }, "not_a_queue"],
	])("%o: %s", (change, code) => {
		const read = () => pasteForm.readKeys({ ...keys, ...change });
		expect(read).toThrow(PasteProblem);
		expect(read).toThrow(expect.objectContaining({ code }));
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
});
