/**
 * The states of a slot and what each signal makes of them, as one table. The rules themselves are slot-news.ts, slot-plan.ts
 * and slot-writes.ts; slot-table.test.ts walks a slot through all of them and holds the table to be neither too narrow nor
 * too wide.
 */
import { isPending, type Slot } from "./slot";

/** The first that applies, in this order. */
export const slotStates = [
	/** A write is under way (S3). */
	"in_flight",
	/** Its level was never read. */
	"unread",
	/** Its store refused the number, or applied none: a person has it sent again. */
	"held",
	/** The answer of a write was lost, or only said "accepted" (S6, S9). */
	"in_doubt",
	/** Zero was written, and orders are to be read before the raise (S7). */
	"fenced",
	/** It was seen to show what nothing explains yet (S2, R7). */
	"unexplained",
	/** It ought to show another number. */
	"pending",
	"at_rest",
] as const;
export type SlotState = (typeof slotStates)[number];

export const slotSignals = [
	/** What it ought to show was worked out anew. */
	"offered",
	/** A sale of the channel, or a return, is heard. */
	"sold",
	/** A live value was read. */
	"level_read",
	/** The channel's orders were read, and heard. */
	"orders_read",
	/** What nothing explained was decided. */
	"drift_decided",
	/** A write is claimed: what the plan says, where it says one. */
	"claimed",
	/** Answers to a write. */
	"applied",
	"stale",
	"refused",
	"not_sent",
	"accepted",
	"unknown",
	/** A person has it sent again. */
	"sent_again",
] as const;
export type SlotSignal = (typeof slotSignals)[number];

export function slotState(slot: Slot): SlotState {
	if (slot.flight) return "in_flight";
	if (slot.expected === null) return "unread";
	if (slot.heldReason !== null) return "held";
	if (slot.maybe !== null) return "in_doubt";
	if (slot.isFenced) return "fenced";
	if (slot.unexplained !== 0) return "unexplained";
	return isPending(slot) ? "pending" : "at_rest";
}

/** No write is under way that could be answered. */
const noAnswer = { applied: [], stale: [], refused: [], not_sent: [], accepted: [], unknown: [] } as const;

/** What becomes of a slot: one of these. Of none: the signal does not come in that state. */
export const slotTable: Record<SlotState, Record<SlotSignal, readonly SlotState[]>> = {
	in_flight: {
		offered: ["in_flight"],
		sold: ["in_flight"],
		level_read: ["in_flight"],
		orders_read: ["in_flight"],
		drift_decided: ["in_flight"],
		claimed: [],
		applied: ["in_doubt", "fenced", "unexplained", "pending", "at_rest"],
		stale: ["in_doubt", "unexplained", "pending", "at_rest"],
		refused: ["held"],
		not_sent: ["in_doubt", "fenced", "unexplained", "pending", "at_rest"],
		accepted: ["in_doubt"],
		unknown: ["in_doubt"],
		sent_again: [],
	},
	unread: {
		offered: ["unread"],
		sold: ["unread"],
		level_read: ["pending", "at_rest"],
		orders_read: ["unread"],
		drift_decided: [],
		claimed: [],
		...noAnswer,
		sent_again: [],
	},
	held: {
		offered: ["held"],
		sold: ["held"],
		level_read: ["held"],
		orders_read: ["held"],
		drift_decided: ["held"],
		claimed: [],
		...noAnswer,
		sent_again: ["in_doubt", "fenced", "unexplained", "pending", "at_rest"],
	},
	in_doubt: {
		offered: ["in_doubt"],
		sold: ["in_doubt"],
		level_read: ["held", "in_doubt", "fenced", "unexplained", "pending", "at_rest"],
		orders_read: ["in_doubt"],
		drift_decided: ["in_doubt"],
		claimed: ["in_flight"],
		...noAnswer,
		sent_again: [],
	},
	fenced: {
		offered: ["fenced"],
		sold: ["fenced"],
		level_read: ["fenced"],
		orders_read: ["fenced"],
		drift_decided: ["fenced"],
		claimed: ["in_flight"],
		...noAnswer,
		sent_again: [],
	},
	unexplained: {
		offered: ["unexplained"],
		sold: ["unexplained", "pending", "at_rest"],
		level_read: ["unexplained", "pending", "at_rest"],
		orders_read: ["unexplained"],
		drift_decided: ["pending", "at_rest"],
		claimed: ["in_flight"],
		...noAnswer,
		sent_again: [],
	},
	pending: {
		offered: ["pending", "at_rest"],
		sold: ["pending", "at_rest"],
		level_read: ["unexplained", "pending", "at_rest"],
		orders_read: ["pending"],
		drift_decided: [],
		claimed: ["in_flight"],
		...noAnswer,
		sent_again: [],
	},
	at_rest: {
		offered: ["pending", "at_rest"],
		sold: ["pending", "at_rest"],
		level_read: ["unexplained", "pending", "at_rest"],
		orders_read: ["at_rest"],
		drift_decided: [],
		claimed: [],
		...noAnswer,
		sent_again: [],
	},
};
