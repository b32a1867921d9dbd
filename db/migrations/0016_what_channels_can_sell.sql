ALTER TABLE "slots" ALTER COLUMN "bound" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "slots" ALTER COLUMN "bound" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "open_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "proof_quantity" integer;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "proof_until" timestamp with time zone;--> statement-breakpoint
UPDATE "slots" SET "bound" = CASE WHEN "expected" IS NULL THEN NULL ELSE greatest(0, "expected" + "unexplained") END,
	"open_until" = CASE WHEN "maybe" IS NOT NULL THEN "read_due_at" END;
