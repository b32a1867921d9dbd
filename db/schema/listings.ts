import { sql } from "drizzle-orm";
import {
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
import { skus } from "./catalogue";
import { channels } from "./channels";
import { createdAt, id, merchantId, moment } from "./columns";

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
