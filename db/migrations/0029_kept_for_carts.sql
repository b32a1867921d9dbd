ALTER TABLE "levels" ADD COLUMN "cart_units" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "cart_until" timestamp with time zone;