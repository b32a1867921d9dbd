import { sql } from "drizzle-orm";
import {
	bigint,
	customType,
	date,
	index,
	integer,
	jsonb,
	pgTable,
	primaryKey,
	smallint,
	text,
	uniqueIndex,
	uuid,
} from "drizzle-orm/pg-core";
import { id, merchantId, moment, serial } from "./columns";

const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** `state` of an inbox row. Dead: it could not be read, and waits for a person; dismissed: one has seen it. */
export const inboxState = { waiting: 0, applied: 1, dead: 2, dismissed: 3 } as const;

/** Raw webhooks and polled records, durable before they are acknowledged (R2). Append-only but for state; prunable by time. */
export const inbox = pgTable(
	"inbox",
	{
		id: serial(),
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		source: text("source", { enum: ["webhook", "poll"] }).notNull(),
		/** The platform's topic, or `signal` where the body is already in our own words. */
		topic: text("topic").notNull(),
		/** By the adapter's rule; a second delivery under the same key is the same news. */
		dedupeKey: text("dedupe_key").notNull(),
		/** The raw bytes as they came, whatever they are. */
		body: bytes("body").notNull(),
		receivedAt: moment("received_at").notNull().defaultNow(),
		state: smallint("state").notNull().default(0),
		appliedAt: moment("applied_at"),
		/** Dead and dismissed letters, and those that a person lets be read again: why it could not be read. */
		error: text("error"),
	},
	(t) => [
		uniqueIndex("inbox_dedupe").on(t.channelId, t.dedupeKey),
		index("inbox_waiting").on(t.channelId, t.id).where(sql`state = 0`),
		index("inbox_dead").on(t.merchantId, t.id).where(sql`state = 2`),
		index("inbox_odd").on(t.channelId, t.state).where(sql`dedupe_key like 'odd:%'`),
		index("inbox_received").using("brin", t.receivedAt),
	],
);

/** An order as last applied: which version of it we know (R1). */
export const orders = pgTable(
	"orders",
	{
		channelId: uuid("channel_id").notNull(),
		orderRef: text("order_ref").notNull(),
		merchantId: merchantId(),
		/** What people call it. */
		number: text("number").notNull(),
		status: text("status", { enum: ["open", "cancelled", "closed", "deleted"] }).notNull(),
		placedAt: moment("placed_at").notNull(),
		/** Milliseconds of the platform's own modified stamp, then a step that only grows, to break ties within one stamp. */
		versionAt: bigint("version_at", { mode: "number" }).notNull(),
		versionStep: integer("version_step").notNull(),
		heardAt: moment("heard_at").notNull().defaultNow(),
		/** When the store was found not to know it any more; null while it does. */
		goneAt: moment("gone_at"),
	},
	(t) => [
		primaryKey({ columns: [t.channelId, t.orderRef] }),
		index("orders_merchant").on(t.merchantId, t.heardAt),
		index("orders_number").on(t.merchantId, t.number),
	],
);

/** Per order line: how much of it the ledger has consumed, so that a newer snapshot moves only the difference (R1). */
export const orderLines = pgTable(
	"order_lines",
	{
		channelId: uuid("channel_id").notNull(),
		orderRef: text("order_ref").notNull(),
		lineRef: text("line_ref").notNull(),
		merchantId: merchantId(),
		/** The id under which the line names its listing. */
		listingRef: text("listing_ref"),
		skuText: text("sku_text"),
		title: text("title").notNull(),
		/** Units of the listing that the platform has taken from its stock for this line and not given back. */
		taken: integer("taken").notNull(),
		/** Of those taken, units that came back at other locations of the store than the channel's: units by the store's id. */
		elsewhere: jsonb("elsewhere").$type<Record<string, number>>().notNull().default({}),
		/** The mapping when the line was last applied; null: parked until its listing is linked. */
		listingId: uuid("listing_id"),
		skuId: uuid("sku_id"),
		locationId: uuid("location_id"),
		units: integer("units"),
		/** Units of the SKU that the ledger has consumed for this line. */
		consumed: integer("consumed").notNull().default(0),
		/**
		 * What its SKU was made of when the ledger consumed it, once that has changed: `[{ skuId, units }]`, a plain SKU of
		 * itself. Null: what it is made of by now.
		 */
		parts: jsonb("parts").$type<{ skuId: string; units: number }[]>(),
		/** Where its units were taken, each SKU's in the order of taking (lib/stock/places.ts). Null: all at `location_id`. */
		takenFrom: jsonb("taken_from").$type<{ skuId: string; locationId: string; units: number }[]>(),
	},
	(t) => [
		primaryKey({ columns: [t.channelId, t.orderRef, t.lineRef] }),
		index("order_lines_parked").on(t.channelId, t.listingRef).where(sql`sku_id is null and taken > 0`),
	],
);

/** One API call that writes one or more offered quantities; its id is the idempotency key. Prunable by time. */
export const pushes = pgTable(
	"pushes",
	{
		id: id(),
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		claimedAt: moment("claimed_at").notNull().defaultNow(),
		sentAt: moment("sent_at"),
		finishedAt: moment("finished_at"),
		items: integer("items").notNull(),
		outcome: text("outcome", {
			enum: ["pending", "applied", "accepted", "partly", "refused", "throttled", "unknown", "abandoned"],
		})
			.notNull()
			.default("pending"),
		/** What went over the wire, secrets removed, shortened: `[{ method, url, status, request, response, ms }]`. */
		exchanges: jsonb("exchanges").notNull().default([]),
	},
	(t) => [
		index("pushes_channel").on(t.channelId, t.claimedAt),
		index("pushes_open").on(t.channelId).where(sql`finished_at is null`),
		index("pushes_merchant").on(t.merchantId, t.claimedAt),
	],
);

/** One quantity in a push. */
export const pushItems = pgTable(
	"push_items",
	{
		pushId: uuid("push_id").notNull(),
		slotId: bigint("slot_id", { mode: "number" }).notNull(),
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		skuId: uuid("sku_id").notNull(),
		kind: text("kind", { enum: ["compare", "delta", "set", "over", "fence"] }).notNull(),
		quantity: integer("quantity").notNull(),
		expected: integer("expected").notNull(),
		skuVersion: bigint("sku_version", { mode: "number" }).notNull(),
		outcome: text("outcome", {
			enum: ["pending", "applied", "accepted", "not_applied", "stale", "refused", "unknown", "not_sent"],
		})
			.notNull()
			.default("pending"),
		reason: text("reason"),
		at: moment("at").notNull().defaultNow(),
		settledAt: moment("settled_at"),
	},
	(t) => [
		primaryKey({ columns: [t.pushId, t.slotId] }),
		// The first item per channel that carried a version or a newer one: one probe, however hot the SKU.
		index("push_items_sku").on(t.skuId, t.channelId, t.skuVersion),
		index("push_items_at").using("brin", t.at),
	],
);

/** Per channel and minute: what the overview draws and nothing else. */
export const channelMinutes = pgTable(
	"channel_minutes",
	{
		channelId: uuid("channel_id").notNull(),
		minute: moment("minute").notNull(),
		merchantId: merchantId(),
		orders: integer("orders").notNull().default(0),
		calls: integer("calls").notNull().default(0),
		throttled: integer("throttled").notNull().default(0),
	},
	(t) => [
		primaryKey({ columns: [t.channelId, t.minute] }),
		index("channel_minutes_merchant").on(t.merchantId, t.minute),
	],
);

/** Per channel and day: webhooks by what became of them. */
export const webhookDays = pgTable(
	"webhook_days",
	{
		channelId: uuid("channel_id").notNull(),
		day: date("day").notNull(),
		merchantId: merchantId(),
		accepted: integer("accepted").notNull().default(0),
		repeated: integer("repeated").notNull().default(0),
		rejected: integer("rejected").notNull().default(0),
		dead: integer("dead").notNull().default(0),
	},
	(t) => [primaryKey({ columns: [t.channelId, t.day] })],
);
