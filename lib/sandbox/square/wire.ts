/** Square's answers and errors, and who asks. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { SquareSettings } from "./settings";

export type Call = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: SquareSettings;
	request: Request;
	query: URLSearchParams;
	// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into as the platform looks into them.
	body: any;
	caller: Caller;
};

/** `isApp`: the application's own personal access token, which alone may manage webhooks. */
export type Caller = { isApp: boolean; scopes: string[]; expiresAt: Date | null };

export class SquareFault extends Error {
	override name = "SquareFault";
	constructor(
		readonly status: number,
		readonly category: string,
		readonly code: string,
		readonly detail: string,
		readonly field: string | null = null,
	) {
		super(detail);
	}
}

export const invalid = (code: string, detail: string, field: string | null = null) =>
	new SquareFault(400, "INVALID_REQUEST_ERROR", code, detail, field);

export const notFound = (detail: string, field: string | null = null) =>
	new SquareFault(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", detail, field);

export const missing = (field: string) => invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field);

export function demand({ caller }: Call, scope: string): void {
	if (caller.scopes.includes(scope)) return;
	throw new SquareFault(
		403,
		"AUTHENTICATION_ERROR",
		"INSUFFICIENT_SCOPES",
		`The merchant has not given your application sufficient permissions to do that. The merchant must authorize your application for the following scopes: ${scope}`,
	);
}

export function demandApp({ caller }: Call): void {
	if (caller.isApp) return;
	throw new SquareFault(
		403,
		"AUTHENTICATION_ERROR",
		"INSUFFICIENT_SCOPES",
		"The merchant has not given your application sufficient permissions to do that. The merchant must authorize your application for the following scopes: DEVELOPER_APPLICATION_WEBHOOKS_WRITE",
	);
}

export const reply = (ctx: SandboxContext, body: unknown, status = 200): Response =>
	new Response(JSON.stringify(body), {
		status,
		headers: { "content-type": "application/json", date: ctx.now().toUTCString(), "square-version": "2026-05-20" },
	});

export const faultReply = (ctx: SandboxContext, { status, category, code, detail, field }: SquareFault): Response =>
	reply(ctx, { errors: [{ category, code, detail, ...(field !== null && { field }) }] }, status);

/** Where a range is open. */
export const endOfTime = new Date("9999-12-31T00:00:00Z");

export function readTime(text: unknown, field: string): Date | null {
	if (text === undefined || text === null || text === "") return null;
	const at = new Date(String(text));
	if (Number.isNaN(at.getTime())) throw invalid("INVALID_TIME", `\`${text}\` is not a valid RFC 3339 time.`, field);
	return at;
}

/** Cursors are opaque, and good only for the query that they came from. */
export const writeCursor = (place: readonly string[]) => Buffer.from(JSON.stringify(place)).toString("base64url");

export function readCursor(text: unknown, length: number): string[] | null {
	if (text === undefined || text === null || text === "") return null;
	try {
		const place = JSON.parse(Buffer.from(String(text), "base64url").toString("utf8"));
		if (Array.isArray(place) && place.length === length && place.every((part) => typeof part === "string"))
			return place;
	} catch {}
	throw invalid("INVALID_CURSOR", "The pagination cursor is invalid.", "cursor");
}

export function readLimit(value: unknown, most: number, usual: number): number {
	if (value === undefined || value === null) return usual;
	const limit = Number(value);
	if (!Number.isInteger(limit) || limit < 1 || limit > most)
		throw invalid("INVALID_VALUE", `\`limit\` must be between 1 and ${most}.`, "limit");
	return limit;
}
