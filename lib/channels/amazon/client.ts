/** One call of the Selling Partner API and everything that it may answer. HTTP only; what may have been done is never tried again. */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError, type ChannelErrorReason } from "../errors";
import type { HttpReply } from "../http";
import { jsonIn } from "../json-in";
import { errorList } from "./api-types";
import { emptied, heedRate, type Operation, take, waitFor } from "./buckets";
import { endedSecretFix } from "./client-secret";
import { appToken, sellerToken } from "./login";
import { isStrange, strangerFix } from "./stranger";

export type Call = {
	operation: Operation;
	method: "GET" | "POST" | "PATCH" | "DELETE";
	/** From the endpoint on; parts that are names are already encoded. */
	path: string;
	/** Lists are joined by commas, as Amazon reads them. */
	query?: Record<string, string | number | readonly string[] | undefined>;
	body?: unknown;
	/** Whose things it is about; the app's own need another kind of token. */
	as?: "seller" | "app" | "rotation";
	/** How long it may wait for its turn; longer is `throttled`. */
	patienceMs?: number;
	/** What it answers holds an address that opens a document to everybody. */
	isSecret?: boolean;
};

/** Amazon asks for a name in this form. */
export const userAgent = "Onecount/1.0 (Language=TypeScript; Platform=Node)";

/** Long enough for the next turn at five calls a second, behind a few others. */
const usualPatienceMs = 3_000;

/** A ChannelError that knows whether the request may have been carried out all the same. */
export class AmazonError extends ChannelError {
	readonly mayHaveLanded: boolean;
	readonly status: number | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & { mayHaveLanded?: boolean; status?: number } = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
		this.status = more.status ?? null;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export const mayHaveLanded = (error: ChannelError): boolean =>
	error instanceof AmazonError ? error.mayHaveLanded : error.reason === "timeout" || error.reason === "unreadable";

export const isGone = (error: unknown) => error instanceof ChannelError && error.reason === "gone";

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Some 429 come within the rate, too: the next turn is waited for so many times. */
const mostTurns = 3;
const mostRenewals = 2;

/** Sends one call in its turn and reads its answer. Throws ChannelError for everything else. */
export async function callAmazon<T>(connection: Connection, call: Call, shape: z.ZodType<T>): Promise<T> {
	for (let turn = 1; ; turn++) {
		const reply = await sendWithToken(connection, call);
		heedRate(connection, call.operation, reply.headers["x-amzn-ratelimit-limit"]);
		if (reply.status !== 429) return readReply(reply, shape);
		const retryAfterMs = emptied(connection, call.operation);
		if (turn === mostTurns || retryAfterMs > (call.patienceMs ?? usualPatienceMs))
			throw throttled(retryAfterMs, saidBy(reply).code, call.operation);
	}
}

async function sendWithToken(connection: Connection, call: Call): Promise<HttpReply> {
	const { as = "seller" } = call;
	const tokenFor = (stale: string | null) =>
		as === "seller" ? sellerToken(connection, stale) : appToken(connection, stale, as);
	let token = await tokenFor(null);
	await awaitTurn(connection, call);
	let reply = await send(connection, call, token);
	// Refused before anything was done. Amazon's word on a token is not the last: only its login's is. The next token may be
	// one that was kept and has ended as well; the one after it is fresh.
	for (let renewals = 0; renewals < mostRenewals && isTokenRefused(reply); renewals++) {
		token = await tokenFor(token);
		reply = await send(connection, call, token);
	}
	return reply;
}

async function awaitTurn(connection: Connection, call: Call): Promise<void> {
	const waitMs = waitFor(connection, call.operation);
	if (waitMs > (call.patienceMs ?? usualPatienceMs)) throw throttled(waitMs, null, call.operation);
	// Taken before the wait, so that others queue behind it.
	take(connection, call.operation);
	if (waitMs > 0) await pause(waitMs);
}

const throttled = (retryAfterMs: number, code: string | null, operation: Operation | null) =>
	new AmazonError("throttled", "Amazon allows no more calls of this kind for now.", {
		retryAfterMs,
		lane: operation === "searchOrders" ? "orders" : null,
		code,
		status: 429,
	});

function send(connection: Connection, call: Call, token: string): Promise<HttpReply> {
	return connection.http.send({
		method: call.method,
		url: `${connection.baseUrl}${call.path}${queryOf(call.query)}`,
		headers: {
			"user-agent": userAgent,
			"x-amz-access-token": token,
			...(call.body === undefined ? {} : { "content-type": "application/json" }),
		},
		body: call.body === undefined ? undefined : JSON.stringify(call.body),
		isSecret: call.isSecret,
	});
}

function queryOf(query: Call["query"] = {}): string {
	const parts = Object.entries(query).flatMap(([name, value]) => {
		if (value === undefined) return [];
		const text = Array.isArray(value) ? value.map(encode).join(",") : encode(String(value));
		return [`${name}=${text}`];
	});
	return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** Once, and also what `encodeURIComponent` leaves alone: Amazon takes no other form of a SKU. */
export const encode = (text: string): string =>
	encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

type Said = { code: string; message: string; details: string };

function saidBy(reply: HttpReply): Said {
	const read = errorList.safeParse(jsonIn(reply.text));
	const first = read.data?.errors[0];
	return first
		? { code: first.code, message: first.message.trim(), details: first.details ?? "" }
		: { code: noCode(reply.status), message: "", details: "" };
}

/** Of an answer that has no code of Amazon's. */
const noCode = (status: number) => `HTTP_${status}`;

/** What stands in front of Amazon may have let the call through. */
const notAmazon = (status: number) =>
	new AmazonError("not_a_store", "Amazon's API does not answer at this address.", {
		fix: strangerFix,
		code: noCode(status),
		status,
		mayHaveLanded: status < 300,
	});

const isTokenRefused = (reply: HttpReply): boolean =>
	(reply.status === 401 || reply.status === 403) && /access token you provided/i.test(saidBy(reply).details);

/** Pure: one HTTP reply → data, or the error that it stands for. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>): T {
	if (reply.status < 200 || reply.status > 299) throw statusError(reply);
	const read = shape.safeParse(reply.status === 204 ? null : jsonIn(reply.text));
	if (read.success) return read.data;
	if (isStrange(reply.text)) throw notAmazon(reply.status);
	throw unreadable(reply.status, read.error);
}

const unreadable = (status: number, cause?: unknown) =>
	new AmazonError("unreadable", "Amazon's answer has a form that Onecount doesn't know.", {
		mayHaveLanded: true,
		cause,
		status,
	});

/** Codes are not uniform over Amazon's interfaces, so the status decides. */
function statusError(reply: HttpReply): AmazonError {
	const { status } = reply;
	const { code, message, details } = saidBy(reply);
	const words = [message, details].filter(Boolean).join(" ").slice(0, 300);
	if (status === 401 || status === 403)
		return isStrange(reply.text) ? notAmazon(status) : forbidden(status, code, details);
	// Only Amazon itself can say that a thing is gone.
	if (status === 404 && code === noCode(status)) return isStrange(reply.text) ? notAmazon(status) : unreadable(status);
	if (status === 404) return new AmazonError("gone", "Amazon no longer knows this.", { code, status });
	if (status === 429) return throttled(1_000, code, null);
	if (status >= 500 || status === 408)
		return new AmazonError("unreachable", `Amazon is having trouble (${status}).`, {
			code,
			status,
			mayHaveLanded: true,
		});
	if (status >= 300 && status < 400) return notAmazon(status);
	return new AmazonError("refused", words ? `Amazon answered: ${words}` : `Amazon refused the call (${status}).`, {
		code,
		status,
		fix:
			code === "InvalidInput"
				? "Check in Seller Central that the seller's account is active; if it is, try again later."
				: null,
	});
}

/**
 * Amazon has answered 403 to whole regions by mistake for half an hour, so none of these means that the seller has revoked
 * anything; its login says that. An expired client secret is the exception: nothing but a new one helps.
 */
function forbidden(status: number, code: string, details: string): AmazonError {
	if (/LWA secret token/i.test(details))
		return new AmazonError("app_misconfigured", "The app's client secret has expired.", {
			fix: endedSecretFix,
			code,
			status,
		});
	if (/access token you provided/i.test(details))
		return new AmazonError("unreachable", "Amazon refuses an access token that its own login has just given out.", {
			code,
			status,
		});
	return new AmazonError("missing_scope", "Amazon does not allow this call.", {
		fix: "Check the seller id and the marketplace, and that the app has the roles Product Listing and Inventory and Order Tracking; after a role was added, the seller has to authorise the app again.",
		code,
		status,
	});
}
