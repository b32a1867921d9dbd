/** Answers as WordPress gives them. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { WooSettings } from "./settings";

export type ApiKey = {
	consumerKey: string;
	consumerSecret: string;
	permissions: "read" | "write" | "read_write";
	/** A customer's key exists and may nothing. */
	role: "administrator" | "shop_manager" | "customer";
};

/** One request on its way through the REST API. */
export type Call = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: WooSettings;
	/** The shop's address, without trailing slash. */
	home: string;
	method: string;
	/** `/wc/v3/products/10` */
	route: string;
	query: URLSearchParams;
	/** What the body says, with the parameters of the address underneath, as WordPress merges them. */
	params: Record<string, unknown>;
	headers: Headers;
	caller: ApiKey | null;
};

/** Whatever answers a call: data to be sent, or an error that is thrown. */
export type Answer = { status?: number; headers?: Record<string, string>; body: unknown };

export class WpError extends Error {
	constructor(
		readonly code: string,
		message: string,
		readonly status: number,
		/** `data` of the answer; without it only the status. */
		readonly data: unknown = { status },
	) {
		super(message);
	}

	get body() {
		return { code: this.code, message: this.message, data: this.data };
	}
}

export const noRoute = () =>
	new WpError("rest_no_route", "No route was found matching the URL and request method.", 404);

/** One or more parameters that are not what they ought to be. */
export function invalidParams(
	details: Record<string, { code: string; message: string; data: Record<string, unknown> | null }>,
): WpError {
	const names = Object.keys(details);
	return new WpError("rest_invalid_param", `Invalid parameter(s): ${names.join(", ")}`, 400, {
		status: 400,
		params: Object.fromEntries(names.map((name) => [name, details[name]?.message])),
		details,
	});
}

/** As PHP writes JSON: slashes escaped, nothing beyond ASCII. */
export function phpJson(value: unknown): string {
	return JSON.stringify(value)
		.replace(/\//g, "\\/")
		.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function restResponse(call: Pick<Call, "home" | "settings">, answer: Answer): Response {
	const headers = new Headers({
		"content-type": "application/json; charset=UTF-8",
		"x-robots-tag": "noindex",
		"x-content-type-options": "nosniff",
		"access-control-expose-headers": "X-WP-Total, X-WP-TotalPages, Link",
		"cache-control": "no-cache, must-revalidate, max-age=0, no-store, private",
		link: `<${indexUrl(call)}>; rel="https://api.w.org/"`,
		...answer.headers,
	});
	const warning = call.settings.printsWarning ? "<br /><b>Warning</b>: something in x.php on line 3<br />" : "";
	return new Response(warning + phpJson(answer.body), { status: answer.status ?? 200, headers });
}

export const indexUrl = ({ home, settings }: Pick<Call, "home" | "settings">) =>
	settings.permalinks === "pretty" ? `${home}/wp-json/` : `${home}/index.php?rest_route=/`;

export const restUrl = (call: Pick<Call, "home" | "settings">, route: string) =>
	`${indexUrl(call).replace(/\/$/, "")}${route}`;

/** Dies as WordPress does before its REST API stands. */
export function wpDie(
	status: number,
	message: string,
	headers: Record<string, string> = {},
	code = "wp_die",
): Response {
	return new Response(phpJson({ code, message, data: { status }, additional_errors: [] }), {
		status,
		headers: { "content-type": "application/json; charset=UTF-8", ...headers },
	});
}

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

export function htmlPage(title: string, body: string, status = 200, headers: Record<string, string> = {}): Response {
	const html = `<!DOCTYPE html>
<html lang="en-US">
<head>
	<meta charset="UTF-8" />
	<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#1e1e1e}h1{font-size:1.5rem}form{display:inline}button,.button{font:inherit;padding:.6rem 1.2rem;border:1px solid #674399;background:#674399;color:#fff;border-radius:3px;text-decoration:none;cursor:pointer}.deny{background:none;color:#674399}label{display:block;margin:.6rem 0}input{font:inherit;padding:.4rem;width:100%}</style>
</head>
<body>
${body}
</body>
</html>
`;
	return new Response(html, { status, headers: { "content-type": "text/html; charset=UTF-8", ...headers } });
}

type Json = Record<string, unknown>;

/** `_fields`: names of the top level, or dotted. Lists are cut item by item; a single thing keeps its links. */
export function keepFields(body: unknown, fields: string | null, keepsLinks = true): unknown {
	if (fields === null || fields.trim() === "") return body;
	const wanted = fields
		.split(",")
		.map((field) => field.trim().split("."))
		.filter(([first]) => first);
	if (Array.isArray(body)) return body.map((item) => cut(item as Json, wanted));
	const kept = cut(body as Json, wanted);
	const links = keepsLinks ? (body as Json)._links : undefined;
	if (links) return { ...kept, _links: links };
	// PHP has no empty object.
	return Object.keys(kept).length === 0 ? [] : kept;
}

function cut(item: Json, wanted: readonly string[][]): Json {
	const result: Json = {};
	for (const name of Object.keys(item)) {
		const deeper = wanted.filter(([first]) => first === name).map(([, ...rest]) => rest);
		if (deeper.length === 0) continue;
		const value = item[name];
		const isWhole = deeper.some((rest) => rest.length === 0) || typeof value !== "object" || value === null;
		result[name] = isWhole || Array.isArray(value) ? value : cut(value as Json, deeper);
	}
	return result;
}

const allMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** `_links` of one thing. */
export function linksOf(
	call: Pick<Call, "home" | "settings">,
	route: string,
	collection: string,
	more: Json = {},
	allow = allMethods,
) {
	return {
		self: [{ href: restUrl(call, route), targetHints: { allow } }],
		collection: [{ href: restUrl(call, collection) }],
		...more,
	};
}
