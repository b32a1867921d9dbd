/** The one mapping from an error to what the outside hears of it, shared by JSON routes, actions and the public API. */
import { randomUUID } from "node:crypto";
import { ZodError } from "zod";
import { ServiceError, TooOften, WrongFields } from "./errors";
import { serverLog } from "./server-log";

export type ErrorBody = {
	reason: string;
	sentence: string;
	/** Of a form that was filled in wrong: what to do about each field, by its name. */
	fields?: Readonly<Record<string, string>>;
	requestId?: string;
};

/** An answer that depends on who asks must not be kept for another. */
export const privately = { "cache-control": "private, no-store" };

/** A known error as its status and sentence; the rest is ours to look up by the id. */
export function errorResponse(error: unknown, request: Request): Response {
	const { body, status } = describeError(error, `${request.method} ${new URL(request.url).pathname}`);
	const headers = new Headers(privately);
	if (error instanceof TooOften) headers.set("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
	return Response.json(body, { status, headers });
}

/** `where` goes to the log with what nobody expected. */
export function describeError(error: unknown, where: string): { body: ErrorBody; status: number } {
	if (error instanceof ServiceError)
		return {
			status: error.status,
			body: {
				reason: error.reason,
				sentence: error.message,
				...(error instanceof WrongFields && { fields: error.fields }),
			},
		};
	if (error instanceof ZodError) return { status: 422, body: wrongInput(error) };
	if (isHungUp(error))
		return {
			status: 400,
			body: { reason: "broken_off", sentence: "The request broke off before all of it was here." },
		};
	const requestId = randomUUID();
	serverLog().error({ err: error, requestId, where }, "A request failed");
	return {
		status: 500,
		body: {
			reason: "failed",
			sentence: "This did not work, and it is our fault. Try again; if it stays so, quote the request id.",
			requestId,
		},
	};
}

/** The first of what is wrong, and beside which fields which of it stands. */
function wrongInput({ issues }: ZodError): ErrorBody {
	const fields: Record<string, string> = {};
	for (const { path, message } of issues) if (path.length > 0) fields[path.join(".")] ??= message;
	return {
		reason: "unacceptable",
		sentence: issues[0]?.message ?? "Something in the request can't be read.",
		...(Object.keys(fields).length > 0 && { fields }),
	};
}

/** What Node says of a browser that leaves before it has said everything. Nobody is there to hear of it, and nothing is wrong. */
const isHungUp = (error: unknown): boolean =>
	error instanceof Error && error.message === "aborted" && (error as NodeJS.ErrnoException).code === "ECONNRESET";
