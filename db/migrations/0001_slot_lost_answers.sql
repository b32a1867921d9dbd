ALTER TABLE "slots" drop column "is_pending";--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "is_pending" boolean GENERATED ALWAYS AS (offered is not null and expected is not null and held_reason is null and (offered <> expected + unexplained or (is_fenced and offered <> 0))) STORED;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "maybe" integer;--> statement-breakpoint
CREATE INDEX "slots_pending" ON "slots" USING btree ("channel_id","offered") WHERE is_pending;
