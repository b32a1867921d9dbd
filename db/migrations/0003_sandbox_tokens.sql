CREATE TABLE "sandbox"."tokens" (
	"store_id" text NOT NULL,
	"token" text NOT NULL,
	"kind" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tokens_store_id_token_pk" PRIMARY KEY("store_id","token")
);
--> statement-breakpoint
ALTER TABLE "sandbox"."tokens" ADD CONSTRAINT "tokens_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "sandbox"."stores"("id") ON DELETE cascade ON UPDATE no action;