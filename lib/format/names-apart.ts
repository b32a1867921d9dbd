/**
 * What tells names apart, for where there is little room: without the words that all of them begin with. Pure. A name alone
 * stays whole, and of each at least one word is left.
 */
export function namesApart(names: readonly string[]): string[] {
	const split = names.map((name) => name.split(" "));
	const most = names.length > 1 ? Math.min(...split.map(({ length }) => length)) - 1 : 0;
	const differs = (at: number) => split.some((words) => words[at] !== split[0]?.[at]);
	const shared = Array.from({ length: most }, (_, at) => at).find(differs) ?? most;
	return split.map((words) => words.slice(shared).join(" "));
}
