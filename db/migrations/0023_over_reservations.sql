ALTER TABLE "slots" ADD COLUMN "reserved_source" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "reserved_open" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "push_open" integer;