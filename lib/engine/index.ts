/**
 * Runs the app's Inngest functions where no Inngest server is configured. Functions, SDK, serve route and wire protocol
 * are Inngest's own and unchanged; only the executor is ours, on our Postgres. Events arrive as calls of the client's
 * `fetch` and become rows of `engine.runs` and `engine.queue` in one statement. A worker leases queue rows (a leased row
 * is one whose time lies ahead, so a worker that dies loses nothing: the row falls due again), calls the app's serve
 * handler with the run's memoised steps, signed as Inngest signs, and writes down what the answer means in one
 * transaction, fenced by the generation of the lease, so that a worker which was thought dead cannot write any more.
 * Steps that the SDK reports during a call are kept at once (checkpoints). Sleeps, waits, debounces and batches are rows
 * of `engine.waits` that end by time or by an event; concurrency limits are numbered places in `engine.slots`. Any
 * number of processes may run it on one database. As under every Inngest executor a step runs at least once, so its
 * external writes carry idempotency keys. Not offered: step.fetch, step.ai, signals, defer, realtime, connect.
 */
import { clientFor, databaseUrl } from "@/db/client";
import { env } from "@/lib/env";
import type { Fetch } from "./api";
import { createEngine, type Engine } from "./engine";
import type { Settings } from "./settings";
import { httpTransport, type Transport } from "./transport";

export { createEngine, type Engine, type EngineOptions } from "./engine";
export { type EngineHealth, engineHealth } from "./health";
export type { Settings } from "./settings";
export { httpTransport, inProcessTransport, type Transport } from "./transport";

export class EngineError extends Error {
	override name = "EngineError";
}

export type StartOptions = {
	/** Where this process answers HTTP, e.g. http://127.0.0.1:3000. */
	origin: string;
	/** Default: HTTP to `origin`. */
	transport?: Transport;
	databaseUrl?: string;
	settings?: Partial<Settings>;
	/** Drain on SIGTERM and SIGINT, then let the process end. Default: true. */
	handleSignals?: boolean;
};

/** One per process, whichever copy of this module started it (Next's bundles each load their own). */
const shared = globalThis as { onecountEngine?: Engine; onecountEventSender?: { url: string; engine: Engine } };

/** Starts the engine of this process, or joins it. Refuses where an Inngest server is configured: crons would run twice. */
export async function startEngine(options: StartOptions): Promise<{ stop(): Promise<void> }> {
	const { inngest, inngestSigningKey, inngestEventKey } = env();
	if (inngest.kind !== "embedded")
		throw new EngineError(
			"An Inngest server is configured (INNGEST_ variables), so the embedded engine does not start beside it; unset them to use the engine.",
		);
	const running = shared.onecountEngine;
	const engine =
		running ??
		createEngine({
			sql: clientFor("engine", options.databaseUrl ?? databaseUrl()),
			signingKey: inngestSigningKey,
			eventKey: inngestEventKey,
			app: {
				endpoint: `${options.origin}/api/inngest`,
				transport: options.transport ?? httpTransport(),
			},
			// A function that is added while `next dev` runs is found without a restart.
			settings: { rediscoverMs: process.env.NODE_ENV === "development" ? 10_000 : null, ...options.settings },
		});
	shared.onecountEngine = engine;
	const stop = async () => {
		await engine.stop();
		if (shared.onecountEngine === engine) shared.onecountEngine = undefined;
	};
	if (!running && (options.handleSignals ?? true))
		for (const signal of ["SIGTERM", "SIGINT"] as const) stopOn(signal, stop);
	return { stop };
}

/** Takes the place of Node's own handling of the signal, so it ends the process as Node would, once it is drained. */
function stopOn(signal: NodeJS.Signals, stop: () => Promise<void>): void {
	process.once(signal, () => {
		void stop().finally(() => {
			if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
		});
	});
}

/** The Inngest client's way to its executor. A process that runs no engine leaves its events to those that do. */
export const engineFetch: Fetch = (input, init) => (shared.onecountEngine ?? eventSender()).fetch(input, init);

function eventSender(): Engine {
	const url = databaseUrl();
	if (shared.onecountEventSender?.url !== url) {
		const { inngestSigningKey: signingKey, inngestEventKey: eventKey } = env();
		const engine = createEngine({ sql: clientFor("engine", url), signingKey, eventKey, app: null });
		shared.onecountEventSender = { url, engine };
	}
	return shared.onecountEventSender.engine;
}

/** What only the process that runs it knows: why the app cannot be called, and which functions cannot run. */
export const engineProblems = (): { unreachable: string | null; functions: string[] } => ({
	unreachable: shared.onecountEngine?.unreachable() ?? null,
	functions: shared.onecountEngine?.problems() ?? [],
});
