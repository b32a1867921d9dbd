/**
 * One call of adjustments: what is to be less goes IN_STOCK → SOLD, since Square's rules have a sale elsewhere booked as
 * one, and what is to be more NONE → IN_STOCK. A sale that nobody told us of stays sold, whichever comes first. Each names
 * the call's key as its `reference_id`, by which the ledger tells what became of a call.
 */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { changes, counts } from "./api-types";
import { allPages, callSquare, mayHaveLanded, SquareError } from "./client";
import { isHeldBack, wholeUnits } from "./mapper";
import { locationOf, readShelves } from "./stock";

/**
 * A recount swallows what happened before it, so that a change dated back by a second or two is lost when somebody counted
 * in that second. So a change is dated now, and back only where Square finds our clock ahead (ours; its documentation
 * leaves a second or two for clocks).
 */
const datedBackMs = [0, 2_000] as const;

type Verdict = Pick<WriteResult, "trouble" | "objection"> & { outcomes: WriteOutcome[] };

export async function writeQuantities(connection: Connection, rows: WriteRow[], key: string): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const { outcomes, trouble, objection } = await attempt(connection, rows, key).catch((error): Verdict => {
		if (!(error instanceof ChannelError)) throw error;
		return { outcomes: [], trouble: error };
	});
	const byKey = new Map(outcomes.map((outcome) => [outcome.externalKey, outcome]));
	return {
		rows: rows.map(({ externalKey }) => byKey.get(externalKey) ?? { externalKey, result: "not_sent" }),
		exchanges: connection.http.exchanges.slice(before),
		trouble,
		...(objection && { objection }),
		budget: null,
	};
}

/** Rows without an outcome were not sent. Throws ChannelError from the reading before the write. */
async function attempt(connection: Connection, rows: readonly WriteRow[], key: string): Promise<Verdict> {
	const heldBack = await heldBackOf(connection, rows);
	const outcomes: WriteOutcome[] = [];
	const sent: WriteRow[] = [];
	for (const row of rows) {
		if (!Number.isSafeInteger(row.quantity - row.expected)) outcomes.push(refused(row, notWhole(row)));
		else if (heldBack.has(row.externalKey)) outcomes.push(refused(row, soldOut()));
		// It shows this already, and Square knows no move of nothing.
		else if (row.quantity === row.expected)
			outcomes.push({ externalKey: row.externalKey, result: "applied", shown: null });
		else sent.push(row);
	}
	if (sent.length === 0) return { outcomes, trouble: null };
	const verdict = await send(connection, sent, key);
	return { ...verdict, outcomes: [...outcomes, ...verdict.outcomes] };
}

/**
 * Raising what was marked as sold out by hand would show nothing, be tried again and pile up. Only what shows none can be
 * such a one, so that few rows cost a look.
 */
async function heldBackOf(connection: Connection, rows: readonly WriteRow[]): Promise<Set<string>> {
	const raised = rows.filter(({ quantity, expected }) => expected <= 0 && quantity > expected);
	if (raised.length === 0) return new Set();
	const shelves = await readShelves(
		connection,
		raised.map(({ externalKey }) => externalKey),
	);
	return new Set(shelves.filter(isHeldBack).map(({ id }) => id));
}

async function send(connection: Connection, rows: readonly WriteRow[], key: string): Promise<Verdict> {
	const locationRef = locationOf(connection);
	let refusal: ChannelError | null = null;
	for (const backMs of datedBackMs) {
		const occurredAt = new Date(connection.now().getTime() - backMs);
		const body = { idempotency_key: key, changes: rows.map((row) => adjustment(row, locationRef, key, occurredAt)) };
		try {
			const call = { method: "POST" as const, path: "/v2/inventory/changes/batch-create", body };
			const reply = await callSquare(connection, call, counts);
			return { outcomes: rows.map((row) => appliedAs(row, reply, locationRef)), trouble: null };
		} catch (error) {
			if (!(error instanceof ChannelError)) throw error;
			if (error.code === "IDEMPOTENCY_KEY_REUSED") return lookUp(connection, rows, key);
			if (isObjection(error)) return objectedTo(rows, error);
			if (error.code !== "INVALID_TIME") {
				const result = mayHaveLanded(error) ? "unknown" : "not_sent";
				return { outcomes: rows.map(({ externalKey }) => ({ externalKey, result })), trouble: error };
			}
			refusal = error;
		}
	}
	return { outcomes: [], trouble: refusal };
}

function adjustment(row: WriteRow, locationRef: string, key: string, occurredAt: Date) {
	const difference = row.quantity - row.expected;
	const [from_state, to_state] = difference < 0 ? ["IN_STOCK", "SOLD"] : ["NONE", "IN_STOCK"];
	return {
		type: "ADJUSTMENT",
		adjustment: {
			reference_id: key,
			catalog_object_id: row.externalKey,
			location_id: locationRef,
			from_state,
			to_state,
			quantity: String(Math.abs(difference)),
			occurred_at: occurredAt.toISOString(),
		},
	};
}

type Counted = { counts: { catalog_object_id: string; state: string; location_id: string; quantity: number }[] };

/**
 * What was taken and left more than we asked for may have been swallowed by a recount of the same moment. Then nothing
 * became less, and only a reading tells what can be sold.
 */
function appliedAs(
	{ externalKey, quantity, expected }: WriteRow,
	{ counts }: Counted,
	locationRef: string,
): WriteOutcome {
	const count = counts.find(
		(one) => one.catalog_object_id === externalKey && one.state === "IN_STOCK" && one.location_id === locationRef,
	);
	const shown = count ? wholeUnits(count.quantity) : null;
	if (quantity < expected && shown !== null && shown > quantity) return { externalKey, result: "stale" };
	return { externalKey, result: "applied", shown };
}

/**
 * The same key again carries another time of change, and so another body: Square then says that it has seen the key. What
 * it did for it stands in the ledger.
 */
async function lookUp(connection: Connection, rows: readonly WriteRow[], key: string): Promise<Verdict> {
	const done = new Set<string>();
	try {
		const asked = {
			catalog_object_ids: rows.map(({ externalKey }) => externalKey),
			location_ids: [locationOf(connection)],
			types: ["ADJUSTMENT"],
			updated_after: new Date(connection.now().getTime() - oldestMs).toISOString(),
		};
		const path = "/v2/inventory/changes/batch-retrieve";
		const pages = await allPages((more) =>
			callSquare(connection, { method: "POST", path, body: { ...asked, ...more } }, changes),
		);
		for (const { adjustment } of pages.flatMap((page) => page.changes))
			if (adjustment?.reference_id === key) done.add(adjustment.catalog_object_id);
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		return { outcomes: rows.map(({ externalKey }) => ({ externalKey, result: "unknown" })), trouble: error };
	}
	return {
		outcomes: rows.map(
			({ externalKey }): WriteOutcome =>
				done.has(externalKey) ? { externalKey, result: "applied", shown: null } : { externalKey, result: "unknown" },
		),
		trouble: null,
	};
}

/** A change can't be older, so that nothing of a key lies further back. */
const oldestMs = 86_400_000;

/** Against what was asked for, not against who asks or when. */
const isObjection = ({ reason, code }: ChannelError) =>
	reason === "gone" || (reason === "refused" && code !== "INVALID_TIME");

/** Nothing of the call was done. Where Square names no row and there are several, the caller splits them. */
function objectedTo(rows: readonly WriteRow[], error: ChannelError): Verdict {
	const named = error instanceof SquareError ? /^changes\[(\d+)\]/.exec(error.field ?? "")?.[1] : undefined;
	const bad = rows.length === 1 ? rows[0] : named === undefined ? undefined : rows[Number(named)];
	if (bad) return { outcomes: [refused(bad, error)], trouble: null };
	return { outcomes: [], trouble: null, objection: error };
}

const refused = (row: WriteRow, error: ChannelError): WriteOutcome => ({
	externalKey: row.externalKey,
	result: "refused",
	error,
});

const notWhole = ({ quantity }: WriteRow) =>
	new SquareError("refused", `${quantity} is not a whole number of units.`, { fix: "Correct the SKU's count." });

const soldOut = () =>
	new SquareError("refused", "Somebody marked this item as sold out in Square, so it sells none of its units.", {
		fix: "In Square's dashboard or at the till mark it as available again.",
		code: "SOLD_OUT",
	});
