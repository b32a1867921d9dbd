import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	check,
	doublePrecision,
	index,
	integer,
	pgTable,
	primaryKey,
	text,
	uniqueIndex,
	uuid,
} from "drizzle-orm/pg-core";
import { strategies } from "@/lib/stock/strategy";
import { createdAt, id, merchantId, moment, offerPolicy, serial } from "./columns";
import { merchants } from "./identity";

/** Where stock lies. */
export const locations = pgTable(
	"locations",
	{
		id: id(),
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		name: text("name").notNull(),
		createdAt: createdAt(),
	},
	(t) => [uniqueIndex("locations_name").on(t.merchantId, t.name)],
);

/** The merchant's master variant; its stock is the one truth. */
export const skus = pgTable(
	"skus",
	{
		id: id(),
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		/** As the merchant writes it, unique per merchant, case kept. */
		code: text("code").notNull(),
		/** Upper case, letters and digits only: what normalised matching compares. */
		codeNormalised: text("code_normalised")
			.notNull()
			.generatedAlwaysAs(sql`upper(regexp_replace(code, '[^[:alnum:]]', '', 'g'))`),
		title: text("title").notNull(),
		options: text("options"),
		/** GTIN in its 14-digit form, check digit valid, or null. */
		gtin: text("gtin"),
		imageUrl: text("image_url"),
		/** Over the channel's and the merchant's. */
		...offerPolicy(),
		/** How its listings share the stock; null: as the merchant's do. */
		strategy: text("strategy", { enum: strategies }),
		/** A launch that somebody marked: adaptive is in escrow from then until then. */
		launchFrom: moment("launch_from"),
		launchUntil: moment("launch_until"),
		isBundle: text("is_bundle", { enum: ["yes", "no"] })
			.notNull()
			.default("no"),
		archivedAt: moment("archived_at"),
		createdAt: createdAt(),
	},
	(t) => [
		uniqueIndex("skus_code").on(t.merchantId, t.code),
		index("skus_code_normalised").on(t.merchantId, t.codeNormalised),
		index("skus_gtin").on(t.merchantId, t.gtin).where(sql`${t.gtin} is not null`),
		index("skus_launch").on(t.launchUntil).where(sql`launch_until is not null`),
	],
);

/** A bundle is a SKU made of components: so many units of each. */
export const skuComponents = pgTable(
	"sku_components",
	{
		merchantId: merchantId(),
		bundleId: uuid("bundle_id")
			.notNull()
			.references(() => skus.id, { onDelete: "cascade" }),
		componentId: uuid("component_id")
			.notNull()
			.references(() => skus.id, { onDelete: "cascade" }),
		units: integer("units").notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.bundleId, t.componentId] }),
		index("sku_components_component").on(t.componentId),
		check("sku_components_units", sql`${t.units} > 0`),
	],
);

/**
 * Units of a SKU at a location. `on_hand` is always the sum of the SKU's movements there (R3); it may be negative:
 * a sale is a fact, even of a unit that was not there. Without a count nothing is offered ("no unconfirmed zero", R12); a sale heard before that is kept, with `counted_at` still null.
 */
export const levels = pgTable(
	"levels",
	{
		merchantId: merchantId(),
		skuId: uuid("sku_id")
			.notNull()
			.references(() => skus.id, { onDelete: "cascade" }),
		locationId: uuid("location_id")
			.notNull()
			.references(() => locations.id, { onDelete: "cascade" }),
		onHand: integer("on_hand").notNull().default(0),
		/** Units held by open reservations, always their sum: changed with them, under this row's lock. */
		reserved: integer("reserved").notNull().default(0),
		/** When somebody first said how many there are (count, import, adjustment); null: nothing is offered yet. */
		countedAt: moment("counted_at"),
		/** When that number was read, if it came from a store: what was sold there since is not in it. Null: at `countedAt`. */
		countedFrom: moment("counted_from"),
		/** Rises by one with every movement: gapless, so the ledger's chain can be checked. */
		version: bigint("version", { mode: "number" }).notNull().default(0),
		/** The listings split it instead of sharing it (lib/stock/strategy.ts), since when, and why. */
		isEscrow: boolean("is_escrow").notNull().default(false),
		escrowSince: moment("escrow_since"),
		standWhy: text("stand_why"),
		/** How fast it sells, kept only where that decides something: lib/stock `Pace`, up to which version, and when. */
		pace: doublePrecision("pace").array(),
		paceAt: moment("pace_at"),
		paceVersion: bigint("pace_version", { mode: "number" }).notNull().default(0),
		/** Units that orders took lately, fading (lib/stock `recentlySold`): what a buffer for the pace is made of. */
		soldUnits: doublePrecision("sold_units").notNull().default(0),
		/** When `sold_units` was last added to; null: nothing was sold yet. */
		soldAt: moment("sold_at"),
		/** While listings split it: units kept from them for carts that were refused (lib/stock `keptForCarts`), and until when. */
		cartUnits: integer("cart_units").notNull().default(0),
		cartUntil: moment("cart_until"),
	},
	(t) => [
		primaryKey({ columns: [t.skuId, t.locationId] }),
		index("levels_merchant").on(t.merchantId),
		index("levels_escrow").on(t.merchantId, t.skuId).where(sql`is_escrow`),
	],
);

/**
 * How many units of a SKU can be sold that are not there, now and by the hour (lib/stock/exposure.ts); of locations that
 * channels draw from together in one row, under the first of them (`pools.root_id`).
 * Changed with the slots and levels that it follows from, in their transaction, after both of them are locked.
 */
export const exposures = pgTable(
	"exposures",
	{
		merchantId: merchantId(),
		skuId: uuid("sku_id")
			.notNull()
			.references(() => skus.id, { onDelete: "cascade" }),
		locationId: uuid("location_id")
			.notNull()
			.references(() => locations.id, { onDelete: "cascade" }),
		/** Units that its listings can sell between them beyond those that are there. */
		units: integer("units").notNull(),
		/** Up to when `hours` is counted; since then `units` is as it is now. */
		since: moment("since").notNull(),
		/** Units × seconds at risk in each of the last 24 hours: place 1 + (hours since the epoch) % 24. */
		hours: doublePrecision("hours").array().notNull().default(sql`array_fill(0::float8, array[24])`),
	},
	// The merchant first: row-level security asks for it always, and no other index can look better than this one.
	(t) => [
		primaryKey({ columns: [t.merchantId, t.skuId, t.locationId] }),
		index("exposures_sku").on(t.skuId),
		check("exposures_units", sql`${t.units} >= 0`),
	],
);

/** What all of a merchant's SKUs put at risk in one hour of the clock, once it is over; prunable by time. */
export const exposureHours = pgTable(
	"exposure_hours",
	{
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		hour: moment("hour").notNull(),
		unitSeconds: doublePrecision("unit_seconds").notNull(),
	},
	(t) => [primaryKey({ columns: [t.merchantId, t.hour] })],
);

export const movementKinds = [
	"order",
	"order_returned",
	"count",
	"import",
	"channel_edit",
	"adjustment",
	"transfer",
	"reservation",
] as const;
export type MovementKind = (typeof movementKinds)[number];

/** The ledger: append-only signed changes of a SKU at a location, each with its cause. Prunable never; archivable by time. */
export const movements = pgTable(
	"movements",
	{
		id: serial(),
		merchantId: merchantId(),
		skuId: uuid("sku_id").notNull(),
		locationId: uuid("location_id").notNull(),
		/** Signed units. */
		delta: integer("delta").notNull(),
		/** On hand after this movement. */
		balance: integer("balance").notNull(),
		/** The level's version after this movement. */
		version: bigint("version", { mode: "number" }).notNull(),
		kind: text("kind", { enum: movementKinds }).notNull(),
		/** Names the cause once and for all, e.g. `order:<channel>:<order>:<line>:<version>`; makes a second effect impossible (R1). */
		causeKey: text("cause_key").notNull(),
		channelId: uuid("channel_id"),
		/** The platform's own order id, and the number that people call it by. */
		orderRef: text("order_ref"),
		orderNumber: text("order_number"),
		inboxId: bigint("inbox_id", { mode: "number" }),
		actor: text("actor").notNull().default("system"),
		note: text("note"),
		at: moment("at").notNull().defaultNow(),
	},
	(t) => [
		uniqueIndex("movements_cause").on(t.skuId, t.locationId, t.causeKey),
		uniqueIndex("movements_version").on(t.skuId, t.locationId, t.version),
		index("movements_merchant").on(t.merchantId, t.id),
	],
);
