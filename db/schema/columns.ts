import { bigint, integer, timestamp, uuid } from "drizzle-orm/pg-core";

/** Surrogate key of an entity. */
export const id = () => uuid("id").primaryKey().defaultRandom();

/** Surrogate key of a high-volume, append-only row; grows with insertion, not with commit order. */
export const serial = () => bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity();

/** The tenant. Row-level security compares it with the transaction's `onecount.merchant_id` (R9). */
export const merchantId = () => uuid("merchant_id").notNull();

/** A moment, UTC. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const createdAt = () => moment("created_at").notNull().defaultNow();

/** What one level says of an offer, field by field (lib/stock/offer-policy.ts has their units). Null: the next level decides. */
export const offerPolicy = () => ({
	bufferUnits: integer("buffer_units"),
	bufferSeconds: integer("buffer_seconds"),
	sharePercent: integer("share_percent"),
	minUnits: integer("min_units"),
	capUnits: integer("cap_units"),
	outOfStockBelow: integer("out_of_stock_below"),
});
