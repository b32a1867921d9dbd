import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { MovementKind } from "./catalogue";
import { createdAt, id, merchantId, moment } from "./columns";

export const conflictKinds = ["oversold", "drift", "competing_edits", "ambiguous_mapping", "push_refused"] as const;
export type ConflictKind = (typeof conflictKinds)[number];

/** Why stock that was oversold is there after all. */
export type CameBack = {
	/** `unreserved`: a reservation ended. `meanwhile`: it was there when a decision about it fell through. */
	cause: MovementKind | "unreserved" | "meanwhile";
	units: number;
	/** What people call the order that gave it back, and where it was placed; null: it was no order. */
	orderNumber: string | null;
	channelId: string | null;
	/** What somebody wrote beside it; of a reservation its reference. */
	note: string | null;
	/** The conflicts whose decision found it: taken back, this one is open again. */
	foundBy?: readonly string[];
};

/** Choices that nobody made: it settled by itself, and there is nothing to take back. */
export const ownChoices = ["accepted", "agreed", "by_policy", "came_back"];

/** What was chosen, and what would have to be taken back to undo it. */
export type ConflictDecision = {
	choice: string;
	note?: string;
	value?: number;
	/** Of a listing's number: what its store showed when it was decided, and what it ought to have shown from then on. */
	numbers?: { shown: number | null; offered: number | null };
	/** `came_back`: what made it settle by itself. */
	because?: CameBack;
	undo?: {
		/** The movements that the decision wrote. */
		movements?: { skuId: string; locationId: string; delta: number }[];
		/** A difference that the decision declared settled: possible to restore until the push has left. */
		slot?: { id: number; unexplained: number; expectedVersion: number };
		/** An {@link orderCancels} row: possible to withdraw until the store has been asked. */
		cancelId?: string;
	};
};

/** Something a person must settle. */
export const conflicts = pgTable(
	"conflicts",
	{
		id: id(),
		merchantId: merchantId(),
		kind: text("kind", { enum: conflictKinds }).notNull(),
		state: text("state", { enum: ["open", "snoozed", "decided"] })
			.notNull()
			.default("open"),
		/** What makes it the same conflict: found again, it is not opened again. */
		dedupeKey: text("dedupe_key").notNull(),
		skuId: uuid("sku_id"),
		channelId: uuid("channel_id"),
		listingId: uuid("listing_id"),
		slotId: bigint("slot_id", { mode: "number" }),
		orderRef: text("order_ref"),
		units: integer("units").notNull().default(0),
		/** Evidence as found: `{ base, ours, channel, setBackTo, class, orderNumber, winner, … }`. */
		facts: jsonb("facts").$type<Record<string, unknown>>().notNull().default({}),
		openedAt: createdAt(),
		snoozedUntil: moment("snoozed_until"),
		/** Non-null: somebody asked an owner to look at it. */
		escalatedAt: moment("escalated_at"),
		escalatedBy: text("escalated_by"),
		decidedAt: moment("decided_at"),
		decidedBy: text("decided_by"),
		decision: jsonb("decision").$type<ConflictDecision>(),
	},
	(t) => [
		uniqueIndex("conflicts_open").on(t.merchantId, t.dedupeKey).where(sql`state <> 'decided'`),
		index("conflicts_list").on(t.merchantId, t.state, t.openedAt),
	],
);

/**
 * Orders that a store is asked to cancel, durable before it is asked. `waiting`: nobody has asked it yet, and it can be
 * withdrawn; `asked`: it may have been asked, whatever became of the answer.
 */
export const orderCancels = pgTable(
	"order_cancels",
	{
		id: id(),
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		orderRef: text("order_ref").notNull(),
		/** What people call it. */
		orderNumber: text("order_number").notNull(),
		/** The conflict that it settles; open again should the store refuse. */
		conflictId: uuid("conflict_id").notNull(),
		skuId: uuid("sku_id"),
		actor: text("actor").notNull(),
		state: text("state", { enum: ["waiting", "asked", "done", "failed", "withdrawn"] })
			.notNull()
			.default("waiting"),
		attempts: integer("attempts").notNull().default(0),
		/** Not before; of one that is being asked, when its asker counts as dead. */
		nextTryAt: moment("next_try_at").notNull(),
		/** The store said that it is at it; null: it did not, or not since it was last asked. */
		acceptedAt: moment("accepted_at"),
		/** The last trouble or the refusal: `{ sentence, fix }`, which a merchant may read. */
		error: jsonb("error").$type<{ sentence: string; fix: string | null }>(),
		createdAt: createdAt(),
		settledAt: moment("settled_at"),
	},
	(t) => [
		uniqueIndex("order_cancels_open").on(t.channelId, t.orderRef).where(sql`state in ('waiting', 'asked')`),
		index("order_cancels_due").on(t.channelId, t.nextTryAt).where(sql`state in ('waiting', 'asked')`),
		index("order_cancels_conflict").on(t.conflictId, t.createdAt),
	],
);
