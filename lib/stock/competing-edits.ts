/**
 * Two places changed one number: here and in a channel (R8). Pure.
 *
 * An edit that was made after having seen the other is simply the next. Of two that had not seen each other, with a source
 * of truth the ledger decides, by the channel's policy; without one, the earlier stands and the later is flagged, not
 * applied. Times are evidence only: they order two edits that nothing else orders. Held by competing-edits.test.ts.
 */

export const raceRules = ["source_of_truth", "first_write_wins"] as const;
export type RaceRule = (typeof raceRules)[number];

/** `at`: when it was made, as far as is known, in UTC milliseconds. `sawOther`: it was made knowing of the other. */
export type Edit = { at: number; sawOther: boolean };

export type EditVerdict =
	/** No race: the channel's edit is the next one. */
	| "next"
	/** With a source of truth: as the channel's policy says, and where that asks, a person sees both. */
	| "policy"
	/** The other is flagged, and not applied. */
	| "ours_stands"
	| "channel_stands";

/** `ours` null: nobody changed it here. */
export function settleEdits(rule: RaceRule, ours: Edit | null, channel: Edit): EditVerdict {
	if (ours === null || ours.sawOther || channel.sawOther) return "next";
	if (rule === "source_of_truth") return "policy";
	// In the same millisecond nobody can tell; what is in the ledger stays there.
	return channel.at < ours.at ? "channel_stands" : "ours_stands";
}
