ALTER TABLE "levels" ADD COLUMN "counted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_health" ADD COLUMN "orders_read_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_health" ADD COLUMN "listings_due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_health" ADD COLUMN "quiet_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "hint" integer;