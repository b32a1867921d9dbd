/**
 * The list of all SKUs, from the report of all listings: the only one that is whole where a search ends at a thousand. It may be
 * hours old, so nothing of it is believed but which SKUs there are; each is then read live.
 */
import type { Connection } from "../channel-adapter";
import { document, report, reportMade, reports } from "./api-types";
import { AmazonError, callAmazon, encode, pause } from "./client";
import { fetchDocument } from "./documents";
import type { NamedItem } from "./items";

const reportType = "GET_MERCHANT_LISTINGS_ALL_DATA";
const path = "/reports/2021-06-30";
const minutes = 60_000;

/** A finished report no older than this is as good as a new one: items that came since are found by their stamp. */
const freshMs = 30 * minutes;
/** Where Amazon refuses a new one (asked too often), one of the last day still lists most. */
const usableMs = 24 * 60 * minutes;

/** Asks for a report, or finds the one that was asked for before. */
export async function askForReport(connection: Connection): Promise<string> {
	const known = await findReport(connection, freshMs, ["IN_QUEUE", "IN_PROGRESS", "DONE"]);
	if (known) return known;
	const body = { reportType, marketplaceIds: [connection.access.marketplaceId ?? ""] };
	const call = { operation: "createReport" as const, method: "POST" as const, path: `${path}/reports`, body };
	return (await callAmazon(connection, call, reportMade)).reportId;
}

/** The newest of its kind that was asked for within `withinMs`; null: there is none. */
async function findReport(connection: Connection, withinMs: number, statuses: string[]): Promise<string | null> {
	const query = {
		reportTypes: reportType,
		processingStatuses: statuses,
		marketplaceIds: connection.access.marketplaceId,
		createdSince: new Date(connection.now().getTime() - withinMs).toISOString(),
		pageSize: 10,
	};
	const call = { operation: "getReports" as const, method: "GET" as const, path: `${path}/reports`, query };
	const found = (await callAmazon(connection, call, reports)).reports;
	return found.sort((a, b) => b.createdTime - a.createdTime)[0]?.reportId ?? null;
}

type ReportState = { state: "waiting" } | { state: "done"; documentId: string } | { state: "other"; reportId: string };

/** How a report stands. `other`: Amazon did not make it, and an older one must do. Throws ChannelError. */
async function readState(connection: Connection, reportId: string): Promise<ReportState> {
	const call = { operation: "getReport" as const, method: "GET" as const, path: `${path}/reports/${encode(reportId)}` };
	const { processingStatus, reportDocumentId } = await callAmazon(connection, call, report);
	if (processingStatus === "DONE" && reportDocumentId) return { state: "done", documentId: reportDocumentId };
	if (processingStatus !== "CANCELLED" && processingStatus !== "FATAL") return { state: "waiting" };
	const older = await findReport(connection, usableMs, ["DONE"]);
	if (older) return { state: "other", reportId: older };
	throw new AmazonError(
		"refused",
		"Amazon did not make the list of all products: it has none, or was asked too often.",
		{
			fix: "Import again in a few hours.",
			code: processingStatus,
		},
	);
}

/** How long one look waits for a report before it says that it still waits, and between two questions. */
export const waits = { lookMs: 20_000, askEveryMs: 4_000 };

/**
 * Waits for a report a little, then gives way: whoever imports hears that it goes on, and asks again. Nothing is held
 * meanwhile but a timer, and a process that ends in between finds the same report anew.
 */
export async function awaitReport(connection: Connection, reportId: string): Promise<ReportState> {
	for (let waited = 0; ; waited += waits.askEveryMs) {
		const at = await readState(connection, reportId);
		if (at.state !== "waiting" || waited >= waits.lookMs) return at;
		await pause(waits.askEveryMs);
	}
}

/** Items of reports that are being read, so that a document is fetched once and not for each page. */
const lists = new Map<string, readonly NamedItem[]>();
const mostLists = 8;

export async function itemsOf(connection: Connection, documentId: string): Promise<readonly NamedItem[]> {
	const key = `${connection.baseUrl} ${connection.access.sellerId} ${documentId}`;
	const known = lists.get(key);
	if (known) return known;
	const call = {
		operation: "getReportDocument" as const,
		method: "GET" as const,
		path: `${path}/documents/${encode(documentId)}`,
		isSecret: true,
	};
	const items = readItemList(await fetchDocument(connection, await callAmazon(connection, call, document)));
	const [oldest] = lists.keys();
	if (lists.size >= mostLists && oldest !== undefined) lists.delete(oldest);
	lists.set(key, items);
	return items;
}

/** Read to its end: its memory is given back. */
export function forgetItems(connection: Connection, documentId: string): void {
	lists.delete(`${connection.baseUrl} ${connection.access.sellerId} ${documentId}`);
}

/** Pure. Tabs part the columns and nothing is quoted; columns come, go and move, so theirs is found by its name. */
export function readItemList(text: string): NamedItem[] {
	const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
	const columns = lines[0]?.split("\t") ?? [];
	const [skuAt, asinAt] = [columns.indexOf("seller-sku"), columns.indexOf("asin1")];
	if (skuAt < 0)
		throw new AmazonError("unreadable", "Amazon's list of all products has no column seller-sku.", {
			code: "NO_SKU_COLUMN",
		});
	const items = new Map<string, NamedItem>();
	for (const line of lines.slice(1)) {
		const fields = line.split("\t");
		const sku = fields[skuAt] ?? "";
		if (sku !== "" && !items.has(sku)) items.set(sku, { sku, asin: fields[asinAt] || null });
	}
	return [...items.values()];
}
