CREATE SCHEMA "engine";
--> statement-breakpoint
CREATE SCHEMA "sandbox";
--> statement-breakpoint
CREATE TABLE "levels" (
	"merchant_id" uuid NOT NULL,
	"sku_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"on_hand" integer DEFAULT 0 NOT NULL,
	"reserved" integer DEFAULT 0 NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "levels_sku_id_location_id_pk" PRIMARY KEY("sku_id","location_id")
);
--> statement-breakpoint
CREATE TABLE "locations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "movements" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "movements_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"merchant_id" uuid NOT NULL,
	"sku_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"delta" integer NOT NULL,
	"balance" integer NOT NULL,
	"version" bigint NOT NULL,
	"kind" text NOT NULL,
	"cause_key" text NOT NULL,
	"channel_id" uuid,
	"order_ref" text,
	"order_number" text,
	"inbox_id" bigint,
	"actor" text DEFAULT 'system' NOT NULL,
	"note" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sku_components" (
	"merchant_id" uuid NOT NULL,
	"bundle_id" uuid NOT NULL,
	"component_id" uuid NOT NULL,
	"units" integer NOT NULL,
	CONSTRAINT "sku_components_bundle_id_component_id_pk" PRIMARY KEY("bundle_id","component_id"),
	CONSTRAINT "sku_components_units" CHECK ("sku_components"."units" > 0)
);
--> statement-breakpoint
CREATE TABLE "skus" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"code" text NOT NULL,
	"code_normalised" text GENERATED ALWAYS AS (upper(regexp_replace(code, '[^[:alnum:]]', '', 'g'))) STORED NOT NULL,
	"title" text NOT NULL,
	"options" text,
	"gtin" text,
	"image_url" text,
	"buffer_units" integer,
	"is_bundle" text DEFAULT 'no' NOT NULL,
	"archived_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "channel_health" (
	"channel_id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"last_news_at" timestamp with time zone,
	"last_webhook_at" timestamp with time zone,
	"last_ok_at" timestamp with time zone,
	"last_error_at" timestamp with time zone,
	"last_error" jsonb,
	"webhook_state" text DEFAULT 'none' NOT NULL,
	"webhooks_checked_at" timestamp with time zone,
	"rejected_webhooks" integer DEFAULT 0 NOT NULL,
	"last_rejected_at" timestamp with time zone,
	"orders_cursor" timestamp with time zone,
	"listings_cursor" timestamp with time zone,
	"next_poll_at" timestamp with time zone,
	"poll_interval_ms" integer DEFAULT 5000 NOT NULL,
	"breaker" text DEFAULT 'closed' NOT NULL,
	"breaker_until" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"budget" jsonb,
	"push_lease" uuid,
	"push_lease_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "channel_jobs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer,
	"cursor" text,
	"error" jsonb,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "channels" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"name" text NOT NULL,
	"store_key" text NOT NULL,
	"base_url" text NOT NULL,
	"is_sandbox" boolean DEFAULT false NOT NULL,
	"state" text DEFAULT 'connecting' NOT NULL,
	"location_ref" text DEFAULT '' NOT NULL,
	"location_id" uuid,
	"buffer_units" integer,
	"drift_policy" text DEFAULT 'master_wins' NOT NULL,
	"dry_run_seen_at" timestamp with time zone,
	"pushing_since" timestamp with time zone,
	"paused_at" timestamp with time zone,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"wizard" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"sealed" text NOT NULL,
	"sealed_previous" text,
	"expires_at" timestamp with time zone,
	"rotated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "credentials_channel_id_purpose_pk" PRIMARY KEY("channel_id","purpose")
);
--> statement-breakpoint
CREATE TABLE "listing_refs" (
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"ref" text NOT NULL,
	"listing_id" uuid NOT NULL,
	CONSTRAINT "listing_refs_channel_id_ref_pk" PRIMARY KEY("channel_id","ref")
);
--> statement-breakpoint
CREATE TABLE "listings" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"external_key" text NOT NULL,
	"ids" jsonb NOT NULL,
	"sku" text,
	"sku_normalised" text GENERATED ALWAYS AS (nullif(upper(regexp_replace(sku, '[^[:alnum:]]', '', 'g')), '')) STORED,
	"gtin" text,
	"title" text NOT NULL,
	"options" text,
	"price" text,
	"image_url" text,
	"url" text,
	"is_managed" boolean DEFAULT true NOT NULL,
	"left_out_reason" text,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"gone_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mapping_batches" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"sentence" text NOT NULL,
	"changes" jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"undone_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "mappings" (
	"listing_id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"state" text NOT NULL,
	"sku_id" uuid,
	"units" integer DEFAULT 1 NOT NULL,
	"reason" text,
	"batch_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"linked_by" text NOT NULL,
	"linked_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"merchant_id" uuid NOT NULL,
	"listing_id" uuid NOT NULL,
	"sku_id" uuid NOT NULL,
	"score" double precision NOT NULL,
	"tier" text NOT NULL,
	"reasons" jsonb NOT NULL,
	"is_ambiguous" boolean DEFAULT false NOT NULL,
	"rejected_at" timestamp with time zone,
	"made_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "proposals_listing_id_sku_id_pk" PRIMARY KEY("listing_id","sku_id")
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "slots_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"listing_id" uuid NOT NULL,
	"location_ref" text DEFAULT '' NOT NULL,
	"location_id" uuid,
	"sku_id" uuid,
	"units" integer DEFAULT 1 NOT NULL,
	"offered" integer,
	"offered_version" bigint DEFAULT 0 NOT NULL,
	"offered_at" timestamp with time zone,
	"sku_version" bigint DEFAULT 0 NOT NULL,
	"expected" integer,
	"expected_version" bigint DEFAULT 0 NOT NULL,
	"unexplained" integer DEFAULT 0 NOT NULL,
	"unexplained_since" timestamp with time zone,
	"shown" integer,
	"shown_at" timestamp with time zone,
	"bound" integer DEFAULT 0 NOT NULL,
	"doubt" integer DEFAULT 0 NOT NULL,
	"push_id" uuid,
	"push_kind" text,
	"push_quantity" integer,
	"push_expected" integer,
	"push_offered_version" bigint,
	"push_sku_version" bigint,
	"claimed_until" timestamp with time zone,
	"confirmed_version" bigint DEFAULT 0 NOT NULL,
	"confirmed_sku_version" bigint DEFAULT 0 NOT NULL,
	"confirmed_at" timestamp with time zone,
	"read_due_at" timestamp with time zone,
	"is_fenced" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"held_reason" text,
	"held_at" timestamp with time zone,
	"paced_until" timestamp with time zone,
	"is_pending" boolean GENERATED ALWAYS AS (offered is not null and expected is not null and held_reason is null and (offered <> expected + unexplained or is_fenced)) STORED
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"user_id" uuid NOT NULL,
	"type" text NOT NULL,
	"provider" text NOT NULL,
	"provider_account_id" text NOT NULL,
	"refresh_token" text,
	"access_token" text,
	"expires_at" integer,
	"token_type" text,
	"scope" text,
	"id_token" text,
	"session_state" text,
	CONSTRAINT "accounts_provider_provider_account_id_pk" PRIMARY KEY("provider","provider_account_id")
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"merchant_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invites" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" text NOT NULL,
	"invited_by" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invites_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"merchant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_merchant_id_user_id_pk" PRIMARY KEY("merchant_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "merchants" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"buffer_units" integer DEFAULT 0 NOT NULL,
	"pushes_paused_at" timestamp with time zone,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "merchants_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "rate_limits" (
	"key" text PRIMARY KEY NOT NULL,
	"window_started_at" timestamp with time zone NOT NULL,
	"attempts" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"session_token" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"expires" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "user_credentials" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"password_hash" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text,
	"email" text NOT NULL,
	"email_verified" timestamp with time zone,
	"image" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "verification_tokens" (
	"identifier" text NOT NULL,
	"token" text NOT NULL,
	"expires" timestamp with time zone NOT NULL,
	CONSTRAINT "verification_tokens_identifier_token_pk" PRIMARY KEY("identifier","token")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sandbox"."deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"store_id" text NOT NULL,
	"webhook_id" text NOT NULL,
	"topic" text NOT NULL,
	"resource_id" text NOT NULL,
	"body" "bytea",
	"headers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"last_status" integer,
	"sent_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sandbox"."idempotency" (
	"store_id" text NOT NULL,
	"key" text NOT NULL,
	"request" text NOT NULL,
	"reply" jsonb,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_store_id_key_pk" PRIMARY KEY("store_id","key")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."items" (
	"store_id" text NOT NULL,
	"id" text NOT NULL,
	"parent_id" text,
	"kind" text NOT NULL,
	"sku" text,
	"quantity" integer,
	"committed" integer DEFAULT 0 NOT NULL,
	"is_managed" boolean DEFAULT true NOT NULL,
	"data" jsonb NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "items_store_id_id_pk" PRIMARY KEY("store_id","id")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."orders" (
	"store_id" text NOT NULL,
	"id" text NOT NULL,
	"number" text NOT NULL,
	"status" text NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "orders_store_id_id_pk" PRIMARY KEY("store_id","id")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."requests" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sandbox"."requests_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"store_id" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"status" integer NOT NULL,
	"ms" integer NOT NULL,
	"what" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sandbox"."stores" (
	"id" text PRIMARY KEY NOT NULL,
	"platform" text NOT NULL,
	"name" text NOT NULL,
	"made_by" text,
	"secrets" jsonb NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"knobs" jsonb NOT NULL,
	"counters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"next_id" bigint DEFAULT 1000 NOT NULL,
	"life_per_minute" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sandbox"."webhooks" (
	"store_id" text NOT NULL,
	"id" text NOT NULL,
	"topic" text NOT NULL,
	"url" text NOT NULL,
	"secret" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhooks_store_id_id_pk" PRIMARY KEY("store_id","id")
);
--> statement-breakpoint
CREATE TABLE "channel_minutes" (
	"channel_id" uuid NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"merchant_id" uuid NOT NULL,
	"orders" integer DEFAULT 0 NOT NULL,
	"calls" integer DEFAULT 0 NOT NULL,
	"throttled" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "channel_minutes_channel_id_minute_pk" PRIMARY KEY("channel_id","minute")
);
--> statement-breakpoint
CREATE TABLE "conflicts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"dedupe_key" text NOT NULL,
	"sku_id" uuid,
	"channel_id" uuid,
	"listing_id" uuid,
	"slot_id" bigint,
	"order_ref" text,
	"units" integer DEFAULT 0 NOT NULL,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"snoozed_until" timestamp with time zone,
	"decided_at" timestamp with time zone,
	"decided_by" text,
	"decision" jsonb
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"source" text NOT NULL,
	"topic" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"body" "bytea" NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" smallint DEFAULT 0 NOT NULL,
	"applied_at" timestamp with time zone,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "order_lines" (
	"channel_id" uuid NOT NULL,
	"order_ref" text NOT NULL,
	"line_ref" text NOT NULL,
	"merchant_id" uuid NOT NULL,
	"listing_ref" text,
	"sku_text" text,
	"title" text NOT NULL,
	"taken" integer NOT NULL,
	"listing_id" uuid,
	"sku_id" uuid,
	"location_id" uuid,
	"units" integer,
	"consumed" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "order_lines_channel_id_order_ref_line_ref_pk" PRIMARY KEY("channel_id","order_ref","line_ref")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"channel_id" uuid NOT NULL,
	"order_ref" text NOT NULL,
	"merchant_id" uuid NOT NULL,
	"number" text NOT NULL,
	"status" text NOT NULL,
	"placed_at" timestamp with time zone NOT NULL,
	"version_at" bigint NOT NULL,
	"version_step" integer NOT NULL,
	"heard_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "orders_channel_id_order_ref_pk" PRIMARY KEY("channel_id","order_ref")
);
--> statement-breakpoint
CREATE TABLE "push_items" (
	"push_id" uuid NOT NULL,
	"slot_id" bigint NOT NULL,
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"sku_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"quantity" integer NOT NULL,
	"expected" integer NOT NULL,
	"sku_version" bigint NOT NULL,
	"outcome" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "push_items_push_id_slot_id_pk" PRIMARY KEY("push_id","slot_id")
);
--> statement-breakpoint
CREATE TABLE "pushes" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"items" integer NOT NULL,
	"outcome" text DEFAULT 'pending' NOT NULL,
	"exchanges" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sync_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sync_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tx" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"channel_id" uuid,
	"sku_id" uuid,
	"listing_id" uuid,
	"sku_version" bigint,
	"order_ref" text,
	"inbox_id" bigint,
	"push_id" uuid,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_days" (
	"channel_id" uuid NOT NULL,
	"day" date NOT NULL,
	"merchant_id" uuid NOT NULL,
	"accepted" integer DEFAULT 0 NOT NULL,
	"repeated" integer DEFAULT 0 NOT NULL,
	"rejected" integer DEFAULT 0 NOT NULL,
	"dead" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "webhook_days_channel_id_day_pk" PRIMARY KEY("channel_id","day")
);
--> statement-breakpoint
ALTER TABLE "levels" ADD CONSTRAINT "levels_sku_id_skus_id_fk" FOREIGN KEY ("sku_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "levels" ADD CONSTRAINT "levels_location_id_locations_id_fk" FOREIGN KEY ("location_id") REFERENCES "public"."locations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "locations" ADD CONSTRAINT "locations_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sku_components" ADD CONSTRAINT "sku_components_bundle_id_skus_id_fk" FOREIGN KEY ("bundle_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sku_components" ADD CONSTRAINT "sku_components_component_id_skus_id_fk" FOREIGN KEY ("component_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skus" ADD CONSTRAINT "skus_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channel_health" ADD CONSTRAINT "channel_health_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channel_jobs" ADD CONSTRAINT "channel_jobs_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channels" ADD CONSTRAINT "channels_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listing_refs" ADD CONSTRAINT "listing_refs_listing_id_listings_id_fk" FOREIGN KEY ("listing_id") REFERENCES "public"."listings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_channel_id_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_listing_id_listings_id_fk" FOREIGN KEY ("listing_id") REFERENCES "public"."listings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_sku_id_skus_id_fk" FOREIGN KEY ("sku_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_listing_id_listings_id_fk" FOREIGN KEY ("listing_id") REFERENCES "public"."listings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_sku_id_skus_id_fk" FOREIGN KEY ("sku_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slots" ADD CONSTRAINT "slots_listing_id_listings_id_fk" FOREIGN KEY ("listing_id") REFERENCES "public"."listings"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invites" ADD CONSTRAINT "invites_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_credentials" ADD CONSTRAINT "user_credentials_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox"."deliveries" ADD CONSTRAINT "deliveries_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox"."idempotency" ADD CONSTRAINT "idempotency_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox"."items" ADD CONSTRAINT "items_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox"."orders" ADD CONSTRAINT "orders_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox"."requests" ADD CONSTRAINT "requests_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox"."webhooks" ADD CONSTRAINT "webhooks_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "levels_merchant" ON "levels" USING btree ("merchant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "locations_name" ON "locations" USING btree ("merchant_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "movements_cause" ON "movements" USING btree ("sku_id","location_id","cause_key");--> statement-breakpoint
CREATE UNIQUE INDEX "movements_version" ON "movements" USING btree ("sku_id","location_id","version");--> statement-breakpoint
CREATE INDEX "movements_merchant" ON "movements" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "sku_components_component" ON "sku_components" USING btree ("component_id");--> statement-breakpoint
CREATE UNIQUE INDEX "skus_code" ON "skus" USING btree ("merchant_id","code");--> statement-breakpoint
CREATE INDEX "skus_code_normalised" ON "skus" USING btree ("merchant_id","code_normalised");--> statement-breakpoint
CREATE INDEX "skus_gtin" ON "skus" USING btree ("merchant_id","gtin") WHERE "skus"."gtin" is not null;--> statement-breakpoint
CREATE INDEX "channel_health_poll" ON "channel_health" USING btree ("next_poll_at");--> statement-breakpoint
CREATE INDEX "channel_jobs_channel" ON "channel_jobs" USING btree ("channel_id","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "channels_store" ON "channels" USING btree ("merchant_id","platform","store_key");--> statement-breakpoint
CREATE INDEX "channels_state" ON "channels" USING btree ("state");--> statement-breakpoint
CREATE INDEX "listing_refs_listing" ON "listing_refs" USING btree ("listing_id");--> statement-breakpoint
CREATE UNIQUE INDEX "listings_key" ON "listings" USING btree ("channel_id","external_key");--> statement-breakpoint
CREATE INDEX "listings_merchant" ON "listings" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "listings_sku_normalised" ON "listings" USING btree ("channel_id","sku_normalised");--> statement-breakpoint
CREATE INDEX "listings_gtin" ON "listings" USING btree ("channel_id","gtin");--> statement-breakpoint
CREATE INDEX "mappings_sku" ON "mappings" USING btree ("sku_id");--> statement-breakpoint
CREATE INDEX "mappings_channel" ON "mappings" USING btree ("channel_id");--> statement-breakpoint
CREATE INDEX "proposals_sku" ON "proposals" USING btree ("sku_id");--> statement-breakpoint
CREATE UNIQUE INDEX "slots_listing" ON "slots" USING btree ("listing_id","location_ref");--> statement-breakpoint
CREATE INDEX "slots_sku" ON "slots" USING btree ("sku_id");--> statement-breakpoint
CREATE INDEX "slots_pending" ON "slots" USING btree ("channel_id","offered") WHERE is_pending;--> statement-breakpoint
CREATE INDEX "slots_read_due" ON "slots" USING btree ("channel_id","read_due_at") WHERE read_due_at is not null;--> statement-breakpoint
CREATE INDEX "slots_claimed" ON "slots" USING btree ("channel_id") WHERE push_id is not null;--> statement-breakpoint
CREATE INDEX "slots_merchant" ON "slots" USING btree ("merchant_id");--> statement-breakpoint
CREATE INDEX "audit_log_merchant" ON "audit_log" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "memberships_user" ON "memberships" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "sandbox"."deliveries" USING btree ("due_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "deliveries_store" ON "sandbox"."deliveries" USING btree ("store_id","id");--> statement-breakpoint
CREATE INDEX "items_parent" ON "sandbox"."items" USING btree ("store_id","parent_id");--> statement-breakpoint
CREATE INDEX "items_modified" ON "sandbox"."items" USING btree ("store_id","modified_at");--> statement-breakpoint
CREATE INDEX "items_sku" ON "sandbox"."items" USING btree ("store_id","sku");--> statement-breakpoint
CREATE INDEX "orders_modified" ON "sandbox"."orders" USING btree ("store_id","modified_at");--> statement-breakpoint
CREATE INDEX "requests_store" ON "sandbox"."requests" USING btree ("store_id","id");--> statement-breakpoint
CREATE INDEX "channel_minutes_merchant" ON "channel_minutes" USING btree ("merchant_id","minute");--> statement-breakpoint
CREATE UNIQUE INDEX "conflicts_open" ON "conflicts" USING btree ("merchant_id","dedupe_key") WHERE state <> 'decided';--> statement-breakpoint
CREATE INDEX "conflicts_list" ON "conflicts" USING btree ("merchant_id","state","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "inbox_dedupe" ON "inbox" USING btree ("channel_id","dedupe_key");--> statement-breakpoint
CREATE INDEX "inbox_waiting" ON "inbox" USING btree ("channel_id","id") WHERE state = 0;--> statement-breakpoint
CREATE INDEX "inbox_dead" ON "inbox" USING btree ("merchant_id","id") WHERE state = 2;--> statement-breakpoint
CREATE INDEX "inbox_received" ON "inbox" USING brin ("received_at");--> statement-breakpoint
CREATE INDEX "order_lines_parked" ON "order_lines" USING btree ("channel_id","listing_ref") WHERE sku_id is null and taken > 0;--> statement-breakpoint
CREATE INDEX "order_lines_sku" ON "order_lines" USING btree ("sku_id");--> statement-breakpoint
CREATE INDEX "orders_merchant" ON "orders" USING btree ("merchant_id","heard_at");--> statement-breakpoint
CREATE INDEX "push_items_sku" ON "push_items" USING btree ("sku_id","sku_version");--> statement-breakpoint
CREATE INDEX "push_items_at" ON "push_items" USING brin ("at");--> statement-breakpoint
CREATE INDEX "pushes_channel" ON "pushes" USING btree ("channel_id","claimed_at");--> statement-breakpoint
CREATE INDEX "pushes_merchant" ON "pushes" USING btree ("merchant_id","claimed_at");--> statement-breakpoint
CREATE INDEX "sync_log_cursor" ON "sync_log" USING btree ("merchant_id","tx","id");--> statement-breakpoint
CREATE INDEX "sync_log_recent" ON "sync_log" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "sync_log_sku" ON "sync_log" USING btree ("sku_id","id");--> statement-breakpoint
CREATE INDEX "sync_log_at" ON "sync_log" USING brin ("at");