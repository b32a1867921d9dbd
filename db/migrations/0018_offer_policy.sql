ALTER TABLE "levels" ADD COLUMN "sold_units" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "sold_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "buffer_seconds" integer;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "share_percent" integer;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "min_units" integer;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "cap_units" integer;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "out_of_stock_below" integer;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "buffer_seconds" integer;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "share_percent" integer;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "min_units" integer;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "cap_units" integer;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "out_of_stock_below" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "buffer_units" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "buffer_seconds" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "share_percent" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "min_units" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "cap_units" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "out_of_stock_below" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "pace_units" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "reoffer_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "buffer_seconds" integer;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "share_percent" integer;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "min_units" integer;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "cap_units" integer;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "out_of_stock_below" integer;--> statement-breakpoint
CREATE INDEX "slots_reoffer" ON "slots" USING btree ("reoffer_at") WHERE reoffer_at is not null;