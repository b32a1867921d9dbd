CREATE TABLE "engine"."functions" (
	"id" text PRIMARY KEY NOT NULL,
	"config" json NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "engine"."queue" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "engine"."queue_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"fn_id" text NOT NULL,
	"step_id" text NOT NULL,
	"attempt" smallint DEFAULT 0 NOT NULL,
	"undelivered" smallint DEFAULT 0 NOT NULL,
	"lost" smallint DEFAULT 0 NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"rank" timestamp with time zone NOT NULL,
	"gen" integer DEFAULT 0 NOT NULL,
	"worker" text,
	"blocked_on" text,
	"blocked_limit" integer,
	"again" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "engine"."rates" (
	"kind" text NOT NULL,
	"fn_id" text NOT NULL,
	"key" text NOT NULL,
	"tat" timestamp with time zone NOT NULL,
	CONSTRAINT "rates_kind_fn_id_key_pk" PRIMARY KEY("kind","fn_id","key")
);
--> statement-breakpoint
CREATE TABLE "engine"."runs" (
	"id" text PRIMARY KEY NOT NULL,
	"fn_id" text NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"events" json NOT NULL,
	"event_key" text,
	"idempotency_key" text,
	"singleton_key" text,
	"parent_run_id" text,
	"parent_step_id" text,
	"priority" smallint DEFAULT 0 NOT NULL,
	"output" json,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "engine"."slots" (
	"key" text NOT NULL,
	"n" integer NOT NULL,
	"item_id" bigint NOT NULL,
	CONSTRAINT "slots_key_n_pk" PRIMARY KEY("key","n")
);
--> statement-breakpoint
CREATE TABLE "engine"."steps" (
	"run_id" text NOT NULL,
	"id" text NOT NULL,
	"op" text NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"kind" text NOT NULL,
	"data" json,
	"is_parallel" boolean DEFAULT false NOT NULL,
	"is_race" boolean DEFAULT false NOT NULL,
	"seq" bigserial NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "steps_run_id_id_pk" PRIMARY KEY("run_id","id")
);
--> statement-breakpoint
CREATE TABLE "engine"."waits" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "engine"."waits_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"fn_id" text NOT NULL,
	"run_id" text,
	"step_id" text,
	"key" text,
	"event" text,
	"expression" text,
	"at" timestamp with time zone NOT NULL,
	"deadline" timestamp with time zone,
	"event_ts" double precision,
	"events" json[]
);
--> statement-breakpoint
ALTER TABLE "engine"."slots" ADD CONSTRAINT "slots_item_id_queue_id_fk" FOREIGN KEY ("item_id") REFERENCES "engine"."queue"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "queue_step" ON "engine"."queue" USING btree ("run_id","step_id");--> statement-breakpoint
CREATE INDEX "queue_rank" ON "engine"."queue" USING btree ("rank") WHERE blocked_on is null;--> statement-breakpoint
CREATE INDEX "queue_at" ON "engine"."queue" USING btree ("at") WHERE blocked_on is null;--> statement-breakpoint
CREATE INDEX "queue_blocked" ON "engine"."queue" USING btree ("blocked_on","rank") WHERE blocked_on is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_event" ON "engine"."runs" USING btree ("fn_id","event_key") WHERE event_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_idempotency" ON "engine"."runs" USING btree ("fn_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_singleton" ON "engine"."runs" USING btree ("fn_id","singleton_key") WHERE singleton_key is not null and finished_at is null;--> statement-breakpoint
CREATE INDEX "runs_unfinished" ON "engine"."runs" USING btree ("created_at") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "runs_finished" ON "engine"."runs" USING btree ("finished_at") WHERE finished_at is not null;--> statement-breakpoint
CREATE INDEX "slots_item" ON "engine"."slots" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "waits_at" ON "engine"."waits" USING btree ("at");--> statement-breakpoint
CREATE INDEX "waits_event" ON "engine"."waits" USING btree ("event") WHERE event is not null;--> statement-breakpoint
CREATE INDEX "waits_run" ON "engine"."waits" USING btree ("run_id") WHERE run_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "waits_gathering" ON "engine"."waits" USING btree ("kind","fn_id","key") WHERE key is not null;--> statement-breakpoint
-- These rows live for milliseconds: dead ones are swept after a count, not after a share of the table.
ALTER TABLE "engine"."queue" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "engine"."slots" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "engine"."waits" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
