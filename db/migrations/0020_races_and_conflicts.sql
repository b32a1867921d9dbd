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
ALTER TABLE "slots" ADD COLUMN "changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "losing_rule" text DEFAULT 'last_in_ledger' NOT NULL;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "losing_channel_id" uuid;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "race_rule" text DEFAULT 'source_of_truth' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "order_cancels_open" ON "order_cancels" USING btree ("channel_id","order_ref") WHERE state in ('waiting', 'asked');--> statement-breakpoint
CREATE INDEX "order_cancels_due" ON "order_cancels" USING btree ("channel_id","next_try_at") WHERE state in ('waiting', 'asked');--> statement-breakpoint
CREATE INDEX "order_cancels_conflict" ON "order_cancels" USING btree ("conflict_id","created_at");