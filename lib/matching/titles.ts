/** How alike two titles are: words weighed by how rare they are, sizes and numbers on their own scale. Pure. */

export type TitleWords = {
	/** Words in order of appearance, each once. */
	words: string[];
	/** Words that tell variants of one product apart: sizes, and whatever has a digit. */
	variants: Set<string>;
};

const sizes = new Set(["xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "2xl", "3xl", "4xl"]);

/** "Merino Crew, S / Ink" → merino, crew, s, ink. A unit stays with its number: "20 l" is one word, and "Vest 20" in L is none. */
export function readTitle(title: string, options: string | null = null): TitleWords {
	const text = `${title}, ${options ?? ""}`
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.replace(/(\d)[\s-]*(ml|cm|mm|kg|g|l|w|v|cl|oz|in)\b/g, "$1$2");
	const words = [...new Set(text.match(/[\p{L}\p{N}]+/gu) ?? [])];
	return { words, variants: new Set(words.filter((word) => sizes.has(word) || /\d/.test(word))) };
}

/** A weight per word that falls with how often it is used; a word that only one side knows weighs as the rarest. */
export type WordWeights = (word: string) => number;

export function weighWords(titles: Iterable<TitleWords>): WordWeights {
	const uses = new Map<string, number>();
	let count = 0;
	for (const { words } of titles) {
		count++;
		for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
	}
	return (word) => Math.log(1 + count / (uses.get(word) ?? 1));
}

/** 0..1: the weight of the words that both have, of the weight of all. Sizes that contradict each other halve it. */
export function titleLikeness(a: TitleWords, b: TitleWords, weight: WordWeights): number {
	const inB = new Set(b.words);
	let shared = 0;
	let all = 0;
	for (const word of a.words) {
		const heavy = weight(word);
		all += heavy;
		if (inB.delete(word)) shared += heavy;
	}
	for (const word of inB) all += weight(word);
	if (all === 0) return 0;
	const likeness = shared / all;
	return variantsContradict(a, b) ? likeness / 2 : likeness;
}

/** Both say a size or a number, and not one of them agrees. */
export function variantsContradict(a: TitleWords, b: TitleWords): boolean {
	if (a.variants.size === 0 || b.variants.size === 0) return false;
	for (const variant of a.variants) if (b.variants.has(variant)) return false;
	return true;
}

const packWords =
	/\b(?:(?:pack|set|box|case|lot)\s+of\s+(\d{1,3})|(\d{1,3})\s*[-–]?\s*(?:pack|pk|pcs|er[\s-]?set)\b|(?:^|\s)[x×]\s?(\d{1,3})\b)/i;

/** Units that a title says are sold together ("6-pack", "set of 4", "×12"); 1 when it says nothing. */
export function packUnits(title: string, options: string | null = null): number {
	const found = packWords.exec(`${title} ${options ?? ""}`);
	const units = Number(found?.[1] ?? found?.[2] ?? found?.[3] ?? 1);
	return Math.max(units, 1);
}
