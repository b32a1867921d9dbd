ALTER TABLE "slots" ADD COLUMN "accepted" jsonb;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "unapplied" integer DEFAULT 0 NOT NULL;