/** Where two texts differ, word by word, for marking. Pure. */

export type WordPart = { text: string; isDifferent: boolean };

/**
 * The parts of `text` that `other` lacks. Letters' case and the marks between words do not count where `isLoose`;
 * a code is compared as it stands.
 */
export function differingParts(text: string, other: string, { isLoose }: { isLoose: boolean }): WordPart[] {
	if (!isLoose) return [{ text, isDifferent: text !== other }];
	const known = new Set(wordsOf(other));
	const parts: WordPart[] = [];
	for (const [piece] of text.matchAll(/[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu)) {
		const isDifferent = /[\p{L}\p{N}]/u.test(piece) && !known.has(piece.toLowerCase());
		const last = parts.at(-1);
		if (last && last.isDifferent === isDifferent) last.text += piece;
		else parts.push({ text: piece, isDifferent });
	}
	return parts;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
