/** The shape of calls and answers. */
import { randomUUID } from "node:crypto";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { isWithin, rateOf } from "./limits";
import type { Operation } from "./operations";
import { type AmazonSettings, settingsOf } from "./settings";

export type Call = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: AmazonSettings;
	request: Request;
	query: URLSearchParams;
	/** What the path's pattern caught, decoded. */
	parts: string[];
	/** JSON; undefined where there is none. */
	body: unknown;
};

export type Answer = { status?: number; body: unknown };

export class SpError extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
		/** Null: the field is left out. */
		readonly details: string | null = "",
	) {
		super(message);
	}
}

export const invalidInput = (message = "Request has missing or invalid parameters and cannot be parsed.") =>
	new SpError(400, "InvalidInput", message);
export const unauthorized = (details = "") =>
	new SpError(403, "Unauthorized", "Access to requested resource is denied.", details);
export const noToken = () => new SpError(403, "MissingAuthenticationToken", "Missing Authentication Token", null);
export const notFound = (message: string) => new SpError(404, "NotFound", message);

function quotaExceeded(operation: Operation): SpError {
	const isListings = /Listing/.test(operation);
	return new SpError(
		429,
		"QuotaExceeded",
		isListings
			? "The frequency of requests was greater than what is allowed for the application."
			: "You exceeded your quota for the requested resource.",
	);
}

/** Throws what Amazon answers over the rate. */
export function charge(ctx: SandboxContext, store: SandboxStore, operation: Operation): void {
	if (!isWithin(ctx, store, operation)) throw quotaExceeded(operation);
}

/** The rate is said on most good answers, and on 400 and 404; never on 401, 403 and 429. */
export function respond(ctx: SandboxContext, store: SandboxStore, operation: Operation, answer: Answer): Response {
	const status = answer.status ?? 200;
	const says = (status < 300 || status === 400 || status === 404) && ctx.random() < settingsOf(store).rateHeaderShare;
	const headers = {
		"content-type": "application/json",
		"x-amzn-requestid": randomUUID(),
		...(says ? { "x-amzn-ratelimit-limit": rateText(rateOf(store, operation).rate) } : {}),
	};
	return new Response(status === 204 ? null : JSON.stringify(answer.body), { status, headers });
}

const rateText = (rate: number) => (Number.isInteger(rate) ? `${rate}.0` : String(rate));

export const errorBody = ({ code, message, details }: SpError) => ({
	errors: [{ code, message, ...(details === null ? {} : { details }) }],
});

/** A list in the query: by commas, whatever the rest of it says. */
export const csv = (query: URLSearchParams, name: string): string[] =>
	(query.get(name) ?? "").split(",").filter((part) => part !== "");

/** Seconds are all that most stamps have. */
export const stamp = (at: Date | string) => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Null: not there. Throws for what is no moment. */
export function momentIn(query: URLSearchParams, name: string): Date | null {
	const text = query.get(name);
	if (text === null) return null;
	const at = new Date(text);
	if (Number.isNaN(at.getTime())) throw invalidInput();
	return at;
}
