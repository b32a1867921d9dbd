/** What an answer says of each row, for answers that no account gives on demand. */
import { describe, expect, test } from "vitest";
import { ChannelError } from "../errors";
import type { WriteRow } from "../listing";
import { mostPatches } from "./facts";
import { type Answer, type Asked, scriptedApi } from "./testing/scripted-api";
import { writeQuantities } from "./write";

const row = (externalKey: string, quantity = 3): WriteRow => ({ externalKey, ids: {}, quantity, expected: 9 });
const rows = (...skus: string[]) => skus.map((sku) => row(sku));
const many = Array.from({ length: mostPatches + 1 }, (_, n) => row(`SKU-${n}`));
const denied: Answer = { status: 403, json: { errors: [{ code: "Unauthorized", message: "denied", details: "" }] } };
const skuOf = ({ url }: Asked) => decodeURIComponent(url.pathname.split("/").at(-1) ?? "");

/** Every item is the merchant's own; `answer` is asked for all but the look at them. */
function account(answer: (asked: Asked) => Answer) {
	const item = (sku: string) => ({
		sku,
		fulfillmentAvailability: [{ fulfillmentChannelCode: "DEFAULT", quantity: 9 }],
	});
	return scriptedApi((asked) => {
		if (asked.method !== "GET" || !asked.url.pathname.startsWith("/listings/")) return answer(asked);
		const skus = asked.url.searchParams.get("identifiers")?.split(",");
		return { json: skus ? { numberOfResults: skus.length, items: skus.map(item) } : item(skuOf(asked)) };
	});
}

const taken = (asked: Asked): Answer => ({
	json: { sku: skuOf(asked), status: "ACCEPTED", submissionId: "1", issues: [] },
});
const results = async (api: ReturnType<typeof account>, some: WriteRow[]) => {
	const written = await writeQuantities(api.connection, some);
	return { ...written, results: written.rows.map(({ result }) => result) };
};

test("only the merchant's own row is named, merged, and nothing but its quantity", async () => {
	const api = account(taken);
	await results(api, rows("A B"));
	const patch = api.asked.find(({ method }) => method === "PATCH");
	expect(patch?.url.pathname).toMatch(/^\/listings\/2021-08-01\/items\/ATEST\d+\/A%20B$/);
	expect(JSON.parse(patch?.body ?? "")).toEqual({
		productType: "PRODUCT",
		patches: [
			{
				op: "merge",
				path: "/attributes/fulfillment_availability",
				value: [{ fulfillment_channel_code: "DEFAULT", quantity: 3 }],
			},
		],
	});
});

test("a SKU that is forbidden among others is refused alone", async () => {
	const api = account((asked) => (skuOf(asked) === "B" ? denied : taken(asked)));
	const written = await results(api, rows("A", "B", "C"));
	expect([written.results, written.trouble]).toEqual([["accepted", "refused", "accepted"], null]);
});

test("the first two forbidden are the account's trouble: none is refused, and no more are asked for", async () => {
	const api = account(() => denied);
	const written = await results(api, rows("A", "B", "C", "D"));
	expect([written.results, written.trouble?.reason]).toEqual([
		["not_sent", "not_sent", "not_sent", "not_sent"],
		"missing_scope",
	]);
	expect(api.asked.filter(({ method }) => method === "PATCH")).toHaveLength(2);
});

test("a lone SKU that is forbidden is trouble, since nothing tells it from the account's", async () => {
	const written = await results(
		account(() => denied),
		rows("A"),
	);
	expect([written.results, written.trouble?.reason]).toEqual([["not_sent"], "missing_scope"]);
});

test("a SKU that nothing can name is refused alone", async () => {
	const api = account(taken);
	const written = await results(api, rows("A", 'HOSE, 1/2"', "B"));
	expect([written.results, written.trouble]).toEqual([["accepted", "refused", "accepted"], null]);
	expect(written.rows[1]).toMatchObject({
		error: { code: "UNNAMEABLE_SKU", message: expect.stringContaining("no way to name"), fix: expect.any(String) },
	});
});

test("a warning is no refusal", async () => {
	const issues = [{ code: "1", message: "a title is long", severity: "WARNING", categories: [] }];
	const api = account((asked) => ({ json: { sku: skuOf(asked), status: "ACCEPTED", submissionId: "1", issues } }));
	expect((await results(api, rows("A"))).results).toEqual(["accepted"]);
});

test("when the items can't be looked at, nothing is sent", async () => {
	const api = scriptedApi(() => ({ status: 500, json: {} }));
	const written = await results(api, rows("A", "B"));
	expect([written.results, written.trouble?.reason]).toEqual([["not_sent", "not_sent"], "unreachable"]);
	expect(api.asked.every(({ method }) => method === "GET")).toBe(true);
});

const feedApi = (createFeed: Answer, put: Answer = { text: "" }) =>
	account(({ method, url }) => {
		if (url.hostname === "tortuga.example") return put;
		if (url.pathname.endsWith("/documents"))
			return { status: 201, json: { feedDocumentId: "d", url: "https://tortuga.example/x" } };
		if (method === "POST") return createFeed;
		throw new Error(`not asked for: ${url}`);
	});

test("a feed whose last call was answered is accepted as a whole", async () => {
	const api = feedApi({ status: 202, json: { feedId: "1" } });
	const written = await results(api, many);
	expect([new Set(written.results), written.trouble]).toEqual([new Set(["accepted"]), null]);
	const put = api.asked.find(({ method }) => method === "PUT");
	expect(put?.headers).toMatchObject({ "content-type": "application/json; charset=UTF-8" });
	expect(put?.headers["x-amz-access-token"]).toBeUndefined();
});

test("a feed whose last answer was lost is unknown as a whole, and whose file was not taken was certainly not sent", async () => {
	const lost = await results(feedApi(new ChannelError("timeout", "no answer")), many);
	expect([new Set(lost.results), lost.trouble?.reason]).toEqual([new Set(["unknown"]), "timeout"]);
	const untaken = await results(
		feedApi({ status: 202, json: { feedId: "1" } }, { status: 403, text: "<Error/>" }),
		many,
	);
	expect([new Set(untaken.results), untaken.trouble?.reason]).toEqual([new Set(["not_sent"]), "unreachable"]);
	const silent = feedApi({ status: 202, json: { feedId: "1" } }, new ChannelError("timeout", "no answer"));
	const unheard = await results(silent, many);
	expect([new Set(unheard.results), unheard.trouble?.reason]).toEqual([new Set(["not_sent"]), "timeout"]);
});

describe("a feed that Amazon refuses as a whole", () => {
	const no: Answer = { status: 400, json: { errors: [{ code: "InvalidInput", message: "no feed", details: "" }] } };
	const refusing = () =>
		account((asked) => {
			if (asked.url.hostname === "tortuga.example") return { text: "" };
			if (asked.url.pathname.endsWith("/documents"))
				return { status: 201, json: { feedDocumentId: "d", url: "https://tortuga.example/x" } };
			return no;
		});

	test("is that row's refusal where it held but one, and is told as an objection where none can go by itself", async () => {
		const one = await results(refusing(), rows("A/B"));
		expect(one.rows).toMatchObject([{ result: "refused", error: { message: expect.stringContaining("no feed") } }]);
		const two = await results(refusing(), rows("A/B", "C/D"));
		expect([two.results, two.trouble]).toEqual([["not_sent", "not_sent"], null]);
		expect(two.objection?.message).toContain("no feed");
	});
});
