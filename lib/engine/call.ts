/** One call: what is asked of the SDK, and what its answer means. Pure but for the clock that it is given. */
import canonicalize from "canonicalize";
import { parseRetryAfter } from "./duration";
import { type CallBody, headers, limits, type Op, type StepMemo, toWireError, type WireError } from "./protocol";
import type { LeasedItem } from "./queue";
import { isSignedBy, sign } from "./signing";
import type { TransportRequest, TransportResponse } from "./transport";

export type Outcome =
	/** The answer is not the SDK's: the app is down, or something stands before it. The function may not have run. */
	| { kind: "undelivered"; why: string }
	| { kind: "returned"; output: unknown }
	| { kind: "ops"; ops: Op[]; retryAfterMs: number | null }
	| { kind: "failed"; error: WireError; isFinal: boolean; retryAfterMs: number | null };

export function buildCall(
	item: LeasedItem,
	maxAttempts: number,
	app: { endpoint: string; signingKey: string },
	nowMs: number,
): TransportRequest {
	const [event] = item.events;
	if (!event) throw new Error(`Run ${item.runId} has no event.`);
	const stack = item.steps.map(({ id }) => id);
	const body: CallBody = {
		event,
		events: item.events,
		steps: Object.fromEntries(item.steps.map((step) => [step.id, memoOf(step)])),
		defers: {},
		version: 2,
		use_api: false,
		ctx: {
			run_id: item.runId,
			attempt: item.attempt,
			max_attempts: maxAttempts,
			disable_immediate_execution: item.isPlanning,
			stack: { stack, current: stack.length },
			use_api: false,
			env: "",
			step_id: "step",
			fn_id: item.fnId,
			qi_id: `${item.id}#${item.gen}`,
		},
	};
	const text = canonicalize(body) ?? "";
	const query = new URLSearchParams({ fnId: item.fnId, stepId: item.stepId });
	return {
		method: "POST",
		url: `${app.endpoint}?${query}`,
		headers: {
			"content-type": "application/json",
			[headers.signature]: sign(text, app.signingKey, nowMs),
			[headers.serverKind]: "cloud",
			[headers.runId]: item.runId,
			[headers.requestVersion]: "2",
		},
		body: text,
	};
}

const memoOf = ({ kind, data }: LeasedItem["steps"][number]): StepMemo =>
	kind === "data" ? { type: "data", data } : { type: "error", error: data };

/** `gen` of a `qi_id`; null when it is not one of ours. */
export function parseQueueItemId(text: unknown): { id: string; gen: number } | null {
	const [, id, gen] = /^(\d+)#(\d+)$/.exec(String(text)) ?? [];
	return id && gen ? { id, gen: Number(gen) } : null;
}

export function interpret(response: TransportResponse, signingKey: string, nowMs: number): Outcome {
	const { status, body } = response;
	if (!response.header(headers.sdk))
		return {
			kind: "undelivered",
			why:
				status === 401
					? "The app refused the engine's signature: both must use the same INNGEST_SIGNING_KEY."
					: `The answer (${status}) did not come from the Inngest SDK.`,
		};
	if (!isSignedBy(response.header(headers.signature), body, signingKey, nowMs))
		return { kind: "undelivered", why: `The answer (${status}) was not signed with the engine's key.` };
	if (body.length > limits.outputBytes)
		return final("The function or its step returned more than 4 MB; return ids or counts instead.");

	let json: unknown;
	try {
		json = body === "" ? null : JSON.parse(body);
	} catch {
		return { kind: "undelivered", why: `The answer (${status}) was not JSON.` };
	}
	const retryAfterMs = clampRetryAfter(parseRetryAfter(response.header(headers.retryAfter), nowMs));
	if (status === 200) return { kind: "returned", output: json };
	if (status === 206) return { kind: "ops", ops: (Array.isArray(json) ? json : [json]) as Op[], retryAfterMs };
	if (status === 201)
		return { kind: "undelivered", why: "The app answers in Inngest's streaming form; unset INNGEST_STREAMING." };
	const isFinal = response.header(headers.noRetry) === "true";
	return { kind: "failed", error: toWireError(json), isFinal, retryAfterMs };
}

const final = (message: string): Outcome => ({
	kind: "failed",
	error: { name: "InngestEngineError", message },
	isFinal: true,
	retryAfterMs: null,
});

const clampRetryAfter = (ms: number | null) =>
	ms === null ? null : Math.min(limits.retryAfterMaxMs, Math.max(limits.retryAfterMinMs, ms));
