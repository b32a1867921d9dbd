/** The client secret of a merchant's own app that ends, in words. Pure. */
import { countOf } from "./number";

export type SecretState = {
	/** ISO 8601. */
	endsAt: string;
	/** False: the latest that it can be; the platform has not said. */
	isTold: boolean;
	/** The one that follows was asked for and is on its way. */
	isAsked: boolean;
	/** Why none is on its way, and what to do; null: it was not asked for yet, or it is. */
	trouble: { sentence: string; fix: string | null } | null;
	/** Where a person makes another. */
	byHand: string;
};

const dayMs = 86_400_000;
/** A person is told so long before. */
export const tellAheadMs = 14 * dayMs;

export const isEnding = ({ endsAt }: SecretState, now: number): boolean => Date.parse(endsAt) - now <= tellAheadMs;

/** "ends in 12 days", "ends in 170 days at the latest", "has ended" */
export function endWords({ endsAt, isTold }: SecretState, now: number): string {
	const leftMs = Date.parse(endsAt) - now;
	if (leftMs <= 0) return isTold ? "has ended" : "has ended by now";
	const when = leftMs < dayMs ? "within a day" : `in ${countOf(Math.floor(leftMs / dayMs), "day")}`;
	return isTold || leftMs < dayMs ? `ends ${when}` : `ends ${when} at the latest`;
}

/** Half a sentence, for a list. */
export function renewalWords({ isAsked, trouble }: SecretState): string {
	if (trouble) return trouble.sentence;
	return isAsked ? "a new one was asked for and has not come" : "a new one is asked for by itself";
}

/** The form that takes one. */
export const newSecretHref = (platform: string, channelId: string) =>
	`/channels/connect/${platform}?${new URLSearchParams({ again: channelId, way: "secret" })}`;

/** What goes on by itself, or what keeps it from doing so and what to do. */
export function renewalSentence({ isAsked, trouble, byHand }: SecretState): string {
	if (trouble) return `${trouble.sentence} ${trouble.fix ?? byHand}`;
	if (isAsked) return `A new one was asked for and has not come by the queue. If it stays so: ${byHand}`;
	return "A new one is asked for by itself a month before.";
}
