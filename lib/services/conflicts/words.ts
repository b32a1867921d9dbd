/** Conflicts in the merchant's words. Pure. Facts are as their finder wrote them; what is missing is left out of the sentence. */
import type { ConflictKind, LogState, Platform } from "@/db/schema";
import { countOf, formatNumber } from "@/lib/format/number";
import { platformLabel } from "@/lib/format/platforms";
import { losingRuleWords } from "@/lib/format/races";
import { reservationName } from "@/lib/format/reservation";
import type { LosingRule } from "@/lib/stock/losing-order";

export type ConflictSubject = {
	kind: ConflictKind;
	/** "Merino Crew, S, Ink"; null when the SKU is gone or was never known. */
	sku: string | null;
	listing: string | null;
	channel: { name: string; platform: Platform } | null;
	units: number;
	facts: Record<string, unknown>;
};

export const conflictShape: Record<ConflictKind, LogState> = {
	oversold: "bad",
	drift: "warn",
	competing_edits: "warn",
	ambiguous_mapping: "none",
	push_refused: "off",
};

export const nameOf = ({ sku, listing }: ConflictSubject) => sku ?? listing ?? "a listing that was removed";
export const channelOf = ({ channel }: ConflictSubject) => channel?.name ?? "A channel that was removed";

/** In the list: the shortest that tells it from the others. */
export function conflictTitle(subject: ConflictSubject): string {
	const { kind, facts } = subject;
	switch (kind) {
		case "oversold":
			return `${facts.isReservation === true ? "Reserved and not there" : "Sold twice"}: ${nameOf(subject)}`;
		case "drift":
			return `${channelOf(subject)} ${shows(facts)} ${unitsOf(facts.channel)}, expected ${unitsOf(facts.base)}`;
		case "competing_edits":
			return `Two edits at once: ${nameOf(subject)}`;
		case "ambiguous_mapping":
			return "More than one SKU claims a listing";
		case "push_refused":
			return `${isNeverApplied(facts) ? "Never applied" : "Refused"} by ${channelOf(subject)}`;
	}
}

/** Under the title, in grey. */
export function conflictDetail(subject: ConflictSubject): string {
	const { kind, facts } = subject;
	switch (kind) {
		case "oversold":
			return `${countOf(subject.units, "unit")} · ${orderName(subject)}`;
		case "drift":
			return `${nameOf(subject)} · ${countOf(subject.units, "unit")} apart`;
		case "competing_edits":
			return `${channelOf(subject)} and Onecount · ${unitsOf(facts.channel)} and ${unitsOf(facts.ours)}`;
		case "ambiguous_mapping":
			return `${nameOf(subject)} on ${channelOf(subject)} · nothing is pushed`;
		case "push_refused":
			return `${nameOf(subject)}: ${lowerFirst(refusal(facts))}`;
	}
}

/** Above the detail: the whole, as a sentence. */
export function conflictHeadline(subject: ConflictSubject): string {
	const { kind, facts } = subject;
	switch (kind) {
		case "oversold":
			if (facts.isReservation === true)
				return `${orderName(subject)} took ${countOf(subject.units, "unit")} of ${nameOf(subject)} that ${subject.units === 1 ? "is" : "are"} not there`;
			return subject.units === 1
				? `The last ${nameOf(subject)} was sold twice`
				: `${formatNumber(subject.units)} more of ${nameOf(subject)} were sold than there are`;
		case "drift":
			return `${channelOf(subject)} ${shows(facts)} ${unitsOf(facts.channel)} of ${nameOf(subject)}, and ${whyDrifted(facts, "explains it")}`;
		case "competing_edits":
			return `${nameOf(subject)} was edited in two places, neither knowing of the other`;
		case "ambiguous_mapping":
			return `More than one SKU claims ${nameOf(subject)} on ${channelOf(subject)}`;
		case "push_refused":
			return isNeverApplied(facts)
				? `${channelOf(subject)} accepts the quantity of ${nameOf(subject)} and never applies it`
				: `${channelOf(subject)} refuses the quantity of ${nameOf(subject)}`;
	}
}

export function orderName({ channel, facts }: Pick<ConflictSubject, "channel" | "facts">): string {
	const number = text(facts.orderNumber);
	if (facts.isReservation === true) return reservationName(number);
	const platform = channel ? platformLabel(channel.platform) : "An order";
	return number ? `${platform} ${number}` : `${platform} order`;
}

/** Why the order that loses does; `byDefault`: what is said where the ledger's order decided. */
export function losesBecause({ rule, orderUnits, isOnLowest }: Record<string, unknown>, byDefault: string): string {
	switch (rule as LosingRule | undefined) {
		case "latest_placed":
			return "loses: it was placed last";
		case "smallest_order":
			return `loses: the smallest, ${typeof orderUnits === "number" ? countOf(orderUnits, "unit") : "in units"}`;
		case "lowest_channel":
			return isOnLowest === true ? "loses: orders of its store lose first" : "loses: it was placed last";
		default:
			return byDefault;
	}
}

export const losingRuleName = ({ rule }: Record<string, unknown>): string =>
	losingRuleWords[(rule as LosingRule | undefined) ?? "last_in_ledger"].column;

export const refusal = (facts: Record<string, unknown>): string =>
	(text(facts.sentence) ?? text(facts.reason) ?? "it gave no reason").replace(/\.$/, "");

export const isNeverApplied = ({ reason }: Record<string, unknown>): boolean => reason === "never_applied";

/** Conflicts of one cause are one piece of work; null: it stands for itself. */
export function groupKey({ kind, channel, facts }: ConflictSubject): string | null {
	if (kind === "drift") return `drift:${channel?.name}:${unreadOrders(facts)}`;
	if (kind === "push_refused") return `push_refused:${channel?.name}:${refusal(facts)}`;
	return null;
}

export function groupTitle(subject: ConflictSubject, size: number): string {
	return subject.kind === "drift"
		? `${countOf(size, "listing")} drifted on ${channelOf(subject)}`
		: `${countOf(size, "listing")}, one cause`;
}

export const groupDetail = (subject: ConflictSubject): string =>
	subject.kind === "drift"
		? whyDrifted(subject.facts, "explains them")
		: `${channelOf(subject)}: ${lowerFirst(refusal(subject.facts))}`;

/** References of orders that could not be read and that may be why a store shows too few. */
export const unreadOrders = ({ unread }: Record<string, unknown>): string[] =>
	Array.isArray(unread) ? unread.filter((ref) => typeof ref === "string") : [];

export function whyDrifted(
	facts: Record<string, unknown>,
	explains: "explains it" | "explains them" | "explained it",
): string {
	const unread = unreadOrders(facts).length;
	if (unread === 0) return `no order ${explains}`;
	const mayBe = explains === "explained it" ? "may have been" : "may be";
	return `${unread === 1 ? "an order" : `${unread} orders`} that could not be read ${mayBe} why`;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
export const unitsOf = (value: unknown): string => (typeof value === "number" ? formatNumber(value) : "—");
/** Units too many are set back at once, before anybody decides. */
const shows = ({ setBackTo }: Record<string, unknown>) => (typeof setBackTo === "number" ? "showed" : "shows");
const lowerFirst = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);
