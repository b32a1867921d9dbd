import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { driftPolicies } from "@/lib/stock/drift";
import { strategies } from "@/lib/stock/strategy";
import { createdAt, id, merchantId, moment, offerPolicy } from "./columns";
import { merchants } from "./identity";

export const platforms = ["shopify", "woocommerce", "bigcommerce", "amazon", "magento", "api2cart", "square"] as const;
export type Platform = (typeof platforms)[number];

export const channelStates = ["connecting", "importing", "read_only", "live", "revoked", "disconnected"] as const;
export type ChannelState = (typeof channelStates)[number];

/** One connected store of a merchant on a platform: what a person decided about it. */
export const channels = pgTable(
	"channels",
	{
		id: id(),
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		platform: text("platform", { enum: platforms }).notNull(),
		name: text("name").notNull(),
		/** The store's identity on its platform (shop domain, site URL): connecting it again finds this row. */
		storeKey: text("store_key").notNull(),
		/** Where its API answers, without trailing slash. */
		baseUrl: text("base_url").notNull(),
		isSandbox: boolean("is_sandbox").notNull().default(false),
		state: text("state", { enum: channelStates }).notNull().default("connecting"),
		/** The remote location that this channel sells from; empty where the platform knows none. */
		locationRef: text("location_ref").notNull().default(""),
		/** Our location whose stock the channel sells first, and the others that it sells from, in the order in which they are taken from. */
		locationId: uuid("location_id"),
		furtherLocationIds: uuid("further_location_ids").array().notNull().default([]),
		/** All of them, in that order; empty: nothing is offered. */
		locationIds: uuid("location_ids")
			.array()
			.generatedAlwaysAs(
				sql`case when location_id is null then '{}'::uuid[] else array[location_id] || further_location_ids end`,
			),
		/** Over the merchant's. */
		...offerPolicy(),
		/** Null: as the merchant's. Of a SKU's channels the most careful one decides (db/guards.sql strategy_of). */
		strategy: text("strategy", { enum: strategies }),
		/** What becomes of each class of drift (lib/stock/drift.ts): of a manual edit, and of the others for which there is a choice. */
		driftPolicy: text("drift_policy", { enum: driftPolicies }).notNull().default("master_wins"),
		driftLostWrite: text("drift_lost_write", { enum: driftPolicies }).notNull().default("master_wins"),
		driftRounding: text("drift_rounding", { enum: driftPolicies }).notNull().default("master_wins"),
		driftBundle: text("drift_bundle", { enum: driftPolicies }).notNull().default("master_wins"),
		/** A person saw what would change, then switched pushing on (R12); both null until then. */
		dryRunSeenAt: moment("dry_run_seen_at"),
		pushingSince: moment("pushing_since"),
		pausedAt: moment("paused_at"),
		/** Platform facts that the adapter learned at connect: scopes, version, time zone, locations. */
		facts: jsonb("facts").$type<Record<string, unknown>>().notNull().default({}),
		/** Where the connect wizard stands, for resuming. */
		wizard: jsonb("wizard").$type<Record<string, unknown>>().notNull().default({}),
		createdAt: createdAt(),
	},
	(t) => [uniqueIndex("channels_store").on(t.merchantId, t.platform, t.storeKey), index("channels_state").on(t.state)],
);

/**
 * Every set of locations that channels draw from together: what each sells from, and the unions of those that overlap
 * (lib/stock/places.ts). Kept by the database itself whenever a channel's locations change (db/guards.sql keep_pools).
 */
export const pools = pgTable(
	"pools",
	{
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		/** In the order of their ids. */
		locationIds: uuid("location_ids").array().notNull(),
		/** The first location of all that overlap, be it by way of others: what names them together. */
		rootId: uuid("root_id").notNull(),
	},
	(t) => [primaryKey({ columns: [t.merchantId, t.locationIds] })],
);

/** A channel's secrets, sealed under the envelope key and bound to this row (lib/crypto). */
export const credentials = pgTable(
	"credentials",
	{
		merchantId: merchantId(),
		channelId: uuid("channel_id")
			.notNull()
			.references(() => channels.id, { onDelete: "cascade" }),
		/** `access`: what the client sends. `webhook`: what signs its news. */
		purpose: text("purpose", { enum: ["access", "webhook"] }).notNull(),
		sealed: text("sealed").notNull(),
		/** The one before, accepted while the platform rotates; null when there is none. */
		sealedPrevious: text("sealed_previous"),
		expiresAt: moment("expires_at"),
		rotatedAt: moment("rotated_at").notNull().defaultNow(),
		/** When the client secret of the merchant's own app ends that is in it; null: it doesn't, or the app is the host's. */
		secretEndsAt: moment("secret_ends_at"),
		/** When the platform said so, by its own time; null: nobody has, and it is the latest that it can be. */
		secretToldAt: moment("secret_told_at"),
		/** When the one that is to follow was asked for; null: it was not. */
		secretAskedAt: moment("secret_asked_at"),
		/** Why none is on its way; null beside a moment of asking: it is. */
		secretTrouble: jsonb("secret_trouble").$type<{ sentence: string; fix: string | null }>(),
	},
	(t) => [primaryKey({ columns: [t.channelId, t.purpose] })],
);

/** One named check of a store, as it was found (lib/channels `Check`). */
export type KeptCheck = {
	name: string;
	state: "passed" | "failed" | "warned" | "skipped";
	sentence: string;
	fix: string | null;
};

/**
 * A visit to a store that shall let us in (Shopify's OAuth, WooCommerce's hand-over): who began it and for which store,
 * so that what comes back is taken once and only for them, and what became of it, for the page that they return to.
 */
export const connectAttempts = pgTable(
	"connect_attempts",
	{
		id: id(),
		merchantId: merchantId().references(() => merchants.id, { onDelete: "cascade" }),
		platform: text("platform", { enum: platforms }).notNull(),
		baseUrl: text("base_url").notNull(),
		isSandbox: boolean("is_sandbox").notNull(),
		actor: text("actor").notNull(),
		/** SHA-256 of the secret that travels (OAuth's state, the hand-over's word); the secret itself is not kept. */
		tokenHash: text("token_hash").notNull().unique(),
		/** The merchant's own app, sealed; null: the host's, or the platform has none. Gone once it is over. */
		sealedApp: text("sealed_app"),
		state: text("state", { enum: ["waiting", "connected", "failed"] })
			.notNull()
			.default("waiting"),
		/** What was checked, once something came back. */
		checks: jsonb("checks").$type<KeptCheck[]>().notNull().default([]),
		channelId: uuid("channel_id"),
		createdAt: createdAt(),
		expiresAt: moment("expires_at").notNull(),
		usedAt: moment("used_at"),
	},
	(t) => [index("connect_attempts_merchant").on(t.merchantId, t.createdAt)],
);

/** How a channel is: what machinery learned and where it stands. Apart from `channels`, since it changes all day. */
export const channelHealth = pgTable(
	"channel_health",
	{
		channelId: uuid("channel_id")
			.primaryKey()
			.references(() => channels.id, { onDelete: "cascade" }),
		merchantId: merchantId(),
		lastNewsAt: moment("last_news_at"),
		lastWebhookAt: moment("last_webhook_at"),
		lastOkAt: moment("last_ok_at"),
		lastErrorAt: moment("last_error_at"),
		lastError: jsonb("last_error").$type<{ reason: string; sentence: string }>(),
		webhookState: text("webhook_state", { enum: ["none", "registered", "unreachable", "dropped"] })
			.notNull()
			.default("none"),
		webhooksCheckedAt: moment("webhooks_checked_at"),
		rejectedWebhooks: integer("rejected_webhooks").notNull().default(0),
		lastRejectedAt: moment("last_rejected_at"),
		/** Webhooks with a wrong signature since they were registered, of which none was right; null: one was. */
		unprovenWebhooks: integer("unproven_webhooks").default(0),
		/** Orders changed after this are asked for at the next poll, less the adapter's overlap. */
		ordersCursor: moment("orders_cursor"),
		listingsCursor: moment("listings_cursor"),
		/** When the last complete read of the channel's orders began. */
		ordersReadAt: moment("orders_read_at"),
		/** Non-null: somebody asked then for every level to be read anew, however lately it was. */
		verifyAskedAt: moment("verify_asked_at"),
		/** When a poll last asked again for the adapter's whole overlap. */
		deepPolledAt: moment("deep_polled_at"),
		/** Listings changed: read those modified since the cursor once this has come. */
		listingsDueAt: moment("listings_due_at"),
		nextPollAt: moment("next_poll_at"),
		pollIntervalMs: integer("poll_interval_ms").notNull().default(5000),
		/** Circuit breaker (R10): open until a moment, then one probe. */
		breaker: text("breaker", { enum: ["closed", "open", "half_open"] })
			.notNull()
			.default("closed"),
		breakerUntil: moment("breaker_until"),
		failures: integer("failures").notNull().default(0),
		/** Congestion (429, an empty bucket): no call before this. */
		quietUntil: moment("quiet_until"),
		/** Congestion of the list of orders alone: it is not asked for before this. */
		ordersQuietUntil: moment("orders_quiet_until"),
		/** The store's clock is ahead of ours by so much at the most (below zero: behind), as its last list of orders came; until then a guess. */
		clockAheadMs: integer("clock_ahead_ms").notNull().default(5_000),
		/** The platform's own words on what is left: `{ available, restorePerSecond, at }`. */
		budget: jsonb("budget").$type<{ available: number; restorePerSecond: number; maximum: number; at: string }>(),
		/** The one worker that may talk to this channel now, fenced by its id. */
		pushLease: uuid("push_lease"),
		pushLeaseUntil: moment("push_lease_until"),
	},
	(t) => [index("channel_health_poll").on(t.nextPollAt)],
);

/** Imports and other long jobs of a channel, with progress; prunable by time. */
export const channelJobs = pgTable(
	"channel_jobs",
	{
		id: id(),
		merchantId: merchantId(),
		channelId: uuid("channel_id")
			.notNull()
			.references(() => channels.id, { onDelete: "cascade" }),
		kind: text("kind", { enum: ["import"] }).notNull(),
		/** `waiting`: asked for and not begun; if the event that asks is lost, the sweep finds it here. */
		state: text("state", { enum: ["waiting", "running", "done", "failed", "cancelled"] })
			.notNull()
			.default("running"),
		done: integer("done").notNull().default(0),
		/** Null: the platform does not say. */
		total: integer("total"),
		cursor: text("cursor"),
		error: jsonb("error").$type<{ reason: string; sentence: string }>(),
		/** When it was asked for, then when it began. */
		startedAt: moment("started_at").notNull().defaultNow(),
		/** Its last sign of life while it runs. */
		beatAt: moment("beat_at").notNull().defaultNow(),
		finishedAt: moment("finished_at"),
	},
	(t) => [index("channel_jobs_channel").on(t.channelId, t.startedAt)],
);
