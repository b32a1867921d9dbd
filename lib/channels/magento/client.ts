/** One call and everything that a Magento store, or whatever stands before it, may answer to it. */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError, type ChannelErrorReason } from "../errors";
import { parseExact } from "../exact-json";
import type { HttpReply } from "../http";
import { fatalError, type MageErrorBody, mageError } from "./api-types";
import { type AuthScheme, authScheme, encode, signedHeader, tokensOf } from "./oauth";
import { boxOf, tickFix } from "./resources";
import type { Query } from "./search";

export type Call = {
	method: "GET" | "POST" | "PUT";
	/** Behind the store code, its parts encoded: `/V1/products`. */
	path: string;
	query?: Query;
	body?: unknown;
	timeoutMs?: number;
};

/** A ChannelError that knows whether the request may have been carried out all the same. */
export class MagentoError extends ChannelError {
	readonly mayHaveLanded: boolean;
	/** The most rows, or the largest page, that the store takes; null: that was not the trouble. */
	readonly limit: number | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & { mayHaveLanded?: boolean; limit?: number | null } = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
		this.limit = more.limit ?? null;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export const mayHaveLanded = (error: ChannelError): boolean =>
	error instanceof MagentoError ? error.mayHaveLanded : error.reason === "timeout" || error.reason === "unreadable";

export const isGone = (error: unknown) => error instanceof ChannelError && error.reason === "gone";

/** `all`: the catalogue as it is for every store view. Stock and orders know no scope. */
const addressOf = ({ baseUrl, facts }: Connection, { path, query }: Call) => {
	const rest = typeof facts.restPath === "string" ? facts.restPath : "/rest";
	const pairs = (query ?? []).map(([name, value]) => `${encode(name)}=${encode(value)}`);
	return `${baseUrl}${rest}/all${path}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
};

/** Sends one call and reads its answer. Throws ChannelError for everything else. Never tries again. */
export async function callMagento<T>(connection: Connection, call: Call, shape: z.ZodType<T>): Promise<T> {
	return (await callWithHeaders(connection, call, shape)).data;
}

export async function callWithHeaders<T>(
	connection: Connection,
	call: Call,
	shape: z.ZodType<T>,
): Promise<{ data: T; headers: Record<string, string> }> {
	const url = addressOf(connection, call);
	const scheme = authScheme(connection);
	const reply = await connection.http.send({
		method: call.method,
		url,
		headers: {
			authorization: authorization(connection, scheme, call.method, url),
			accept: "application/json",
			"cache-control": "no-cache",
			...(call.body === undefined ? {} : { "content-type": "application/json" }),
		},
		body: call.body === undefined ? undefined : JSON.stringify(call.body),
		timeoutMs: call.timeoutMs ?? timeoutMs,
	});
	return { data: readReply(reply, shape, { scheme, scopes: scopesOf(connection) }), headers: reply.headers };
}

function authorization(connection: Connection, scheme: AuthScheme, method: string, url: string): string {
	const tokens = tokensOf(connection);
	if (!tokens)
		throw new MagentoError("access_revoked", "There are no tokens for this store.", {
			fix: "Connect the store again.",
		});
	if (scheme === "bearer" || !tokens.full) return `Bearer ${tokens.token}`;
	const signed = scheme === "oauth_as_http" ? url.replace(/^https:/, "http:") : url;
	return signedHeader(tokens.full, { method, url: signed, now: connection.now() });
}

const scopesOf = ({ facts }: Connection): readonly string[] => (Array.isArray(facts.scopes) ? facts.scopes : []);

/** A list that nothing has cached takes a small host its time. */
const timeoutMs = 60_000;

type As = { scheme: AuthScheme; scopes: readonly string[] };

/** Pure: one HTTP reply → data, or the error that it stands for. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>, as: As = { scheme: "oauth", scopes: [] }): T {
	const json = parse(reply.text);
	if (reply.status < 200 || reply.status > 299) throw statusError(reply, json, as);
	if (json === undefined) throw notJson(reply);
	const read = shape.safeParse(json);
	if (read.success) return read.data;
	throw new MagentoError("unreadable", "The store's answer has a form that Onecount doesn't know.", {
		fix: "A module of the store may change Magento's REST answers; ask its author, or switch it off.",
		mayHaveLanded: true,
		cause: read.error,
	});
}

function parse(text: string): unknown {
	try {
		return parseExact(text.replace(/^\uFEFF+/, ""));
	} catch {
		return undefined;
	}
}

const isPage = (reply: HttpReply) =>
	/html/i.test(reply.headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(reply.text);

function notJson(reply: HttpReply): MagentoError {
	if (isPage(reply))
		return new MagentoError("not_a_store", "The store answers with a web page where its REST API should be.", {
			fix: "Check the address. If it is right, a firewall or cache stands before /rest: ask the store's host to let it pass.",
			code: "HTML",
			mayHaveLanded: true,
		});
	return new MagentoError("unreadable", "The store's answer can't be read.", {
		fix: "PHP may print notices into the store's answers: ask its host to switch display_errors off.",
		code: "NOT_JSON",
		mayHaveLanded: true,
	});
}

function statusError(reply: HttpReply, json: unknown, as: As): MagentoError {
	const { status, headers } = reply;
	if (status >= 300 && status < 400) return moved(headers.location);
	if (status === 429)
		return new MagentoError("throttled", "The store's host asks to wait before the next call.", {
			code: "HTTP_429",
			retryAfterMs: retryAfterMs(headers["retry-after"]) ?? 5_000,
		});
	if (status >= 500) return inTrouble(reply, json);
	const body = mageError.safeParse(json);
	if (!body.success) return fromBefore(reply);
	const said = sentenceOf(body.data);
	if (status === 401) return unauthorised(body.data, said, as);
	if (status === 404)
		return /match any route/i.test(body.data.message)
			? new MagentoError("not_a_store", "Magento's REST API does not have what Onecount asked for.", {
					fix: "The module that brings it may be switched off or removed: ask whoever looks after the store.",
					code: "NO_ROUTE",
				})
			: new MagentoError("gone", `Magento answered: ${said}`, { code: "NOT_FOUND" });
	const limit = limitOf(body.data);
	if (limit !== null)
		return new MagentoError("refused", `The store takes no more than ${limit} at once.`, {
			fix: "Onecount goes on with smaller calls; nothing needs to be done.",
			code: "LIMIT",
			limit,
		});
	return new MagentoError("refused", `Magento answered: ${said}`, {
		code: `HTTP_${status}`,
		mayHaveLanded: status === 400 && mayBeStored(body.data),
	});
}

/** `{"type": …, "max": 20}` for rows, `{"max": 300}` for a page: told by its form, since texts are translated. */
function limitOf({ parameters }: MageErrorBody): number | null {
	if (!parameters || Array.isArray(parameters)) return null;
	const max = Number(parameters.max);
	const isAlone = Object.keys(parameters).every((name) => name === "max" || name === "type");
	return "max" in parameters && isAlone && Number.isInteger(max) && max > 0 ? max : null;
}

/**
 * A validation says what was wrong, by name, before anything is saved. What is answered without that may come from the middle
 * of a save that is no transaction ("Could not save Source Item"): some rows may be stored.
 */
const mayBeStored = ({ message, parameters, errors }: MageErrorBody): boolean =>
	!errors?.length &&
	!parameters &&
	!/^(Validation Failed|Input data is empty|Error occurred during|Decoding error|Content-Type)/i.test(message);

/** Placeholders are the client's to fill: `%1` by place, `%name` by name. */
export function rendered(message: string, parameters: MageErrorBody["parameters"]): string {
	if (!parameters) return message;
	const pairs = Array.isArray(parameters)
		? parameters.map((value, index) => [String(index + 1), value] as const)
		: Object.entries(parameters);
	return [...pairs]
		.sort(([a], [b]) => b.length - a.length)
		.reduce((text, [name, value]) => text.replaceAll(`%${name}`, String(value)), message);
}

const sentenceOf = ({ message, parameters, errors }: MageErrorBody): string => {
	const whole = rendered(message, parameters);
	const parts = (errors ?? []).map((one) => rendered(one.message, one.parameters));
	const added = [...new Set(parts)].filter((part) => !whole.includes(part));
	return [whole, ...added].join(" ").slice(0, 400);
};

/** Behind OAuth a missing right is no trouble of the token, which has words of its own; behind a bearer they are alike. */
function unauthorised(body: MageErrorBody, said: string, { scheme, scopes }: As): MagentoError {
	const named = body.parameters && !Array.isArray(body.parameters) ? body.parameters.resources : undefined;
	const resource = typeof named === "string" ? named : null;
	if (resource !== null && (scheme !== "bearer" || !scopes.includes(resource)))
		return new MagentoError("missing_scope", `The integration may not use “${boxOf(resource)}”.`, {
			fix: tickFix(resource.split(/,\s*/)),
			code: resource,
		});
	if (/nonce/i.test(body.message))
		return new MagentoError("unreachable", "The store took two of our calls for one.", { code: "NONCE" });
	if (/signature/i.test(body.message))
		return new MagentoError("access_revoked", "Magento does not accept our signature.", {
			fix: "Copy all four strings of the integration again. If they are right, a proxy before the store hides that it is reached by https: ask its host to send X-Forwarded-Proto.",
			code: "SIGNATURE",
		});
	return new MagentoError("access_revoked", `Magento does not accept the integration's token: ${said}`, {
		fix: "Open the integration in Magento (System → Extensions → Integrations), activate it again, and connect with its new strings.",
		code: "TOKEN",
	});
}

/** What a firewall, CDN or web server says in Magento's place, which has not looked at the token. */
function fromBefore(reply: HttpReply): MagentoError {
	const { status } = reply;
	if (status === 404)
		return new MagentoError("not_a_store", "No Magento answers at this address.", {
			fix: "Check the address: it is the one under which the shop's front page opens.",
			code: "HTTP_404",
		});
	if (status === 401)
		return new MagentoError("not_a_store", "The address is guarded by a password of its own.", {
			fix: "Ask the store's host to let calls to /rest pass without the web server's password.",
			code: "HTTP_401",
		});
	// Any other status may be of this call, such as one that is too long: smaller ones pass.
	const reason = status === 403 ? "not_a_store" : "refused";
	return new MagentoError(reason, `Something in front of the store refuses our calls (${status}).`, {
		fix: "Ask the store's host or firewall to let Onecount's calls to /rest pass.",
		code: `HTTP_${status}`,
	});
}

/** In maintenance the application is not reached; any other 5xx may come after the work was done. */
function inTrouble(reply: HttpReply, json: unknown): MagentoError {
	const isMaintenance = reply.status === 503 && /Service Temporarily Unavailable/i.test(reply.text);
	const body = mageError.safeParse(json);
	const fatal = fatalError.safeParse(json);
	const said = body.success ? sentenceOf(body.data) : (fatal.data?.messages.error[0]?.message ?? "");
	return new MagentoError(
		"unreachable",
		isMaintenance
			? "The store is in maintenance."
			: said
				? `The store is having trouble: ${said}`
				: `The store is having trouble (${reply.status}).`,
		{
			code: /webapi-\w+/.exec(said)?.[0] ?? `HTTP_${reply.status}`,
			retryAfterMs: retryAfterMs(reply.headers["retry-after"]),
			mayHaveLanded: !isMaintenance,
		},
	);
}

function moved(location: string | undefined): MagentoError {
	const to = location?.replace(/\/(index\.php\/)?rest\/.*$|\?.*$|\/+$/g, "");
	return new MagentoError(
		"not_a_store",
		to ? `The store has moved to ${to}.` : "The store sends us to another address.",
		{
			fix: to ? `Connect ${to} instead.` : "Use the address that the browser shows when the shop is open.",
			code: "MOVED",
		},
	);
}

/** Seconds, or a date. */
function retryAfterMs(header: string | undefined): number | null {
	if (!header) return null;
	const seconds = Number(header);
	if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1_000) : null;
	const at = Date.parse(header);
	return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
