/** What may be decided about a conflict, and what follows from it: shown before it is done. Pure. */
import type { ConflictKind } from "@/db/schema";
import { wordList } from "@/lib/format/list";
import { type MovedAt, movedWords } from "@/lib/format/moved";
import { countOf, formatNumber } from "@/lib/format/number";
import type { CancelMeans } from "./cancel-means";
import { editDelta, raceOf } from "./edit-delta";
import { type ConflictSubject, orderName, unreadOrders } from "./words";

export const conflictChoices = [
	"backorder",
	"restock",
	"cancel",
	"cancel_in_store",
	"give_back",
	"cancel_other",
	"cancel_other_in_store",
	"keep_ours",
	"take_channel",
	"set_value",
	"retry",
	"leave_out",
	"relink",
] as const;
export type ConflictChoice = (typeof conflictChoices)[number];

/** In the order of the keys 1, 2, 3, 4; of a pair that asks the store or leaves it to a person, one is offered. */
export const choicesOf: Record<ConflictKind, readonly ConflictChoice[]> = {
	oversold: ["cancel", "cancel_in_store", "give_back", "backorder", "restock", "cancel_other", "cancel_other_in_store"],
	drift: ["keep_ours", "take_channel", "set_value"],
	competing_edits: ["keep_ours", "take_channel", "set_value"],
	ambiguous_mapping: ["relink", "leave_out"],
	push_refused: ["retry", "leave_out"],
};

/** So long a cancellation is held, and can be taken back: there is no way back once the store has done it. */
export const cancelHeldMs = 30_000;

/** They go against the shop's own rule, overrule a store, or say that there is more than was counted: and say why. */
const saidWhy: readonly ConflictChoice[] = ["restock", "cancel_other", "cancel_other_in_store"];
export const needsNote = (choice: ConflictChoice): boolean => saidWhy.includes(choice);

/** The least units that a choice can name. */
export const leastUnits = (choice: ConflictChoice): number => (choice === "restock" ? 1 : 0);

export type Option = {
	choice: ConflictChoice;
	title: string;
	/** What will happen. */
	consequence: string;
	button: string;
	/** A number that it needs: units found, units on hand. */
	asks: { label: string; initial: number; min: number } | null;
	needsNote: boolean;
	/** Candidates, for `relink`. */
	skus: { id: string; label: string; detail: string }[];
};

/** What stands around a conflict now. */
export type Situation = {
	/** At its locations together. */
	onHand: number | null;
	/** Where its stock lies, in the order in which is taken from them. */
	locations: readonly string[];
	/** What a choice between two numbers would move, where that is at more than one location. */
	moves: Partial<Record<ConflictChoice, readonly MovedAt[]>>;
	/** Drift: what the channel shows and should show now, and units of the SKU per unit of the listing. */
	slot: {
		shown: number | null;
		expected: number | null;
		offered: number | null;
		unexplained: number;
		units: number;
	} | null;
	/** Channels besides this one that sell the SKU. */
	otherChannels: number;
	/** Oversold: the order that stands. */
	winner: { name: string; cancel: CancelMeans } | null;
	/** Oversold: what can be done about the order that loses. */
	cancel: CancelMeans | null;
	candidates: { id: string; label: string; detail: string }[];
};

export function optionsFor(subject: ConflictSubject, now: Situation): Option[] {
	return choicesOf[subject.kind].flatMap((choice) => {
		const words = wordsFor(choice, subject, now);
		return words ? [{ choice, asks: null, needsNote: needsNote(choice), skus: [], ...words }] : [];
	});
}

type Words = Pick<Option, "title" | "consequence" | "button"> & Partial<Option>;

function wordsFor(choice: ConflictChoice, subject: ConflictSubject, now: Situation): Words | null {
	const channel = subject.channel?.name ?? "the channel";
	const order = orderName(subject);
	const onHand = now.onHand === null ? "—" : formatNumber(now.onHand);
	const place = now.locations.length > 0 ? ` at ${wordList(now.locations)}` : "";
	const moves = now.locations.length > 1 ? movesOf(now.moves[choice]) : place;
	const race = raceOf(subject.facts);
	const isReservation = subject.facts.isReservation === true;
	switch (choice) {
		case "cancel":
			return now.cancel?.may
				? {
						title: `Cancel ${order} in ${channel}`,
						consequence: cancelled(now.cancel),
						button: `Cancel ${order}`,
					}
				: null;
		case "cancel_in_store":
			return isReservation || now.cancel?.may || isCancelled(now.cancel)
				? null
				: {
						title: `I will cancel ${order} in the store`,
						consequence: `when ${channel} tells us of it, ${subject.units === 1 ? "1 unit comes back by itself" : `${countOf(subject.units, "unit")} come back by themselves`} · on hand ${onHand} until then${whyNot(now.cancel)}`,
						button: "I will cancel it",
					};
		case "give_back":
			return isReservation
				? {
						title: `Sell ${order} ${countOf(subject.units, "unit")} fewer`,
						consequence: `writes a movement · on hand ${onHand} → ${afterwards(now, subject.units)} · tell its buyer where it was sold, Onecount can't`,
						button: "Sell it fewer",
					}
				: null;
		case "backorder":
			return {
				title: isReservation ? "Keep it whole, and send the rest later" : "Keep both, and send one later",
				consequence: `on hand stays ${onHand} · the next delivery fills it first${(now.onHand ?? 0) <= 0 ? " · every channel stays at zero" : ""}`,
				button: "Keep and backorder",
			};
		case "restock":
			return {
				title: `${countOf(subject.units, "unit")} found: add ${subject.units === 1 ? "it" : "them"}${place}`,
				consequence: `writes a movement with your reason · on hand ${onHand} → ${now.onHand === null ? "—" : formatNumber(now.onHand + subject.units)}`,
				button: "Add to stock",
				asks: { label: "Units found", initial: subject.units, min: leastUnits(choice) },
			};
		case "cancel_other":
			return now.winner?.cancel.may
				? {
						title: `Give it to ${order}, and cancel ${now.winner.name}`,
						consequence: `${cancelled(now.winner.cancel)} · by the rule it keeps its unit, so this needs a reason`,
						button: `Cancel ${now.winner.name}`,
					}
				: null;
		case "cancel_other_in_store":
			return now.winner && !now.winner.cancel.may && !isCancelled(now.winner.cancel)
				? {
						title: `Give it to ${order} instead`,
						consequence: `you cancel ${now.winner.name} in its store · by the rule it keeps its unit, so this needs a reason${whyNot(now.winner.cancel)}`,
						button: `I will cancel ${now.winner.name}`,
					}
				: null;
		case "keep_ours":
			if (race?.stands)
				return standing(race.stands === "ours", "Our number", "Keep ours", moves, now, editDelta(choice, subject, 0));
			return {
				title: "Keep our number",
				consequence: now.slot
					? now.slot.shown === now.slot.offered
						? `${channel} shows it already · nothing else changes`
						: `${channel} goes ${shown(now.slot.shown)} → ${shown(now.slot.offered)} · ${unreadOrders(subject.facts).length > 0 ? "if an order took the difference, it is on sale a second time" : "nothing else changes"}`
					: `${channel} is told our number again`,
				button: "Keep ours",
			};
		case "take_channel": {
			if (race?.stands)
				return standing(
					race.stands === "channel",
					`The number of ${channel}`,
					"Take theirs",
					moves,
					now,
					editDelta(choice, subject, 0),
				);
			if (!now.slot) return null;
			const change = editDelta(choice, subject, now.slot.unexplained * now.slot.units);
			return {
				title: `Take the number of ${channel}`,
				consequence: `on hand ${onHand} → ${afterwards(now, change)}${moves} · ${countOf(now.otherChannels, "other channel")} told`,
				button: "Take theirs",
			};
		}
		case "set_value":
			return {
				title: "Set what is really there",
				consequence: `a count${place}${now.locations.length > 1 ? inOrder : ""} · every channel follows, ${channel} too`,
				button: "Set the count",
				asks: { label: `Units on hand${place}`, initial: now.onHand ?? 0, min: leastUnits(choice) },
			};
		case "retry":
			return {
				title: "Send it again",
				consequence: `lifts the hold · ${channel} is read, then told the newest number`,
				button: "Send again",
			};
		case "leave_out":
			return {
				title: "Leave this listing out",
				consequence: "nothing is pushed to it any more · its sales don't count here",
				button: "Leave out",
			};
		case "relink":
			return now.candidates.length > 0
				? {
						title: "Say which SKU it is",
						consequence: "its sales count for that SKU from now on, and the waiting ones too",
						button: "Link",
						skus: now.candidates,
					}
				: null;
	}
}

const inOrder = " together: fewer are taken from them in this order, more go back where they were taken";

const movesOf = (moved: readonly MovedAt[] = []) => (moved.length > 0 ? `: ${movedWords(moved)}` : "");

const afterwards = ({ onHand }: Situation, change: number) => (onHand === null ? "—" : formatNumber(onHand + change));

/** Of two edits one stands already: to leave it, or to have the other one instead. */
function standing(isIt: boolean, whose: string, button: string, moves: string, now: Situation, change: number): Words {
	return isIt
		? { title: `${whose} stands`, consequence: "it was first · nothing else changes", button: "Leave it" }
		: {
				title: `${whose}, after all`,
				consequence: `it came later and was not applied · on hand ${afterwards(now, 0)} → ${afterwards(now, change)}${moves} · every channel follows`,
				button,
			};
}

const shown = (value: number | null) => (value === null ? "—" : formatNumber(value));

const cancelled = ({ consequence, units, lines }: CancelMeans & { may: true }) =>
	`the whole order, ${countOf(units, "unit")}${lines > 1 ? ` in ${countOf(lines, "line")}` : ""} · ${consequence} · sent in ${cancelHeldMs / 1000} s, until then it can be taken back`;

/** Its store cancelled it and gave nothing back: there is nothing left to cancel. */
const isCancelled = (means: CancelMeans | null) => means !== null && !means.may && means.isCancelled === true;

const whyNot = (means: CancelMeans | null) => (means && !means.may && means.why ? ` · ${means.why}` : "");
