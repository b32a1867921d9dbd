/** What the app can run: function configs as the SDK reports them, checked and made ready to be matched with events. */
import { Cron } from "croner";
import { z } from "zod";
import { parseDuration } from "./duration";
import { asKey, compileExpression, type Expression, isTrue } from "./expression";
import { type InngestEvent, internalEvents } from "./protocol";

const perKey = { key: z.string().optional() };
const configSchema = z.object({
	id: z.string(),
	name: z.string().optional(),
	triggers: z.array(
		z.union([
			z.object({ event: z.string(), expression: z.string().nullish() }),
			z.object({ cron: z.string(), jitter: z.string().optional() }),
		]),
	),
	steps: z.record(z.string(), z.object({ retries: z.object({ attempts: z.number().optional() }).optional() })),
	idempotency: z.string().optional(),
	concurrency: z
		.union([
			z.number().transform((limit) => [{ limit }]),
			z.object({ limit: z.number(), ...perKey, scope: z.string().optional() }).transform((one) => [one]),
			z.array(z.object({ limit: z.number(), ...perKey, scope: z.string().optional() })).max(2),
		])
		.optional(),
	debounce: z.object({ period: z.string(), timeout: z.string().optional(), ...perKey }).optional(),
	batchEvents: z.object({ maxSize: z.number(), timeout: z.string(), if: z.string().optional(), ...perKey }).optional(),
	rateLimit: z.object({ limit: z.number(), period: z.string(), ...perKey }).optional(),
	throttle: z.object({ limit: z.number(), period: z.string(), burst: z.number().optional(), ...perKey }).optional(),
	priority: z.object({ run: z.string().optional() }).optional(),
	singleton: z.object({ mode: z.enum(["skip", "cancel"]), ...perKey }).optional(),
	timeouts: z.object({ start: z.string().optional(), finish: z.string().optional() }).optional(),
	cancel: z
		.array(z.object({ event: z.string(), if: z.string().optional(), timeout: z.string().optional() }))
		.max(5)
		.optional(),
});
export type FunctionConfig = z.input<typeof configSchema>;

type KeyOf = (event: InngestEvent) => string;

export type EngineFunction = {
	id: string;
	/** 1 + retries, for each step and for the function between steps. */
	maxAttempts: number;
	triggers: { event: string; condition: Expression | null }[];
	crons: { expression: string; cron: Cron; jitterMs: number }[];
	idempotencyKey: KeyOf | null;
	/** Keys under which a call of this function takes a place, each with its number of places. */
	slots: (event: InngestEvent) => { key: string; limit: number }[];
	debounce: { periodMs: number; timeoutMs: number | null; keyOf: KeyOf } | null;
	batch: { maxSize: number; timeoutMs: number; keyOf: KeyOf; condition: Expression | null } | null;
	/** `keyOf` null: this event is not limited. */
	rateLimit: { limit: number; periodMs: number; keyOf: (event: InngestEvent) => string | null } | null;
	throttle: { limit: number; periodMs: number; burst: number; keyOf: KeyOf } | null;
	priorityOf: (event: InngestEvent) => number;
	singleton: { mode: "skip" | "cancel"; keyOf: KeyOf } | null;
	startTimeoutMs: number | null;
	finishTimeoutMs: number | null;
	cancelOn: { event: string; expression: string | null; timeoutMs: number | null }[];
};

export type Registry = {
	functions: Map<string, EngineFunction>;
	/** Functions that cannot run here, and why: sentences. */
	problems: string[];
	/** Functions that an event starts. */
	startedBy: (event: InngestEvent) => EngineFunction[];
	isTrigger: (eventName: string) => boolean;
};

export function buildRegistry(configs: unknown[]): Registry {
	const functions = new Map<string, EngineFunction>();
	const problems: string[] = [];
	for (const config of configs) {
		try {
			const fn = compileFunction(config);
			functions.set(fn.id, fn);
		} catch (error) {
			const id = (config as { id?: string } | null)?.id ?? "A function without an id";
			const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
			problems.push(`${id} cannot run on the embedded engine: ${why}`);
		}
	}

	type Trigger = { fn: EngineFunction; condition: Expression | null };
	const exact = new Map<string, Trigger[]>();
	const wildcards: { prefix: string; trigger: Trigger }[] = [];
	for (const fn of functions.values())
		for (const { event, condition } of fn.triggers) {
			const trigger = { fn, condition };
			if (event.endsWith("*")) wildcards.push({ prefix: event.slice(0, -1), trigger });
			else exact.set(event, [...(exact.get(event) ?? []), trigger]);
		}
	const candidates = (name: string) => [
		...(exact.get(name) ?? []),
		// Internal events are not what somebody means by `*`.
		...(name.startsWith("inngest/") ? [] : wildcards.filter((w) => name.startsWith(w.prefix)).map((w) => w.trigger)),
	];
	return {
		functions,
		problems,
		startedBy: (event) => {
			const found = candidates(event.name).filter(({ condition }) => !condition || isTrue(condition, { event }));
			return [...new Set(found.map(({ fn }) => fn))];
		},
		isTrigger: (name) => candidates(name).length > 0,
	};
}

function compileFunction(input: unknown): EngineFunction {
	const config = configSchema.parse(input);
	const { id, batchEvents, debounce, rateLimit, throttle, singleton, timeouts } = config;
	const cancel = config.cancel ?? [];
	const retries = Object.values(config.steps)[0]?.retries?.attempts ?? 4;
	if (retries > 20) throw new Error("it has more than 20 retries.");
	if (config.triggers.length > 10) throw new Error("it has more than 10 triggers.");
	if (batchEvents && (debounce || singleton || cancel.length > 0 || config.priority))
		throw new Error("batchEvents does not go together with debounce, cancelOn, singleton or priority.");
	// Evaluated when an event comes; refused now.
	for (const on of cancel) optional(on.if);

	const priority = config.priority?.run ? compileExpression(config.priority.run) : null;
	const rateKey = rateLimit?.key ? compileExpression(rateLimit.key) : null;
	return {
		id,
		maxAttempts: retries + 1,
		triggers: config.triggers.flatMap((trigger) =>
			"event" in trigger && trigger.event !== internalEvents.invoked
				? [{ event: checkName(trigger.event), condition: optional(trigger.expression) }]
				: [],
		),
		crons: config.triggers.flatMap((trigger) =>
			"cron" in trigger
				? [
						{
							expression: trigger.cron,
							cron: parseCron(trigger.cron),
							jitterMs: trigger.jitter ? duration(trigger.jitter, "jitter") : 0,
						},
					]
				: [],
		),
		idempotencyKey: config.idempotency ? keyOf(config.idempotency) : null,
		slots: slotsOf(id, config.concurrency ?? []),
		debounce: debounce
			? {
					periodMs: duration(debounce.period, "debounce.period", 1_000),
					timeoutMs: debounce.timeout ? duration(debounce.timeout, "debounce.timeout", 1_000) : null,
					keyOf: keyOf(debounce.key),
				}
			: null,
		batch: batchEvents
			? {
					maxSize: batchEvents.maxSize,
					timeoutMs: duration(batchEvents.timeout, "batchEvents.timeout", 1_000),
					keyOf: keyOf(batchEvents.key),
					condition: optional(batchEvents.if),
				}
			: null,
		rateLimit:
			rateLimit && !config.idempotency
				? {
						limit: rateLimit.limit,
						periodMs: duration(rateLimit.period, "rateLimit.period"),
						keyOf: (event) => {
							const value = rateKey ? rateKey({ event }) : null;
							return value === false ? null : asKey(value);
						},
					}
				: null,
		throttle: throttle
			? {
					limit: throttle.limit,
					periodMs: duration(throttle.period, "throttle.period"),
					burst: throttle.burst ?? 1,
					keyOf: keyOf(throttle.key),
				}
			: null,
		priorityOf: (event) => {
			const value = priority?.({ event });
			return typeof value === "number" ? Math.round(Math.min(600, Math.max(-600, value))) : 0;
		},
		singleton: singleton ? { mode: singleton.mode, keyOf: keyOf(singleton.key) } : null,
		startTimeoutMs: timeouts?.start ? duration(timeouts.start, "timeouts.start") : null,
		finishTimeoutMs: timeouts?.finish ? duration(timeouts.finish, "timeouts.finish") : null,
		cancelOn: cancel.map((on) => ({
			event: on.event,
			expression: on.if ?? null,
			timeoutMs: on.timeout ? duration(on.timeout, "cancelOn.timeout") : null,
		})),
	};
}

const optional = (expression: string | null | undefined) => (expression ? compileExpression(expression) : null);

function keyOf(expression: string | undefined): KeyOf {
	if (!expression) return () => "";
	const compiled = compileExpression(expression);
	return (event) => asKey(compiled({ event }));
}

function slotsOf(
	fnId: string,
	concurrency: { limit: number; key?: string; scope?: string }[],
): EngineFunction["slots"] {
	const rules = concurrency
		// No limit at all, as on the server.
		.filter(({ limit }) => limit > 0)
		.map(({ limit, key, scope = "fn" }) => {
			if (scope !== "fn" && !key) throw new Error(`its concurrency of scope "${scope}" needs a key.`);
			return { limit, of: keyOf(key), prefix: scope === "fn" ? `fn:${fnId}` : scope, expression: key ?? "" };
		});
	return (event) =>
		rules.map(({ limit, of, prefix, expression }) => ({ key: `${prefix}|${expression}|${of(event)}`, limit }));
}

function duration(text: string, what: string, minMs = 1): number {
	const ms = parseDuration(text);
	if (ms === null || ms < minMs) throw new Error(`its ${what}, "${text}", is not a duration of at least ${minMs} ms.`);
	return ms;
}

function checkName(event: string): string {
	const star = event.indexOf("*");
	if (star < 0 || (star === event.length - 1 && /[/.]\*$/.test(event)) || event === "*") return event;
	throw new Error(`its trigger "${event}" may have one *, at the end, after a / or a dot.`);
}

/** Five fields or a name such as @daily, with `TZ=Zone ` before it. The server knows no seconds, so neither do we. */
function parseCron(text: string): Cron {
	const [, timezone, pattern = ""] = /^(?:TZ=(\S+)\s+)?(.*)$/.exec(text.trim()) ?? [];
	if (!/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(pattern) && pattern.split(/\s+/).length !== 5)
		throw new Error(`its cron "${text}" does not have five fields.`);
	try {
		return new Cron(pattern === "@midnight" ? "@daily" : pattern, { timezone: timezone ?? "UTC", paused: true });
	} catch (error) {
		throw new Error(`its cron "${text}" cannot be read: ${(error as Error).message}`);
	}
}
