CREATE TABLE "exposures" (
	"merchant_id" uuid NOT NULL,
	"sku_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"units" integer NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"hours" double precision[] DEFAULT array_fill(0::float8, array[24]) NOT NULL,
	CONSTRAINT "exposures_merchant_id_sku_id_location_id_pk" PRIMARY KEY("merchant_id","sku_id","location_id"),
	CONSTRAINT "exposures_units" CHECK ("exposures"."units" >= 0)
);
--> statement-breakpoint
ALTER TABLE "order_lines" ADD COLUMN "parts" jsonb;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_sku_id_skus_id_fk" FOREIGN KEY ("sku_id") REFERENCES "public"."skus"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_location_id_locations_id_fk" FOREIGN KEY ("location_id") REFERENCES "public"."locations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "exposures_sku" ON "exposures" USING btree ("sku_id");