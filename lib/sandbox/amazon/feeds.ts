/** Many patches in one file, worked off after a while; only what failed is listed. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { addressOf, type DocumentData, findDocument, makeDocument, outputOf } from "./documents";
import { findItem, type Issue } from "./items";
import { type AmazonSettings, settingsOf } from "./settings";
import { accept, judge, readPatches } from "./submissions";
import { findToken, putToken, type TokenRow } from "./tokens";
import { type Answer, type Call, charge, csv, invalidInput, notFound, SpError, stamp } from "./wire";

export type Status = "IN_QUEUE" | "IN_PROGRESS" | "DONE" | "CANCELLED" | "FATAL";
type FeedData = {
	inputId: string;
	status: Status;
	resultId: string | null;
	endedAt: string | null;
	marketplaceIds: string[];
};

const feedType = "JSON_LISTINGS_FEED";
const largestFeedBytes = 10 * 1024 * 1024;
const mostMessages = 25_000;

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

export async function createFeedDocument({ ctx, store, body }: Call): Promise<Answer> {
	if (!isObject(body) || typeof body.contentType !== "string" || body.contentType === "") throw invalidInput();
	const data: DocumentData = { use: "input", contentType: body.contentType, isPacked: false, content: null };
	const id = await makeDocument(ctx.db, ctx, store, "feed", data);
	return { status: 201, body: { feedDocumentId: id, url: addressOf(ctx, store, id) } };
}

export async function createFeed({ ctx, store, settings, body }: Call): Promise<Answer> {
	if (!isObject(body) || typeof body.inputFeedDocumentId !== "string") throw invalidInput("Invalid request parameters");
	const ids = body.marketplaceIds;
	const isKnown =
		Array.isArray(ids) && ids.length > 0 && ids.every((id) => settings.marketplaceIds.includes(String(id)));
	// The old kinds for stock end fatal; here there are none.
	if (body.feedType !== feedType || !isKnown) throw invalidInput("Invalid request parameters");
	const document = await findDocument(ctx, store, body.inputFeedDocumentId);
	if (document?.data.use !== "input") throw invalidInput("Invalid request parameters");
	charge(ctx, store, "listingsFeeds");
	const [id] = await takeIds(ctx.db, store.id, 1);
	const feedId = String(50_000_000_000 + (id ?? 0));
	const now = ctx.now();
	const data: FeedData = {
		inputId: document.token,
		status: "IN_QUEUE",
		resultId: null,
		endedAt: null,
		marketplaceIds: ids as string[],
	};
	const expiresAt = new Date(now.getTime() + settings.feedMs);
	await putToken(ctx.db, store.id, { token: feedId, kind: "feed", data, expiresAt, createdAt: now });
	return { status: 202, body: { feedId } };
}

/** In the queue for the first third of its time. */
function statusNow(ctx: SandboxContext, row: TokenRow<FeedData>): Status {
	if (row.data.status !== "IN_QUEUE") return row.data.status;
	const from = Date.parse(row.created_at);
	const until = Date.parse(row.expires_at ?? "");
	return ctx.now().getTime() < from + (until - from) / 3 ? "IN_QUEUE" : "IN_PROGRESS";
}

async function find({ ctx, store, parts }: Call): Promise<TokenRow<FeedData>> {
	const row = await findToken<FeedData>(ctx.db, store.id, "feed", parts[0] ?? "");
	if (!row) throw notFound("The requested feed was not found.");
	return row;
}

export async function getFeed(call: Call): Promise<Answer> {
	const row = await find(call);
	return {
		body: {
			feedId: row.token,
			feedType,
			marketplaceIds: row.data.marketplaceIds,
			createdTime: stamp(row.created_at),
			processingStatus: statusNow(call.ctx, row),
			...(row.data.endedAt ? { processingEndTime: stamp(row.data.endedAt) } : {}),
			...(row.data.resultId ? { resultFeedDocumentId: row.data.resultId } : {}),
		},
	};
}

/** Only while it waits in line. */
export async function cancelFeed(call: Call): Promise<Answer> {
	const row = await find(call);
	if (statusNow(call.ctx, row) !== "IN_QUEUE")
		throw invalidInput("The feed can only be cancelled while it is IN_QUEUE.");
	await saveFeed(call.ctx.db, call.store, row, {
		...row.data,
		status: "CANCELLED",
		endedAt: call.ctx.now().toISOString(),
	});
	return { body: {} };
}

const saveFeed = (db: Call["ctx"]["db"] | Transaction, store: SandboxStore, row: TokenRow<FeedData>, data: FeedData) =>
	putToken(db, store.id, {
		token: row.token,
		kind: "feed",
		data,
		// Over: nothing is due any more.
		expiresAt: null,
		createdAt: new Date(row.created_at),
	});

/** Of feeds and reports alike. */
export async function getDocument(
	{ ctx, store, parts }: Call,
	idName: "feedDocumentId" | "reportDocumentId",
): Promise<Answer> {
	const document = await findDocument(ctx, store, parts[0] ?? "");
	if (!document) throw notFound("The requested document was not found.");
	return {
		body: {
			[idName]: document.token,
			url: addressOf(ctx, store, document.token),
			...(document.data.isPacked ? { compressionAlgorithm: "GZIP" } : {}),
		},
	};
}

/** Feeds that have come to their moment. */
export async function runDueFeeds(tx: Transaction, ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const settings = settingsOf(store);
	if (settings.feedFate === "stuck") return;
	const due = await tx.execute<TokenRow<FeedData>>(sql`
		select token, kind, data, expires_at, created_at from sandbox.tokens
		where store_id = ${store.id} and kind = 'feed' and data->>'status' = 'IN_QUEUE' and expires_at <= ${ctx.now().toISOString()}::timestamptz
		order by created_at, token for update skip locked`);
	for (const row of due) {
		const document = await findToken<DocumentData>(tx, store.id, "document", row.data.inputId);
		const file = Buffer.from(document?.data.content ?? "", "base64");
		const result = await run(tx, ctx, store, row.token, file, settings);
		const text = Buffer.from(JSON.stringify(result));
		const resultId = await makeDocument(tx, ctx, store, "feed", outputOf(text, "application/json", true));
		await saveFeed(tx, store, row, {
			...row.data,
			status: settings.feedFate === "fatal" ? "FATAL" : "DONE",
			resultId: settings.feedFate === "fatal" ? null : resultId,
			endedAt: ctx.now().toISOString(),
		});
	}
}

type Message = { messageId: number; sku: string; operationType: string; productType: string; patches: unknown };
type ReportedIssue = { messageId?: number; sku?: string; code?: string; severity: string; message: string };

async function run(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	feedId: string,
	file: Buffer,
	{ feedFate, feedIssuesLack }: Pick<AmazonSettings, "feedFate" | "feedIssuesLack">,
) {
	const issues: ReportedIssue[] = [];
	const messages = feedFate === "refused" ? refuseAll(issues) : readMessages(store, file, issues);
	const applied = feedFate === "fatal" ? messages.slice(0, Math.floor(messages.length / 2)) : messages;
	for (const message of applied) {
		const found = await runMessage(tx, ctx, store, message);
		issues.push(
			...found.map(({ code, severity, message: words }) => ({
				messageId: message.messageId,
				sku: message.sku,
				code,
				severity,
				message: words,
			})),
		);
	}
	const invalid = new Set(issues.filter(({ severity }) => severity === "ERROR").map(({ messageId }) => messageId)).size;
	return {
		header: { sellerId: store.secrets.sellerId ?? "", version: "2.0", feedId },
		issues: issues.map((issue) => without(issue, feedIssuesLack)),
		summary: {
			errors: issues.filter(({ severity }) => severity === "ERROR").length,
			warnings: issues.filter(({ severity }) => severity === "WARNING").length,
			messagesProcessed: messages.length,
			messagesAccepted: messages.length - invalid,
			messagesInvalid: invalid,
		},
	};
}

const without = (issue: ReportedIssue, names: readonly (keyof ReportedIssue)[]) =>
	Object.fromEntries(Object.entries(issue).filter(([name]) => !names.includes(name as keyof ReportedIssue)));

function refuseAll(issues: ReportedIssue[], message = "The feed was rejected."): Message[] {
	issues.push({ code: "4000001", severity: "ERROR", message });
	return [];
}

/** None, with one complaint about the whole, where the file is not what it should be. */
function readMessages(store: SandboxStore, file: Buffer, issues: ReportedIssue[]): Message[] {
	const refuse = (message: string) => refuseAll(issues, message);
	if (file.length > largestFeedBytes) return refuse("The provided file is too large.");
	let feed: unknown;
	try {
		feed = JSON.parse(file.toString("utf8"));
	} catch {
		return refuse("The provided file is not valid JSON.");
	}
	if (!isObject(feed) || !isObject(feed.header) || !Array.isArray(feed.messages))
		return refuse("The provided JSON does not match the schema of the feed.");
	if (feed.header.sellerId !== store.secrets.sellerId || feed.header.version !== "2.0")
		return refuse("The header of the feed is invalid.");
	const messages = feed.messages as Message[];
	const ids = new Set(messages.map(({ messageId }) => messageId));
	const areIds = messages.every(({ messageId: id }) => Number.isInteger(id) && id >= 1 && id < 2 ** 31);
	if (messages.length === 0 || messages.length > mostMessages || ids.size < messages.length || !areIds)
		return refuse("The messages of the feed are invalid.");
	return messages;
}

async function runMessage(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	message: Message,
): Promise<Issue[]> {
	const failure = (code: string, words: string): Issue => ({ code, message: words, severity: "ERROR", categories: [] });
	if (message.operationType !== "PATCH") return [failure("4000003", "The operation type is not supported.")];
	try {
		const patches = readPatches(message);
		const item = await findItem(tx, store.id, message.sku, sql`for update`);
		if (!item) return [failure("13013", "This SKU does not exist in the Amazon.com catalog.")];
		const issues = judge(item, patches);
		if (!issues.some(({ severity }) => severity === "ERROR")) await accept(tx, ctx, store, item, patches, "feed");
		return issues;
	} catch (error) {
		if (error instanceof SpError) return [failure("4000004", error.message)];
		throw error;
	}
}

export const statusesIn = (query: URLSearchParams) => csv(query, "processingStatuses");
