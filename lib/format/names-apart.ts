/**
 * What tells names apart, for where there is little room: without the words that several of them begin with, whatever the
 * others begin with. Pure. A name that begins alone stays whole, of each at least one word is left, and names that differ
 * don't come to look the same.
 */
export function namesApart(names: readonly string[]): string[] {
	const split = names.map((name) => name.split(" "));
	const short = split.map((words) => words.slice(sharedWords(words, split)).join(" "));
	const isTaken = (at: number) => short.some((other, index) => other === short[at] && names[index] !== names[at]);
	return names.map((name, at) => (isTaken(at) ? name : (short[at] ?? name)));
}

/** How many words all longer names that begin like this one have in common, the last word of each left out. */
function sharedWords(words: readonly string[], all: readonly (readonly string[])[]): number {
	const alike = all.filter((other) => other.length > 1 && other[0] === words[0]);
	if (words.length < 2 || alike.length < 2) return 0;
	const most = Math.min(...alike.map(({ length }) => length)) - 1;
	const differs = (at: number) => alike.some((other) => other[at] !== words[at]);
	return Array.from({ length: most }, (_, at) => at).find(differs) ?? most;
}
