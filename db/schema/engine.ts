import { sql } from "drizzle-orm";
import {
	bigint,
	bigserial,
	boolean,
	doublePrecision,
	index,
	integer,
	json,
	pgSchema,
	primaryKey,
	smallint,
	text,
	uniqueIndex,
} from "drizzle-orm/pg-core";
import { moment, serial } from "./columns";

/** The embedded engine's queue, runs and memos (lib/engine). Nothing else reads or writes it. */
export const engineSchema = pgSchema("engine");

/*
 * Payloads are `json`, not `jsonb`: they are opaque, and jsonb refuses strings with \u0000. Queue, waits and steps have
 * no foreign key to runs: whoever writes them holds the run's row, and the check would cost a lookup per row.
 */

/** What the app last said it can run; for processes that send events without running anything. */
export const engineFunctions = engineSchema.table("functions", {
	id: text("id").primaryKey(),
	config: json("config").$type<Record<string, unknown>>().notNull(),
	updatedAt: moment("updated_at").notNull().defaultNow(),
});

/** One execution of a function, from its first event to its result. Finished ones are kept for a while, then pruned. */
export const engineRuns = engineSchema.table(
	"runs",
	{
		id: text("id").primaryKey(),
		fnId: text("fn_id").notNull(),
		status: text("status", { enum: ["running", "completed", "failed", "cancelled"] })
			.notNull()
			.default("running"),
		/** A list: the events that started it; more than one for a batch. */
		events: json("events").notNull(),
		/** The event's id: the same event starts a function once in 24 hours, then this becomes null. Null for batches. */
		eventKey: text("event_key"),
		/** Value of the function's `idempotency` expression, under the same 24 hours. */
		idempotencyKey: text("idempotency_key"),
		/** Value of its `singleton` key: at most one unfinished run each. */
		singletonKey: text("singleton_key"),
		/** The step of another run that waits for this one's result. */
		parentRunId: text("parent_run_id"),
		parentStepId: text("parent_step_id"),
		/** Seconds by which its work is moved ahead in the queue; negative: back. */
		priority: smallint("priority").notNull().default(0),
		/** Result or error. */
		output: json("output"),
		createdAt: moment("created_at").notNull().defaultNow(),
		startedAt: moment("started_at"),
		finishedAt: moment("finished_at"),
	},
	(t) => [
		uniqueIndex("runs_event").on(t.fnId, t.eventKey).where(sql`event_key is not null`),
		uniqueIndex("runs_idempotency").on(t.fnId, t.idempotencyKey).where(sql`idempotency_key is not null`),
		uniqueIndex("runs_singleton")
			.on(t.fnId, t.singletonKey)
			.where(sql`singleton_key is not null and finished_at is null`),
		index("runs_unfinished").on(t.createdAt).where(sql`finished_at is null`),
		index("runs_finished").on(t.finishedAt).where(sql`finished_at is not null`),
	],
);

/** A step's memo, or its place while it is still to come. */
export const engineSteps = engineSchema.table(
	"steps",
	{
		runId: text("run_id").notNull(),
		/** SHA-1 of the step's id, as the SDK names it. */
		id: text("id").notNull(),
		op: text("op").notNull(),
		name: text("name").notNull().default(""),
		kind: text("kind", { enum: ["pending", "data", "error"] }).notNull(),
		data: json("data"),
		/** Found beside others: until all of them are done, the function is only asked what it wants next. */
		isParallel: boolean("is_parallel").notNull().default(false),
		/** Found in a race: the function is asked after each of them. */
		isRace: boolean("is_race").notNull().default(false),
		/** Order of completion. */
		seq: bigserial("seq", { mode: "number" }).notNull(),
		doneAt: moment("done_at"),
	},
	(t) => [primaryKey({ columns: [t.runId, t.id] })],
);

/** Calls to make. A leased row is one whose `at` lies ahead: if its worker dies, it falls due again by itself. */
export const engineQueue = engineSchema.table(
	"queue",
	{
		id: serial(),
		runId: text("run_id").notNull(),
		fnId: text("fn_id").notNull(),
		/** `step`: go on with the function; else the one step to run. */
		stepId: text("step_id").notNull(),
		/** From 0; how often it was answered by an error that may be retried. */
		attempt: smallint("attempt").notNull().default(0),
		/** How often the call did not reach the SDK. */
		undelivered: smallint("undelivered").notNull().default(0),
		/** How often a worker vanished with it. */
		lost: smallint("lost").notNull().default(0),
		at: moment("at").notNull(),
		/** Order among what is due: its time less the run's priority. */
		rank: moment("rank").notNull(),
		/** Counts leases; what a former holder of the lease still wants to write is told apart by it. */
		gen: integer("gen").notNull().default(0),
		/** Null: not leased. */
		worker: text("worker"),
		/** The concurrency key that had no free slot, and its limit; null: may be claimed. */
		blockedOn: text("blocked_on"),
		blockedLimit: integer("blocked_limit"),
		/** Asked for again while it was leased (races). */
		again: boolean("again").notNull().default(false),
	},
	(t) => [
		uniqueIndex("queue_step").on(t.runId, t.stepId),
		index("queue_rank").on(t.rank).where(sql`blocked_on is null`),
		index("queue_at").on(t.at).where(sql`blocked_on is null`),
		index("queue_blocked").on(t.blockedOn, t.rank).where(sql`blocked_on is not null`),
	],
);

/** A numbered place under a concurrency limit; it goes with the lease of the queue row that holds it. */
export const engineSlots = engineSchema.table(
	"slots",
	{
		key: text("key").notNull(),
		n: integer("n").notNull(),
		itemId: bigint("item_id", { mode: "number" })
			.notNull()
			.references(() => engineQueue.id, { onDelete: "cascade" }),
	},
	(t) => [primaryKey({ columns: [t.key, t.n] }), index("slots_item").on(t.itemId)],
);

/** What happens at a moment, or earlier when an event matches. */
export const engineWaits = engineSchema.table(
	"waits",
	{
		id: serial(),
		kind: text("kind", {
			enum: ["sleep", "event", "invoke", "cancel", "start-timeout", "finish-timeout", "debounce", "batch"],
		}).notNull(),
		fnId: text("fn_id").notNull(),
		runId: text("run_id"),
		stepId: text("step_id"),
		/** Of a debounce or batch: events of the same key gather here. */
		key: text("key"),
		event: text("event"),
		expression: text("expression"),
		/** `infinity`: only an event ends it. */
		at: moment("at").notNull(),
		/** A debounce's last moment, whatever still comes. */
		deadline: moment("deadline"),
		/** A debounce's newest event, milliseconds. */
		eventTs: doublePrecision("event_ts"),
		/** Gathered so far. */
		events: json("events").array(),
	},
	(t) => [
		index("waits_at").on(t.at),
		index("waits_event").on(t.event).where(sql`event is not null`),
		index("waits_run").on(t.runId).where(sql`run_id is not null`),
		uniqueIndex("waits_gathering").on(t.kind, t.fnId, t.key).where(sql`key is not null`),
	],
);

/** Theoretical arrival times (GCRA) of rate limits, which drop, and throttles, which delay. */
export const engineRates = engineSchema.table(
	"rates",
	{
		kind: text("kind", { enum: ["rate-limit", "throttle"] }).notNull(),
		fnId: text("fn_id").notNull(),
		key: text("key").notNull(),
		tat: moment("tat").notNull(),
	},
	(t) => [primaryKey({ columns: [t.kind, t.fnId, t.key] })],
);
