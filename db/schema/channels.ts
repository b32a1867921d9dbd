import { sql } from "drizzle-orm";
import {
	bigint,
	boolean,
	doublePrecision,
	index,
	integer,
	jsonb,
	pgTable,
	primaryKey,
	text,
	uniqueIndex,
	uuid,
} from "drizzle-orm/pg-core";
import { driftPolicies } from "@/lib/stock/drift";
import type { Accepted } from "@/lib/stock/slot";
import { strategies } from "@/lib/stock/strategy";
import { skus } from "./catalogue";
import { createdAt, id, merchantId, moment, offerPolicy, serial } from "./columns";
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

/**
 * One thing that holds stock on a channel, with that platform's ids. Usually one sellable variant; where variants
 * share their parent's pool, the pool is the listing and each variant is one of its refs.
 */
export const listings = pgTable(
	"listings",
	{
		id: id(),
		merchantId: merchantId(),
		channelId: uuid("channel_id")
			.notNull()
			.references(() => channels.id, { onDelete: "cascade" }),
		/** The adapter's stable key of the stock holder; opaque to everyone else. */
		externalKey: text("external_key").notNull(),
		/** Ids that the adapter needs to write: `{ productId, variationId }`, `{ inventoryItemId }`; strings, exact beyond 2^53. */
		ids: jsonb("ids").$type<Record<string, string>>().notNull(),
		sku: text("sku"),
		skuNormalised: text("sku_normalised").generatedAlwaysAs(
			sql`nullif(upper(regexp_replace(sku, '[^[:alnum:]]', '', 'g')), '')`,
		),
		gtin: text("gtin"),
		title: text("title").notNull(),
		options: text("options"),
		price: text("price"),
		imageUrl: text("image_url"),
		url: text("url"),
		/** False: the platform keeps no count for it, and nothing is written unless the merchant agrees. */
		isManaged: boolean("is_managed").notNull().default(true),
		/** Non-null: left alone by itself, with the reason (e.g. fulfilled by Amazon). */
		leftOutReason: text("left_out_reason"),
		seenAt: moment("seen_at").notNull().defaultNow(),
		goneAt: moment("gone_at"),
		createdAt: createdAt(),
	},
	(t) => [
		uniqueIndex("listings_key").on(t.channelId, t.externalKey),
		index("listings_merchant").on(t.merchantId, t.id),
		// The list that people read through, page by page.
		index("listings_title").on(t.merchantId, t.title, t.id),
		index("listings_sku_normalised").on(t.channelId, t.skuNormalised),
		index("listings_gtin").on(t.channelId, t.gtin),
		// What stands under one product: news and absence speak of products.
		index("listings_product").on(t.channelId, sql`(ids->>'productId')`),
	],
);

/** Every id under which an order line may name a listing. */
export const listingRefs = pgTable(
	"listing_refs",
	{
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		ref: text("ref").notNull(),
		listingId: uuid("listing_id")
			.notNull()
			.references(() => listings.id, { onDelete: "cascade" }),
	},
	(t) => [primaryKey({ columns: [t.channelId, t.ref] }), index("listing_refs_listing").on(t.listingId)],
);

/** listing → SKU, with units per listing; or left out on purpose. No row: nobody has decided. */
export const mappings = pgTable(
	"mappings",
	{
		listingId: uuid("listing_id")
			.primaryKey()
			.references(() => listings.id, { onDelete: "cascade" }),
		merchantId: merchantId(),
		channelId: uuid("channel_id").notNull(),
		state: text("state", { enum: ["linked", "left_out"] }).notNull(),
		skuId: uuid("sku_id").references(() => skus.id, { onDelete: "cascade" }),
		/** Units of the SKU that one sale of the listing takes; a six-pack uses 6. */
		units: integer("units").notNull().default(1),
		reason: text("reason"),
		batchId: uuid("batch_id"),
		/** For optimistic concurrency between two people at one cell. */
		version: integer("version").notNull().default(1),
		linkedBy: text("linked_by").notNull(),
		linkedAt: moment("linked_at").notNull().defaultNow(),
	},
	(t) => [index("mappings_sku").on(t.skuId), index("mappings_channel").on(t.channelId)],
);

/** What the matcher thinks: a listing may be this SKU, with a score and its reasons. Never a link by itself. */
export const proposals = pgTable(
	"proposals",
	{
		merchantId: merchantId(),
		listingId: uuid("listing_id")
			.notNull()
			.references(() => listings.id, { onDelete: "cascade" }),
		skuId: uuid("sku_id")
			.notNull()
			.references(() => skus.id, { onDelete: "cascade" }),
		/** 0..1 */
		score: doublePrecision("score").notNull(),
		tier: text("tier", { enum: ["gtin", "sku", "sku_normalised", "title"] }).notNull(),
		reasons: jsonb("reasons").$type<string[]>().notNull(),
		isAmbiguous: boolean("is_ambiguous").notNull().default(false),
		rejectedAt: moment("rejected_at"),
		madeAt: moment("made_at").notNull().defaultNow(),
	},
	(t) => [primaryKey({ columns: [t.listingId, t.skuId] }), index("proposals_sku").on(t.skuId)],
);

/** One act on many mappings, with what was there before, so that it can be undone as one. */
export const mappingBatches = pgTable("mapping_batches", {
	id: id(),
	merchantId: merchantId(),
	actor: text("actor").notNull(),
	sentence: text("sentence").notNull(),
	/** `[{ listingId, before, after }]` */
	changes: jsonb("changes").notNull(),
	at: moment("at").notNull().defaultNow(),
	undoneAt: moment("undone_at"),
});

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
