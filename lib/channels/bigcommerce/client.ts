/**
 * One call and everything that BigCommerce may answer to it. V3 puts problems in an object and V2 in a list; an empty
 * list of V2 is an answer without content. Each answer tells what is left of the store's budget.
 */
import { stringify } from "lossless-json";
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError, type ChannelErrorReason } from "../errors";
import { parseExact } from "../exact-json";
import type { HttpReply } from "../http";
import type { Budget } from "../listing";
import { v2Errors, v3Error } from "./api-types";

export type Reply<T> = { data: T; budget: Budget | null };

export type Call = {
	method: "GET" | "POST" | "PUT" | "DELETE";
	/** With its version: `/v3/inventory/items`. */
	path: string;
	query?: Record<string, string | number>;
	/** Ids in it that must stay exact are LosslessNumbers. */
	body?: unknown;
};

/** A ChannelError that knows whether the request may have been carried out all the same, and what is left of the budget. */
export class BigCommerceError extends ChannelError {
	readonly mayHaveLanded: boolean;
	readonly status: number | null;
	readonly budget: Budget | null;
	/** What BigCommerce says, whole: a refusal names every row that it is for. */
	readonly said: string | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & {
			mayHaveLanded?: boolean;
			status?: number;
			budget?: Budget | null;
			said?: string | null;
		} = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
		this.status = more.status ?? null;
		this.budget = more.budget ?? null;
		this.said = more.said ?? null;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export const mayHaveLanded = (error: ChannelError): boolean =>
	error instanceof BigCommerceError ? error.mayHaveLanded : error.reason === "timeout" || error.reason === "unreadable";

/** An answer in place of a transaction: which rows it is for, and what becomes of the others, its words tell at best. */
export const isRefusedWhole = (error: unknown): error is BigCommerceError =>
	error instanceof BigCommerceError && error.status === 422;

export const isGone = (error: unknown) => error instanceof ChannelError && error.reason === "gone";

/** Sends one call with the store's token and reads its answer. Throws ChannelError for everything else. Never tries again. */
export async function callBigCommerce<T>(connection: Connection, call: Call, shape: z.ZodType<T>): Promise<Reply<T>> {
	const { accessToken } = connection.access;
	if (!accessToken)
		throw new BigCommerceError("access_revoked", "There is no access token for this store.", {
			fix: "Connect the store again.",
		});
	const query = Object.entries(call.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
	const reply = await connection.http.send({
		method: call.method,
		url: `${connection.baseUrl}${call.path}${query.length > 0 ? `?${query.join("&")}` : ""}`,
		headers: {
			"x-auth-token": accessToken,
			accept: "application/json",
			...(call.body === undefined ? {} : { "content-type": "application/json" }),
		},
		body: call.body === undefined ? undefined : stringify(call.body),
	});
	return readReply(reply, shape);
}

/** Pure: one HTTP reply → data, or the error that it stands for. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>): Reply<T> {
	const budget = budgetOf(reply.headers);
	const json = reply.status === 204 ? [] : parseJson(reply.text);
	if (reply.status < 200 || reply.status > 299) throw statusError(reply, json, budget);
	const read = shape.safeParse(json);
	if (read.success) return { data: read.data, budget };
	throw isPage(reply)
		? new BigCommerceError("not_a_store", "A web page answers where BigCommerce's API should be.", {
				fix: "Check the API path: it is shown where the API account was made, and begins with https://api.bigcommerce.com/stores/.",
				code: "HTML",
				mayHaveLanded: true,
				budget,
			})
		: new BigCommerceError("unreadable", "BigCommerce's answer has a form that Onecount doesn't know.", {
				mayHaveLanded: true,
				cause: read.error,
				budget,
			});
}

function parseJson(text: string): unknown {
	try {
		return parseExact(text);
	} catch {
		return undefined;
	}
}

const isPage = (reply: HttpReply) =>
	/html/i.test(reply.headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(reply.text);

/** What is left of the window, for the store and all its apps together; null where the reply does not say. */
export function budgetOf(headers: Record<string, string>): Budget | null {
	const number = (name: string) => {
		const value = Number(headers[`x-rate-limit-${name}`] ?? "");
		return headers[`x-rate-limit-${name}`] && Number.isFinite(value) ? value : null;
	};
	const [available, maximum, windowMs] = [number("requests-left"), number("requests-quota"), number("time-window-ms")];
	if (available === null || maximum === null || !windowMs) return null;
	return { available, maximum, restorePerSecond: maximum / (windowMs / 1_000) };
}

/** A 429 without its headers is the platform's own load: ours, a while. */
const loadedWaitMs = 5_000;

function statusError(reply: HttpReply, json: unknown, budget: Budget | null): BigCommerceError {
	const { status, headers } = reply;
	const title = saidBy(json);
	const said = inShort(title);
	const known = { status, budget, code: `HTTP_${status}` };
	if (status >= 300 && status < 400)
		return new BigCommerceError("not_a_store", "The address sends us to another one.", {
			...known,
			fix: "Check the API path: it is shown where the API account was made, and begins with https://api.bigcommerce.com/stores/.",
		});
	// BigCommerce speaks JSON alone: what does not has not looked at the token.
	if ((status === 401 || status === 403) && json === undefined)
		return new BigCommerceError("not_a_store", "Something before BigCommerce's API refuses our calls.", {
			...known,
			fix: "Look at this server's proxy or firewall. If there is none, check the API path: it is shown where the API account was made.",
		});
	if (status === 401)
		return new BigCommerceError("access_revoked", "BigCommerce does not accept the access token for this store.", {
			...known,
			fix: "Make a new API account in BigCommerce under Settings → Store-level API accounts (or install the app again), then connect again.",
		});
	if (status === 403)
		return new BigCommerceError("missing_scope", said || "The access token may not do this.", {
			...known,
			fix: "Make an API account with the scopes that are asked for (or agree to them when installing the app), then connect again.",
		});
	if (status === 429) {
		const resetMs = Number(headers["x-rate-limit-time-reset-ms"]);
		return new BigCommerceError("throttled", "The store's request budget is spent; BigCommerce asks to wait.", {
			...known,
			retryAfterMs: headers["x-rate-limit-time-reset-ms"] && resetMs >= 0 ? resetMs : loadedWaitMs,
		});
	}
	if (status >= 500)
		return new BigCommerceError(
			"unreachable",
			said ? `BigCommerce is having trouble: ${said}` : `BigCommerce is having trouble (${status}).`,
			{ ...known, mayHaveLanded: true },
		);
	if (isPage(reply))
		return new BigCommerceError("not_a_store", "No BigCommerce store answers at this address.", {
			...known,
			fix: "Check the API path: it is shown where the API account was made, and begins with https://api.bigcommerce.com/stores/.",
		});
	if (status === 404 || status === 410)
		return new BigCommerceError("gone", "BigCommerce no longer knows this item.", known);
	return new BigCommerceError(
		"refused",
		said ? `BigCommerce answered: ${said}` : `BigCommerce refused the call (${status}).`,
		{ ...known, code: said || known.code, said: title || null },
	);
}

/** For people and the log. */
export const inShort = (title: string): string => (title.length > 500 ? `${title.slice(0, 500)}…` : title);

function saidBy(json: unknown): string {
	const v3 = v3Error.safeParse(json);
	if (v3.success) {
		const fields = saidOfFields(v3.data.errors);
		return fields.length > 0 ? `${v3.data.title} (${fields.join("; ")})` : v3.data.title;
	}
	const v2 = v2Errors.safeParse(json);
	return v2.success ? v2.data.map(({ message }) => message).join(" ") : "";
}

/** `items.3.quantity: must be an integer`, however deep it lies. */
function saidOfFields(errors: unknown, path: readonly string[] = []): string[] {
	if (typeof errors === "string") return errors === "" ? [] : [[path.join("."), errors].filter(Boolean).join(": ")];
	if (typeof errors !== "object" || errors === null) return [];
	return Object.entries(errors).flatMap(([name, inner]) => saidOfFields(inner, [...path, name]));
}
