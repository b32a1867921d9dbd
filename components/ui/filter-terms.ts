/** The words of a filter bar: `channel:amazon state:drift merino` → terms and free text. Pure, for both sides. */

export type FilterTerm = { key: string; value: string };
export type FilterQuery = { terms: FilterTerm[]; text: string };

const token = /(?:([a-z_]+):)?(?:"([^"]*)"|(\S+))/g;

/**
 * Reads what was typed. A key that is not in `keys` is plain text (a URL, a time), and so is a key without a value.
 * Values with spaces stand in double quotes.
 */
export function parseFilter(typed: string, keys: readonly string[]): FilterQuery {
	const terms: FilterTerm[] = [];
	const rest: string[] = [];
	for (const [whole, key, quoted, plain] of typed.matchAll(token)) {
		const value = quoted ?? plain ?? "";
		if (key && value && keys.includes(key)) terms.push({ key, value });
		else rest.push(whole);
	}
	return { terms, text: rest.join(" ") };
}

/** Words in free text that look like terms and are none, since no key is called so. Times and addresses do not. */
export const unknownKeys = (text: string, keys: readonly string[]): string[] => [
	...new Set(
		[...text.matchAll(token)].flatMap(([, key, quoted, plain]) =>
			key && !keys.includes(key) && (quoted ?? plain ?? "") !== "" && !plain?.startsWith("//") ? [key] : [],
		),
	),
];

/** The inverse of {@link parseFilter}: one line for the URL or the clipboard. */
export function writeFilter({ terms, text }: FilterQuery): string {
	const written = terms.map(
		({ key, value }) => `${key}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value}`,
	);
	return [...written, text.trim()].filter(Boolean).join(" ");
}

/** Adds a term once; asking twice for the same thing is asking once. */
export function withTerm(terms: readonly FilterTerm[], term: FilterTerm): FilterTerm[] {
	return terms.some((one) => one.key === term.key && one.value === term.value) ? [...terms] : [...terms, term];
}
