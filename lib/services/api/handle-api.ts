/** The public API behind its one door: find the route, ask the key, check the request, do it, answer. */
import { notifyLog } from "@/lib/live/notify";
import { findKey, type KeyContext } from "../api-keys/find-key";
import { MissingScope } from "../errors";
import { wake } from "../sync/wake";
import { apiRoot } from "./api-root";
import { once } from "./once";
import { describeApi } from "./openapi";
import { type ProblemStatus, problem, problemOf } from "./problem";
import { type ApiRoute, idempotencyKeyForm } from "./route";
import { routes } from "./routes";

export const largestBodyBytes = 256_000;
const headers = { "cache-control": "private, no-store" };

/** The description is everybody's; all else needs a key. */
const descriptionPath = "/openapi.json";

export async function handleApi(request: Request): Promise<Response> {
	const { pathname, searchParams } = new URL(request.url);
	const path = pathname.slice(apiRoot.length);
	if (request.method === "GET" && path === descriptionPath) return json(200, describeApi());
	try {
		const { route, params } = findRoute(request.method, path);
		const ctx = await findKey(request.headers.get("authorization"));
		if (!ctx.scopes.includes(route.scope)) throw new MissingScope(route.scope);
		const input = {
			params: route.params.parse(params),
			query: route.query.parse(Object.fromEntries(searchParams)),
		};
		if ("read" in route) return json(200, await route.read(ctx, { ...input, body: undefined }));
		return await write(ctx, route, input, request, path);
	} catch (error) {
		if (error instanceof Refused) return json(error.status, error.body, error.headers);
		const { status, body, headers } = problemOf(error, `${request.method} ${pathname}`);
		return json(status, body, headers);
	}
}

type WriteRoute = Extract<ApiRoute, { write: unknown }>;

async function write(
	ctx: KeyContext,
	route: WriteRoute,
	input: { params: Record<string, unknown>; query: Record<string, unknown> },
	request: Request,
	path: string,
): Promise<Response> {
	const idempotencyKey = readIdempotencyKey(request);
	const body = route.body ? await readJson(request) : undefined;
	const parsed = { ...input, body: route.body?.parse(body) };
	const done = await once(ctx, { idempotencyKey, method: route.method, path, body }, (tx, requestId) =>
		route.write(tx, ctx, parsed, requestId),
	);
	if (!done.isRepeated) {
		notifyLog(ctx.merchantId);
		wake("work", new Set(done.pendingChannelIds));
	}
	return new Response(done.text, {
		status: done.status,
		headers: {
			...headers,
			"content-type": contentType(done.status),
			...(done.isRepeated && { "idempotency-replayed": "true" }),
		},
	});
}

/** A refusal before anything is looked up. */
class Refused extends Error {
	readonly status: ProblemStatus;
	readonly body: Record<string, unknown>;
	constructor(
		refusal: ReturnType<typeof problem>,
		readonly headers: Record<string, string> = {},
	) {
		super(refusal.body.detail);
		this.status = refusal.status;
		this.body = refusal.body;
	}
}

export function findRoute(method: string, path: string): { route: ApiRoute; params: Record<string, string> } {
	const found = routes.flatMap((route) => {
		const params = paramsOf(route.path, path);
		return params ? [{ route, params }] : [];
	});
	if (found.length === 0)
		throw new Refused(problem(404, "no_such_path", "There is nothing at this address of the API."));
	const match = found.find(({ route }) => route.method === method);
	if (match) return match;
	const allow = found.map(({ route }) => route.method).join(", ");
	throw new Refused(problem(405, "method_not_allowed", `This address takes ${allow}, not ${method}.`), { allow });
}

/** A SKU's code may hold anything, a slash too, as long as it is percent-encoded. */
function paramsOf(pattern: string, path: string): Record<string, string> | null {
	const names = pattern.split("/");
	const parts = path.replace(/\/$/, "").split("/");
	if (names.length !== parts.length) return null;
	const params: Record<string, string> = {};
	for (const [at, name] of names.entries()) {
		const part = parts[at] ?? "";
		const [, param] = /^\{(\w+)\}$/.exec(name) ?? [];
		if (!param && name !== part) return null;
		try {
			if (param) params[param] = decodeURIComponent(part);
		} catch {
			return null;
		}
	}
	return params;
}

function readIdempotencyKey(request: Request): string {
	const key = request.headers.get("idempotency-key");
	if (key !== null && idempotencyKeyForm.test(key)) return key;
	throw new Refused(
		problem(
			400,
			"idempotency_key_missing",
			"A change needs an Idempotency-Key header: up to 255 printable characters, new for each thing you want done, the same when you ask again.",
		),
	);
}

async function readJson(request: Request): Promise<unknown> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
		size += chunk.length;
		if (size > largestBodyBytes)
			throw new Refused(problem(413, "too_large", "The body is larger than 256 kB. Split the request."));
		chunks.push(chunk);
	}
	try {
		return JSON.parse(Buffer.concat(chunks).toString("utf8"));
	} catch {
		throw new Refused(problem(400, "not_json", "The body is not JSON."));
	}
}

const contentType = (status: number) => (status < 400 ? "application/json" : "application/problem+json");

function json(status: number, body: unknown, more: Record<string, string> = {}): Response {
	return new Response(JSON.stringify(body), {
		status,
		headers: { ...headers, "content-type": contentType(status), ...more },
	});
}
