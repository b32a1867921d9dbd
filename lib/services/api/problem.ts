/** Every refusal of the public API in one shape: RFC 9457, with a sentence that a person may read. */
import { z } from "zod";
import { describeError } from "../describe-error";
import { MissingScope, TooOften } from "../errors";

export const problemSchema = z.looseObject({
	type: z.string().describe("urn:onecount:problem:<reason>"),
	title: z.string().describe("The status in words."),
	status: z.int(),
	detail: z.string().describe("What is wrong and what to do, for a person to read."),
	reason: z.string().describe("For machines: stable, snake_case."),
});
export type Problem = z.output<typeof problemSchema>;

export const titles = {
	400: "Bad request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not found",
	405: "Method not allowed",
	409: "Conflict",
	413: "Content too large",
	422: "Unprocessable content",
	429: "Too many requests",
	500: "Internal server error",
} as const;
export type ProblemStatus = keyof typeof titles;

/** `more`: the numbers that the sentence speaks of, for machines. */
export function problem(status: ProblemStatus, reason: string, detail: string, more: Record<string, unknown> = {}) {
	const body: Problem = {
		type: `urn:onecount:problem:${reason}`,
		title: titles[status],
		status,
		detail,
		reason,
		...more,
	};
	return { status, body };
}

/** What was thrown, as a problem and the headers that go with it; the unexpected goes to the log under an id to quote. */
export function problemOf(error: unknown, where: string) {
	if (error instanceof z.ZodError) {
		const errors = error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, detail: message }));
		return { ...problem(422, "unacceptable", sentenceOf(errors[0]), { errors }), headers: {} };
	}
	const { status, body } = describeError(error, where);
	const more = {
		...(body.requestId && { requestId: body.requestId }),
		...(error instanceof MissingScope && { scope: error.scope }),
	};
	const headers: Record<string, string> = {};
	if (error instanceof TooOften) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
	if (status === 401) headers["www-authenticate"] = "Bearer";
	return { ...problem(status as ProblemStatus, body.reason, body.sentence, more), headers };
}

/** A schema's own sentence, or the library's words made one. */
function sentenceOf(first: { pointer: string; detail: string } | undefined): string {
	if (!first) return "Something in the request can't be read.";
	const { pointer, detail } = first;
	return /[.?]$/.test(detail) ? detail : `In the request, ${pointer} does not fit: ${detail}.`;
}
