import { liveStatus } from "./live-status";

type Unanswered = { ok: false; reason: "unanswered"; sentence: string };

/**
 * What an action answers, or a refusal where nothing answers: the browser would throw in words of its own. Call it with
 * the action under way: what was so when it left decides whether something can have been done.
 */
export async function answered<T>(answer: Promise<T>): Promise<T | Unanswered> {
	const wasDown = liveStatus().kind === "down";
	try {
		return await answer;
	} catch (error) {
		// What fetch throws when there is no answer; refusals come back as values.
		if (!(error instanceof TypeError)) throw error;
		return {
			ok: false,
			reason: "unanswered",
			sentence: wasDown
				? "Onecount does not answer, so nothing was done. Do it again when it is back."
				: "Onecount does not answer. It may have gone away while it did this: look before you do it again.",
		};
	}
}
