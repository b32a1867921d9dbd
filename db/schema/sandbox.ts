import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	customType,
	index,
	integer,
	jsonb,
	pgSchema,
	primaryKey,
	text,
	timestamp,
} from "drizzle-orm/pg-core";

/** Sandbox stores' own state (lib/sandbox): the outside world, in the same database only for convenience. */
export const sandboxSchema = pgSchema("sandbox");

const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** What a person may turn to make a store as bad as real ones get. All zero: a good day. Probabilities are 0..1. */
export type Knobs = {
	latencyMs: number;
	latencyJitterMs: number;
	/** Answers 5xx (as the platform words it) without doing anything. */
	errorRate: number;
	/** Never answers, and does nothing. */
	timeoutRate: number;
	/** Does it, then fails: the answer is lost. */
	appliedThenFailedRate: number;
	/** Down altogether. */
	outage: boolean;
	/** Answers as if the budget were spent. */
	throttleRate: number;
	/** What comes in place of an answer: a web page or a redirect of something in front of the store, which did nothing; or it was done, and of the answer nothing or half comes. */
	garbled: false | "page" | "redirect" | "empty" | "cut";
	webhookDelayMs: number;
	webhookDelayJitterMs: number;
	webhookLossRate: number;
	webhookDuplicateRate: number;
	webhookReorderRate: number;
	/** Sends the news with a broken signature beside the good one. */
	webhookForgeryRate: number;
	/** How far behind the list of orders and the search index are. */
	listLagMs: number;
};

export const calmKnobs: Knobs = {
	latencyMs: 0,
	latencyJitterMs: 0,
	errorRate: 0,
	timeoutRate: 0,
	appliedThenFailedRate: 0,
	outage: false,
	throttleRate: 0,
	garbled: false,
	webhookDelayMs: 0,
	webhookDelayJitterMs: 0,
	webhookLossRate: 0,
	webhookDuplicateRate: 0,
	webhookReorderRate: 0,
	webhookForgeryRate: 0,
	listLagMs: 0,
};

export const sandboxStores = sandboxSchema.table("stores", {
	/** Short, in its address: /sandbox/<platform>/<id>. */
	id: text("id").primaryKey(),
	platform: text("platform").notNull(),
	name: text("name").notNull(),
	/** Who made it; the store itself does not care. */
	madeBy: text("made_by"),
	/** Keys, tokens, client secrets of this store, in the platform's own forms. */
	secrets: jsonb("secrets").$type<Record<string, string>>().notNull(),
	/** Settings that the platform has: time zone, permalinks, throttle plan, … */
	settings: jsonb("settings").$type<Record<string, unknown>>().notNull().default({}),
	knobs: jsonb("knobs").$type<Knobs>().notNull(),
	/** Leaky bucket and counters that must survive a restart. */
	counters: jsonb("counters").$type<Record<string, number>>().notNull().default({}),
	nextId: bigint("next_id", { mode: "number" }).notNull().default(1000),
	/** Orders a minute from made-up buyers; 0: quiet. */
	lifePerMinute: integer("life_per_minute").notNull().default(0),
	createdAt: moment("created_at").notNull().defaultNow(),
});

/** Products and variants. `quantity` is a column so that a sale is one atomic statement, as on the real platforms. */
export const sandboxItems = sandboxSchema.table(
	"items",
	{
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		/** Exact decimal text: platforms have ids beyond 2^53. */
		id: text("id").notNull(),
		parentId: text("parent_id"),
		kind: text("kind").notNull(),
		sku: text("sku"),
		quantity: integer("quantity"),
		/** Shopify: units of open orders. */
		committed: integer("committed").notNull().default(0),
		isManaged: boolean("is_managed").notNull().default(true),
		/** The rest, in the platform's own field names. */
		data: jsonb("data").$type<Record<string, unknown>>().notNull(),
		modifiedAt: moment("modified_at").notNull().defaultNow(),
	},
	(t) => [
		primaryKey({ columns: [t.storeId, t.id] }),
		index("items_parent").on(t.storeId, t.parentId),
		index("items_modified").on(t.storeId, t.modifiedAt),
		index("items_sku").on(t.storeId, t.sku),
		index("items_kind_modified").on(t.storeId, t.kind, t.modifiedAt, t.id),
		index("items_kind_id").on(t.storeId, t.kind, sql`length(id)`, t.id),
	],
);

export const sandboxOrders = sandboxSchema.table(
	"orders",
	{
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		id: text("id").notNull(),
		number: text("number").notNull(),
		status: text("status").notNull(),
		data: jsonb("data").$type<Record<string, unknown>>().notNull(),
		createdAt: moment("created_at").notNull().defaultNow(),
		modifiedAt: moment("modified_at").notNull().defaultNow(),
	},
	(t) => [primaryKey({ columns: [t.storeId, t.id] }), index("orders_modified").on(t.storeId, t.modifiedAt)],
);

export const sandboxWebhooks = sandboxSchema.table(
	"webhooks",
	{
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		id: text("id").notNull(),
		topic: text("topic").notNull(),
		url: text("url").notNull(),
		secret: text("secret").notNull(),
		status: text("status").notNull().default("active"),
		failures: integer("failures").notNull().default(0),
		data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
		createdAt: moment("created_at").notNull().defaultNow(),
	},
	(t) => [primaryKey({ columns: [t.storeId, t.id] })],
);

/** News on its way: the pump sends what is due. */
export const sandboxDeliveries = sandboxSchema.table(
	"deliveries",
	{
		id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		webhookId: text("webhook_id").notNull(),
		topic: text("topic").notNull(),
		/** What it is about, for platforms that build or coalesce the body late. */
		resourceId: text("resource_id").notNull(),
		/** Null: built when it leaves. */
		body: bytes("body"),
		headers: jsonb("headers").$type<Record<string, string>>().notNull().default({}),
		dueAt: moment("due_at").notNull(),
		attempts: integer("attempts").notNull().default(0),
		state: text("state").notNull().default("waiting"),
		lastStatus: integer("last_status"),
		sentAt: moment("sent_at"),
	},
	(t) => [
		index("deliveries_due").on(t.dueAt).where(sql`state = 'waiting'`),
		index("deliveries_store").on(t.storeId, t.id),
	],
);

/** Keys that a platform remembers, with the reply that it would replay. */
export const sandboxIdempotency = sandboxSchema.table(
	"idempotency",
	{
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		key: text("key").notNull(),
		request: text("request").notNull(),
		reply: jsonb("reply"),
		at: moment("at").notNull().defaultNow(),
	},
	(t) => [primaryKey({ columns: [t.storeId, t.key] })],
);

/** Access that a store has granted: tokens, codes, keys. What a kind means is the platform's. */
export const sandboxTokens = sandboxSchema.table(
	"tokens",
	{
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		token: text("token").notNull(),
		kind: text("kind").notNull(),
		data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
		expiresAt: moment("expires_at"),
		createdAt: moment("created_at").notNull().defaultNow(),
	},
	(t) => [primaryKey({ columns: [t.storeId, t.token] })],
);

/** What came over the wire, for the sandbox page and for tests that count calls; prunable by time. */
export const sandboxRequests = sandboxSchema.table(
	"requests",
	{
		id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
		storeId: text("store_id")
			.notNull()
			.references(() => sandboxStores.id, { onDelete: "cascade" }),
		at: moment("at").notNull().defaultNow(),
		method: text("method").notNull(),
		path: text("path").notNull(),
		status: integer("status").notNull(),
		ms: integer("ms").notNull(),
		/** `write`, `read`, `orders`, … in the platform's sandbox's own words. */
		what: text("what").notNull(),
	},
	(t) => [index("requests_store").on(t.storeId, t.id)],
);
