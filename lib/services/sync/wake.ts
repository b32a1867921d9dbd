/**
 * Waking the loops that do a channel's work, or an endpoint's. News of work is never the work itself: the rows are, and a lost wake-up
 * costs the time until the next sweep, nothing else.
 *
 * Where a loop for the channel runs in this process it is signalled directly; else one event asks Inngest to start it.
 * The registry lives on globalThis, since Next's bundle and the front door each load their own copy of this module.
 */
import { reachable } from "./fault-points";

/** What is to be done, and for whom: `deliver` for a webhook endpoint, `compare` for a merchant, the others for a channel. */
export type WorkKind = "mail" | "work" | "import" | "verify" | "queue" | "cancel" | "deliver" | "compare";

type Loop = { signal: () => void };
type Shared = {
	loops: Map<string, Loop>;
	/** When an event for it was sent that has not started its function yet. */
	sentAt: Map<string, number>;
	send: ((kind: WorkKind, ids: string[]) => Promise<void>) | null;
};

const holder = globalThis as { onecountWake?: Shared };
holder.onecountWake ??= { loops: new Map(), sentAt: new Map(), send: null };
const shared = holder.onecountWake;

/** Longer than an event needs to start its function, so that a burst sends one; short enough to mend a lost one. */
const resendAfterMs = 250;

/** Set once at start by inngest/wake.ts; without it (tests) loops are started by hand. */
export function setWakeSender(send: Shared["send"]): void {
	shared.send = send;
}

export function wake(kind: WorkKind, ids: Iterable<string>): void {
	const unsent: string[] = [];
	const now = Date.now();
	for (const id of ids) {
		const key = `${kind}:${id}`;
		const loop = shared.loops.get(key);
		if (loop) loop.signal();
		else if (now - (shared.sentAt.get(key) ?? 0) > resendAfterMs) {
			shared.sentAt.set(key, now);
			unsent.push(id);
		}
	}
	if (unsent.length > 0) void send(kind, unsent);
}

async function send(kind: WorkKind, ids: string[]): Promise<void> {
	if (!shared.send) return;
	reachable("event");
	try {
		await shared.send(kind, ids);
	} catch {
		// The sweep finds the rows.
		for (const id of ids) shared.sentAt.delete(`${kind}:${id}`);
	}
	reachable("event");
}

export type LoopHandle = {
	/** Forgets earlier signals; called before looking for work, so that a signal during the look counts. */
	clear(): void;
	/** Resolves true as soon as somebody has woken the loop since `clear`, false after `ms`. */
	wait(ms: number): Promise<boolean>;
	/** True when somebody woke the loop after its last look: what for, nobody has seen to. */
	end(): boolean;
};

/** The event has started its function: what is asked for from now on needs another one. */
export function hasStarted(kind: WorkKind, id: string): void {
	shared.sentAt.delete(`${kind}:${id}`);
}

/** Null when this process runs that loop already (which is signalled instead). */
export function beginLoop(kind: WorkKind, id: string): LoopHandle | null {
	hasStarted(kind, id);
	const key = `${kind}:${id}`;
	const running = shared.loops.get(key);
	if (running) {
		running.signal();
		return null;
	}
	let isSignalled = false;
	const waiting = new Set<() => void>();
	shared.loops.set(key, {
		signal: () => {
			isSignalled = true;
			for (const wakeUp of [...waiting]) wakeUp();
		},
	});
	return {
		clear: () => {
			isSignalled = false;
		},
		wait(ms) {
			if (isSignalled || ms <= 0) return Promise.resolve(isSignalled);
			return new Promise<boolean>((done) => {
				const settle = () => {
					clearTimeout(timer);
					waiting.delete(settle);
					done(isSignalled);
				};
				const timer = setTimeout(settle, ms);
				waiting.add(settle);
			});
		},
		end: () => {
			shared.loops.delete(key);
			return isSignalled;
		},
	};
}
