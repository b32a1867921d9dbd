/**
 * The asynchronous route: each element of the body is an operation, which a consumer carries out some time later, in no
 * promised order. Without a consumer it stays open for twelve hours, and is then given up.
 */
import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { sandboxIdempotency } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { type Columns, echo, orderOf, readCriteria, whereOf, windowOf } from "./criteria";
import { readSourceItems, saveSourceItems } from "./save-source-items";
import { settingsOf } from "./settings";
import { type Call, MageError, mageTime, reportError } from "./wire";

const topic = "async.magento.inventoryapi.api.sourceitemssaveinterface.execute.post";
const givenUpAfterMs = 12 * 60 * 60_000;

/** 1 done, 2 failed and may be tried again, 3 failed, 4 open, 5 rejected. */
type Operation = {
	id: number;
	status: 1 | 2 | 3 | 4 | 5;
	rows: Record<string, unknown>[];
	message: string | null;
	error_code: number | null;
	due_at: number;
};
type Bulk = { started_at: number; operations: Operation[] };

const isBulk = sql`request = ${topic}`;

export async function postBulk(call: Call, isMany: boolean) {
	const { ctx, store, settings, now } = call;
	const bodies = isMany ? call.body : [call.body];
	if (!Array.isArray(bodies)) throw new MageError(400, "Decoding error.");
	const operations = bodies.map((body, id): Operation => {
		// Types are refused at once, for all of them.
		const rows = readSourceItems(call, body, settings.bulkRowLimit);
		const laterMs = settings.bulkShuffles ? settings.bulkDelayMs * ctx.random() : settings.bulkDelayMs;
		return { id, status: 4, rows, message: null, error_code: null, due_at: now.getTime() + laterMs };
	});
	const uuid = randomUUID();
	const bulk: Bulk = { started_at: now.getTime(), operations };
	await ctx.db
		.insert(sandboxIdempotency)
		.values({ storeId: store.id, key: uuid, request: topic, reply: bulk, at: now });
	return {
		bulk_uuid: uuid,
		request_items: operations.map(({ id, rows }) => ({
			id,
			data_hash: createHash("sha256").update(JSON.stringify(rows)).digest("hex"),
			status: "accepted",
		})),
		errors: false,
	};
}

/** Whatever is due by now. Requests wake the consumer; nothing else of the store would show what it did. */
export async function consume(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const settings = settingsOf(store);
	const now = ctx.now();
	const bulks = await ctx.db.execute<{ key: string; reply: Bulk }>(sql`
		select key, reply from sandbox.idempotency where store_id = ${store.id} and ${isBulk}
			and jsonb_path_exists(reply, '$.operations[*] ? (@.status == 4)')`);
	const due = bulks
		.flatMap(({ key, reply }) => reply.operations.map((operation) => ({ key, reply, operation })))
		.filter(({ operation }) => operation.status === 4)
		.filter(({ reply, operation }) =>
			settings.consumersRun ? operation.due_at <= now.getTime() : reply.started_at + givenUpAfterMs <= now.getTime(),
		)
		.sort((a, b) => a.operation.due_at - b.operation.due_at);
	for (const { key, operation } of due) {
		const claimed = await ctx.db.execute(sql`
			update sandbox.idempotency set reply = jsonb_set(reply, ${`{operations,${operation.id},status}`}::text[], '0')
			where store_id = ${store.id} and key = ${key} and reply #>> ${`{operations,${operation.id},status}`}::text[] = '4' returning key`);
		if (claimed.length === 0) continue;
		const done = settings.consumersRun
			? await carryOut(ctx, store, operation)
			: { status: 3 as const, message: "Unknown Error", error_code: null };
		await ctx.db.execute(sql`
			update sandbox.idempotency set reply = jsonb_set(reply, ${`{operations,${operation.id}}`}::text[], ${JSON.stringify({ ...operation, ...done })}::jsonb)
			where store_id = ${store.id} and key = ${key}`);
	}
}

async function carryOut(
	ctx: SandboxContext,
	store: SandboxStore,
	operation: Operation,
): Promise<Pick<Operation, "status" | "message" | "error_code">> {
	const settings = settingsOf(store);
	const call: Call = {
		ctx,
		store,
		settings,
		home: "",
		method: "POST",
		query: new URLSearchParams(),
		body: null,
		now: ctx.now(),
	};
	try {
		await saveSourceItems(call, operation.rows);
		return {
			status: 1,
			message:
				"Service execution success Magento\\Inventory\\Model\\SourceItem\\Command\\SourceItemsSave\\Interceptor::execute",
			error_code: null,
		};
	} catch (error) {
		if (!(error instanceof MageError)) throw error;
		return { status: error.status === 500 ? 2 : 3, message: error.message, error_code: 0 };
	}
}

async function findBulk({ ctx, store }: Call, uuid: string): Promise<Bulk> {
	const [row] = await ctx.db.execute<{ reply: Bulk }>(
		sql`select reply from sandbox.idempotency where store_id = ${store.id} and key = ${uuid} and ${isBulk}`,
	);
	if (!row) throw new MageError(400, "Bulk uuid %bulkUuid not exist", { bulkUuid: uuid });
	return row.reply;
}

export async function bulkStatus(call: Call, uuid: string) {
	const { started_at, operations } = await findBulk(call, uuid);
	return {
		operations_list: operations.map(({ id, status, message, error_code }) => ({
			id,
			status: status === (0 as number) ? 4 : status,
			result_message: message,
			error_code,
		})),
		user_type: 1,
		bulk_id: uuid,
		description: `Topic ${topic}`,
		start_time: mageTime(started_at),
		user_id: 1,
		operation_count: operations.length,
	};
}

const operationColumns: Columns = {
	topic_name: { sql: sql`${topic}::text`, type: "text" },
	bulk_uuid: { sql: sql`key`, type: "text" },
	status: { sql: sql`(operation->>'status')::int`, type: "number" },
	id: { sql: sql`at`, type: "time" },
	operation_key: { sql: sql`(operation->>'id')::int`, type: "number" },
	start_time: { sql: sql`at`, type: "time" },
};

export async function listOperations(call: Call) {
	const { ctx, store } = call;
	const criteria = readCriteria(call);
	const unknown = () => reportError(ctx.random);
	const from = sql`(
		select key, at, o as operation from sandbox.idempotency, jsonb_array_elements(reply->'operations') o
		where store_id = ${store.id} and ${isBulk}
	) operations where ${whereOf(criteria, operationColumns, unknown)}`;
	const [counted] = await ctx.db.execute<{ total: number }>(sql`select count(*)::int as total from ${from}`);
	const { limit, offset } = windowOf(criteria, counted?.total ?? 0, call.settings);
	const rows = await ctx.db.execute<{ key: string; operation: Operation }>(
		sql`select key, operation from ${from} ${orderOf(criteria, operationColumns, unknown)} limit ${limit} offset ${offset}`,
	);
	return {
		items: rows.map(({ key, operation }) => ({
			id: operation.id,
			bulk_uuid: key,
			topic_name: topic,
			serialized_data: JSON.stringify({
				entity_id: null,
				entity_link: "",
				meta_information: JSON.stringify({ sourceItems: operation.rows }),
			}),
			result_serialized_data: null,
			status: operation.status,
			result_message: operation.message,
			error_code: operation.error_code,
		})),
		search_criteria: echo(criteria),
		total_count: counted?.total ?? 0,
	};
}
