/** One call and everything that Square may answer to it. What is a row's fault and what the channel's is told apart by `field`. */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { accessEnded, ChannelError, type ChannelErrorReason } from "../errors";
import type { HttpClient, HttpReply } from "../http";
import { jsonIn } from "../json-in";
import { errors } from "./api-types";

/** Pinned: every answer has the shapes of this version, whatever the app is set to. */
export const apiVersion = "2026-05-20";

/** Ours: Square names no wait. Above it the caller backs off by itself. */
const throttledMs = 2_000;

export class SquareError extends ChannelError {
	/** Whether the request may have been carried out all the same. */
	readonly mayHaveLanded: boolean;
	/** What Square names as wrong, e.g. `changes[3].adjustment.quantity`. */
	readonly field: string | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & { mayHaveLanded?: boolean; field?: string | null } = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
		this.field = more.field ?? null;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export const mayHaveLanded = (error: ChannelError): boolean =>
	error instanceof SquareError ? error.mayHaveLanded : error.reason === "timeout" || error.reason === "unreadable";

export type Call = { method: "GET" | "POST" | "PUT" | "DELETE"; path: string; body?: unknown };

/** `token`: another than the store's, for what belongs to the app. Throws ChannelError. Never tries again. */
export async function callSquare<T>(
	connection: Connection,
	call: Call,
	shape: z.ZodType<T>,
	token = connection.access.accessToken,
): Promise<T> {
	const isRenewable = token === connection.access.accessToken && Boolean(connection.access.refreshToken);
	return readReply(await sendSquare(connection, call, token), shape, isRenewable);
}

/** The reply as it came. */
export async function sendSquare(
	connection: Connection,
	{ method, path, body }: Call,
	token = connection.access.accessToken,
): Promise<HttpReply> {
	if (!token)
		throw new SquareError("access_revoked", "There is no access token for this Square account.", {
			fix: "Connect the account again.",
		});
	return connection.http.send({
		method,
		url: `${connection.baseUrl}${path}`,
		headers: { authorization: `Bearer ${token}`, "square-version": apiVersion, "content-type": "application/json" },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
}

/** Every page of a list, where all of it is needed. */
export async function allPages<T extends { cursor?: string | null }>(
	read: (more: { cursor?: string }) => Promise<T>,
): Promise<T[]> {
	const pages: T[] = [];
	for (let cursor: string | null | undefined; pages.length === 0 || cursor; ) {
		const page: T = await read(cursor ? { cursor } : {});
		pages.push(page);
		cursor = page.cursor;
	}
	return pages;
}

/** Without a token, for the calls that hand one out. */
export async function askForToken<T>(
	{ http, baseUrl }: { http: HttpClient; baseUrl: string },
	body: unknown,
	shape: z.ZodType<T>,
): Promise<T> {
	const reply = await http.send({
		method: "POST",
		url: `${baseUrl}/oauth2/token`,
		headers: { "square-version": apiVersion, "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	return readReply(reply, shape);
}

/** Pure: one HTTP reply → data, or the error that it stands for. `isRenewable`: what renews the token is at hand. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>, isRenewable = false): T {
	const json = jsonIn(reply.text);
	if (reply.status < 200 || reply.status > 299) throw statusError(reply, json, isRenewable);
	if (json === undefined) throw notJson(reply);
	const read = shape.safeParse(json);
	if (read.success) return read.data;
	throw new SquareError("unreadable", "Square's answer has a form that Onecount doesn't know.", {
		mayHaveLanded: true,
		cause: read.error,
	});
}

const isPage = ({ headers, text }: HttpReply) =>
	/html/i.test(headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(text);

const notSquare = (code: string) =>
	new SquareError("not_a_store", "What answers at this address is not Square.", {
		fix: "Leave the address blank for Square itself; if it is blank, a proxy of this network stands before connect.squareup.com.",
		code,
		mayHaveLanded: true,
	});

const notJson = (reply: HttpReply) =>
	isPage(reply)
		? notSquare("HTML")
		: new SquareError("unreadable", "Square's answer can't be read.", { code: "NOT_JSON", mayHaveLanded: true });

function statusError(reply: HttpReply, json: unknown, isRenewable: boolean): SquareError {
	const { status } = reply;
	const read = errors.safeParse(json);
	const said = read.success ? read.data.errors[0] : undefined;
	const code = said?.code ?? `HTTP_${status}`;
	const detail = said?.detail?.slice(0, 300) ?? "";
	const more = { code, field: said?.field ?? null };
	if (status === 429 || code === "RATE_LIMITED")
		// Of a batch a part may have been done (woocommerce-square, issue 108): under its key it goes again.
		return new SquareError("throttled", "Square asks to wait before the next call.", {
			...more,
			retryAfterMs: throttledMs,
			mayHaveLanded: true,
		});
	if (status >= 500)
		return new SquareError("unreachable", `Square is having trouble${detail ? `: ${detail}` : ` (${status}).`}`, {
			...more,
			mayHaveLanded: true,
		});
	if (!said)
		return status < 400 || status === 404 || json === undefined ? notSquare(code) : refusedBy(detail, status, more);
	if (code === "ACCESS_TOKEN_EXPIRED" && isRenewable)
		return new SquareError("unreachable", "The access token has run out; a fresh one is on its way.", {
			code: accessEnded,
		});
	if (status === 401) return unauthorised(code, more);
	if (status === 403)
		return new SquareError("missing_scope", "The access token may not do this in Square.", {
			...more,
			fix: "Connect the account again and agree to all that is asked for, or paste a token that has these rights.",
		});
	if (code === "NOT_FOUND" || code === "GONE")
		return new SquareError("gone", "Square no longer knows this item.", {
			...more,
			fix: "Import the channel's items again, then link the item that took its place.",
		});
	if (code === "INVALID_TIME")
		return new SquareError("refused", "Square does not accept the time of our change.", {
			...more,
			fix: "Set this computer's clock by a time server.",
		});
	return refusedBy(detail, status, more);
}

const refusedBy = (detail: string, status: number, more: { code: string; field: string | null }) =>
	new SquareError("refused", detail ? `Square answered: ${detail}` : `Square refused the call (${status}).`, {
		...more,
		fix: "Open the item in Square's dashboard and see whether its stock can be changed there.",
	});

function unauthorised(code: string, more: { code: string; field: string | null }): SquareError {
	const sentence =
		code === "ACCESS_TOKEN_EXPIRED"
			? "The access to this Square account has run out."
			: code === "ACCESS_TOKEN_REVOKED"
				? "The access to this Square account was taken back."
				: "Square does not know the access token.";
	return new SquareError("access_revoked", sentence, {
		...more,
		fix: "Connect the account again, or paste the token that Square's developer dashboard shows now.",
	});
}
