/**
 * What travels between an Inngest executor and the SDK's serve handler (SDK 4.24): the shapes, and nothing else.
 * Names are the wire's own.
 */

export type InngestEvent = {
	id: string;
	name: string;
	data: Record<string, unknown>;
	/** Milliseconds; in the future, it delays the run. */
	ts: number;
	[more: string]: unknown;
};

export type WireError = { name: string; message: string; stack?: string; [more: string]: unknown };

/** What a step gave, as the SDK is told of it when the function is entered again. */
export type StepMemo = { type: "data"; data: unknown } | { type: "error"; error: unknown };

export type CallBody = {
	event: InngestEvent;
	events: InngestEvent[];
	steps: Record<string, StepMemo>;
	defers: Record<string, never>;
	version: 2;
	use_api: false;
	ctx: {
		run_id: string;
		/** From 0. */
		attempt: number;
		max_attempts: number;
		/** Plan mode: say which steps come next, run none. */
		disable_immediate_execution: boolean;
		/** Memoised steps in the order in which they were completed. */
		stack: { stack: string[]; current: number };
		use_api: false;
		env: "";
		step_id: "step";
		/** With these two the SDK checkpoints steps while the request is still running. */
		fn_id: string;
		qi_id: string;
	};
};

/** One entry of a 206. */
export type Op = {
	op: string;
	/** Hashed. */
	id: string;
	name?: string;
	displayName?: string;
	data?: unknown;
	error?: unknown;
	opts?: {
		timeout?: string;
		if?: string;
		function_id?: string;
		payload?: { data?: Record<string, unknown>; v?: string; meta?: unknown };
		parallelMode?: string;
		[more: string]: unknown;
	};
};

/** What `stepId` says when the function itself is called rather than one step. */
export const wholeFunction = "step";

export const headers = {
	signature: "x-inngest-signature",
	sdk: "x-inngest-sdk",
	noRetry: "x-inngest-no-retry",
	retryAfter: "retry-after",
	serverKind: "x-inngest-server-kind",
	syncKind: "x-inngest-sync-kind",
	runId: "x-run-id",
	requestVersion: "x-inngest-req-version",
	eventIdSeed: "x-inngest-event-id-seed",
} as const;

export const internalEvents = {
	failed: "inngest/function.failed",
	finished: "inngest/function.finished",
	cancelled: "inngest/function.cancelled",
	invoked: "inngest/function.invoked",
	cron: "inngest/scheduled.timer",
} as const;

/** Limits that Inngest's server has, so that a function that works here works there. */
export const limits = {
	eventBytes: 512 * 1024,
	eventsPerRequest: 5_000,
	eventNameLength: 512,
	stepsPerRun: 1_000,
	outputBytes: 4 * 1024 * 1024,
	batchBytes: 10 * 1024 * 1024,
	retryAfterMinMs: 1_000,
	retryAfterMaxMs: 24 * 3_600_000,
	sleepMaxMs: 366 * 24 * 3_600_000,
} as const;

/** The error that a message of ours becomes on the wire. */
export const wireError = (name: string, message: string): WireError => ({ name, message });

export function toWireError(value: unknown): WireError {
	const { name, message, error, ...rest } = (typeof value === "object" && value !== null ? value : {}) as WireError;
	const text = message ?? error;
	return {
		...rest,
		name: typeof name === "string" && name ? name : "Error",
		message: typeof text === "string" && text ? text : typeof value === "string" ? value : "Unknown error",
	};
}
