import type { SentencePart } from "@/lib/format/log-line";

/** A line's sentence, with the name that it is about a little stronger. */
export function Sentence({ parts }: { parts: readonly SentencePart[] }) {
	return parts.map((part, at) =>
		typeof part === "string" ? (
			part
		) : (
			// biome-ignore lint/suspicious/noArrayIndexKey: a sentence keeps its order
			<b key={at}>{part.strong}</b>
		),
	);
}

/** The seven states in a word, for those who hear the page. */
export const stateWords = {
	ok: "in step",
	go: "on its way",
	warn: "drift",
	bad: "oversold",
	off: "refused or unreachable",
	none: "not linked",
	hold: "held",
} as const;
