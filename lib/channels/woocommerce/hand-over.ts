/**
 * WooCommerce makes keys and hands them over: the merchant agrees in the shop, the shop's server posts the keys to our
 * callback and needs a plain 200 (else it deletes the key), and only then the browser comes back. The post is unsigned, and
 * `user_id` is all that ties it to the one who asked: so it is a signed, short-lived, one-time word for one merchant and
 * one shop. The keys are still to be tried at the shop's address before they are believed.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ChannelError } from "../errors";

export type HandOver = {
	/** For whom the keys are; kept as it is. */
	merchantId: string;
	/** The shop's address, without trailing slash. */
	storeUrl: string;
	/** Random: whoever receives the keys accepts each once. */
	nonce: string;
	/** Milliseconds since the epoch. */
	expiresAt: number;
};

/** Time to sign in to the shop and to read what it asks. */
const validMs = 30 * 60_000;

const handOver = z.object({ merchantId: z.string(), storeUrl: z.string(), nonce: z.string(), expiresAt: z.number() });

export const newHandOver = (merchantId: string, storeUrl: string, now: Date): HandOver => ({
	merchantId,
	storeUrl: storeUrl.replace(/\/+$/, ""),
	nonce: randomBytes(16).toString("hex"),
	expiresAt: now.getTime() + validMs,
});

/** The form in which it travels as `user_id`. */
export function signHandOver(what: HandOver, secret: string): string {
	const payload = Buffer.from(JSON.stringify(what)).toString("base64url");
	return `${payload}.${macOf(payload, secret)}`;
}

/** Null for anything that we did not sign, or that is over. That it is used once is the caller's to hold. */
export function readHandOver(userId: string, secret: string, now: Date): HandOver | null {
	const [payload = "", mac = "", rest] = userId.split(".");
	const right = Buffer.from(macOf(payload, secret));
	const given = Buffer.from(mac);
	if (rest !== undefined || given.length !== right.length || !timingSafeEqual(given, right)) return null;
	const what = handOver.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
	return what.expiresAt > now.getTime() ? what : null;
}

const macOf = (payload: string, secret: string) =>
	createHmac("sha256", secret).update(`woocommerce hand-over ${payload}`).digest("base64url");

/**
 * Where the merchant agrees. Throws ChannelError where WooCommerce would refuse: it posts keys to https only. A shop
 * without TLS that answers on our own host is a sandbox beside us, and posts without TLS too.
 */
export function authorizeUrl(to: {
	storeUrl: string;
	appName: string;
	userId: string;
	returnUrl: string;
	callbackUrl: string;
}): string {
	const shop = new URL(to.storeUrl);
	const callback = new URL(to.callbackUrl);
	const isBesideUs = shop.protocol === "http:" && shop.hostname === callback.hostname;
	if (callback.protocol !== "https:" && !isBesideUs)
		throw new ChannelError("refused", "WooCommerce hands keys over to https addresses only, and Onecount has none.", {
			fix: "Set ONECOUNT_URL to the https address under which Onecount is reached, or paste keys instead.",
			code: "NO_HTTPS",
		});
	const query = new URLSearchParams({
		app_name: to.appName,
		scope: "read_write",
		user_id: to.userId,
		return_url: to.returnUrl,
		callback_url: to.callbackUrl,
	});
	return `${to.storeUrl.replace(/\/+$/, "")}/wc-auth/v1/authorize?${query}`;
}

const handedKeys = z.object({
	key_id: z.union([z.number(), z.string()]).transform(String),
	user_id: z.union([z.number(), z.string()]).transform(String),
	consumer_key: z.string().regex(/^ck_[A-Za-z0-9]{10,}$/),
	consumer_secret: z.string().regex(/^cs_[A-Za-z0-9]{10,}$/),
	key_permissions: z.enum(["read", "write", "read_write"]),
});

export type HandedKeys = {
	/** To be read with readHandOver. */
	userId: string;
	access: { consumerKey: string; consumerSecret: string };
	permissions: "read" | "write" | "read_write";
};

/** The body that the shop posted; null for anything else. */
export function readHandedKeys(rawBody: Buffer): HandedKeys | null {
	let json: unknown;
	try {
		json = JSON.parse(rawBody.toString("utf8"));
	} catch {
		return null;
	}
	const read = handedKeys.safeParse(json);
	if (!read.success) return null;
	const { user_id, consumer_key, consumer_secret, key_permissions } = read.data;
	return {
		userId: user_id,
		access: { consumerKey: consumer_key, consumerSecret: consumer_secret },
		permissions: key_permissions,
	};
}

/** How the browser came back: whether the merchant agreed, and for which hand-over. */
export const readReturn = (query: URLSearchParams): { isGranted: boolean; userId: string } => ({
	isGranted: query.get("success") === "1",
	userId: query.get("user_id") ?? "",
});

/** What people type → the shop's address without trailing slash; null for what is no web address. */
export function normaliseShopUrl(typed: string): string | null {
	const text = typed.trim();
	try {
		const url = new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`);
		if (!/^https?:$/.test(url.protocol) || url.username || url.password) return null;
		if (!/\.|^localhost$|^\[/.test(url.hostname)) return null;
		const path = url.pathname.replace(/\/+(wp-admin|wp-json|wp-login\.php)(\/.*)?$/i, "").replace(/\/+$/, "");
		return `${url.origin}${path}`;
	} catch {
		return null;
	}
}
