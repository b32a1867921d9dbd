import { clockTimeWithMillis, clockTimeWithSeconds, duration } from "@/lib/format/time";
import type { ConflictMoment } from "@/lib/queries/conflicts";

/** From so much later on nobody asks for the second in which we heard of a sale. */
const longAfterMs = 60_000;

/**
 * What stands below a moment. Ours are to the millisecond, so that what came first is told within a tenth of a second, too; a
 * store's stamp is no finer than the store made it. Of an order both are said: when it was sold, and when we heard of it.
 */
export function momentTimes(
	{ at, heardAt }: Pick<ConflictMoment, "at" | "heardAt">,
	timeZone: string,
): { at: number; words: string }[] {
	if (heardAt === null) return [{ at, words: clockTimeWithMillis(at, timeZone) }];
	const lateMs = heardAt - at;
	const heard =
		lateMs < longAfterMs ? `heard ${clockTimeWithMillis(heardAt, timeZone)}` : `heard ${duration(lateMs)} later`;
	if (lateMs === 0) return [{ at: heardAt, words: heard }];
	const clock = at % 1_000 === 0 ? clockTimeWithSeconds : clockTimeWithMillis;
	return [
		{ at, words: `sold ${clock(at, timeZone)}` },
		{ at: heardAt, words: heard },
	];
}
