/**
 * Quantities, row by row while they are few, by feed when they are many. Amazon takes a number in and applies it later or, now
 * and then, never: "accepted" is all that an answer can say, and the level has to be read.
 *
 * Before anything leaves, the items are looked at: a number for what Amazon fulfils would turn it into the merchant's own.
 */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { type Issue, type Item, submission } from "./api-types";
import { AmazonError, callAmazon, encode, mayHaveLanded } from "./client";
import { mostPatches } from "./facts";
import { layFeed, settleFeeds, startFeed } from "./feed";
import { itemsPath, readItems, stockOfItem, unnameable } from "./items";
import { untouchable } from "./mapper";
import { invalid, patchesFor, productType } from "./patch";
import { isPathSafe } from "./skus";

export async function writeQuantities(connection: Connection, rows: WriteRow[]): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const work = new Work(rows);
	try {
		await write(connection, work);
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		work.trouble = error;
	}
	return {
		rows: work.outcomes(),
		// What came from the login host is no part of the write.
		exchanges: connection.http.exchanges.slice(before).filter(({ url }) => !url.endsWith("/auth/o2/token")),
		trouble: work.trouble,
		...(work.objection && { objection: work.objection }),
		budget: null,
	};
}

/** Rows and what became of them so far; those of which nothing is known yet were not sent. */
class Work {
	trouble: ChannelError | null = null;
	/** To a whole feed, of whose rows none can go by itself. */
	objection: ChannelError | null = null;
	private readonly known = new Map<string, WriteOutcome>();

	constructor(private readonly rows: readonly WriteRow[]) {}

	left(): WriteRow[] {
		return this.rows.filter(({ externalKey }) => !this.known.has(externalKey));
	}

	set({ externalKey }: WriteRow, result: "accepted" | "unknown" | "not_sent"): void {
		this.known.set(externalKey, { externalKey, result });
	}

	refuse({ externalKey }: WriteRow, error: ChannelError): void {
		this.known.set(externalKey, { externalKey, result: "refused", error });
	}

	outcomes(): WriteOutcome[] {
		return this.rows.map(({ externalKey }) => this.known.get(externalKey) ?? { externalKey, result: "not_sent" });
	}
}

async function write(connection: Connection, work: Work): Promise<void> {
	for (const row of work.left()) if (!isWritable(row.quantity)) work.refuse(row, notWhole(row.quantity));
	await refuseUntouchable(connection, work);
	// Never both ways for one SKU at once: between a feed and a patch nothing says which comes last.
	const { refused, underWay } = await settleFeeds(connection, work.left());
	for (const [row, error] of refused) work.refuse(row, error);
	for (const row of underWay) work.set(row, "not_sent");

	const rows = work.left();
	if (rows.length > mostPatches) await writeByFeed(connection, work, rows);
	else {
		const pathless = rows.filter((row) => !hasPath(row));
		await writeByPatch(connection, work, rows.filter(hasPath));
		if (pathless.length > 0 && !work.trouble) await writeByFeed(connection, work, pathless);
	}
	if (underWay.length > 0) work.trouble ??= feedUnderWay();
}

const isWritable = (quantity: number) => Number.isSafeInteger(quantity) && quantity >= 0;

const notWhole = (quantity: number) =>
	new AmazonError("refused", `${quantity} is not a number of units that Amazon takes.`, {
		fix: "Correct the SKU's count.",
	});

const feedWaitMs = 30_000;
const feedUnderWay = () =>
	new AmazonError("throttled", "Amazon is still at work on a large change of these quantities.", {
		retryAfterMs: feedWaitMs,
		code: "FEED_IN_PROGRESS",
	});

async function refuseUntouchable(connection: Connection, work: Work): Promise<void> {
	const nameOf = ({ externalKey, ids }: WriteRow) => ({ sku: externalKey, asin: ids.asin });
	for (const row of work.left()) {
		const error = unnameable(nameOf(row));
		if (error) work.refuse(row, error);
	}
	const rows = work.left();
	const found = rows.length > 0 ? await readItems(connection, stockOfItem, rows.map(nameOf)) : new Map();
	for (const row of rows) {
		const item: Item | undefined = found.get(row.externalKey)?.item;
		const reason = item && untouchable(item);
		if (!item) work.refuse(row, gone());
		else if (reason)
			work.refuse(
				row,
				new AmazonError("refused", reason, {
					fix: "Leave this item out, or change how it is fulfilled in Seller Central and import the products again.",
					code: "NOT_OURS_TO_WRITE",
				}),
			);
	}
}

const gone = () =>
	new AmazonError("gone", "This SKU no longer exists in the seller's catalogue.", {
		fix: "Import the channel's products again, then link the item that took its place.",
	});

async function writeByFeed(connection: Connection, work: Work, rows: readonly WriteRow[]): Promise<void> {
	let isLaid = false;
	try {
		const laid = await layFeed(connection, rows);
		isLaid = true;
		await startFeed(connection, laid);
		for (const row of rows) work.set(row, "accepted");
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		if (isLaid && mayHaveLanded(error)) for (const row of rows) work.set(row, "unknown");
		// Too many feeds for now, or a file that Amazon does not like: as many as a push may patch go at least.
		if (error.reason !== "throttled" && error.reason !== "refused") throw error;
		const single = rows.filter(hasPath).slice(0, mostPatches);
		await writeByPatch(connection, work, single);
		const pathless = rows.filter((row) => !hasPath(row));
		if (error.reason === "throttled") work.trouble ??= pathless.length > 0 ? error : null;
		else if (pathless.length === 1 && pathless[0]) work.refuse(pathless[0], error);
		else if (single.length === 0) work.objection = error;
	}
}

const hasPath = ({ externalKey }: WriteRow) => isPathSafe(externalKey, encode(externalKey));

/** Longer than all turns of a full push together. */
const patiencePerRowMs = 250;
/** A push must be over before whoever sent it is taken for dead; what is left goes in the next. */
const longestPushMs = 40_000;

async function writeByPatch(connection: Connection, work: Work, rows: readonly WriteRow[]): Promise<void> {
	const forbidden: [WriteRow, ChannelError][] = [];
	let isAllowed = false;
	const began = performance.now();
	for (const row of rows) {
		if (performance.now() - began > longestPushMs) break;
		try {
			settlePatch(work, row, await patch(connection, row, 3_000 + patiencePerRowMs * rows.length));
			isAllowed = true;
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			if (error.reason === "missing_scope") {
				// One SKU that Amazon reads otherwise than we mean it, or the whole account: the next row tells.
				forbidden.push([row, error]);
				if (!isAllowed && forbidden.length > 1) break;
				continue;
			}
			if (error.reason === "refused" || error.reason === "gone") {
				work.refuse(row, error.reason === "gone" ? gone() : error);
				continue;
			}
			if (mayHaveLanded(error)) work.set(row, "unknown");
			work.trouble = error;
			break;
		}
	}
	for (const [row, error] of forbidden) {
		if (isAllowed) work.refuse(row, error);
		else work.trouble ??= error;
	}
}

async function patch(connection: Connection, row: WriteRow, patienceMs: number) {
	const call = {
		operation: "patchListingsItem" as const,
		method: "PATCH" as const,
		path: `${itemsPath(connection)}/${encode(row.externalKey)}`,
		query: { marketplaceIds: [connection.access.marketplaceId ?? ""], issueLocale: "en_US", includedData: "issues" },
		body: { productType, patches: patchesFor(row.quantity) },
		patienceMs,
	};
	return callAmazon(connection, call, submission);
}

function settlePatch(work: Work, row: WriteRow, answer: { status: string; issues?: Issue[] | null }): void {
	if (answer.status === "ACCEPTED") work.set(row, "accepted");
	else if (answer.status === "INVALID") work.refuse(row, invalid(answer.issues ?? []));
	else work.set(row, "unknown");
}
