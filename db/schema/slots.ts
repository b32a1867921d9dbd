import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	doublePrecision,
	index,
	integer,
	jsonb,
	pgTable,
	text,
	uniqueIndex,
	uuid,
} from "drizzle-orm/pg-core";
import type { Accepted } from "@/lib/stock/slot";
import { merchantId, moment, offerPolicy, serial } from "./columns";
import { listings } from "./listings";

/**
 * One slot per listing and remote location: what it ought to show, what we think it shows, and the write under way.
 * The transitions are lib/stock/slot.ts; the columns are its SlotState.
 */
export const slots = pgTable(
	"slots",
	{
		id: serial(),
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		listingId: uuid("listing_id")
			.notNull()
			.references(() => listings.id, { onDelete: "cascade" }),
		locationRef: text("location_ref").notNull().default(""),
		locationId: uuid("location_id"),
		skuId: uuid("sku_id"),
		/** Units of the SKU per unit of the listing. */
		units: integer("units").notNull().default(1),
		/** The listing's own, over every other level's; it stays when the listing is linked to another SKU. */
		...offerPolicy(),
		/** Units of the SKU held back for the recent pace when the offer was last computed; zero: the buffer alone counts. */
		paceUnits: integer("pace_units").notNull().default(0),
		/** Non-null: the pace holds units back, and has faded once this has come: the offer is to be computed anew. */
		reofferAt: moment("reoffer_at"),
		/** The quantity that the listing ought to show; null while nothing is known or mapped. */
		offered: integer("offered"),
		offeredVersion: bigint("offered_version", { mode: "number" }).notNull().default(0),
		offeredAt: moment("offered_at"),
		/** The level's version (for a bundle: the sum of its components') behind `offered`. */
		skuVersion: bigint("sku_version", { mode: "number" }).notNull().default(0),
		/** What the channel should be showing; null until it was read once. */
		expected: integer("expected"),
		/** Rises with every change of expected or unexplained: a read that began before it is void. */
		expectedVersion: bigint("expected_version", { mode: "number" }).notNull().default(0),
		/** Last live value minus expected: drift that nothing explains yet. Zero in health. */
		unexplained: integer("unexplained").notNull().default(0),
		unexplainedSince: moment("unexplained_since"),
		/** The platform's own stamp of the change that nothing explains, as it was first read; null: it says none. Evidence only. */
		changedAt: moment("changed_at"),
		/** The last live value, when the read that brought it began, and when its answer came (null: as `shownAt`). */
		shown: integer("shown"),
		shownAt: moment("shown_at"),
		shownUntil: moment("shown_until"),
		/**
		 * When the last live read began that was settled: it showed what we expect, or the difference was explained or
		 * classified (R7). All that the channel had done by then is accounted for. Null: never.
		 */
		verifiedAt: moment("verified_at"),
		/** The most that the channel can still sell and has sold unheard (lib/stock/bound.ts); null until it was read once. */
		bound: integer("bound"),
		/** What writes not yet settled may add to it. */
		doubt: integer("doubt").notNull().default(0),
		/** Until then a write whose answer was lost may still land; null: none was lost. */
		openUntil: moment("open_until"),
		/** What was last seen there, less what was surely sold since, and when it was seen (null: an absolute write of it is under way). */
		proofQuantity: integer("proof_quantity"),
		proofUntil: moment("proof_until"),
		/** What lies there and what its open orders still have to ship (lib/stock `Reservations`); null but over reservations. */
		reservedSource: integer("reserved_source"),
		reservedOpen: integer("reserved_open"),
		/** It has a share of its own, since its SKU is in escrow there. */
		isEscrow: boolean("is_escrow").notNull().default(false),
		/** What it sells, by which shares are dealt (lib/stock `Demand`); kept only in escrow. */
		demandUnits: doublePrecision("demand_units").notNull().default(0),
		demandAt: moment("demand_at"),
		/** The write in flight; all null when there is none. */
		pushId: uuid("push_id"),
		pushKind: text("push_kind", { enum: ["compare", "delta", "set", "over", "fence"] }),
		pushQuantity: integer("push_quantity"),
		/** `expected + unexplained` when the write was claimed. */
		pushExpected: integer("push_expected"),
		/** Units that are written on top for open orders (lib/stock `Flight`); null but over reservations. */
		pushOpen: integer("push_open"),
		pushOfferedVersion: bigint("push_offered_version", { mode: "number" }),
		pushSkuVersion: bigint("push_sku_version", { mode: "number" }),
		claimedUntil: moment("claimed_until"),
		/** What a write whose answer was lost may have added to what is shown; null when no such write is open. */
		maybe: integer("maybe"),
		/** That write, where the platform only accepted it (lib/stock `Accepted`). */
		accepted: jsonb("accepted").$type<Accepted>(),
		/** Accepted writes in a row that were never applied. */
		unapplied: integer("unapplied").notNull().default(0),
		confirmedVersion: bigint("confirmed_version", { mode: "number" }).notNull().default(0),
		confirmedSkuVersion: bigint("confirmed_sku_version", { mode: "number" }).notNull().default(0),
		confirmedAt: moment("confirmed_at"),
		/** The channel's own recent sales, fading (lib/stock `recentlySold`). */
		soldUnits: doublePrecision("sold_units").notNull().default(0),
		soldAt: moment("sold_at"),
		/** Non-null: read its live value (and, first, the channel's orders) once this has come. */
		readDueAt: moment("read_due_at"),
		/** The value that news carried when it asked for the read; once it is what we expect, the read is needless. */
		hint: integer("hint"),
		/** Absolute writes while stock is scarce: zero has been written and orders must be read before the raise. */
		isFenced: boolean("is_fenced").notNull().default(false),
		attempts: integer("attempts").notNull().default(0),
		nextTryAt: moment("next_try_at"),
		/** Quarantine (R11): why this one is left out of batches, until a person retries. */
		heldReason: text("held_reason"),
		heldAt: moment("held_at"),
		/** Pace: when the next unhurried write of this slot may leave (a burst of two, then about one a second). */
		pacedUntil: moment("paced_until"),
		isPending: boolean("is_pending").generatedAlwaysAs(
			sql`offered is not null and expected is not null and held_reason is null and (offered <> expected + unexplained or (is_fenced and offered <> 0))`,
		),
	},
	(t) => [
		uniqueIndex("slots_listing").on(t.listingId, t.locationRef),
		index("slots_sku").on(t.skuId),
		// Keys that change only when a slot enters or leaves: a sale that the selling channel shows by itself stays a
		// heap-only update, which touches no index at all.
		index("slots_pending").on(t.channelId).where(sql`is_pending`),
		index("slots_reoffer").on(t.reofferAt).where(sql`reoffer_at is not null`),
		index("slots_read_due").on(t.channelId, t.readDueAt).where(sql`read_due_at is not null`),
		index("slots_owner").on(t.merchantId, t.channelId),
		index("slots_escrow").on(t.channelId).where(sql`is_escrow`),
	],
);
