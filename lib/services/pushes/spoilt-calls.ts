import type { ChannelError } from "@/lib/channels/errors";
import type { WriteResult } from "@/lib/channels/listing";
import { afterTry, type BadRowSearch, beginSearch, nextTry } from "./bad-row-search";
import type { ClaimedPush } from "./claim-push";

/** Slots to be claimed and sent alone. `refused`: not even that, since the platform's words for the one that is left are known. */
export type Try = { slotIds: readonly number[]; refused: ChannelError | null };

type Search = { search: BadRowSearch; objection: ChannelError | null };

/** The calls of one worker that its platform refused as a whole: which row spoils each is searched for, one try at a time. */
export class SpoiltCalls {
	private readonly searches: Search[] = [];
	private isTrying = false;

	begin(slotIds: readonly number[], objection: ChannelError | undefined): void {
		this.searches.push({ search: beginSearch(slotIds), objection: objection ?? null });
	}

	/** Slots that no other claim may take meanwhile. */
	held(): number[] {
		return this.searches.flatMap(({ search }) => [...search.suspects, ...search.rest]);
	}

	/** Null: nothing to try, or a try is under way. Each is answered by {@link heard} or {@link leave}. */
	take(): Try | null {
		const [current] = this.searches;
		if (!current || this.isTrying) return null;
		this.isTrying = true;
		const { search, objection } = current;
		return { slotIds: nextTry(search), refused: search.suspects.length === 1 ? objection : null };
	}

	/** What was claimed of the last try, and what the platform answered. */
	heard(push: ClaimedPush, answer: WriteResult): void {
		// Down or throttled: the same try is due again.
		if (answer.trouble) {
			this.isTrying = false;
			return;
		}
		const outcomes = new Map(answer.rows.map((row) => [row.externalKey, row.result]));
		const having = (result: "refused" | "not_sent") =>
			push.slotIds.filter((_, index) => outcomes.get(push.rows[index]?.externalKey ?? "") === result);
		this.go({ refused: having("refused"), notSent: having("not_sent") }, answer.objection);
	}

	/** Nothing of the last try may be written any more. */
	leave(): void {
		this.go({ refused: [], notSent: [] });
	}

	private go(tried: Parameters<typeof afterTry>[1], objection?: ChannelError): void {
		this.isTrying = false;
		const current = this.searches.shift();
		const search = current && afterTry(current.search, tried);
		if (search) this.searches.unshift({ search, objection: objection ?? current.objection });
	}
}
