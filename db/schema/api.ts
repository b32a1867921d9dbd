import { sql } from "drizzle-orm";
import {
	bigserial,
	check,
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
import { merchants } from "./identity";

/**
 * Keys of the public API. Only the SHA-256 of a key is kept; `prefix` is its beginning, by which people tell keys apart.
 * Found by its hash before it is known which merchant acts, by the sign-in role and that role alone (db/guards.sql).
 */
export const apiKeys = pgTable(
	"api_keys",
	{
		id: id(),
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		name: text("name").notNull(),
		prefix: text("prefix").notNull(),
		keyHash: text("key_hash").notNull(),
		/** What it may do (lib/format/api-scopes.ts); never empty. */
		scopes: text("scopes").array().notNull(),
		createdBy: uuid("created_by").notNull(),
		createdAt: createdAt(),
		/** To the minute; null: never. */
		lastUsedAt: moment("last_used_at"),
		/** Non-null: it opens nothing any more. The row stays, since the ledger names it as an actor. */
		revokedAt: moment("revoked_at"),
	},
	(t) => [uniqueIndex("api_keys_hash").on(t.keyHash), index("api_keys_merchant").on(t.merchantId, t.createdAt)],
);

/**
 * A write of the public API and what was answered, under the caller's Idempotency-Key: written with the change itself, so
 * that the same request again gets this answer and moves nothing. Prunable by time, and kept for longer than the day
 * that callers are promised.
 */
export const apiRequests = pgTable(
	"api_requests",
	{
		id: id(),
		merchantId: merchantId(),
		apiKeyId: uuid("api_key_id").notNull(),
		idempotencyKey: text("idempotency_key").notNull(),
		/** SHA-256 of method, path and canonical body: what "the same request" means. */
		fingerprint: text("fingerprint").notNull(),
		status: smallint("status").notNull(),
		/** The answer's body as it was sent, to the byte. */
		answer: text("answer").notNull(),
		createdAt: createdAt(),
	},
	(t) => [
		uniqueIndex("api_requests_key").on(t.apiKeyId, t.idempotencyKey),
		index("api_requests_created").using("brin", t.createdAt),
	],
);

export const reservationStates = ["open", "confirmed", "released", "expired"] as const;
export type ReservationState = (typeof reservationStates)[number];

/** What a caller asked to have held: a SKU by its code, bundles as such; `locationId` null: from wherever it lies. */
export type ReservedLine = { sku: string; quantity: number; locationId: string | null };

/**
 * Stock held for a cart until a moment. While it is open its units are in `levels.reserved`: that is always the sum over
 * open reservations (lib/services/stock/check-ledger.ts). Prunable by time once it has ended.
 */
export const reservations = pgTable(
	"reservations",
	{
		id: id(),
		merchantId: merchantId(),
		state: text("state", { enum: reservationStates }).notNull().default("open"),
		/** What the caller calls it: a cart, an order; null: nothing. */
		reference: text("reference"),
		/** As asked for; what is held for it stands in reservation_lines. */
		lines: jsonb("lines").$type<ReservedLine[]>().notNull(),
		/** From then on it counts as expired, though its units are given back a moment later, by whoever comes first. */
		expiresAt: moment("expires_at").notNull(),
		actor: text("actor").notNull(),
		createdAt: createdAt(),
		/** When it was confirmed, released or given back; null: open. */
		endedAt: moment("ended_at"),
	},
	(t) => [
		index("reservations_open").on(t.expiresAt, t.merchantId).where(sql`state = 'open'`),
		index("reservations_ended").on(t.endedAt).where(sql`state <> 'open'`),
	],
);

/** What a reservation holds: so many units of a level, a bundle's by its components. Never changes; gone with its reservation. */
export const reservationLines = pgTable(
	"reservation_lines",
	{
		reservationId: uuid("reservation_id")
			.notNull()
			.references(() => reservations.id, { onDelete: "cascade" }),
		skuId: uuid("sku_id").notNull(),
		locationId: uuid("location_id").notNull(),
		merchantId: merchantId(),
		units: integer("units").notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.reservationId, t.skuId, t.locationId] }),
		check("reservation_lines_units", sql`${t.units} > 0`),
	],
);

/** Where another system hears of what changes. Its secret is sealed to the row and told once. */
export const webhookEndpoints = pgTable(
	"webhook_endpoints",
	{
		id: id(),
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		url: text("url").notNull(),
		/** What it hears of (lib/format/webhook-events.ts); never empty. */
		events: text("events").array().notNull(),
		sealedSecret: text("sealed_secret").notNull(),
		/** The secret before it; null: there was none. Messages bear its signature too, until `previousUntil`. */
		sealedPrevious: text("sealed_previous"),
		previousUntil: moment("previous_until"),
		createdBy: uuid("created_by").notNull(),
		createdAt: createdAt(),
		/** Non-null: nothing is written for it and nothing sent. */
		disabledAt: moment("disabled_at"),
		/** `failing`: nothing got through for days. `gone`: it answered 410, the web's word for "never again". */
		disabledWhy: text("disabled_why", { enum: ["person", "failing", "gone"] }),
		/** Batches in a row of which nothing got through. Zero in health. */
		failures: integer("failures").notNull().default(0),
		/** When the first of them was; null: the last batch got through. */
		failingSince: moment("failing_since"),
		/** Nothing is sent before; then one message, and its answer decides. */
		pausedUntil: moment("paused_until"),
		lastDeliveredAt: moment("last_delivered_at"),
	},
	(t) => [index("webhook_endpoints_merchant").on(t.merchantId, t.createdAt)],
);

/**
 * The outbox: what an endpoint is to be told, written in the transaction of the change itself, so that it is told at least
 * once and of nothing that did not happen. A change of a subject that waits to be told anyway replaces what was to be
 * said of it; from its first try on a message keeps its bytes. Prunable by time.
 */
export const webhookMessages = pgTable(
	"webhook_messages",
	{
		/** The receiver's `webhook-id`: the same in every try. */
		id: id(),
		merchantId: merchantId(),
		endpointId: uuid("endpoint_id")
			.notNull()
			.references(() => webhookEndpoints.id, { onDelete: "cascade" }),
		event: text("event").notNull(),
		/** What it is about, e.g. `level:<sku>:<location>`; null: it stands for itself and is never replaced. */
		subject: text("subject"),
		/** Of two messages of a subject the higher is the newer, whichever arrives last. */
		sequence: bigserial("sequence", { mode: "number" }).notNull(),
		/** Facts by id, as of the change. */
		data: jsonb("data").$type<Record<string, unknown>>().notNull(),
		/** What goes out, with names; null: no try yet, so it may still be replaced. */
		body: text("body"),
		state: text("state", { enum: ["waiting", "delivered", "failed", "superseded"] })
			.notNull()
			.default("waiting"),
		/** Since it was last put in the queue. */
		tries: integer("tries").notNull().default(0),
		queuedAt: moment("queued_at").notNull().defaultNow(),
		/** Set ahead while a try is under way: whoever sends may die. */
		nextTryAt: moment("next_try_at").notNull(),
		/** When what it tells happened: of several changes that it stands for, the newest. */
		createdAt: createdAt(),
		/** When it was delivered, given up or overtaken; null: it waits. */
		settledAt: moment("settled_at"),
	},
	(t) => [
		uniqueIndex("webhook_messages_subject").on(t.endpointId, t.subject).where(sql`state = 'waiting' and body is null`),
		index("webhook_messages_due").on(t.endpointId, t.nextTryAt).where(sql`state = 'waiting'`),
		index("webhook_messages_list").on(t.endpointId, t.sequence),
		index("webhook_messages_created").using("brin", t.createdAt),
	],
);

/** One try to deliver a message. Gone with it. */
export const webhookAttempts = pgTable(
	"webhook_attempts",
	{
		id: serial(),
		merchantId: merchantId(),
		messageId: uuid("message_id")
			.notNull()
			.references(() => webhookMessages.id, { onDelete: "cascade" }),
		at: moment("at").notNull().defaultNow(),
		/** The answer's HTTP status; null: none came. */
		status: smallint("status"),
		ms: integer("ms").notNull(),
		/** The answer's beginning, or why none came. */
		response: text("response").notNull(),
	},
	(t) => [index("webhook_attempts_message").on(t.messageId, t.id)],
);
