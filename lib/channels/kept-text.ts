/**
 * What somebody outside said, fit to be kept: Postgres has no NUL in a text and JSON no half of a surrogate pair, which is
 * what a cut within a character leaves.
 */
export const keptText = (text: string): string => text.replaceAll("\0", "").toWellFormed();
