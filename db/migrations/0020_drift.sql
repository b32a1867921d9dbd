ALTER TABLE "channel_health" ADD COLUMN "verify_asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "drift_lost_write" text DEFAULT 'master_wins' NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "drift_rounding" text DEFAULT 'master_wins' NOT NULL;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "drift_bundle" text DEFAULT 'master_wins' NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "verified_at" timestamp with time zone;