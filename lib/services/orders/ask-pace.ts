import type { PlatformFacts } from "@/lib/channels/platform-facts";

/** A platform that lets itself be polled so often is asked for its orders whenever they are needed. */
const oftenMs = 10_000;
/** Between two reads for what only newer orders settle: twenty that are saved up last for half an hour without a break. */
const differsEveryMs = 60_000;

type Pace = Pick<PlatformFacts, "pollEveryMs">;

/** The list of orders is rationed: what is due shares a read, and the polls' reads count. */
export const areOrdersScarce = ({ pollEveryMs }: Pace): boolean => pollEveryMs.busy > oftenMs;

/**
 * From when on a level may ask for the channel's orders beside the polls, in milliseconds. `isNeeded`: only a newer read
 * settles it; any other level makes do with a read as young as the polls of a busy channel. `readAt`: when the last complete
 * read began; null: never. `quietUntil`: the platform refuses until then; null: it does not.
 */
export function mayAskFrom(
	facts: Pace,
	{ readAt, quietUntil }: { readAt: number | null; quietUntil: number | null },
	isNeeded: boolean,
): number {
	const { busy } = facts.pollEveryMs;
	const everyMs = isNeeded ? Math.min(busy, differsEveryMs) : busy;
	return Math.max(quietUntil ?? 0, areOrdersScarce(facts) && readAt !== null ? readAt + everyMs : 0);
}
