import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { UnreadableMail } from "../news";
import vectors from "./testing/signature-vectors.json";
import samples from "./testing/webhook-callbacks.json";
import { parseWebhook, readSecret, secretHeader, stockChanged, verifyWebhook, writeSecret } from "./webhook";

const { clientSecret, rawBody, headers } = vectors.webhook;
const word = "5f2c6a1b9d3e4f705f2c6a1b9d3e4f70";
const both = writeSecret({ ours: word, clientSecret });
const body = Buffer.from(rawBody);
const good = { ...headers, [secretHeader]: word };
const verify = (change: Record<string, string | undefined> = {}, secrets = [both], text = body) =>
	verifyWebhook(
		{
			headers: Object.fromEntries(
				Object.entries({ ...good, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
			),
			rawBody: text,
		},
		secrets,
	);

describe("news is believed", () => {
	test("under the official signature and our word, by the scope that is signed and the platform's own id", () => {
		expect(verify()).toEqual({
			verdict: "accepted",
			topic: "store/sku/inventory/updated",
			dedupeKey: headers["webhook-id"],
		});
	});

	test("whatever the case of the headers, beside a signature of another version, and under the former secret", () => {
		const shouted = Object.fromEntries(Object.entries(good).map(([name, value]) => [name.toUpperCase(), value]));
		expect(verifyWebhook({ headers: shouted, rawBody: body }, [both]).verdict).toBe("accepted");
		expect(verify({ "webhook-signature": `v1,AAAA v1a,xyz ${headers["webhook-signature"]}` }).verdict).toBe("accepted");
		expect(verify({}, [writeSecret({ ours: "other", clientSecret: "new" }), both]).verdict).toBe("accepted");
	});

	test("by our word alone where no client secret is known", () => {
		expect(verify({ "webhook-signature": undefined }, [word])).toMatchObject({ verdict: "accepted" });
		const unsigned = { "webhook-signature": undefined, "webhook-id": undefined, "webhook-timestamp": undefined };
		expect(verify(unsigned, [word])).toEqual({
			verdict: "accepted",
			topic: "store/sku/inventory/updated",
			dedupeKey: "store/sku/inventory/updated:116ddb29d7bc1b2322cc1a4dc295221ee3637d4b",
		});
	});
});

describe("news is refused", () => {
	const unknown = "unknown_sender";
	test.each<[string, Record<string, string | undefined>, string?]>([
		["another body's signature", { "webhook-signature": "v1,AX4ysIJ0HsEEmlM2AJgRqoEHcHlKs9BbmAhdalcuzUc=" }],
		["another id", { "webhook-id": "msg_2f1b7c0b" }],
		["no id", { "webhook-id": undefined }],
		["another time", { "webhook-timestamp": "1795392001" }],
		["no time", { "webhook-timestamp": undefined }],
		["no signature beside our word", { "webhook-signature": undefined }, "missing_signature"],
		["a signature without our word", { [secretHeader]: undefined }, unknown],
		["another word", { [secretHeader]: `${word}0` }, unknown],
		["an empty word", { [secretHeader]: "" }, unknown],
		["the signature without its version", { "webhook-signature": headers["webhook-signature"].slice(3) }],
		["base64 with something behind it", { "webhook-signature": `${headers["webhook-signature"]}A` }],
	])("%s", (_, change, reason = "wrong_signature") => {
		expect(verify(change)).toEqual({ verdict: "rejected", reason });
	});

	test("with neither signature nor word, and with a body that was changed", () => {
		expect(verify({ [secretHeader]: undefined, "webhook-signature": undefined })).toEqual({
			verdict: "rejected",
			reason: "missing_signature",
		});
		expect(verify({}, [both], Buffer.from(rawBody.replace('"value":5', '"value":6'))).verdict).toBe("rejected");
	});

	test("by our word alone under the secret from before the client secret was known", () => {
		expect(verify({ "webhook-signature": undefined }, [both, word]).verdict).toBe("rejected");
	});

	test("under an empty secret, whatever it is signed with", () => {
		const signature = `v1,${createHmac("sha256", "").update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`).update(body).digest("base64")}`;
		expect(verify({ [secretHeader]: "", "webhook-signature": signature }, [""]).verdict).toBe("rejected");
	});
});

test("a secret is read as it was written, whatever the client secret contains", () => {
	for (const secret of [
		{ ours: "a", clientSecret: null },
		{ ours: "a", clientSecret: "b~c" },
	])
		expect(readSecret(writeSecret(secret))).toEqual(secret);
});

test("one hash under two scopes is two pieces of news", () => {
	const keys = [samples["store/order/created"], samples["store/order/updated"]].map((sample) => {
		const verdict = verifyWebhook({ headers: { [secretHeader]: word }, rawBody: Buffer.from(JSON.stringify(sample)) }, [
			word,
		]);
		return verdict.verdict === "accepted" ? verdict.dedupeKey : null;
	});
	expect(new Set(keys).size).toBe(2);
	expect(samples["store/order/created"].hash).toBe(samples["store/order/updated"].hash);
});

describe("what the official samples say", () => {
	const order = { kind: "order_changed", orderRef: "250" };
	test.each<[keyof typeof samples, unknown[]]>([
		["store/order/created", [order]],
		["store/order/updated", [order]],
		["store/order/archived", [order]],
		["store/order/statusUpdated", [order]],
		["store/order/refund/created", [order]],
		["store/order/message/created", []],
		["store/product/created", [{ kind: "listing_changed", productRef: "205" }]],
		["store/product/updated", [{ kind: "listing_changed", productRef: "205" }]],
		["store/product/deleted", [{ kind: "listing_gone", productRef: "205" }]],
		["store/sku/created", [{ kind: "listing_changed", productRef: "206" }]],
		["store/sku/updated", [{ kind: "listing_changed", productRef: "206" }]],
		["store/sku/deleted", [{ kind: "listing_changed", productRef: "206" }]],
		["store/product/inventory/updated", [{ kind: "level_reported", externalKey: "product:167", hint: 100_000_000 }]],
		[
			"store/product/inventory/order/updated",
			[{ kind: "level_reported", externalKey: "product:167", hint: 100_000_000 }],
		],
		["store/sku/inventory/updated", [{ kind: "level_reported", externalKey: "variant:509", hint: 5 }]],
		["store/sku/inventory/order/updated", [{ kind: "level_reported", externalKey: "variant:509", hint: 5 }]],
	])("%s", (scope, signals) => {
		expect(parseWebhook(scope, Buffer.from(JSON.stringify(samples[scope])))).toEqual(signals);
	});

	test("a change is no level, and ids beyond 2^53 keep their digits", () => {
		const text = rawBody.replace('"absolute"', '"relative"').replace("509", "9007199254740993");
		expect(parseWebhook("store/sku/inventory/updated", Buffer.from(text))).toEqual([
			{ kind: "level_reported", externalKey: "variant:9007199254740993", hint: null },
		]);
	});

	test("a change at some location is a reason to read the variant and the product, of which one holds the number", () => {
		const mail = (data: object) => Buffer.from(JSON.stringify({ scope: stockChanged, data }));
		const level = (externalKey: string) => ({ kind: "level_reported", externalKey, hint: null });
		expect(parseWebhook(stockChanged, mail({ variant_id: 127, product_id: 113, location_id: 2 }))).toEqual([
			level("variant:127"),
			level("product:113"),
		]);
		expect(parseWebhook(stockChanged, mail({ product_id: 113, location_id: 2 }))).toEqual([level("product:113")]);
	});

	test("an uninstall names the store that tells of it", () => {
		const mail = { scope: "store/app/uninstalled", producer: "stores/abc123", data: {} };
		expect(parseWebhook("store/app/uninstalled", Buffer.from(JSON.stringify(mail)))).toEqual([
			{ kind: "access_revoked", storeKey: "abc123" },
		]);
	});
});

test("a body that is not what its scope promises is a dead letter", () => {
	for (const text of ["", "<html>", "[]", "{}", '{"data":{"id":-1}}', '{"data":null}'])
		for (const scope of [
			"store/order/created",
			"store/sku/updated",
			"store/sku/inventory/updated",
			"store/app/uninstalled",
		])
			expect(() => parseWebhook(scope, Buffer.from(text))).toThrow(UnreadableMail);
	expect(parseWebhook("store/cart/created", Buffer.from("{}"))).toEqual([]);
});
