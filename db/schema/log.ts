import { sql } from "drizzle-orm";
import { bigint, customType, index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { merchantId, moment, serial } from "./columns";

const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });

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
 * `level.drift` and `level.healed` {shown, expected, setBackTo, offered, class, policy, moved} · `listing.gone` · `conflict.opened` {conflictId, kind} ·
 * `conflict.lowered` {conflictId, units, orderNumber, because} · `conflict.decided` · `order.cancelled` {orderNumber} · `order.not_cancelled` {orderNumber, sentence, fix} · `mail.dead` {topic, error} · `channel.*` (connected, imported, live, paused, throttled, unreachable,
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
	| "conflict.lowered"
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
