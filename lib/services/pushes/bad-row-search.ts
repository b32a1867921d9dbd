/**
 * Which row spoils a call that the platform refuses as a whole without naming one (R11). Pure. The suspects hold at least
 * one bad row; half of them are tried at a time, until one is alone and refused by itself. What is out of suspicion waits,
 * and goes in one call at the end: sent along with a try, a second bad row among it would lead the search astray.
 */
export type BadRowSearch = {
	/** At least one of them is bad, as far as the last refusal tells; one alone is the bad one. */
	suspects: readonly number[];
	/** Still to be sent, and nothing speaks against them. */
	rest: readonly number[];
};

/** What became of a try; of rows in neither list nothing is left to do. */
export type Tried = {
	/** By itself, with the platform's words. */
	refused: readonly number[];
	/** With the whole call, or since it was not their turn. */
	notSent: readonly number[];
};

export const beginSearch = (ids: readonly number[]): BadRowSearch => ({ suspects: ids, rest: [] });

/** What to send next; never empty. */
export function nextTry({ suspects, rest }: BadRowSearch): readonly number[] {
	return suspects.length > 0 ? firstHalf(suspects) : rest;
}

/** Null: nothing is left to be sent. */
export function afterTry(search: BadRowSearch, { refused, notSent }: Tried): BadRowSearch | null {
	const { suspects } = search;
	const tried = firstHalf(suspects);
	const others = suspects.slice(tried.length);
	const rest = tried.length > 0 ? search.rest : [];
	if (refused.length > 0) return unlessEmpty({ suspects: [], rest: [...rest, ...others, ...notSent] });
	if (notSent.length === 0) return unlessEmpty({ suspects: others, rest });
	// Alone and still not named: nothing more can be learned of it, and it is tried again when it is due again.
	if (notSent.length === 1 && tried.length === 1) return unlessEmpty({ suspects: [], rest: [...rest, ...others] });
	// Another bad one is among them, and where it was the rest that was tried, nothing else is known.
	return { suspects: notSent, rest: [...rest, ...others] };
}

const firstHalf = (ids: readonly number[]) => ids.slice(0, Math.ceil(ids.length / 2));

const unlessEmpty = (search: BadRowSearch) => (search.suspects.length + search.rest.length > 0 ? search : null);
