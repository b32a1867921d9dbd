const list = new Intl.ListFormat("en-GB");

/** "one, two and three" */
export const wordList = (words: readonly string[]): string => list.format(words);
