/** Settled conflicts in the merchant's words: what became of them, then what they were. Pure. */
import type { ConflictDecision } from "@/db/schema";
import { countOf } from "@/lib/format/number";
import { platformLabel } from "@/lib/format/platforms";
import type { Cancelling } from "./cancelling";
import {
	type ConflictSubject,
	channelOf,
	conflictHeadline,
	isNeverApplied,
	nameOf,
	orderName,
	unitsOf,
	whyDrifted,
} from "./words";

export type Settlement = Pick<ConflictDecision, "choice" | "value" | "numbers"> & { cancelling: Cancelling | null };

/** The outcome, as a clause: "44 kept, Nordlicht Outdoor 3 → 44". */
export function settledTitle(subject: ConflictSubject, settlement: Settlement): string {
	const { choice, value, numbers, cancelling } = settlement;
	const channel = channelOf(subject);
	const isReservation = subject.facts.isReservation === true;
	switch (choice) {
		case "cancel":
		case "cancel_other":
			return `${cancelledName(subject, settlement)} ${cancelledWords(cancelling, "to be cancelled")}`;
		case "cancel_in_store":
		case "cancel_other_in_store":
			return `${cancelledName(subject, settlement)} ${cancelledWords(cancelling, "to be cancelled by hand")}`;
		case "backorder":
			return isReservation ? "Kept whole, the rest sent later" : "Both orders kept, one sent later";
		case "restock":
			return `${countOf(value ?? subject.units, "unit")} found`;
		case "give_back":
			return `${orderName(subject)} sold ${countOf(subject.units, "unit")} fewer`;
		case "keep_ours":
			return keptWords(numbers, channel);
		case "take_channel":
			return `${unitsOf(subject.facts.channel)} taken, as ${channel} showed`;
		case "set_value":
			return `${unitsOf(value)} counted`;
		case "retry":
			return "Sent again";
		case "leave_out":
			return "Left out";
		case "relink":
			return "Linked";
		case "accepted":
			return `${channel} took the number after all`;
		case "agreed":
			return `${channel} showed what it ought to again`;
		case "by_policy":
			return `Settled as the policy of ${channel} says`;
		case "came_back":
			return "Nothing is short any more";
		default:
			return "Settled";
	}
}

/** Under the outcome, in grey. */
export const settledDetail = (subject: ConflictSubject): string => `${nameOf(subject)} · ${whatItWas(subject)}`;

function whatItWas(subject: ConflictSubject): string {
	const { kind, facts, units } = subject;
	switch (kind) {
		case "oversold":
			return `${facts.isReservation === true ? "reserved and not there" : "sold twice"}, ${countOf(units, "unit")}`;
		case "drift":
			return `${unitsOf(facts.channel)} shown, ${unitsOf(facts.base)} expected on ${channelOf(subject)}`;
		case "competing_edits":
			return `edited in two places: ${unitsOf(facts.channel)} and ${unitsOf(facts.ours)}`;
		case "ambiguous_mapping":
			return `claimed by more than one SKU on ${channelOf(subject)}`;
		case "push_refused":
			return `${isNeverApplied(facts) ? "never applied" : "refused"} by ${channelOf(subject)}`;
	}
}

/** Above the evidence. */
export function settledHeadline(subject: ConflictSubject): string {
	const { kind, facts, units } = subject;
	const [name, channel] = [nameOf(subject), channelOf(subject)];
	switch (kind) {
		case "oversold":
			if (facts.isReservation === true)
				return `${orderName(subject)} took ${countOf(units, "unit")} of ${name} that ${wereOf(units)} not there`;
			return units === 1 ? conflictHeadline(subject) : `${unitsOf(units)} more of ${name} were sold than there were`;
		case "drift":
			return `${channel} showed ${unitsOf(facts.channel)} of ${name}, and ${whyDrifted(facts, "explained it")}`;
		case "competing_edits":
			return conflictHeadline(subject);
		case "ambiguous_mapping":
			return `More than one SKU claimed ${name} on ${channel}`;
		case "push_refused":
			return isNeverApplied(facts)
				? `${channel} accepted the quantity of ${name} and never applied it`
				: `${channel} refused the quantity of ${name}`;
	}
}

const wereOf = (units: number) => (units === 1 ? "was" : "were");

function cancelledName(subject: ConflictSubject, { choice, cancelling }: Settlement): string {
	if (cancelling) return `${platformLabel(cancelling.platform)} ${cancelling.number}`;
	return choice === "cancel" || choice === "cancel_in_store" ? orderName(subject) : "The other order";
}

function cancelledWords(cancelling: Cancelling | null, open: string): string {
	if (cancelling?.state === "done") return "cancelled";
	return cancelling?.state === "failed" ? "not cancelled" : open;
}

function keptWords(numbers: Settlement["numbers"], channel: string): string {
	if (!numbers || numbers.offered === null) return "Our number kept";
	const kept = `${unitsOf(numbers.offered)} kept`;
	const isTold = numbers.shown !== null && numbers.shown !== numbers.offered;
	return isTold ? `${kept}, ${channel} ${unitsOf(numbers.shown)} → ${unitsOf(numbers.offered)}` : kept;
}
