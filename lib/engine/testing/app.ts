/**
 * The app under test: plain Inngest functions, one or a few for each guarantee, that write down what happened to them.
 * They know nothing of the executor, so the same file runs on the embedded engine and on an Inngest server.
 */
import { Inngest, NonRetriableError, RetryAfterError } from "inngest";
import { serve } from "inngest/edge";

export type Observe = (tag: string, what: string, data?: unknown) => Promise<void>;

export type ConformanceApp = ReturnType<typeof createConformanceApp>;

type Options = {
	/** Null: a real server, told by INNGEST_ variables. */
	embedded: { fetch: typeof fetch; signingKey: string; eventKey: string } | null;
	observe: Observe;
	/** How often an attempt was made; memory outside of the functions. */
	tries?: Map<string, number>;
	/** Holds a step until the test lets it go. */
	gate?: (tag: string) => Promise<void>;
};

export function createConformanceApp({ embedded, observe, tries = new Map(), gate = async () => {} }: Options) {
	const inngest = new Inngest({
		id: "conf",
		aiMetadata: false,
		logger: { info() {}, warn() {}, error() {}, debug() {} },
		...(embedded ? { isDev: false, baseUrl: "http://engine.invalid", ...embedded } : {}),
	});
	const nextTry = (key: string) => {
		const n = (tries.get(key) ?? 0) + 1;
		tries.set(key, n);
		return n;
	};
	type Data = { tag: string; id?: string; n?: number; key?: string; on?: boolean };
	type Context = Parameters<Parameters<typeof inngest.createFunction>[1]>[0] & { event: { data: Data } };
	const fn = (
		id: string,
		options: Omit<Parameters<typeof inngest.createFunction>[0], "id">,
		handler: (context: Context) => unknown,
	) =>
		inngest.createFunction(
			{ id, triggers: [{ event: `conf/${id}` }], ...options } as Parameters<typeof inngest.createFunction>[0],
			handler as Parameters<typeof inngest.createFunction>[1],
		);

	const child = fn("child", {}, async ({ event, step }) => {
		const n = await step.run("double", () => (event.data.n ?? 0) * 2);
		if (event.data.on) throw new NonRetriableError("the child refuses");
		return { n };
	});
	const names = { before: ["old-1", "old-2"], after: ["new-1", "new-2"] };
	let isRenamed = false;

	const functions = [
		child,
		fn("nothing", { retries: 0 }, ({ event }) => observe(event.data.tag, "ran", event.data.n)),
		fn("sequential", {}, async ({ event, step }) => {
			const { tag } = event.data;
			await observe(tag, "entered");
			const a = await step.run("a", async () => {
				await observe(tag, "a");
				return { n: 1, text: "nul \u0000 and ☃", nested: [null, { deep: true }] };
			});
			const b = await step.run("b", async () => {
				await observe(tag, "b", a);
				return undefined;
			});
			await step.run("c", () => observe(tag, "c", b));
			return "done";
		}),
		fn("without-checkpoints", { checkpointing: false }, async ({ event, step }) => {
			await observe(event.data.tag, "entered");
			const a = await step.run("a", () => 1);
			const b = await step.run("b", () => a + 1);
			await observe(event.data.tag, "end", b);
		}),
		fn("parallel", {}, async ({ event, step }) => {
			const { tag } = event.data;
			const each = await Promise.all(
				[1, 2, 3].map((n) =>
					step.run(`p${n}`, async () => {
						await observe(tag, `p${n}`);
						return n * 10;
					}),
				),
			);
			await step.run("join", () => observe(tag, "join", each));
		}),
		fn("mixed", {}, async ({ event, step }) => {
			const { tag } = event.data;
			const [ran, slept, heard] = await Promise.all([
				step.run("run", () => "ran"),
				step.sleep("sleep", "1s"),
				step.waitForEvent("wait", { event: "conf/mixed.go", timeout: "20s", match: "data.tag" }),
			]);
			await observe(tag, "joined", { ran, slept: slept ?? null, heard: heard?.data.n });
		}),
		fn("wait", {}, async ({ event, step }) => {
			const { tag } = event.data;
			await step.run("ready", () => observe(tag, "waiting"));
			const heard = await step.waitForEvent("paid", {
				event: "conf/wait.paid",
				timeout: "20s",
				if: "event.data.tag == async.data.tag && async.data.n > 5",
			});
			await observe(tag, "heard", heard?.data.n);
		}),
		fn("wait-timeout", {}, async ({ event, step }) => {
			const heard = await step.waitForEvent("never", { event: "conf/never", timeout: "1s" });
			await observe(event.data.tag, "timeout", heard);
		}),
		fn("invoke", {}, async ({ event, step }) => {
			const { tag } = event.data;
			const ok = await step.invoke("ok", { function: child, data: { n: 21 } });
			const caught = await step
				.invoke("bad", { function: child, data: { on: true } })
				.catch((error: Error) => error.message);
			await observe(tag, "answers", { ok, caught });
		}),
		fn("fan-out", {}, async ({ event, step }) => {
			const { tag } = event.data;
			await step.sendEvent(
				"out",
				[1, 2, 3].map((n) => ({ name: "conf/fan-out.one", id: `${tag}-${n}`, data: { tag, n } })),
			);
		}),
		fn("fan-out-one", { triggers: [{ event: "conf/fan-out.one" }] }, ({ event }) =>
			observe(event.data.tag, "one", event.data.n),
		),
		fn("retry", { retries: 3 }, async ({ event, step, attempt }) => {
			const { tag } = event.data;
			await step.run("before", () => observe(tag, "before"));
			const n = await step.run("flaky", async () => {
				await observe(tag, "flaky", attempt);
				const n = nextTry(tag);
				if (n < 3) throw new Error(`not yet (${n})`);
				return n;
			});
			await observe(tag, "end", n);
		}),
		fn("retry-function", { retries: 2 }, async ({ event, attempt }) => {
			await observe(event.data.tag, "attempt", attempt);
			if (attempt < 2) throw new Error("between steps");
		}),
		fn("compensate", { retries: 1 }, async ({ event, step }) => {
			const { tag } = event.data;
			try {
				await step.run("charge", async () => {
					await observe(tag, "charge");
					throw new Error("card declined");
				});
			} catch (error) {
				await step.run("refund", () => observe(tag, "refund", (error as Error).message));
			}
		}),
		fn(
			"on-failure",
			{
				retries: 1,
				onFailure: async ({ event, error, step }: { event: unknown; error: Error; step: Context["step"] }) => {
					const { data } = event as {
						data: { function_id: string; run_id: string; error: Error; event: { data: Data } };
					};
					const about = {
						functionId: data.function_id,
						hasRunId: data.run_id.length > 0,
						message: error.message,
						name: data.error.name,
					};
					await step.run("told", () => observe(data.event.data.tag, "failed", about));
				},
			},
			async ({ event, step }) => {
				await step.run("always", async () => {
					await observe(event.data.tag, "tried");
					throw new RangeError("always");
				});
			},
		),
		fn("non-retriable", { retries: 5 }, async ({ event, step }) => {
			await step.run("once", async () => {
				await observe(event.data.tag, "tried");
				throw new NonRetriableError("no use");
			});
		}),
		fn("retry-after", { retries: 2 }, async ({ event, step }) => {
			const { tag } = event.data;
			await step.run("limited", async () => {
				await observe(tag, "tried", Date.now());
				const n = nextTry(tag);
				if (n === 1) throw new RetryAfterError("in seconds", "1s");
				if (n === 2) throw new RetryAfterError("by date", new Date(Date.now() + 1_500));
			});
			await observe(tag, "end", Date.now());
		}),
		fn("debounce", { debounce: { period: "1s", key: "event.data.key" } }, ({ event }) =>
			observe(event.data.tag, "ran", { key: event.data.key, n: event.data.n }),
		),
		fn("debounce-cap", { debounce: { period: "1s", timeout: "2s" } }, ({ event }) =>
			observe(event.data.tag, "ran", event.data.n),
		),
		fn("batch", { batchEvents: { maxSize: 3, timeout: "2s", key: "event.data.key" } }, ({ events }) => {
			const all = events as { data: Data }[];
			return observe(all[0]?.data.tag ?? "", "batch", {
				key: all[0]?.data.key,
				ns: all.map(({ data }) => data.n).sort(),
			});
		}),
		fn("idempotency", { idempotency: "event.data.key" }, ({ event }) => observe(event.data.tag, "ran", event.data.n)),
		fn("event-id", {}, ({ event }) => observe(event.data.tag, "ran", event.data.n)),
		fn(
			"cancel",
			{ cancelOn: [{ event: "conf/cancel.now", if: "event.data.id == async.data.id" }] },
			async ({ event, step }) => {
				const { tag, id } = event.data;
				await step.run("begin", () => observe(tag, "begin", id));
				await step.sleep("long", "2s");
				await step.run("end", () => observe(tag, "end", id));
			},
		),
		fn(
			"limited",
			{ concurrency: [{ limit: 1, key: "event.data.key" }, { limit: 3 }], retries: 0 },
			async ({ event, step }) => {
				const { tag, key } = event.data;
				await step.run("work", async () => {
					await observe(tag, "start", key);
					await new Promise((resolve) => setTimeout(resolve, 60));
					await observe(tag, "stop", key);
				});
			},
		),
		fn("wildcard", { triggers: [{ event: "conf/wild.*", if: "event.data.on == true" }] }, ({ event }) =>
			observe(event.data.tag, "ran", event.name),
		),
		fn("clock", { triggers: [{ cron: "* * * * *" }] }, ({ event }) => observe("clock", "tick", event.data)),
		fn("future", {}, ({ event }) => observe(event.data.tag, "ran", Date.now())),
		fn("throttle", { throttle: { limit: 1, period: "1s", key: "event.data.key" } }, ({ event }) =>
			observe(event.data.tag, "ran", Date.now()),
		),
		fn("rate-limit", { rateLimit: { limit: 1, period: "1h", key: "event.data.key" } }, ({ event }) =>
			observe(event.data.tag, "ran", event.data.n),
		),
		fn("singleton-skip", { singleton: { mode: "skip", key: "event.data.key" } }, async ({ event, step }) => {
			await step.run("begin", () => observe(event.data.tag, "begin", event.data.n));
			await step.sleep("hold", "1s");
			await step.run("end", () => observe(event.data.tag, "end", event.data.n));
		}),
		fn("singleton-cancel", { singleton: { mode: "cancel", key: "event.data.key" } }, async ({ event, step }) => {
			await step.run("begin", () => observe(event.data.tag, "begin", event.data.n));
			await step.sleep("hold", "1s");
			await step.run("end", () => observe(event.data.tag, "end", event.data.n));
		}),
		fn("race", {}, async ({ event, step, group }) => {
			const { tag } = event.data;
			const winner = await group.parallel(() =>
				Promise.race([
					step.run("quick", () => "quick"),
					step.waitForEvent("slow", { event: "conf/never", timeout: "15s" }).then(() => "slow"),
				]),
			);
			await step.run("after", () => observe(tag, "winner", winner));
		}),
		fn("loop", {}, async ({ event, step }) => {
			const { tag } = event.data;
			const got: number[] = [];
			for (let i = 0; i < 4; i++) got.push(await step.run("same", () => i * i));
			await observe(tag, "got", got);
		}),
		fn("max-runtime", { checkpointing: { maxRuntime: "1s" } }, async ({ event, step }) => {
			const { tag } = event.data;
			for (let i = 0; i < 6; i++)
				await step.run(`s${i}`, async () => {
					await observe(tag, "step", i);
					await new Promise((resolve) => setTimeout(resolve, 300));
				});
			await observe(tag, "end");
		}),
		fn(
			"renamed",
			{
				retries: 0,
				onFailure: ({ event, error }: { event: unknown; error: Error }) => {
					const { data } = event as { data: { event: { data: Data } } };
					return observe(data.event.data.tag, "failed", error.message);
				},
			},
			async ({ step }) => {
				const ids = isRenamed ? names.after : names.before;
				isRenamed = true;
				await Promise.all(ids.map((id) => step.run(id, () => id)));
			},
		),
		fn(
			"oversized",
			{
				retries: 0,
				onFailure: ({ event, error }: { event: unknown; error: Error }) => {
					const { data } = event as { data: { event: { data: Data } } };
					return observe(data.event.data.tag, "failed", error.message);
				},
			},
			({ step }) => step.run("big", () => "x".repeat(5 * 1024 * 1024)),
		),
		fn(
			"signal",
			{
				retries: 0,
				onFailure: ({ event, error }: { event: unknown; error: Error }) => {
					const { data } = event as { data: { event: { data: Data } } };
					return observe(data.event.data.tag, "failed", error.message);
				},
			},
			({ step }) => step.waitForSignal("sig", { signal: "x", timeout: "1s" }),
		),
		fn("start-timeout", { timeouts: { start: "4s" }, concurrency: 1 }, async ({ event, step }) => {
			await step.run("begin", () => observe(event.data.tag, "begin", event.data.n));
			await step.run("work", () => gate(event.data.tag));
		}),
		fn("finish-timeout", { timeouts: { finish: "1s" } }, async ({ event, step }) => {
			await step.run("begin", () => observe(event.data.tag, "begin"));
			await step.sleep("long", "2s");
			await step.run("end", () => observe(event.data.tag, "end"));
		}),
		fn("priority", { priority: { run: "event.data.n" }, concurrency: 1 }, async ({ event }) => {
			await observe(event.data.tag, "ran", event.data.n);
			await gate(event.data.tag);
		}),
		fn("gated", { retries: 2 }, async ({ event, step }) => {
			const { tag } = event.data;
			await step.run("first", () => observe(tag, "first"));
			await step.run("gated", async () => {
				await observe(tag, "gated");
				await gate(tag);
			});
			await step.run("last", () => observe(tag, "last"));
		}),
		fn("long", { retries: 3 }, async ({ event, step }) => {
			const { tag } = event.data;
			for (let i = 0; i < 8; i++)
				await step.run(`s${i}`, async () => {
					await observe(tag, `s${i}`);
					await new Promise((resolve) => setTimeout(resolve, 40));
				});
			const both = await Promise.all([
				step.run("left", () => observe(tag, "left").then(() => 1)),
				step.run("right", () => observe(tag, "right").then(() => 2)),
			]);
			await observe(tag, "end", both);
		}),
		fn("ended", { triggers: [{ event: "inngest/function.cancelled" }] }, ({ event }) => {
			const { data } = event as unknown as { data: { function_id: string; event: { data: Data } } };
			return observe(data.event.data.tag, "cancelled", data.function_id);
		}),
	];
	const handler = serve({ client: inngest, functions }) as (request: Request) => Promise<Response>;
	return { inngest, functions, handler };
}
