ALTER TABLE "order_lines" ADD COLUMN "elsewhere" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "gone_at" timestamp with time zone;