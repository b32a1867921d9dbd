ALTER TABLE "levels" ADD COLUMN "is_escrow" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "escrow_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "stand_why" text;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "pace" double precision[];--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "pace_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "pace_version" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "strategy" text;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "launch_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skus" ADD COLUMN "launch_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "is_escrow" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "demand_units" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "demand_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "strategy" text DEFAULT 'shared' NOT NULL;--> statement-breakpoint
CREATE INDEX "levels_escrow" ON "levels" USING btree ("merchant_id","sku_id") WHERE is_escrow;--> statement-breakpoint
CREATE INDEX "slots_escrow" ON "slots" USING btree ("channel_id") WHERE is_escrow;--> statement-breakpoint
CREATE INDEX "skus_launch" ON "skus" USING btree ("launch_until") WHERE launch_until is not null;
