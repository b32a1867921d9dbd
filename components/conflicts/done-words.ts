import { countOf, formatNumber } from "@/lib/format/number";
import type { ConflictOption } from "@/lib/queries/conflicts";

type Done = { sentence: string; detail?: string };
type Decided = { choice: string; value?: number };

/** What was decided about what, and what a person still has to do for it. `about`: a SKU, or how many conflicts. */
export function settledWords(about: string, { choice, value }: Decided, option: ConflictOption | undefined): Done {
	switch (choice) {
		case "cancel_in_store":
		case "cancel_other_in_store":
			return { sentence: `${about}: now cancel the order in its store`, detail: option?.consequence };
		case "cancel":
		case "cancel_other":
			return { sentence: `${about}: the store is asked in 30 seconds`, detail: "Until then it can be taken back." };
		case "restock":
			return { sentence: `${about}: ${countOf(value ?? 0, "unit")} found` };
		case "set_value":
			return { sentence: `${about}: ${formatNumber(value ?? 0)} counted` };
		default:
			return { sentence: `${about}: ${decisions[choice] ?? "settled"}` };
	}
}

const decisions: Record<string, string> = {
	backorder: "kept, to be sent later",
	give_back: "sold fewer",
	keep_ours: "our number kept",
	take_channel: "the store's number taken",
	retry: "sent again",
	leave_out: "left out",
	relink: "linked",
};

export const reopenedWords = (about: string): Done => ({ sentence: `${about}: taken back, to be decided again` });

/** What a decision is about, for whoever reads of it afterwards. */
export const aboutWords = (name: string, count: number): string => (count === 1 ? name : countOf(count, "conflict"));
