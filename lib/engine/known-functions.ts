/** The app's functions: asked of the app, or believed as another process has asked, and whether it can be called now. */
import type postgres from "postgres";
import { discover, recallFunctions, rememberFunctions } from "./discovery";
import { buildRegistry, type Registry } from "./registry";
import type { Transport } from "./transport";

export type KnownFunctions = {
	/** Null: not known yet. */
	registry(): Registry | null;
	/** Resolves when the app was asked for the first time. */
	ready: Promise<void>;
	/** Why the app cannot be called just now; null: it can. */
	unreachable(): string | null;
	/** It could not be called: it is asked until it can be. */
	lose(why: string): void;
	/** Asks it once; true when it answered. */
	ask(): Promise<boolean>;
	askUntilFound(): Promise<void>;
	/** What an event is matched with. Who runs functions has asked the app; who only sends believes the database. */
	forEvents(): Promise<Registry>;
	stop(): void;
};

/** Sharing functions and events with those who run: what a sender believes may be so old. */
const recallMs = 5_000;

/** How long an event waits for the app to be asked; then it is matched with what the app said last time. */
const discoveryPatienceMs = 15_000;

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

export function createKnownFunctions({
	sql,
	app,
	signingKey,
	learnt,
	found,
	log,
}: {
	sql: postgres.Sql;
	app: { endpoint: string; transport: Transport } | null;
	signingKey: string;
	/** Its functions are others than before. */
	learnt: () => void;
	/** It can be called. */
	found: () => void;
	log: (message: string) => void;
}): KnownFunctions {
	let registry: Registry | null = null;
	let rememberedAs = "";
	let unreachable: string | null = app ? "The app was not asked yet." : null;
	let isStopped = false;
	const ready = deferred();

	let isAsking = false;
	function lose(why: string): void {
		if (unreachable === null) log(`The app cannot be called, calls wait until it can: ${why}`);
		unreachable = why;
		void askUntilFound();
	}

	async function askUntilFound(): Promise<void> {
		if (isAsking || !app) return;
		isAsking = true;
		for (let waitMs = 100; !isStopped; waitMs = Math.min(5_000, waitMs * 2)) {
			if (await ask()) break;
			await after(waitMs);
		}
		isAsking = false;
	}

	async function ask(): Promise<boolean> {
		if (!app || isStopped) return false;
		const answer = await discover(app.transport, app.endpoint, signingKey).catch((error: Error) => ({
			isFound: false as const,
			why: error.message,
		}));
		if (!answer.isFound) {
			unreachable = answer.why;
			return false;
		}
		const configs = answer.configs;
		const fingerprint = JSON.stringify(configs);
		if (fingerprint !== rememberedAs) {
			registry = buildRegistry(configs);
			for (const problem of registry.problems) log(problem);
			await rememberFunctions(sql, configs).catch((error: Error) =>
				log(`The engine could not store the list of functions: ${error.message}`),
			);
			rememberedAs = fingerprint;
			learnt();
		}
		unreachable = null;
		ready.resolve();
		found();
		return true;
	}

	let recalled: Registry | null = null;
	let recalledAt = 0;
	async function forEvents(): Promise<Registry> {
		if (app && !registry) await Promise.race([ready.promise, after(discoveryPatienceMs)]);
		if (app && registry) return registry;
		if (!recalled || performance.now() - recalledAt > recallMs) {
			recalled = await recallFunctions(sql);
			recalledAt = performance.now();
		}
		if (!recalled)
			throw new Error("No process has started the engine on this database yet, so nobody can take events.");
		return recalled;
	}

	return {
		registry: () => registry,
		ready: ready.promise,
		unreachable: () => unreachable,
		lose,
		ask,
		askUntilFound,
		forEvents,
		stop() {
			isStopped = true;
		},
	};
}

function deferred() {
	let resolve = () => {};
	const promise = new Promise<void>((done) => {
		resolve = done;
	});
	return { promise, resolve };
}
