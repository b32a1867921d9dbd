CREATE TABLE "exposures" (
	"merchant_id" uuid NOT NULL,
	"sku_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"units" integer NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"hours" double precision[] DEFAULT array_fill(0::float8, array[24]) NOT NULL,
	CONSTRAINT "exposures_merchant_id_sku_id_location_id_pk" PRIMARY KEY("merchant_id","sku_id","location_id"),
	CONSTRAINT "exposures_units" CHECK ("exposures"."units" >= 0)
);
--> statement-breakpoint
CREATE TABLE "comparisons" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"asked_by" text NOT NULL,
	"days" text[] NOT NULL,
	"seed" integer NOT NULL,
	"seeds" integer NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"cells" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"total" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "comparisons_merchant_id_unique" UNIQUE("merchant_id")
);
--> statement-breakpoint
CREATE TABLE "order_cancels" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"order_ref" text NOT NULL,
	"order_number" text NOT NULL,
	"conflict_id" uuid NOT NULL,
	"sku_id" uuid,
	"actor" text NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"error" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "channel_health" ADD COLUMN "verify_asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "drift_lost_write" text DEFAULT 'master_wins' NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "drift_rounding" text DEFAULT 'master_wins' NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "drift_bundle" text DEFAULT 'master_wins' NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "verified_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "reserved_source" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "reserved_open" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "push_open" integer;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "losing_rule" text DEFAULT 'last_in_ledger' NOT NULL;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "losing_channel_id" uuid;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "race_rule" text DEFAULT 'source_of_truth' NOT NULL;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "elsewhere" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "parts" jsonb;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "gone_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_sku_id_skus_id_fk" FOREIGN KEY ("sku_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_location_id_locations_id_fk" FOREIGN KEY ("location_id") REFERENCES "public"."locations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comparisons" ADD CONSTRAINT "comparisons_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "exposures_sku" ON "exposures" USING btree ("sku_id");--> statement-breakpoint
CREATE UNIQUE INDEX "order_cancels_open" ON "order_cancels" USING btree ("channel_id","order_ref") WHERE state in ('waiting', 'asked');--> statement-breakpoint
CREATE INDEX "order_cancels_due" ON "order_cancels" USING btree ("channel_id","next_try_at") WHERE state in ('waiting', 'asked');--> statement-breakpoint
CREATE INDEX "order_cancels_conflict" ON "order_cancels" USING btree ("conflict_id","created_at");