/** How each platform that sends webhooks proves that they are its own, and how an order is told of in them. */
import { createHash, createHmac } from "node:crypto";
import type { Platform } from "@/db/schema";
import { writeSecret } from "@/lib/channels/square/webhook";
import { orderBody } from "../pipeline/shopify-mail";
import { genuine, type Mail, type Scheme, sign } from "./attacks";

export type MailPlatform = {
	scheme: Scheme;
	/** What is kept of a secret. */
	kept(secret: string): string;
	/** How an order line names the lamp. */
	listingRef: string;
	/** True: the mail carries the order whole, so that units move by the mail alone; false: it names what is to be read. */
	carriesOrders: boolean;
	/** One lamp, sold. */
	order(id: number, placedAt: number): unknown;
};

const isAway = (signature: string | null): signature is null => signature === null;

/** A signature of the raw body in a header. */
const inHeader = (name: string, headers: Record<string, string>): Scheme => ({
	mailOf: (rawBody) => ({ headers: { "content-type": "application/json", ...headers }, rawBody }),
	signed: ({ rawBody }) => rawBody,
	encoding: "base64",
	carry: (mail, signature) => (isAway(signature) ? mail : { ...mail, headers: { ...mail.headers, [name]: signature } }),
	carried: ({ headers: given }) => given[name],
	coversBody: true,
	ownAttacks: {},
});

/** Ours in each webhook's headers. Who forges knows it here: the signature must do alone. */
const word = "a word that has leaked";

const withHeaders = (mail: Mail, headers: Record<string, string>): Mail => ({
	...mail,
	headers: { ...mail.headers, ...headers },
});

/** Standard Webhooks: the id and the time are signed with the body. */
const standardWebhooks: Scheme = {
	mailOf: (rawBody) => ({
		headers: {
			"content-type": "application/json",
			"x-onecount-secret": word,
			"webhook-id": createHash("sha256").update(rawBody).digest("hex"),
			"webhook-timestamp": "1764500000",
		},
		rawBody,
	}),
	signed: ({ headers, rawBody }) =>
		Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), rawBody]),
	encoding: "base64",
	carry: (mail, signature) =>
		isAway(signature) ? mail : withHeaders(mail, { "webhook-signature": `v1,${signature}` }),
	carried: ({ headers }) => headers["webhook-signature"]?.replace(/^v1,/, ""),
	coversBody: true,
	ownAttacks: {
		"under another id": (signing, body, random) =>
			withHeaders(genuine(signing, body), { "webhook-id": `${random.next()}` }),
		"at another time": (signing, body, random) =>
			withHeaders(genuine(signing, body), { "webhook-timestamp": `${1_764_500_001 + random.int(0, 9_999)}` }),
		"a version that nobody knows": (signing, body, random) => {
			const mail = genuine(signing, body);
			const version = random.pick(["v0", "v1a", "v2", "V1", ""]);
			return withHeaders(mail, { "webhook-signature": `${version},${signing.scheme.carried(mail)}` });
		},
		"with another word than ours": (signing, body, random) =>
			withHeaders(genuine(signing, body), { "x-onecount-secret": `word ${random.next()}` }),
	},
};

const storeKey = "a1b2c3d4";

/** A token in the address that the news was asked for at, for one store of the account; of the body nothing is signed. */
const tokenInAddress: Scheme = {
	mailOf: (rawBody) => ({
		headers: {
			"content-type": "application/json",
			"x-webhook-entity": "order",
			"x-webhook-action": "update",
			"x-webhook-id": "7",
			"x-webhook-timestamp": createHash("sha256").update(rawBody).digest("hex"),
		},
		query: `store=${storeKey}`,
		rawBody,
	}),
	signed: ({ query }) => Buffer.from(`api2cart callback\n${new URLSearchParams(query).get("store")}`),
	encoding: "base64url",
	carry: (mail, signature) =>
		isAway(signature) ? mail : { ...mail, query: `${mail.query}&token=${encodeURIComponent(signature)}` },
	carried: ({ query }) => new URLSearchParams(query).get("token") ?? undefined,
	coversBody: false,
	ownAttacks: {
		"for another store": (signing, body, random) => {
			const mail = genuine(signing, body);
			return { ...mail, query: mail.query?.replace(storeKey, `store${random.int(0, 9_999)}`) };
		},
		"without a store": (signing, body) => {
			const mail = genuine(signing, body);
			return { ...mail, query: mail.query?.replace(`store=${storeKey}&`, "") };
		},
		"signed as by another platform": ({ secret, scheme }, body) => {
			const mail = scheme.mailOf(body);
			return scheme.carry(mail, sign(secret, { ...scheme, signed: () => body }, mail).toString("base64url"));
		},
	},
};

const squareMerchant = "MLHT4V7SGQ2KR";
const squareAddress = "https://stock.example.com/api/webhooks/square/1";

/** The address that the news was asked for at is signed before the body; it stands in no header. */
const addressBeforeBody = (address: string): Scheme => ({
	...inHeader("x-square-hmacsha256-signature", { "square-environment": "Production" }),
	signed: ({ rawBody }) => Buffer.concat([Buffer.from(address), rawBody]),
});

const squareScheme: Scheme = {
	...addressBeforeBody(squareAddress),
	ownAttacks: {
		"for another address": (signing, body, random) =>
			genuine({ ...signing, scheme: addressBeforeBody(`${squareAddress}${random.int(0, 9_999)}`) }, body),
		"the body alone": (signing, body) => genuine({ ...signing, scheme: addressBeforeBody("") }, body),
		"by the older signature": ({ scheme, secret }, body) => {
			const mail = scheme.mailOf(body);
			const older = createHmac("sha1", secret).update(scheme.signed(mail)).digest("base64");
			return withHeaders(mail, { "x-square-signature": older });
		},
	},
};

export const mailPlatforms: Partial<Record<Platform, MailPlatform>> = {
	shopify: {
		scheme: inHeader("x-shopify-hmac-sha256", { "x-shopify-topic": "orders/updated" }),
		kept: (secret) => secret,
		listingRef: "variant:7",
		carriesOrders: true,
		order: (id, placedAt) => {
			const lines = [{ lineId: "1", variantId: "7", everOrdered: 1, taken: 1 }];
			return JSON.parse(orderBody(`${id}`, placedAt, { lines, at: placedAt }));
		},
	},
	woocommerce: {
		scheme: inHeader("x-wc-webhook-signature", { "x-wc-webhook-topic": "order.updated" }),
		kept: (secret) => secret,
		listingRef: "product:7",
		carriesOrders: true,
		order: (id, placedAt) => {
			const stamp = new Date(placedAt).toISOString().slice(0, 19);
			const line = { id: 1, product_id: 7, variation_id: 0, name: "Lamp", quantity: 1, sku: "" };
			return {
				id,
				number: `${id}`,
				status: "processing",
				date_created_gmt: stamp,
				date_modified_gmt: stamp,
				line_items: [{ ...line, meta_data: [{ key: "_reduced_stock", value: "1" }] }],
				refunds: [],
			};
		},
	},
	bigcommerce: {
		scheme: standardWebhooks,
		kept: (secret) => `${word}~${secret}`,
		listingRef: "product:7",
		carriesOrders: false,
		order: (id, placedAt) => ({
			created_at: Math.floor(placedAt / 1_000),
			store_id: "1",
			producer: "stores/abc123",
			scope: "store/order/updated",
			hash: `${id}`,
			data: { type: "order", id },
		}),
	},
	api2cart: {
		scheme: tokenInAddress,
		kept: (secret) => secret,
		listingRef: "product:7",
		carriesOrders: false,
		order: (id) => ({ result: { order_id: `${id}` } }),
	},
	square: {
		scheme: squareScheme,
		kept: (secret) => writeSecret({ signatureKey: secret, merchantId: squareMerchant, notificationUrl: squareAddress }),
		listingRef: "W62UWFY35CWMYGVWK6TWJDNI",
		carriesOrders: false,
		order: (id, placedAt) => ({
			merchant_id: squareMerchant,
			type: "order.created",
			event_id: `${id}`,
			created_at: new Date(placedAt).toISOString(),
			data: {
				type: "order_created",
				id: `order-${id}`,
				object: { order_created: { order_id: `order-${id}`, state: "OPEN", version: 1 } },
			},
		}),
	},
};
