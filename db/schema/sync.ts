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
import { createdAt, id, merchantId, moment, serial } from "./columns";

const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });

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
		/** Dead and dismissed letters only: why it could not be read. */
		error: text("error"),
	},
	(t) => [
		uniqueIndex("inbox_dedupe").on(t.channelId, t.dedupeKey),
		index("inbox_waiting").on(t.channelId, t.id).where(sql`state = 0`),
		index("inbox_dead").on(t.merchantId, t.id).where(sql`state = 2`),
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

export const logStates = ["ok", "go", "warn", "bad", "off", "none", "hold"] as const;
export type LogState = (typeof logStates)[number];

/** The sync log: what happened, in order, append-only, prunable by time. Sentences are made when read (lib/format). */
export const syncLog = pgTable(
	"sync_log",
	{
		id: serial(),
		/** Commit order, with id: the cursor that misses nothing (read below the snapshot's xmin). */
		tx: xid8("tx").notNull().default(sql`pg_current_xact_id()`),
		at: moment("at").notNull().default(sql`clock_timestamp()`),
		merchantId: merchantId(),
		kind: text("kind").$type<LogKind>().notNull(),
		state: text("state", { enum: logStates }).notNull(),
		channelId: uuid("channel_id"),
		skuId: uuid("sku_id"),
		listingId: uuid("listing_id"),
		/** Stock changes and pushes: the level version they brought or carried; what ties a change to its confirmations. */
		skuVersion: bigint("sku_version", { mode: "number" }),
		orderRef: text("order_ref"),
		inboxId: bigint("inbox_id", { mode: "number" }),
		pushId: uuid("push_id"),
		data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
	},
	(t) => [
		// Live readers go by commit order, history by time; both by keyset.
		index("sync_log_cursor").on(t.merchantId, t.tx, t.id),
		index("sync_log_recent").on(t.merchantId, t.at, t.id),
		index("sync_log_sku").on(t.skuId, t.at, t.id).where(sql`sku_id is not null`),
		index("sync_log_order").on(t.merchantId, t.orderRef).where(sql`order_ref is not null`),
		index("sync_log_at").using("brin", t.at),
	],
);

/**
 * The log by the minute, kept by its readers (lib/services/log/read-minutes.ts): a minute is written once, when nothing
 * more can come into it, so no writer of the log waits for it. Prunable by time, and at any time: it is made again.
 */
export const logMinutes = pgTable(
	"log_minutes",
	{
		merchantId: merchantId(),
		minute: moment("minute").notNull(),
		/** `[channel id or null, topic, state, lines]` */
		counts: jsonb("counts").$type<[string | null, string, LogState, number][]>().notNull(),
		/** Milliseconds from a change to its confirmation, a sample: per channel id, and `all` for the last of them. */
		lags: jsonb("lags").$type<Record<string, number[]>>().notNull(),
	},
	(t) => [primaryKey({ columns: [t.merchantId, t.minute] })],
);

/**
 * `stock.changed` {from, to, cause, orderNumber, note, actor, locationId, happenedAt} · `order.parked` {orderNumber, title, sku} ·
 * `order.held` {orderNumber, title, units, heldMs} · `order.elsewhere` {orderNumber, title, units, location} · `order.deleted` {orderNumber, units} ·
 * `order.repeated` {orderNumber} · `order.stale` {orderNumber} · `push.applied` {from, to, ms} ·
 * `push.stale` {expected, quantity} · `push.refused` {reason, sentence, quantity} · `push.unknown` and `push.accepted` {quantity} · `push.unapplied` {quantity, isHeld} ·
 * `level.drift` and `level.healed` {shown, expected, setBackTo, offered, class, policy} · `listing.gone` · `conflict.opened` {conflictId, kind} ·
 * `conflict.decided` · `order.cancelled` {orderNumber} · `order.not_cancelled` {orderNumber, sentence, fix} · `mail.dead` {topic, error} · `channel.*` (connected, imported, live, paused, throttled, unreachable,
 * back, revoked, webhooks, disconnected) · `mapping.linked` / `mapping.unlinked` {count} · `endpoint.disabled` {host, why} ·
 * `bundle.changed` {parts: [{sku, units}], actor}
 */
export type LogKind =
	| "stock.changed"
	| "order.parked"
	| "order.held"
	| "order.elsewhere"
	| "order.deleted"
	| "order.repeated"
	| "order.stale"
	| "order.cancelled"
	| "order.not_cancelled"
	| "push.applied"
	| "push.stale"
	| "push.refused"
	| "push.unknown"
	| "push.accepted"
	| "push.unapplied"
	| "level.drift"
	| "level.healed"
	| "listing.gone"
	| "conflict.opened"
	| "conflict.decided"
	| "mail.dead"
	| "channel.connected"
	| "channel.imported"
	| "channel.live"
	| "channel.paused"
	| "channel.resumed"
	| "channel.throttled"
	| "channel.unreachable"
	| "channel.back"
	| "channel.revoked"
	| "channel.webhooks"
	| "channel.secret"
	| "channel.disconnected"
	| "mapping.linked"
	| "mapping.unlinked"
	| "bundle.changed"
	| "endpoint.disabled"
	| "merchant.paused"
	| "merchant.resumed";

export const conflictKinds = ["oversold", "drift", "competing_edits", "ambiguous_mapping", "push_refused"] as const;
export type ConflictKind = (typeof conflictKinds)[number];

/** What was chosen, and what would have to be taken back to undo it. */
export type ConflictDecision = {
	choice: string;
	note?: string;
	value?: number;
	undo?: {
		/** A movement that the decision wrote. */
		movement?: { skuId: string; locationId: string; delta: number };
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
