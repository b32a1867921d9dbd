import type { Reading } from "../paste-reading";

/** What is wrong with each field, by its name; empty where nothing is. */
export const problemCodes = (reading: Reading<unknown>): Record<string, string> =>
	Object.fromEntries(reading.result === "wrong" ? reading.problems.map(({ field, code }) => [field, code]) : []);
