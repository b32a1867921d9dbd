import type { RaceFacts } from "./find-races";

/** Two edits as they were found; null: facts of something else. */
export const raceOf = (facts: Record<string, unknown>): RaceFacts | null =>
	typeof facts.oursUnits === "number" && typeof facts.channelUnits === "number" ? (facts as RaceFacts) : null;

/**
 * What a choice between two numbers moves in the ledger, in units of the SKU. `unexplained`: what the channel shows too
 * many. Taking the channel's number takes an edit of ours, that it had not seen, back; where the earlier edit stands
 * already, the one that stands moves nothing, and the other one moves what the first had moved.
 */
export function editDelta(
	choice: "keep_ours" | "take_channel",
	{ facts }: { facts: Record<string, unknown> },
	unexplained: number,
): number {
	const race = raceOf(facts);
	if (!race) return choice === "take_channel" ? unexplained : 0;
	if (!race.stands) return choice === "take_channel" ? unexplained - race.oursUnits : 0;
	const isChannelsWanted = choice === "take_channel";
	if (isChannelsWanted === (race.stands === "channel")) return 0;
	const apart = race.channelUnits - race.oursUnits;
	return isChannelsWanted ? apart : -apart;
}
