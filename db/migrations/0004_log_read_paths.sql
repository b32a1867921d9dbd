CREATE TABLE "log_minutes" (
	"merchant_id" uuid NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"counts" jsonb NOT NULL,
	"lags" jsonb NOT NULL,
	CONSTRAINT "log_minutes_merchant_id_minute_pk" PRIMARY KEY("merchant_id","minute")
);
--> statement-breakpoint
DROP INDEX "push_items_sku";--> statement-breakpoint
DROP INDEX "sync_log_recent";--> statement-breakpoint
DROP INDEX "sync_log_sku";--> statement-breakpoint
ALTER TABLE "conflicts" ADD COLUMN "escalated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "conflicts" ADD COLUMN "escalated_by" text;--> statement-breakpoint
CREATE INDEX "orders_number" ON "orders" USING btree ("merchant_id","number");--> statement-breakpoint
CREATE INDEX "sync_log_order" ON "sync_log" USING btree ("merchant_id","order_ref") WHERE order_ref is not null;--> statement-breakpoint
CREATE INDEX "push_items_sku" ON "push_items" USING btree ("sku_id","channel_id","sku_version");--> statement-breakpoint
CREATE INDEX "sync_log_recent" ON "sync_log" USING btree ("merchant_id","at","id");--> statement-breakpoint
CREATE INDEX "sync_log_sku" ON "sync_log" USING btree ("sku_id","at","id") WHERE sku_id is not null;