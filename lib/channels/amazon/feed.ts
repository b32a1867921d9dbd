/**
 * Many quantities in one file. Amazon works on it for minutes, on bad days for hours, and lists only what failed. Which feed
 * last carried a SKU is remembered in this process, so that its answer is read before that SKU is written again, and so that
 * nothing is written beside a feed that may still land. A process that starts anew has forgotten: then lateWriteMs is what guards.
 */

import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { jsonIn } from "../json-in";
import type { WriteRow } from "../listing";
import { document, type FeedIssue, feed, feedDocumentMade, feedMade, feedResult } from "./api-types";
import { take, waitFor } from "./buckets";
import { AmazonError, callAmazon, encode, isGone } from "./client";
import { fetchDocument, putDocument } from "./documents";
import { invalid, patchesFor, productType } from "./patch";

const path = "/feeds/2021-06-30";
const contentType = "application/json; charset=UTF-8";
const feedType = "JSON_LISTINGS_FEED";

/** By SKU; a feed's result names a message by either. */
type MessageIds = Map<string, number>;
type SentFeed = { feedId: string; messageIds: MessageIds };
/** By seller and endpoint, oldest first. */
const sent = new Map<string, SentFeed[]>();
const mostRemembered = 50;

const keyOf = ({ baseUrl, access }: Connection) => `${baseUrl} ${access.sellerId}`;

/** A file that Amazon has and does nothing with yet. */
type LaidFeed = { documentId: string; messageIds: MessageIds };

/** Two calls, whatever the number of rows, after which nothing has happened yet. Throws ChannelError. */
export async function layFeed(connection: Connection, rows: readonly WriteRow[]): Promise<LaidFeed> {
	const waitMs = waitFor(connection, "listingsFeed");
	if (waitMs > 0)
		throw new AmazonError("throttled", "Amazon takes five feeds in five minutes.", { retryAfterMs: waitMs });
	const made = await callAmazon(
		connection,
		{
			operation: "createFeedDocument",
			method: "POST",
			path: `${path}/documents`,
			body: { contentType },
			isSecret: true,
		},
		feedDocumentMade,
	);
	const file = feedOf(connection, rows);
	await putDocument(connection, made.url, contentType, JSON.stringify(file));
	return {
		documentId: made.feedDocumentId,
		messageIds: new Map(file.messages.map(({ sku, messageId }) => [sku, messageId])),
	};
}

/** The call that sets it to work. Throws ChannelError, after which it may be at work all the same. */
export async function startFeed(connection: Connection, { documentId, messageIds }: LaidFeed): Promise<void> {
	take(connection, "listingsFeed");
	const body = {
		feedType,
		marketplaceIds: [connection.access.marketplaceId ?? ""],
		inputFeedDocumentId: documentId,
	};
	const call = { operation: "createFeed" as const, method: "POST" as const, path: `${path}/feeds`, body };
	const { feedId } = await callAmazon(connection, call, feedMade);
	remember(connection, { feedId, messageIds });
}

/** Pure but for the seller: the file itself. */
const feedOf = ({ access }: Pick<Connection, "access">, rows: readonly WriteRow[]) => ({
	header: { sellerId: access.sellerId ?? "", version: "2.0", issueLocale: "en_US" },
	messages: rows.map((row, index) => ({
		messageId: index + 1,
		sku: row.externalKey,
		operationType: "PATCH",
		productType,
		patches: patchesFor(row.quantity),
	})),
});

function remember(connection: Connection, feed: SentFeed): void {
	const key = keyOf(connection);
	const feeds = sent.get(key) ?? [];
	for (const older of feeds) for (const sku of feed.messageIds.keys()) older.messageIds.delete(sku);
	feeds.push(feed);
	sent.set(key, feeds.filter(({ messageIds }) => messageIds.size > 0).slice(-mostRemembered));
}

type SettledFeeds = {
	/** What their last feed could not set, in Amazon's words. */
	refused: [WriteRow, ChannelError][];
	/** Rows of feeds that may still land: not to be written now. */
	underWay: WriteRow[];
};

/** What became of the feeds that last carried these rows; one that still waits in line is called off. Throws ChannelError. */
export async function settleFeeds(connection: Connection, rows: readonly WriteRow[]): Promise<SettledFeeds> {
	const settled: SettledFeeds = { refused: [], underWay: [] };
	const feeds = sent.get(keyOf(connection)) ?? [];
	for (const one of feeds) {
		const mine = rows.filter(({ externalKey }) => one.messageIds.has(externalKey));
		if (mine.length === 0) continue;
		const end = await readEnd(connection, one.feedId);
		if (end === "under_way") settled.underWay.push(...mine);
		else if (end === "unreadable") one.messageIds.clear();
		else
			for (const row of mine) {
				const issues = end.filter((issue) => isAbout(issue, row.externalKey, one.messageIds.get(row.externalKey)));
				one.messageIds.delete(row.externalKey);
				if (issues.some(({ severity }) => severity === "ERROR")) settled.refused.push([row, invalid(issues)]);
			}
	}
	return settled;
}

/** What names no message is about all of them. */
const isAbout = ({ sku, messageId }: FeedIssue, ownSku: string, ownId: number | undefined): boolean =>
	sku === ownSku || messageId === ownId || (!sku && typeof messageId !== "number");

/** Unreadable: nothing is known of any of its messages, and the levels tell. */
type End = FeedIssue[] | "under_way" | "unreadable";

async function readEnd(connection: Connection, feedId: string): Promise<End> {
	const nothing: FeedIssue[] = [];
	const at = `${path}/feeds/${encode(feedId)}`;
	try {
		const state = await callAmazon(connection, { operation: "getFeed", method: "GET", path: at }, feed);
		switch (state.processingStatus) {
			case "IN_QUEUE":
				return (await callOff(connection, at)) ? nothing : "under_way";
			case "IN_PROGRESS":
				return "under_way";
			case "DONE":
				return state.resultFeedDocumentId ? await readResult(connection, state.resultFeedDocumentId) : nothing;
			default:
				// Cancelled, or fatal, which applied some, none or all: the levels tell.
				return nothing;
		}
	} catch (error) {
		if (isGone(error)) return nothing;
		throw error;
	}
}

/** False: it has begun meanwhile. */
async function callOff(connection: Connection, at: string): Promise<boolean> {
	try {
		await callAmazon(connection, { operation: "cancelFeed", method: "DELETE", path: at }, z.unknown());
		return true;
	} catch (error) {
		if (error instanceof AmazonError && error.reason === "refused") return false;
		throw error;
	}
}

/** Kept in the log as it came. */
async function readResult(connection: Connection, documentId: string): Promise<FeedIssue[] | "unreadable"> {
	const call = {
		operation: "getFeedDocument" as const,
		method: "GET" as const,
		path: `${path}/documents/${encode(documentId)}`,
		isSecret: true,
	};
	try {
		const at = await callAmazon(connection, call, document);
		const text = await fetchDocument(connection, at, { isSecret: false });
		return feedResult.safeParse(jsonIn(text)).data?.issues ?? "unreadable";
	} catch (error) {
		if (error instanceof ChannelError && error.reason === "unreadable") return "unreadable";
		throw error;
	}
}
