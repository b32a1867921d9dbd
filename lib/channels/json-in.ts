/** What a text says in JSON; undefined: it is none. Ids beyond 2^53 are rounded (exact-json.ts keeps them). */
export function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
