/** The report of all listings: as they were when it was made, in tabs without quotes, in the account's own encoding. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { makeDocument, outputOf } from "./documents";
import { type Status, statusesIn } from "./feeds";
import { type ItemRow, isFba, isParent, selectItems, statusOf } from "./items";
import { settingsOf } from "./settings";
import { findToken, listTokens, putToken, type TokenRow } from "./tokens";
import { type Answer, type Call, csv, invalidInput, momentIn, notFound, stamp } from "./wire";

type ReportData = { status: Status; documentId: string | null; endedAt: string | null; marketplaceIds: string[] };

const reportType = "GET_MERCHANT_LISTINGS_ALL_DATA";
const isRunning = ({ data }: TokenRow<ReportData>) => data.status === "IN_QUEUE";

export async function createReport({ ctx, store, settings, body }: Call): Promise<Answer> {
	const given = body as { reportType?: unknown; marketplaceIds?: unknown } | undefined;
	const ids = given?.marketplaceIds;
	if (
		given?.reportType !== reportType ||
		!Array.isArray(ids) ||
		!ids.every((id) => settings.marketplaceIds.includes(id))
	)
		throw invalidInput();
	const now = ctx.now();
	// The same once more while one is being made is cancelled.
	const isDouble = (await listTokens<ReportData>(ctx.db, store.id, "report")).some(isRunning);
	const [id] = await takeIds(ctx.db, store.id, 1);
	const reportId = String(383_000_000_000 + (id ?? 0));
	const data: ReportData = {
		status: isDouble ? "CANCELLED" : "IN_QUEUE",
		documentId: null,
		endedAt: isDouble ? now.toISOString() : null,
		marketplaceIds: ids,
	};
	const expiresAt = isDouble ? null : new Date(now.getTime() + settings.reportLagMs);
	await putToken(ctx.db, store.id, { token: reportId, kind: "report", data, expiresAt, createdAt: now });
	return { status: 202, body: { reportId } };
}

function present(ctx: SandboxContext, row: TokenRow<ReportData>) {
	const { data } = row;
	const half = (Date.parse(row.created_at) + Date.parse(row.expires_at ?? "")) / 2;
	const status = data.status === "IN_QUEUE" && ctx.now().getTime() > half ? "IN_PROGRESS" : data.status;
	return {
		reportId: row.token,
		reportType,
		marketplaceIds: data.marketplaceIds,
		createdTime: new Date(row.created_at).toISOString().replace("Z", "+00:00"),
		processingStatus: status,
		...(data.endedAt ? { processingEndTime: stamp(data.endedAt) } : {}),
		...(data.documentId ? { reportDocumentId: data.documentId } : {}),
	};
}

export async function getReport({ ctx, store, parts }: Call): Promise<Answer> {
	const row = await findToken<ReportData>(ctx.db, store.id, "report", parts[0] ?? "");
	if (!row) throw notFound("The requested report was not found.");
	return { body: present(ctx, row) };
}

export async function getReports({ ctx, store, query }: Call): Promise<Answer> {
	const types = csv(query, "reportTypes");
	if (types.length === 0 || types.length > 10) throw invalidInput();
	const since = momentIn(query, "createdSince")?.getTime() ?? 0;
	const statuses = statusesIn(query);
	const pageSize = Number(query.get("pageSize") ?? 10);
	if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 100) throw invalidInput();
	const rows = await listTokens<ReportData>(ctx.db, store.id, "report");
	const reports = rows
		.filter((row) => types.includes(reportType) && Date.parse(row.created_at) >= since)
		.map((row) => present(ctx, row))
		.filter(({ processingStatus }) => statuses.length === 0 || statuses.includes(processingStatus))
		.reverse();
	return { body: { reports: reports.slice(0, pageSize) } };
}

/** Reports that have come to their moment. */
export async function makeDueReports(tx: Transaction, ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const settings = settingsOf(store);
	const due = await tx.execute<TokenRow<ReportData>>(sql`
		select token, kind, data, expires_at, created_at from sandbox.tokens
		where store_id = ${store.id} and kind = 'report' and data->>'status' = 'IN_QUEUE' and expires_at <= ${ctx.now().toISOString()}::timestamptz
		order by token for update skip locked`);
	for (const row of due) {
		const isDone = settings.reportFate === "done";
		const documentId = isDone ? await writeReport(tx, ctx, store) : null;
		const data: ReportData = {
			...row.data,
			status: isDone ? "DONE" : settings.reportFate === "fatal" ? "FATAL" : "CANCELLED",
			documentId,
			endedAt: ctx.now().toISOString(),
		};
		await putToken(tx, store.id, {
			token: row.token,
			kind: "report",
			data,
			expiresAt: null,
			createdAt: new Date(row.created_at),
		});
	}
}

async function writeReport(tx: Transaction, ctx: SandboxContext, store: SandboxStore): Promise<string> {
	const { reportCharset, reportLacks } = settingsOf(store);
	const rows = await tx.execute<ItemRow>(selectItems(store.id, sql`true`, sql`order by length(i.id), i.id`));
	const columns = Object.keys(columnsOf).filter((name) => !reportLacks.includes(name));
	const lines = rows.map((row) =>
		columns.map((name) => (columnsOf[name]?.(row) ?? "").replace(/[\t\r\n]/g, " ")).join("\t"),
	);
	const text = [columns.join("\t"), ...lines, ""].join("\n");
	const bytes = Buffer.from(text, reportCharset === "UTF-8" ? "utf8" : "latin1");
	return makeDocument(tx, ctx, store, "report", outputOf(bytes, `text/plain;charset=${reportCharset}`, true));
}

const columnsOf: Record<string, (row: ItemRow) => string> = {
	"item-name": ({ data }) => data.title,
	"item-description": () => "",
	"listing-id": ({ id }) => `0101${id}`,
	"seller-sku": ({ sku }) => sku,
	price: ({ data }) => data.price,
	quantity: (row) => (isFba(row) || row.quantity === null ? "" : String(row.quantity)),
	"open-date": ({ data }) => data.createdDate,
	"product-id-type": ({ data }) => (data.gtin ? "4" : "1"),
	"item-condition": () => "11",
	asin1: ({ data }) => data.asin,
	"product-id": ({ data }) => data.gtin ?? data.asin,
	"pending-quantity": () => "0",
	"fulfillment-channel": (row) => row.data.others[0]?.code ?? (isFba(row) ? "AMAZON_NA" : "DEFAULT"),
	"merchant-shipping-group": () => "Migrated Template",
	status: (row) => (statusOf(row).includes("BUYABLE") ? "Active" : isParent(row) ? "Incomplete" : "Inactive"),
};
