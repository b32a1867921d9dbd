/** What the named checks of every store are made of, whichever platform it is on. */
import type { Check, Connection } from "./channel-adapter";
import { ChannelError } from "./errors";

export const passed = (name: Check["name"], sentence: string): Check => ({
	name,
	state: "passed",
	sentence,
	fix: null,
});

export const skipped = (name: Check["name"], sentence: string): Check => ({
	name,
	state: "skipped",
	sentence,
	fix: null,
});

export const failed = (name: Check["name"], { message, fix }: ChannelError): Check => ({
	name,
	state: "failed",
	sentence: message,
	fix,
});

/** What a store refuses is an answer, too. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | ChannelError> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ChannelError) return error;
		throw error;
	}
}

const inOrder: readonly Check["name"][] = [
	"address",
	"credentials",
	"scopes",
	"inventory_read",
	"inventory_write",
	"stock_management",
	"webhooks",
	"clock",
];

/** With what could not be checked because of what failed. `why`: half a sentence. */
export const withRest = (known: readonly Check[], why: string, names = inOrder): Check[] => [
	...known,
	...names
		.filter((name) => !known.some((check) => check.name === name))
		.map((name) => skipped(name, `Not checked: ${why}.`)),
];

/** Nothing could be checked past its address, or past its credentials. `who`: "the store". */
export const shut = (who: string, ...known: Check[]): Check[] =>
	withRest(known, known.at(-1)?.name === "address" ? `${who} did not answer` : `${who} does not let us in`);

/** Stamps of orders are compared with our own clock; a slow answer makes far less. */
const largestSkewMs = 60_000;

/**
 * `theirs`: what a store says that it is, as a date or in milliseconds, between `asked` and `answered` by our own clock.
 * `fix`: how to mend it, and what it spoils.
 */
export function clockCheck(
	who: string,
	theirs: string | number | null | undefined,
	{ asked, answered }: { asked: number; answered: number },
	fix: string,
): Check {
	const at = new Date(theirs ?? Number.NaN).getTime();
	if (Number.isNaN(at))
		return skipped("clock", `${who.charAt(0).toUpperCase()}${who.slice(1)} does not say what time it is.`);
	// It is cut to the second and was written somewhere between the question and the answer.
	const skewMs = Math.max(0, asked - (at + 1_000), at - answered);
	if (skewMs <= largestSkewMs) return passed("clock", `This computer's clock agrees with ${who}'s.`);
	return {
		name: "clock",
		state: "warned",
		sentence: `This computer's clock is ${Math.round(skewMs / 1_000)} seconds apart from ${who}'s.`,
		fix,
	};
}

/** Where the store reaches this Onecount; null: it has no such address. */
export const publicUrlOf = ({ facts: { publicUrl } }: Connection): string | null =>
	typeof publicUrl === "string" && publicUrl !== "" ? publicUrl : null;

export const noPublicUrl = (who: string): Check => ({
	...skipped("webhooks", `Onecount has no public address, so ${who} can't deliver news; it is asked for instead.`),
	fix: "Set ONECOUNT_URL to the https address under which Onecount is reached, to hear of sales sooner.",
});

/** `trouble`: why it delivers nothing there, without its full stop. */
export const noDelivery = (trouble: string, fix: string): Check => ({
	name: "webhooks",
	state: "warned",
	sentence: `${trouble}; it is asked for instead.`,
	fix,
});
