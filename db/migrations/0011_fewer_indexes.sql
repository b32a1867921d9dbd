DROP INDEX "slots_claimed";--> statement-breakpoint
DROP INDEX "slots_merchant";--> statement-breakpoint
DROP INDEX "order_lines_sku";--> statement-breakpoint
DROP INDEX "slots_pending";--> statement-breakpoint
CREATE INDEX "slots_owner" ON "slots" USING btree ("merchant_id","channel_id");--> statement-breakpoint
CREATE INDEX "pushes_open" ON "pushes" USING btree ("channel_id") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "slots_pending" ON "slots" USING btree ("channel_id") WHERE is_pending;--> statement-breakpoint
-- Room on each page for the next version of a row that changes all day.
ALTER TABLE "slots" SET (fillfactor = 60);--> statement-breakpoint
ALTER TABLE "levels" SET (fillfactor = 60);--> statement-breakpoint
ALTER TABLE "channel_health" SET (fillfactor = 60);
