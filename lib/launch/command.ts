/** What every command shares: it ends by itself or by a signal, once, in order, and says why in a sentence. */
import { EnvironmentError } from "@/lib/env";

type Stopper = () => unknown;
// Next's bundle registers what it started here too, through its own copy of this module.
const shared = globalThis as { onecountStoppers?: Stopper[]; onecountStopping?: Promise<void>; onecountCommand?: true };

/** False where another host runs Next: then signals are its business. */
export const isCommand = (): boolean => shared.onecountCommand === true;

/** To be run when the process stops; the last registered goes first. */
export function onStop(stopper: Stopper): void {
	shared.onecountStoppers ??= [];
	shared.onecountStoppers.push(stopper);
}

export function stopEverything(): Promise<void> {
	shared.onecountStopping ??= (async () => {
		for (let next = shared.onecountStoppers?.pop(); next; next = shared.onecountStoppers?.pop())
			await Promise.resolve(next()).catch((error) => console.error(sentenceOf(error)));
	})();
	return shared.onecountStopping;
}

/** Known failures say their sentence; what nobody expected shows where it happened. */
export function sentenceOf(error: unknown): string {
	if (error instanceof EnvironmentError || error instanceof LaunchError) return error.message;
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Something a person can mend before starting again. */
export class LaunchError extends Error {
	override name = "LaunchError";
}

/** Two keystrokes within this time are one: the terminal and npm each pass the signal on. */
const repeatedSignalMs = 1_000;

/**
 * Runs a command to its end: its number is the exit code, and none means that it goes on until it is interrupted.
 */
export async function runCommand(work: () => Promise<number | undefined>): Promise<void> {
	shared.onecountCommand = true;
	let stoppedAt = 0;
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => {
			const now = Date.now();
			if (stoppedAt === 0) {
				stoppedAt = now;
				void stopEverything().finally(() => process.exit(signal === "SIGINT" ? 130 : 0));
			} else if (now - stoppedAt > repeatedSignalMs) process.exit(1);
		});
	try {
		const code = await work();
		if (code === undefined) return;
		await stopEverything();
		process.exit(code);
	} catch (error) {
		console.error(sentenceOf(error));
		await stopEverything();
		process.exit(1);
	}
}
