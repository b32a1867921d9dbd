ALTER TABLE "slots" ADD COLUMN "sold_units" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "sold_at" timestamp with time zone;