import { integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, id, merchantId, moment } from "./columns";
import { merchants } from "./identity";

export const comparisonStates = ["waiting", "running", "done"] as const;
export type ComparisonState = (typeof comparisonStates)[number];

/** What one strategy came to on one day (lib/simulation/compare.ts says what each figure is). */
export type ComparedCell = {
	oversold: number;
	reinflations: number;
	lost: number;
	calls: number;
	lagMs: number | null;
};

/**
 * A merchant's last comparison of strategies on simulated days: one row each, made anew by the next one. The simulation is
 * deterministic, so days, seed and seeds are all that is needed to have it again.
 */
export const comparisons = pgTable("comparisons", {
	/** Of this run; the next has another, so that a late step of an old one finds nothing to write to. */
	id: id(),
	merchantId: merchantId()
		.unique()
		.references(() => merchants.id, { onDelete: "cascade" }),
	askedBy: text("asked_by").notNull(),
	/** Names of lib/simulation/scenes.ts, in the order in which they are run. */
	days: text("days").array().notNull(),
	/** The first of `seeds` seeds. */
	seed: integer("seed").notNull(),
	seeds: integer("seeds").notNull(),
	state: text("state", { enum: comparisonStates }).notNull().default("waiting"),
	/** By day and strategy: `flash sale of 20|escrow`. */
	cells: jsonb("cells").$type<Record<string, ComparedCell>>().notNull().default({}),
	total: integer("total").notNull(),
	createdAt: createdAt(),
	/** When something of it was last done; long ago: it was interrupted. */
	beatAt: moment("beat_at").notNull().defaultNow(),
	finishedAt: moment("finished_at"),
});
