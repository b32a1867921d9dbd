CREATE TABLE "connect_attempts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"merchant_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"base_url" text NOT NULL,
	"is_sandbox" boolean NOT NULL,
	"actor" text NOT NULL,
	"token_hash" text NOT NULL,
	"sealed_app" text,
	"state" text DEFAULT 'waiting' NOT NULL,
	"checks" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"channel_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "connect_attempts_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
ALTER TABLE "connect_attempts" ADD CONSTRAINT "connect_attempts_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "connect_attempts_merchant" ON "connect_attempts" USING btree ("merchant_id","created_at");