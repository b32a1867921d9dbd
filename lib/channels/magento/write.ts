/**
 * One batch of source items, and what its answer says. All rows are looked at before one is saved, so that a wrong one saves
 * none and is not named: then none was sent, and the caller splits. The save itself is no transaction: what fails in it may have
 * stored a part. Nothing here ever tries again.
 */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { latestBulkMs, mayHaveOpenBulks, mayWriteInBulk, openBulkSkus, stillQueued, writeInBulk } from "./bulk";
import { callMagento, isGone, MagentoError, mayHaveLanded } from "./client";
import { type Deadline, startDeadline, writeTimeoutMs } from "./deadline";
import { largestBatch } from "./facts";
import { writeLegacy } from "./legacy";
import { encode } from "./oauth";
import { type SourceRow, sourceRows } from "./source-rows";
import { hasInventory } from "./topology";

export async function writeQuantities(connection: Connection, rows: WriteRow[]): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const { outcomes, trouble, objection } = await write(connection, rows, startDeadline());
	const byKey = new Map(outcomes.map((outcome) => [outcome.externalKey, outcome]));
	return {
		rows: rows.map(({ externalKey }) => byKey.get(externalKey) ?? { externalKey, result: "unknown" }),
		exchanges: connection.http.exchanges.slice(before),
		trouble,
		...(objection && { objection }),
		budget: null,
	};
}

/** `objection`: what was said against a row that was not named. */
type Written = { outcomes: WriteOutcome[]; trouble: ChannelError | null; objection?: ChannelError };

const all = (rows: readonly { externalKey: string }[], result: "not_sent" | "unknown" | "accepted"): WriteOutcome[] =>
	rows.map(({ externalKey }) => ({ externalKey, result }));

async function write(connection: Connection, rows: readonly WriteRow[], deadline: Deadline): Promise<Written> {
	const refused: WriteOutcome[] = [];
	const sendable: WriteRow[] = [];
	for (const row of rows) {
		const error = objectionTo(row);
		if (error) refused.push({ externalKey: row.externalKey, result: "refused", error });
		else sendable.push(row);
	}
	if (sendable.length === 0) return { outcomes: refused, trouble: null };
	if (!hasInventory(connection)) {
		const written = await writeLegacy(connection, sendable, deadline);
		return { ...written, outcomes: [...refused, ...written.outcomes] };
	}
	try {
		const made = await sourceRows(connection, sendable);
		const written = await send(connection, made.rows, deadline);
		return { ...written, outcomes: [...refused, ...made.refused, ...written.outcomes] };
	} catch (error) {
		// What had to be read before anything was written.
		if (!(error instanceof ChannelError)) throw error;
		return { outcomes: [...refused, ...all(sendable, "not_sent")], trouble: error };
	}
}

const longestSku = 64;

function objectionTo({ ids, quantity, open = 0 }: WriteRow): MagentoError | null {
	const sku = ids.sku ?? "";
	if (sku.trim() === "" || sku !== sku.trim() || sku.length > longestSku)
		return new MagentoError("refused", `Magento can't keep stock under the SKU “${sku}”.`, {
			fix: "In Magento give the product a SKU of 1 to 64 characters without spaces around it, then import the channel's products again.",
			code: "SKU",
		});
	if (!Number.isSafeInteger(quantity + open))
		return new MagentoError("refused", `${quantity} is not a whole number of units.`, {
			fix: "Correct the SKU's count.",
		});
	return null;
}

/** The most rows that a store has said it takes, until this process ends or the store is connected again. */
const learnedLimits = new Map<string, number>();
const limitKey = ({ channelId, baseUrl }: Connection) => `${channelId} ${baseUrl}`;

function rowsAtOnce(connection: Connection): number {
	const { largestRows } = connection.facts;
	const known = typeof largestRows === "number" ? largestRows : largestBatch;
	return Math.max(1, Math.min(largestBatch, known, learnedLimits.get(limitKey(connection)) ?? largestBatch));
}

/** What is left when it is too late goes with the next claim. */
async function send(connection: Connection, rows: readonly SourceRow[], deadline: Deadline): Promise<Written> {
	if (rows.length === 0) return { outcomes: [], trouble: null };
	if (mayHaveOpenBulks(connection)) {
		const queued = await openBulkSkus(connection);
		if (rows.some(({ item }) => queued.has(item.sku)))
			return { outcomes: all(rows, "not_sent"), trouble: stillQueued() };
	}
	if (mayWriteInBulk(connection, rows.length) && deadline.elapsedMs() < latestBulkMs) {
		const written = await writeInBulk(connection, rows, Math.min(100, rowsAtOnce(connection)));
		if (written) return written;
	}
	const outcomes: WriteOutcome[] = [];
	let objection: ChannelError | undefined;
	let left = [...rows];
	while (left.length > 0) {
		if (deadline.isPast()) return { outcomes: [...outcomes, ...all(left, "not_sent")], trouble: null };
		const some = left.slice(0, rowsAtOnce(connection));
		const answer = await save(connection, some);
		if (answer === "too_many") continue;
		outcomes.push(...answer.outcomes);
		// Of one call among several it would be held against the rows of the others, too.
		if (some.length === rows.length) objection = answer.objection;
		left = left.slice(some.length);
		if (answer.trouble) return { outcomes: [...outcomes, ...all(left, "not_sent")], trouble: answer.trouble };
	}
	return { outcomes, trouble: null, objection };
}

async function save(connection: Connection, rows: readonly SourceRow[]): Promise<Written | "too_many"> {
	const sourceItems = rows.map(({ item }) => item);
	try {
		await callMagento(
			connection,
			{ method: "POST", path: "/V1/inventory/source-items", body: { sourceItems }, timeoutMs: writeTimeoutMs },
			z.array(z.unknown()),
		);
		return {
			outcomes: rows.map(({ externalKey }) => ({ externalKey, result: "applied", shown: null })),
			trouble: null,
		};
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		if (error instanceof MagentoError && error.limit !== null && error.limit < rows.length) {
			learnedLimits.set(limitKey(connection), error.limit);
			return "too_many";
		}
		return failed(connection, rows, error);
	}
}

async function failed(connection: Connection, rows: readonly SourceRow[], error: ChannelError): Promise<Written> {
	const isOfTheRows = error.reason === "refused" || error.reason === "gone";
	if (!isOfTheRows) return { outcomes: all(rows, mayHaveLanded(error) ? "unknown" : "not_sent"), trouble: error };
	if (mayHaveLanded(error)) {
		const gone = await sourceGone(connection);
		if (!gone) return { outcomes: all(rows, "unknown"), trouble: null };
		return {
			outcomes: rows.map(({ externalKey }) => ({ externalKey, result: "refused", error: gone })),
			trouble: null,
		};
	}
	const [only] = rows;
	if (rows.length === 1 && only)
		return { outcomes: [{ externalKey: only.externalKey, result: "refused", error }], trouble: null };
	return { outcomes: all(rows, "not_sent"), trouble: null, objection: error };
}

/** A source that is no longer there is answered like a save that failed midway. */
async function sourceGone(connection: Connection): Promise<MagentoError | null> {
	try {
		const path = `/V1/inventory/sources/${encode(connection.locationRef)}`;
		await callMagento(connection, { method: "GET", path }, z.unknown());
		return null;
	} catch (error) {
		if (!isGone(error)) return null;
		return new MagentoError("refused", `Magento no longer has the source “${connection.locationRef}”.`, {
			fix: "Connect the store again and choose another location, or create the source anew in Magento.",
			code: "SOURCE_GONE",
		});
	}
}
