/**
 * One GraphQL call and everything that Shopify may answer to it. Replies carry ids as text, so plain JSON is exact
 * here; webhook bodies are not read by this file.
 */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError, type ChannelErrorReason } from "../errors";
import type { HttpReply } from "../http";
import { jsonIn } from "../json-in";
import type { Budget } from "../listing";
import { apiVersion } from "./facts";

export type Reply<T> = { data: T; budget: Budget | null; headers: Record<string, string> };

/** A ChannelError with what Shopify adds: what is left of the budget, and whether the request may have been carried out. */
export class ShopifyError extends ChannelError {
	readonly mayHaveLanded: boolean;
	readonly budget: Budget | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & { mayHaveLanded?: boolean; budget?: Budget | null } = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
		this.budget = more.budget ?? null;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export function mayHaveLanded(error: ChannelError): boolean {
	if (error instanceof ShopifyError) return error.mayHaveLanded;
	return error.reason === "timeout" || error.reason === "unreadable";
}

/** The query asks for more at once than one call may cost; a smaller page passes. */
export const isTooDear = (error: unknown) => error instanceof ChannelError && error.code === "MAX_COST_EXCEEDED";

/** Sends a document and reads its data. Throws ChannelError for everything else. */
export async function callShopify<T>(
	connection: Connection,
	document: string,
	variables: Record<string, unknown>,
	shape: z.ZodType<T>,
): Promise<Reply<T>> {
	const token = connection.access.accessToken;
	if (!token) throw new ShopifyError("access_revoked", "There is no access token for this store.", reconnect);
	const reply = await connection.http.send({
		method: "POST",
		url: `${connection.baseUrl}/admin/api/${apiVersion}/graphql.json`,
		headers: { "content-type": "application/json", "x-shopify-access-token": token },
		body: JSON.stringify({ query: document, variables }),
	});
	return readReply(reply, shape);
}

const reconnect = { fix: "Check that the token is whole, and that the app is still installed on the store." };

const cost = z.object({
	requestedQueryCost: z.number().nullish(),
	throttleStatus: z.object({ maximumAvailable: z.number(), currentlyAvailable: z.number(), restoreRate: z.number() }),
});

const topLevelError = z.object({
	message: z.string().default(""),
	path: z.array(z.union([z.string(), z.number()])).nullish(),
	extensions: z.object({ code: z.string().nullish(), requiredAccess: z.string().nullish() }).nullish(),
});
type TopLevelError = z.infer<typeof topLevelError>;

const searchNotes = z.array(
	z.object({
		query: z.string().nullish(),
		warnings: z.array(z.object({ field: z.string().nullish(), message: z.string() })).default([]),
	}),
);

const envelope = z.object({
	data: z.unknown().optional(),
	errors: z.union([z.array(topLevelError), z.string()]).nullish(),
	extensions: z.object({ cost: cost.nullish().catch(null), search: searchNotes.nullish() }).nullish(),
});

/** Pure: one HTTP reply → data, or the error that it stands for. */
export function readReply<T>(reply: HttpReply, shape: z.ZodType<T>): Reply<T> {
	if (reply.status !== 200) throw statusError(reply);
	const { data, errors, extensions } = readEnvelope(reply);
	const budget = budgetOf(extensions?.cost);
	if (typeof errors === "string") throw new ShopifyError("refused", `Shopify answered: ${errors}`, { budget });
	if (errors?.length) throw graphqlError(errors, extensions?.cost ?? null, budget);
	const warning = extensions?.search?.flatMap((note) => note.warnings)[0];
	// Shopify answers a filter that it can't read with everything, and says so only here.
	if (warning)
		throw new ShopifyError("unreadable", `Shopify ignored part of a search: ${warning.message}`, {
			code: "SEARCH_WARNING",
			budget,
		});
	const read = shape.safeParse(data);
	if (!read.success)
		throw new ShopifyError("unreadable", "Shopify's answer has a form that Onecount doesn't know.", {
			mayHaveLanded: true,
			budget,
			cause: read.error,
		});
	return { data: read.data, budget, headers: reply.headers };
}

function readEnvelope(reply: HttpReply): z.infer<typeof envelope> {
	try {
		return envelope.parse(JSON.parse(reply.text));
	} catch (cause) {
		// A page from something in front of the store, or another site altogether: it says nothing about the request.
		if (looksLikeHtml(reply)) throw notAStore({ mayHaveLanded: true, cause });
		throw new ShopifyError("unreadable", "The store's answer can't be read.", { mayHaveLanded: true, cause });
	}
}

const looksLikeHtml = (reply: HttpReply) =>
	/html/i.test(reply.headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(reply.text);

const notAStore = (more: { mayHaveLanded?: boolean; cause?: unknown; code?: string } = {}) =>
	new ShopifyError("not_a_store", "No Shopify store answers at this address.", {
		fix: "Check the address: it ends in .myshopify.com, and you find it in Shopify under Settings → Domains.",
		...more,
	});

function statusError(reply: HttpReply): ShopifyError {
	const { status } = reply;
	const code = `HTTP_${status}`;
	const said = looksLikeHtml(reply) ? "" : reply.text.slice(0, 300);
	const retryAfterMs = retryAfter(reply.headers["retry-after"]);
	const scopes = scopesIn(said);
	// Shopify speaks JSON alone: what does not has not looked at the token.
	if ((status === 401 || status === 403) && jsonIn(reply.text) === undefined)
		return new ShopifyError("not_a_store", "Something in front of the store refuses our calls.", {
			code,
			fix: "Look at this server's proxy or firewall; then check the address, which ends in .myshopify.com.",
		});
	if (status === 401)
		return new ShopifyError("access_revoked", "Shopify does not accept this access token.", {
			...reconnect,
			code,
		});
	if (status === 403 && scopes.length > 0) return missingScope(scopes);
	// 430 is Shopify's own: the request looked like abuse and must wait as for 429.
	if (status === 429 || status === 430)
		return new ShopifyError("throttled", "Shopify asks to wait before the next call.", {
			code,
			retryAfterMs: retryAfterMs ?? 2_000,
		});
	if (status === 402 || status === 423)
		return new ShopifyError("refused", "Shopify has frozen this store.", {
			code,
			fix: "Open the store's admin in Shopify and settle what it asks for.",
		});
	if (status === 404 || (status >= 300 && status < 400)) return notAStore({ code });
	if (status >= 500)
		return new ShopifyError("unreachable", `Shopify is having trouble (${status}).`, {
			code,
			retryAfterMs,
			mayHaveLanded: true,
		});
	return new ShopifyError("refused", said ? `Shopify answered: ${said}` : `Shopify refused the call (${status}).`, {
		code,
	});
}

function graphqlError(errors: TopLevelError[], spent: z.infer<typeof cost> | null, budget: Budget | null) {
	const codeOf = (error: TopLevelError) => error.extensions?.code ?? "";
	const find = (...codes: string[]) => errors.find((error) => codes.includes(codeOf(error)));
	if (find("THROTTLED"))
		return new ShopifyError("throttled", "The store's budget of calls is spent for the moment.", {
			code: "THROTTLED",
			retryAfterMs: throttleWaitMs(spent),
			budget,
		});
	const denied = errors.filter((error) => codeOf(error) === "ACCESS_DENIED");
	if (denied.length > 0) {
		const named = denied.flatMap((error) => scopesIn(`${error.extensions?.requiredAccess ?? ""} ${error.message}`));
		const scopes = named.length > 0 ? named : denied.flatMap((error) => scopeOfField[String(error.path?.[0])] ?? []);
		return missingScope([...new Set(scopes)], denied[0]?.message, budget);
	}
	const broken = find("INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT");
	if (broken)
		return new ShopifyError("unreachable", "Shopify is having trouble.", {
			code: codeOf(broken),
			mayHaveLanded: true,
			budget,
		});
	const [first] = errors;
	return new ShopifyError("refused", `Shopify refused the call: ${first?.message ?? ""}`, {
		code: (first && codeOf(first)) || null,
		budget,
	});
}

/** Until the requested cost is restored, in whole seconds, a second at least. */
function throttleWaitMs(spent: z.infer<typeof cost> | null): number {
	if (!spent) return 1_000;
	const { currentlyAvailable, restoreRate } = spent.throttleStatus;
	const lacking = (spent.requestedQueryCost ?? 0) - currentlyAvailable;
	return 1_000 * Math.max(1, Math.ceil(lacking / Math.max(restoreRate, 1)));
}

function budgetOf(spent: z.infer<typeof cost> | null | undefined): Budget | null {
	if (!spent) return null;
	const { currentlyAvailable, maximumAvailable, restoreRate } = spent.throttleStatus;
	return { available: currentlyAvailable, maximum: maximumAvailable, restorePerSecond: restoreRate };
}

/** Shopify sends seconds, also with a fraction ("2.0"). */
function retryAfter(header: string | undefined): number | null {
	const seconds = Number(header);
	return header && Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1_000) : null;
}

const scopesIn = (text: string) => [...new Set(text.match(/\b(?:read|write)_[a-z_]+[a-z]\b/g) ?? [])];

/** For refusals that name only the field. */
const scopeOfField: Record<string, string> = {
	products: "read_products",
	product: "read_products",
	productVariantsCount: "read_products",
	inventoryItems: "read_inventory",
	nodes: "read_inventory",
	locations: "read_locations",
	orders: "read_orders",
	order: "read_orders",
	refund: "read_orders",
	inventorySetQuantities: "write_inventory",
	orderCancel: "write_orders",
};

function missingScope(scopes: string[], said?: string, budget: Budget | null = null): ShopifyError {
	const list = scopes.join(", ");
	return new ShopifyError(
		"missing_scope",
		list ? `The connection lacks the right ${list}.` : `Shopify denies access: ${said ?? "no reason given"}`,
		{
			fix: list
				? `Grant ${list} to the app in Shopify, then check again.`
				: "Grant the app the right that Shopify names, then check again.",
			code: list || "ACCESS_DENIED",
			budget,
		},
	);
}
