/**
 * The seller's own queue, as the queue service speaks: JSON under one address, the operation in a header, the queue in the
 * body. A message that was received is hidden for a while and comes again unless it is deleted by the handle of its last
 * receipt; there is no order.
 */
import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { storeBaseUrl } from "../context";
import { pause } from "../knobs";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { enqueue } from "./news";
import { signatureProblem } from "./queue-auth";
import { settingsOf } from "./settings";

export const queueRegion = "us-east-1";
const account = "444455556666";
const queueName = "onecount";
export const queueArn = `arn:aws:sqs:${queueRegion}:${account}:${queueName}`;

export const queueUrl = (ctx: SandboxContext, store: Pick<SandboxStore, "platform" | "id">) =>
	`${storeBaseUrl(ctx, store)}/sqs/${account}/${queueName}`;

const usualVisibilitySeconds = 30;
const longestWaitSeconds = 20;
const mostEntries = 10;
const lookEveryMs = 100;

class QueueError extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
		readonly queryCode = code,
	) {
		super(message);
	}
}

type Call = { ctx: SandboxContext; store: SandboxStore; request: Request; body: Record<string, unknown> };

const operations: Record<string, (call: Call) => Promise<Record<string, unknown>>> = {
	ReceiveMessage: receive,
	DeleteMessage: async (call) => {
		await remove(call, call.body.ReceiptHandle);
		return {};
	},
	DeleteMessageBatch: removeBatch,
	GetQueueAttributes: attributes,
	SendMessage: async ({ ctx, store, body }) => {
		const text = String(body.MessageBody ?? "");
		await enqueue(ctx.db, ctx, store, text, "sent", 0);
		return { MessageId: randomUUID(), MD5OfMessageBody: md5(text) };
	},
	GetQueueUrl: async ({ ctx, store, body }) => {
		if (body.QueueName !== queueName) throw noQueue();
		return { QueueUrl: queueUrl(ctx, store) };
	},
};

const noQueue = () =>
	new QueueError(
		400,
		"QueueDoesNotExist",
		"The specified queue does not exist.",
		"AWS.SimpleQueueService.NonExistentQueue",
	);
const invalid = (message: string) => new QueueError(400, "InvalidParameterValue", message);

export async function serveQueue(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	const text = await request.text();
	try {
		const problem = signatureProblem(request, text, store, ctx.now());
		if (problem) throw new QueueError(403, problem.code, problem.message);
		const operation = /^AmazonSQS\.(\w+)$/.exec(request.headers.get("x-amz-target") ?? "")?.[1] ?? "";
		const work = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
		if (!work) throw new QueueError(400, "UnknownOperationException", "");
		const body = JSON.parse(text) as Record<string, unknown>;
		if (operation !== "GetQueueUrl" && body.QueueUrl !== queueUrl(ctx, store)) throw noQueue();
		return reply(200, await work({ ctx, store, request, body }));
	} catch (error) {
		if (error instanceof SyntaxError) return refuse(new QueueError(400, "SerializationException", ""));
		if (error instanceof QueueError) return refuse(error);
		throw error;
	}
}

const reply = (status: number, body: unknown, headers: Record<string, string> = {}) =>
	new Response(JSON.stringify(body), {
		status,
		headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID(), ...headers },
	});

const refuse = ({ status, code, message, queryCode }: QueueError) =>
	reply(status, { __type: `com.amazonaws.sqs#${code}`, message }, { "x-amzn-query-error": `${queryCode};Sender` });

/** The service's own words for a trouble. */
export const queueFailure = (kind: "throttled" | "error"): Response =>
	kind === "throttled"
		? refuse(new QueueError(400, "RequestThrottled", "Rate exceeded", "RequestThrottled"))
		: reply(500, {
				__type: "com.amazonaws.sqs#InternalFailure",
				message: "We encountered an internal error. Please try again.",
			});

const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");

function numberIn(value: unknown, name: string, least: number, most: number, usual: number): number {
	if (value === undefined) return usual;
	if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
		throw invalid(
			`Value ${String(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
		);
	return value as number;
}

type Taken = { id: string; body: Buffer; attempts: number; handle: string; sent_at: string; message_id: string };

async function receive({ ctx, store, request, body }: Call): Promise<Record<string, unknown>> {
	const most = numberIn(body.MaxNumberOfMessages, "MaxNumberOfMessages", 1, 10, 1);
	const waitSeconds = numberIn(body.WaitTimeSeconds, "WaitTimeSeconds", 0, longestWaitSeconds, 0);
	const hiddenSeconds = numberIn(body.VisibilityTimeout, "VisibilityTimeout", 0, 43_200, usualVisibilitySeconds);
	const until = performance.now() + waitSeconds * 1_000;
	let taken = await take(ctx, store, most, hiddenSeconds);
	while (taken.length === 0 && performance.now() < until && !request.signal.aborted) {
		await pause(Math.min(lookEveryMs, until - performance.now()), request.signal);
		taken = await take(ctx, store, most, hiddenSeconds);
	}
	if (taken.length === 0) return {};
	const { queueDamageRate } = settingsOf(store);
	return {
		Messages: taken.map((row) => {
			const text = row.body.toString("utf8");
			const isDamaged = ctx.random() < queueDamageRate;
			return {
				MessageId: row.message_id,
				ReceiptHandle: row.handle,
				MD5OfBody: md5(text),
				Body: isDamaged ? `${text.slice(0, -1)} }` : text,
				Attributes: {
					SentTimestamp: String(Date.parse(row.sent_at)),
					ApproximateReceiveCount: String(row.attempts),
				},
			};
		}),
	};
}

/** A new handle for each receipt. */
async function take(ctx: SandboxContext, store: SandboxStore, most: number, hiddenSeconds: number): Promise<Taken[]> {
	const now = ctx.now();
	const hiddenUntil = new Date(now.getTime() + hiddenSeconds * 1_000).toISOString();
	const nonce = randomUUID();
	const rows = await ctx.db.execute<Omit<Taken, "handle">>(sql`
		update sandbox.deliveries d set attempts = attempts + 1, due_at = ${hiddenUntil}::timestamptz,
			headers = headers || jsonb_build_object('receipt', ${nonce}::text)
		where id in (
			select id from sandbox.deliveries
			where store_id = ${store.id} and state = 'queued' and due_at <= ${now.toISOString()}::timestamptz
			order by random() limit ${most} for update skip locked)
		returning id, body, attempts, headers->>'sentAt' as sent_at, resource_id as message_id`);
	return rows.map((row) => ({ ...row, handle: Buffer.from(`${row.id} ${nonce}`).toString("base64") }));
}

function readHandle(handle: unknown): { id: string; nonce: string } {
	const [, id = "", nonce = ""] =
		/^(\d+) ([0-9a-f-]{36})$/.exec(Buffer.from(typeof handle === "string" ? handle : "", "base64").toString("utf8")) ??
		[];
	if (!id)
		throw new QueueError(
			400,
			"ReceiptHandleIsInvalid",
			`The input receipt handle "${String(handle)}" is not a valid receipt handle.`,
		);
	return { id, nonce };
}

/** By the handle of an earlier receipt it is answered alike, and the message stays. */
async function remove({ ctx, store }: Call, handle: unknown): Promise<void> {
	const { id, nonce } = readHandle(handle);
	await ctx.db.execute(sql`
		update sandbox.deliveries set state = 'sent', sent_at = ${ctx.now().toISOString()}::timestamptz
		where store_id = ${store.id} and id = ${id}::bigint and state = 'queued' and headers->>'receipt' = ${nonce}`);
}

/** Answered with 200 though some of it failed. */
async function removeBatch(call: Call): Promise<Record<string, unknown>> {
	const entries = Array.isArray(call.body.Entries)
		? (call.body.Entries as { Id: string; ReceiptHandle: unknown }[])
		: [];
	if (entries.length === 0)
		throw new QueueError(
			400,
			"EmptyBatchRequest",
			"There should be at least one DeleteMessageBatchRequestEntry in the request.",
			"AWS.SimpleQueueService.EmptyBatchRequest",
		);
	if (entries.length > mostEntries)
		throw new QueueError(
			400,
			"TooManyEntriesInBatchRequest",
			`Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
			"AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
		);
	if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
		throw new QueueError(
			400,
			"BatchEntryIdsNotDistinct",
			"Two or more batch entries in the request have the same Id.",
			"AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
		);
	const result: { Successful: unknown[]; Failed: unknown[] } = { Successful: [], Failed: [] };
	for (const { Id, ReceiptHandle } of entries) {
		try {
			if (call.ctx.random() < settingsOf(call.store).queueKeepRate)
				throw new QueueError(500, "InternalError", "We encountered an internal error. Please try again.");
			await remove(call, ReceiptHandle);
			result.Successful.push({ Id });
		} catch (error) {
			if (!(error instanceof QueueError)) throw error;
			result.Failed.push({ Id, Code: error.code, SenderFault: error.status < 500, Message: error.message });
		}
	}
	return result;
}

async function attributes({ ctx, store }: Call): Promise<Record<string, unknown>> {
	const [row] = await ctx.db.execute<{ visible: number; hidden: number }>(sql`
		select count(*) filter (where due_at <= ${ctx.now().toISOString()}::timestamptz)::int as visible,
			count(*) filter (where due_at > ${ctx.now().toISOString()}::timestamptz)::int as hidden
		from sandbox.deliveries where store_id = ${store.id} and state = 'queued'`);
	return {
		Attributes: {
			QueueArn: queueArn,
			ApproximateNumberOfMessages: String(row?.visible ?? 0),
			ApproximateNumberOfMessagesNotVisible: String(row?.hidden ?? 0),
			VisibilityTimeout: String(usualVisibilitySeconds),
			MessageRetentionPeriod: "345600",
		},
	};
}
