/**
 * The first number of an item at a location. BigCommerce takes no relative adjustment there before an absolute one.
 *
 * An absolute write is blind: it can hide a sale (R4). Here it can't. What was never set has nothing on hand, so that
 * nothing was ever sold from there, nor can be before the number lands: it adds exactly what a delta from zero would. So it
 * is written only where we believe in a zero as well, and after the item was seen to be unset still; the refusal alone is not
 * believed, and what was not seen is `stale`. Should somebody else set a first number in the same moment, one of the two
 * wins, and the read-back that follows `accepted` finds it.
 */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteRow } from "../listing";
import { isRefusedWhole, mayHaveLanded } from "./client";
import { seenUnset } from "./levels";
import { besideRefused } from "./refused-calls";

export async function writeFirstNumbers(
	connection: Connection,
	rows: readonly WriteRow[],
	setAbsolutely: (rows: readonly WriteRow[]) => Promise<unknown>,
): Promise<{ outcomes: WriteOutcome[]; trouble: ChannelError | null }> {
	const outcomes = new Map<string, WriteOutcome>();
	const all = (some: readonly WriteRow[], result: "stale" | "accepted" | "unknown" | "not_sent") => {
		for (const { externalKey } of some) outcomes.set(externalKey, { externalKey, result });
	};
	let unset: WriteRow[] = [];
	let trouble: ChannelError | null = null;
	try {
		const isUnset = await seenUnset(
			connection,
			rows.filter(({ expected }) => expected === 0),
		);
		unset = rows.filter((row) => isUnset.has(row));
		all(rows, "stale");
		if (unset.length > 0) await setAbsolutely(unset);
		all(unset, "accepted");
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		trouble = error;
		if (unset.length === 0) all(rows, "not_sent");
		// Alone it is its own; beside others it is split from them.
		else if (error.reason === "refused" && unset.length === 1) {
			for (const { externalKey } of unset) outcomes.set(externalKey, { externalKey, result: "refused", error });
			trouble = null;
		} else if (isRefusedWhole(error)) all(unset, besideRefused(connection, unset, false));
		else all(unset, mayHaveLanded(error) ? "unknown" : "not_sent");
		if (error.reason === "refused") trouble = null;
	}
	return { outcomes: rows.flatMap(({ externalKey }) => outcomes.get(externalKey) ?? []), trouble };
}
