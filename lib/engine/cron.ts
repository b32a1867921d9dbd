/** Functions by the clock. Ticks that were missed while nothing ran are not made up for; each tick starts one run, however many processes see it. */
import { type InngestEvent, internalEvents } from "./protocol";
import type { EngineFunction, Registry } from "./registry";
import { newRun } from "./start";

export type Tick = { fn: EngineFunction; expression: string; at: Date; jitterMs: number };

/** The ticks after `from` up to `to`, and the first one after `to`. */
export function ticksBetween(registry: Registry, from: Date, to: Date): { due: Tick[]; next: Date | null } {
	const due: Tick[] = [];
	let next: Date | null = null;
	for (const fn of registry.functions.values())
		for (const { expression, cron, jitterMs } of fn.crons) {
			let at = cron.nextRun(from);
			for (; at && at <= to; at = cron.nextRun(at)) due.push({ fn, expression, at, jitterMs });
			if (at && (!next || at < next)) next = at;
		}
	return { due, next };
}

export function cronRun({ fn, expression, at, jitterMs }: Tick) {
	const event: InngestEvent = {
		id: at.toISOString(),
		name: internalEvents.cron,
		data: { cron: expression, scheduledAt: at.toISOString() },
		ts: at.getTime(),
	};
	return newRun(fn, [event], {
		eventKey: `cron ${expression} ${event.id}`,
		atMs: jitterMs > 0 ? Date.now() + Math.random() * jitterMs : null,
	});
}
