/** One call to API2Cart and everything that it may answer. */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { parseExact } from "../exact-json";
import type { HttpReply } from "../http";
import { envelope } from "./api-types";
import { A2cError, codeError } from "./codes";
import { inTurn } from "./gate";

export type Query = Record<string, string | number | boolean | undefined>;
export type Call = {
	verb: "GET" | "POST" | "PUT" | "DELETE";
	/** `product.list` */
	method: string;
	/** Sent with the account's key alone. */
	isAccountWide?: true;
	query?: Query;
	body?: unknown;
	/** Instead of what a reading or a writing is given. */
	patienceMs?: number;
	/** By `performance.now()`: what is still waiting for its turn then does not leave. */
	leavesBy?: number;
};
/** `next`: the cursor of the page behind this one. */
export type Answer<T> = { result: T; next: string | null; date: string | null };

/** API2Cart waits for the store as long as that takes. A write must be settled before its claim of a minute is over. */
const patienceMs = { read: 120_000, write: 45_000 };

/** Sends one call with the keys and reads its answer. Throws ChannelError for everything else. Never tries again. */
export async function callA2c<T>(connection: Connection, call: Call, shape: z.ZodType<T>): Promise<Answer<T>> {
	const { accountKey, storeKey } = connection.access;
	if (!accountKey || !(storeKey || call.isAccountWide))
		throw new A2cError("access_revoked", "There are no keys for this store.", { fix: "Connect the store again." });
	const keys = {
		account: `${connection.baseUrl} ${accountKey}`,
		store: call.isAccountWide ? null : (storeKey ?? null),
	};
	const reply = await inTurn(keys, () => {
		if (call.leavesBy !== undefined && performance.now() > call.leavesBy)
			throw new A2cError("throttled", "Too many calls to API2Cart are waiting for each other.", { code: "QUEUE" });
		return connection.http.send({
			method: call.verb,
			url: `${connection.baseUrl}/v1.1/${call.method}.json${queryOf(call.query ?? {})}`,
			headers: {
				"x-api-key": accountKey,
				...(call.isAccountWide ? {} : { "x-store-key": storeKey ?? "" }),
				...(call.body === undefined ? {} : { "content-type": "application/json" }),
			},
			body: call.body === undefined ? undefined : JSON.stringify(call.body),
			timeoutMs: call.patienceMs ?? (call.verb === "GET" ? patienceMs.read : patienceMs.write),
		});
	});
	return readReply(reply, shape);
}

/** Encoded once: a cursor holds `+ / % =` of its own. */
function queryOf(query: Query): string {
	const given = Object.entries(query).filter(([, value]) => value !== undefined);
	return given.length === 0
		? ""
		: `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}

/** Pure: one HTTP reply → data, or the error that it stands for. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>): Answer<T> {
	const whole = envelope.safeParse(tryParse(reply.text));
	if (!whole.success) throw notAnEnvelope(reply);
	const { return_code: code, return_message: message, result, pagination } = whole.data;
	if (code !== 0) throw codeError(code, message ?? "");
	const read = shape.safeParse(result);
	if (!read.success)
		throw new A2cError("unreadable", "API2Cart's answer has a form that Onecount doesn't know.", {
			fix: "Tell us which platform the store is on: API2Cart words each a little differently.",
			mayHaveLanded: true,
			cause: read.error,
		});
	return { result: read.data, next: pagination?.next || null, date: reply.headers.date ?? null };
}

function tryParse(text: string): unknown {
	try {
		return parseExact(text);
	} catch {
		return undefined;
	}
}

/** Whatever answered, it was not API2Cart: a gateway before it, or another server. */
function notAnEnvelope({ status, headers, text }: HttpReply): A2cError {
	const code = `HTTP_${status}`;
	if (status === 429)
		return new A2cError("throttled", "API2Cart's gateway has had enough calls for now.", {
			code,
			retryAfterMs: (Number(headers["retry-after"]) || 2) * 1_000,
		});
	if (status >= 500) return new A2cError("unreachable", `API2Cart is down (${status}).`, { code, mayHaveLanded: true });
	if (status >= 300 || /^\s*</.test(text))
		return new A2cError("not_a_store", "This address does not answer as API2Cart does.", {
			code,
			fix: "Leave the address at https://api.api2cart.com unless API2Cart gave you another. If it is right, look at this server's proxy or firewall.",
			mayHaveLanded: status < 300,
		});
	return new A2cError("unreadable", "API2Cart's answer can't be read.", { code, mayHaveLanded: true });
}

const reportIds = new Map<string, { id: string; at: number }>();
const reportLifeMs = 60 * 60_000;

/**
 * A list that a platform makes a report for: what it is told to come back with is kept for the next time, so that the
 * same report is waited for and not begun anew.
 */
export async function callList<T>(connection: Connection, call: Call, shape: z.ZodType<T>): Promise<Answer<T>> {
	const key = `${connection.access.storeKey} ${call.method} ${JSON.stringify(call.query)}`;
	const kept = reportIds.get(key);
	const isFresh = kept !== undefined && connection.now().getTime() - kept.at < reportLifeMs;
	const query: Query = { ...call.query, ...(isFresh ? { report_request_id: kept.id } : {}) };
	try {
		const answer = await callA2c(connection, { ...call, query }, shape);
		reportIds.delete(key);
		return answer;
	} catch (error) {
		if (error instanceof A2cError && error.reportId && !isFresh)
			reportIds.set(key, { id: error.reportId, at: connection.now().getTime() });
		throw error;
	}
}
