CREATE TABLE "exposure_hours" (
	"merchant_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"unit_seconds" double precision NOT NULL,
	CONSTRAINT "exposure_hours_merchant_id_hour_pk" PRIMARY KEY("merchant_id","hour")
);
--> statement-breakpoint
CREATE TABLE "pools" (
	"merchant_id" uuid NOT NULL,
	"location_ids" uuid[] NOT NULL,
	"root_id" uuid NOT NULL,
	CONSTRAINT "pools_merchant_id_location_ids_pk" PRIMARY KEY("merchant_id","location_ids")
);
--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "further_location_ids" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "location_ids" uuid[] GENERATED ALWAYS AS (case when location_id is null then '{}'::uuid[] else array[location_id] || further_location_ids end) STORED;--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "taken_from" jsonb;--> statement-breakpoint
ALTER TABLE "exposure_hours" ADD CONSTRAINT "exposure_hours_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pools" ADD CONSTRAINT "pools_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channels" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
INSERT INTO "pools" ("merchant_id", "location_ids", "root_id") SELECT DISTINCT "merchant_id", "location_ids", "location_id" FROM "channels" WHERE "location_id" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "levels" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "levels" SET "stand_why" = NULL WHERE "stand_why" = 'in_bundle';--> statement-breakpoint
ALTER TABLE "levels" FORCE ROW LEVEL SECURITY;
