/**
 * Differences, sent to the store through API2Cart: increase_quantity or reduce_quantity and nothing else, since a default
 * of the description that is sent along (available_for_sale, avail) would put hidden variants back on sale.
 *
 * Few rows go as single calls side by side, each answered for itself within a second or so. A batch is one call, but its
 * rows are known only when its job is done (27 s to 21 minutes were recorded), so it is used where a store has it and the
 * single calls would take as long. What it has not done when the claim is about to end was only accepted.
 */
import { createHash } from "node:crypto";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { enqueued, type JobItem, jobResult, updated } from "./api-types";
import { callA2c } from "./client";
import { A2cError, isUnclear, mayHaveLanded } from "./codes";
import { type Applies, deltaOf, done, jobOutcome, refused, rowOutcome, singleOutcome, stockField } from "./outcomes";

/** Ours: four at a time, about a second each, they are done before the fastest batch on record. */
const mostSingles = 60;
const sideBySide = 4;
/** The claim of a push lasts a minute, and a call may take three quarters of it: what was not begun by then has not left. */
const beginWithinMs = 12_000;
/** Between a batch and the looks at its job, and when the last of them begins. */
const looksAfterMs = [250, 750, 2_000, 4_000, 8_000, 12_000, 15_000];
const lookWithinMs = 48_000;
const lookPatienceMs = 8_000;

type Kind = "product" | "variant";
const kindOf = ({ ids }: WriteRow): Kind => (ids.childId === undefined ? "product" : "variant");

type Writing = {
	connection: Connection;
	key: string;
	applies: Applies;
	/** By `performance.now()`. */
	begunAt: number;
	outcomes: Map<string, WriteOutcome>;
	/** The first trouble that is about more than one row; nothing further leaves after it. */
	trouble: ChannelError | null;
};

export async function writeQuantities(connection: Connection, rows: WriteRow[], key: string): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const applies = connection.facts.applies === "at_once" ? "at_once" : "later";
	const begunAt = performance.now();
	const writing: Writing = { connection, key, applies, begunAt, outcomes: new Map(), trouble: null };
	const sent: WriteRow[] = [];
	for (const row of rows) {
		const settled = settledUnsent(row);
		if (settled) writing.outcomes.set(row.externalKey, settled);
		else sent.push(row);
	}
	for (const kind of ["product", "variant"] as const) {
		const some = sent.filter((row) => kindOf(row) === kind);
		if (some.length > mostSingles && offersBatch(connection, kind)) await writeBatch(writing, kind, some);
		else await writeSingles(writing, some);
	}
	return {
		rows: rows.map(({ externalKey }) => writing.outcomes.get(externalKey) ?? { externalKey, result: "not_sent" }),
		exchanges: connection.http.exchanges.slice(before),
		trouble: writing.trouble,
		budget: null,
	};
}

const offersBatch = ({ facts }: Connection, kind: Kind): boolean =>
	Array.isArray(facts.methods) &&
	facts.methods.includes(kind === "product" ? "product.update.batch" : "product.variant.update.batch");

/** No difference needs no call; what is no number of units never leaves. */
function settledUnsent(row: WriteRow): WriteOutcome | null {
	const delta = deltaOf(row);
	if (!Number.isSafeInteger(delta))
		return refused(
			row,
			new A2cError("refused", `${row.quantity} less ${row.expected} is not a whole number of units.`, {
				fix: "Correct the SKU's count.",
			}),
		);
	return delta === 0 ? { externalKey: row.externalKey, result: "applied", shown: null } : null;
}

/** The same push sends the same keys, and no key says how much. */
const keyFor = (key: string, what: string): string =>
	createHash("sha256").update(`${key}\n${what}`).digest("hex").slice(0, 32);

function rowBody({ locationRef }: Connection, row: WriteRow): Record<string, unknown> {
	const { productId = "", childId } = row.ids;
	return {
		...(childId === undefined ? { id: productId } : { id: childId, product_id: productId }),
		...stockField(deltaOf(row)),
		...(locationRef === "" ? {} : { warehouse_id: locationRef }),
	};
}

const elapsedMs = ({ begunAt }: Writing) => performance.now() - begunAt;
const leavesBy = ({ begunAt }: Writing) => begunAt + beginWithinMs;
const mayBegin = (writing: Writing) => writing.trouble === null && elapsedMs(writing) < beginWithinMs;

async function writeSingles(writing: Writing, rows: readonly WriteRow[]): Promise<void> {
	const waiting = [...rows];
	const work = async () => {
		for (let row = waiting.shift(); row && mayBegin(writing); row = waiting.shift())
			writing.outcomes.set(row.externalKey, await writeOne(writing, row));
	};
	await Promise.all(Array.from({ length: sideBySide }, work));
}

async function writeOne(writing: Writing, row: WriteRow): Promise<WriteOutcome> {
	const { connection, key, applies } = writing;
	const method = kindOf(row) === "product" ? "product.update" : "product.variant.update";
	const body = { ...rowBody(connection, row), idempotency_key: keyFor(key, row.externalKey) };
	try {
		const { result } = await callA2c(connection, { verb: "PUT", method, body, leavesBy: leavesBy(writing) }, updated);
		return singleOutcome(row, result.updated_items, applies);
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		return rowOutcome(row, error) ?? channelOutcome(writing, row, error);
	}
}

/** Under its key an answer is only repeated: where it is unclear the level tells, and a person at last. */
function channelOutcome(writing: Writing, row: WriteRow, error: ChannelError): WriteOutcome {
	if (isUnclear(error)) return done(row, "later");
	writing.trouble ??= error;
	return { externalKey: row.externalKey, result: mayHaveLanded(error) ? "unknown" : "not_sent" };
}

async function writeBatch(writing: Writing, kind: Kind, rows: readonly WriteRow[]): Promise<void> {
	if (!mayBegin(writing)) return;
	const { connection, key } = writing;
	// Going again under its key it is told the job of the first time, whose rows are known by their places alone.
	const placed = [...rows].sort((a, b) => (a.externalKey < b.externalKey ? -1 : 1));
	const body = {
		payload: placed.map((row) => rowBody(connection, row)),
		// Other than in single calls both are off by default, and the shop would go on showing the old number.
		reindex: true,
		clear_cache: true,
		idempotency_key: keyFor(key, `batch ${kind}`),
	};
	const method = kind === "product" ? "product.update.batch" : "product.variant.update.batch";
	try {
		const { result } = await callA2c(connection, { verb: "POST", method, body, leavesBy: leavesBy(writing) }, enqueued);
		const items = await jobItems(writing, result.job_id);
		for (const [index, row] of placed.entries())
			writing.outcomes.set(row.externalKey, jobOutcome(row, items.get(index), writing.applies));
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		// One row that it does not like and nothing was taken in: the others go by themselves.
		if (error.reason === "refused") return writeSingles(writing, rows);
		for (const row of rows) writing.outcomes.set(row.externalKey, channelOutcome(writing, row, error));
	}
}

/** The job was taken in: whatever happens to the looks at it, its rows may land. Empty where none of them told anything. */
async function jobItems(writing: Writing, jobId: string): Promise<ReadonlyMap<number, JobItem>> {
	for (const waitMs of looksAfterMs) {
		if (elapsedMs(writing) + waitMs > lookWithinMs) break;
		await new Promise((resolve) => setTimeout(resolve, waitMs));
		try {
			const look = {
				verb: "GET",
				method: "batch.job.result",
				query: { id: jobId },
				patienceMs: lookPatienceMs,
			} as const;
			const { result } = await callA2c(writing.connection, look, jobResult);
			return new Map(result.items.map((item) => [item.id, item]));
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			// Any other trouble is the look's, not the job's.
			if (error.reason === "gone" || error.reason === "refused") break;
		}
	}
	return new Map();
}
