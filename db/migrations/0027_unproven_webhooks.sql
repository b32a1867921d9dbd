ALTER TABLE "channel_health" ADD COLUMN "unproven_webhooks" integer DEFAULT 0;--> statement-breakpoint
UPDATE "channel_health" SET "unproven_webhooks" = NULL WHERE "last_webhook_at" IS NOT NULL;