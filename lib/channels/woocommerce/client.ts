/**
 * One call and everything that a WordPress site may answer to it. Behind an address may be any version, host, cache or
 * firewall, so nothing is believed for its status alone: a page with status 200 is no answer.
 */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError, type ChannelErrorReason } from "../errors";
import type { HttpReply } from "../http";
import { jsonIn } from "../json-in";
import { wpError } from "./api-types";
import { authorised, authScheme } from "./auth";
import { plainText } from "./text";

export type Reply<T> = { data: T; headers: Record<string, string> };

export type Call = {
	method: "GET" | "POST" | "PUT" | "DELETE";
	/** Below `/wp-json/wc/v3`. */
	path: string;
	query?: Record<string, string | number | boolean>;
	body?: unknown;
};

/** A ChannelError that knows whether the request may have been carried out all the same. */
export class WooError extends ChannelError {
	readonly mayHaveLanded: boolean;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & { mayHaveLanded?: boolean } = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export const mayHaveLanded = (error: ChannelError): boolean =>
	error instanceof WooError ? error.mayHaveLanded : error.reason === "timeout" || error.reason === "unreadable";

/** The route does not exist: WooCommerce is switched off, or older than the route. */
export const isNoRoute = (error: unknown) => error instanceof ChannelError && error.code === "rest_no_route";

export const isGone = (error: unknown) => error instanceof ChannelError && error.reason === "gone";

/** Sends one call with the store's keys and reads its answer. Throws ChannelError for everything else. Never tries again. */
export async function callWoo<T>(connection: Connection, call: Call, shape: z.ZodType<T>): Promise<Reply<T>> {
	const { consumerKey, consumerSecret } = connection.access;
	if (!consumerKey || !consumerSecret)
		throw new WooError("access_revoked", "There are no keys for this shop.", { fix: "Connect the shop again." });
	const query = Object.entries(call.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
	const { url, headers } = authorised(
		authScheme(connection),
		{ consumerKey, consumerSecret },
		call.method,
		`${connection.baseUrl}/wp-json/wc/v3${call.path}${query.length > 0 ? `?${query.join("&")}` : ""}`,
		connection.now(),
	);
	const reply = await connection.http.send({
		method: call.method,
		url,
		// Shops sit behind page caches; a cached level would be a lie.
		headers: {
			...headers,
			"cache-control": "no-cache",
			...(call.body === undefined ? {} : { "content-type": "application/json" }),
		},
		body: call.body === undefined ? undefined : JSON.stringify(call.body),
	});
	return readReply(reply, shape, call.method === "GET" ? "read" : "write");
}

/** Pure: one HTTP reply → data, or the error that it stands for. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>, kind: "read" | "write"): Reply<T> {
	const json = parseJson(reply.text, kind);
	if (reply.status < 200 || reply.status > 299) throw statusError(reply, json);
	if (json === undefined) throw notJson(reply);
	const read = shape.safeParse(json);
	if (!read.success)
		throw new WooError("unreadable", "The shop's answer has a form that Onecount doesn't know.", {
			fix: "A plugin of the shop may change WooCommerce's REST answers; ask its author, or switch it off.",
			mayHaveLanded: true,
			cause: read.error,
		});
	return { data: read.data, headers: reply.headers };
}

const mostStarts = 64;

/**
 * Undefined when it is none. Where PHP printed a notice before the answer, a read is cut out from behind it; of a write
 * we would rather know that its answer was damaged, and read back.
 */
function parseJson(text: string, kind: "read" | "write"): unknown {
	const clean = text.replace(/^\uFEFF+/, "");
	const whole = jsonIn(clean);
	if (whole !== undefined || kind === "write") return whole;
	let starts = 0;
	for (const { index } of clean.matchAll(/[{[]/g)) {
		if (++starts > mostStarts) return undefined;
		const rest = jsonIn(clean.slice(index));
		if (rest !== undefined) return rest;
	}
	return undefined;
}

const isPage = (reply: HttpReply) =>
	/html/i.test(reply.headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(reply.text);

/**
 * Seen: with plain permalinks every address of the API answers 200 with the front page, and a write "succeeds" and does
 * nothing. A firewall's or a cache's page looks alike and says nothing about the request.
 */
function notJson(reply: HttpReply): WooError {
	if (isPage(reply))
		return new WooError("not_a_store", "The shop answers with a web page where its REST API should be.", {
			fix: "In WordPress under Settings → Permalinks choose any structure but Plain. If it is none, ask the host whether a firewall or cache stands before /wp-json.",
			code: "HTML",
			mayHaveLanded: true,
		});
	return new WooError("unreadable", "The shop's answer can't be read.", {
		fix: "PHP prints notices into the shop's answers: ask its host to switch display_errors off.",
		code: "NOT_JSON",
		mayHaveLanded: true,
	});
}

function statusError(reply: HttpReply, json: unknown): WooError {
	const { status, headers } = reply;
	const { code, said } = saidBy(json, status);
	if (status >= 300 && status < 400) return moved(headers.location);
	if ((status === 401 || status === 403) && (isPage(reply) || json === undefined)) return firewall(code);
	if (status === 401) return unauthorised(code, said);
	if (status === 403)
		return new WooError("missing_scope", "The keys' user may not do this in WooCommerce.", {
			fix: "Make keys for a shop manager or an administrator (WooCommerce → Settings → Advanced → REST API), then connect again.",
			code,
		});
	if (status === 429)
		return new WooError("throttled", "The shop's host asks to wait before the next call.", {
			code,
			retryAfterMs: retryAfterMs(headers["retry-after"]) ?? 5_000,
		});
	if (status === 503 && code === "wp_die")
		return new WooError("unreachable", "The shop is being updated for a moment.", {
			code,
			retryAfterMs: retryAfterMs(headers["retry-after"]),
		});
	if (status >= 500)
		return new WooError(
			"unreachable",
			said ? `The shop is having trouble: ${said}` : `The shop is having trouble (${status}).`,
			{
				code,
				retryAfterMs: retryAfterMs(headers["retry-after"]),
				mayHaveLanded: true,
			},
		);
	if (code === "rest_no_route") return noRoute();
	if (/_invalid_id$|_invalid_product_id$/.test(code) || status === 410)
		return new WooError("gone", "WooCommerce no longer knows this item.", { code });
	if (status === 404)
		return new WooError("not_a_store", "No WooCommerce answers at this address.", {
			fix: "Check the address: it is the one under which the shop's own pages open, without /shop or /wp-admin.",
			code,
		});
	return new WooError("refused", said ? `WooCommerce answered: ${said}` : `The shop refused the call (${status}).`, {
		code,
	});
}

function saidBy(json: unknown, status: number): { code: string; said: string } {
	const read = wpError.safeParse(json);
	return read.success
		? { code: read.data.code, said: plainText(read.data.message).slice(0, 300) }
		: { code: `HTTP_${status}`, said: "" };
}

/**
 * The two names under which WooCommerce refuses a caller. `authentication_error` says what it did not accept: to a signed
 * call also the key. `cannot_view` and its sisters also mean that it read none: an unknown key, or Basic credentials that
 * it ignores.
 */
function unauthorised(code: string, said: string): WooError {
	if (/timestamp/i.test(said))
		return new WooError("refused", "The shop refuses our signature because its clock and ours differ by minutes.", {
			fix: "Set this computer's clock by a time server, or ask the shop's host to.",
			code: "CLOCK",
		});
	const right = /(read|write) permissions/i.exec(said)?.[1]?.toLowerCase();
	if (right)
		return new WooError("missing_scope", `The keys may not ${right}.`, {
			fix: "In WooCommerce under Settings → Advanced → REST API give the key Read/Write, or make a new one.",
			code: `${right}_permission`,
		});
	return new WooError(
		"access_revoked",
		code === "woocommerce_rest_authentication_error" && !/consumer key/i.test(said)
			? "WooCommerce does not accept the consumer secret."
			: "WooCommerce does not know the consumer key.",
		{
			fix: "Make new keys in WooCommerce under Settings → Advanced → REST API (or let WooCommerce hand them over), then connect again.",
			code,
		},
	);
}

function moved(location: string | undefined): WooError {
	const to = location?.replace(/\/wp-json\/.*$|\?.*$|\/+$/g, "");
	return new WooError("not_a_store", to ? `The shop has moved to ${to}.` : "The shop sends us to another address.", {
		fix: to ? `Connect ${to} instead.` : "Use the address that the browser shows when the shop is open.",
		code: "MOVED",
	});
}

const firewall = (code: string) =>
	new WooError("refused", "Something in front of the shop refuses our calls.", {
		fix: "Ask the shop's host or its security plugin to let Onecount's calls to /wp-json/wc/v3 pass, without a password of the web server's.",
		code,
	});

export const noRoute = () =>
	new WooError("not_a_store", "WordPress answers, and WooCommerce's REST API is not there.", {
		fix: "Activate WooCommerce under Plugins in WordPress, and check that no security plugin switches its REST API off.",
		code: "rest_no_route",
	});

/** Seconds, or a date. */
export function retryAfterMs(header: string | undefined): number | null {
	if (!header) return null;
	const seconds = Number(header);
	if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1_000) : null;
	const at = Date.parse(header);
	return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
