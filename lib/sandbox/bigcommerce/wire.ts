/** Answers as BigCommerce gives them: V3 in an envelope with problems as objects, V2 bare with problems in a list. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { BigCommerceSettings } from "./settings";

export type Json = Record<string, unknown>;

export type Caller = { clientId: string; clientSecret: string; scopes: readonly string[] };

/** One request on its way through the API. */
export type Call = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: BigCommerceSettings;
	/** The store's address, without trailing slash. */
	home: string;
	method: string;
	query: URLSearchParams;
	/** What the body says; null where there is none. */
	body: unknown;
	caller: Caller;
};

/** `body` undefined: an answer without content. */
export type Answer = { status?: number; body?: unknown };

export class BcError extends Error {
	constructor(
		readonly status: number,
		title: string,
		readonly errors: Json = {},
	) {
		super(title);
	}
}

const statusPage = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes";

export const notFound = () => new BcError(404, "The requested resource was not found.");

export function errorResponse(version: string, { status, message, errors }: BcError): Response {
	if (version === "v2") return Response.json([{ status, message }], { status });
	return new Response(JSON.stringify({ status, title: message, type: statusPage, errors }), {
		status,
		headers: { "content-type": "application/problem+json" },
	});
}

export const response = ({ status, body }: Answer): Response =>
	body === undefined
		? new Response(null, { status: status ?? 204 })
		: new Response(JSON.stringify(body), { status: status ?? 200, headers: { "content-type": "application/json" } });

export type Paging = { page: number; limit: number; offset: number };

/** V3 answers a limit that is too large with its largest. */
export function pagingOf(query: URLSearchParams, largest: number, usual = 50): Paging {
	const whole = (name: string, otherwise: number) => {
		const text = query.get(name);
		if (text === null) return otherwise;
		if (!/^\d+$/.test(text) || Number(text) < 1)
			throw new BcError(422, "Query parameters are invalid", { [name]: `${name} is invalid` });
		return Number(text);
	};
	const limit = Math.min(largest, whole("limit", usual));
	const page = whole("page", 1);
	return { page, limit, offset: (page - 1) * limit };
}

/** One page with its place in the whole. */
export function paged(data: readonly unknown[], total: number, { page, limit }: Paging): Answer {
	const totalPages = Math.ceil(total / limit);
	const link = (to: number) => `?page=${to}&limit=${limit}`;
	return {
		body: {
			data,
			meta: {
				pagination: {
					total,
					count: data.length,
					per_page: limit,
					current_page: page,
					total_pages: totalPages,
					links: {
						...(page > 1 && { previous: link(page - 1) }),
						current: link(page),
						...(page < totalPages && { next: link(page + 1) }),
					},
				},
			},
		},
	};
}

/** `1,2,3`: null where the parameter is absent. */
export function listParam(query: URLSearchParams, name: string): string[] | null {
	const text = query.get(name);
	return text === null ? null : text.split(",").map((one) => one.trim());
}

/** Of a filter of ids. */
export function idsParam(query: URLSearchParams, name: string): string[] | null {
	const ids = listParam(query, name);
	if (ids?.some((id) => !/^\d+$/.test(id)))
		throw new BcError(422, "Query parameters are invalid", { [name]: `${name} is invalid` });
	return ids;
}

/** ISO or RFC 2822; null where the parameter is absent. A date without a time is taken at the present time of day. */
export function momentParam(query: URLSearchParams, name: string, now: Date): Date | null {
	const text = query.get(name);
	if (text === null) return null;
	const isDateOnly = /^\d{4}-\d{2}-\d{2}$/.test(text);
	const at = new Date(isDateOnly ? `${text}T${now.toISOString().slice(11)}` : text);
	if (Number.isNaN(at.getTime()))
		throw new BcError(422, "Query parameters are invalid", { [name]: `${name} is invalid` });
	return at;
}

/** To the second, as both versions have their stamps. */
export const isoSecond = (at: string | Date) => `${new Date(at).toISOString().slice(0, 19)}+00:00`;
export const rfc2822 = (at: string | Date) => new Date(at).toUTCString().replace("GMT", "+0000");

export const bodyObject = (body: unknown): Json => {
	if (typeof body !== "object" || body === null || Array.isArray(body)) throw new BcError(400, "Input is invalid.");
	return body as Json;
};
