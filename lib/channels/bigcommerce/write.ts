/**
 * One call of relative adjustments, and what its answer says about each row.
 *
 * A 200 only says that the adjustment was taken in: it is applied a while later, and `accepted` is all that is known. A 422
 * speaks for the call as a whole, and names the rows that it is about at best. A row that is named, or alone, gets its own
 * outcome. What became of the rest is in doubt until the store has shown what it makes of them (refused-calls.ts); then they are
 * `not_sent`, and where no row is named all are, so that the caller splits.
 *
 * - A take that would end below zero means that something was sold which we have not heard of: `stale`.
 * - An item that was never set at the location takes no relative adjustment, and gets its first number (first-number.ts).
 */
import { LosslessNumber } from "lossless-json";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { transaction } from "./api-types";
import { BigCommerceError, callBigCommerce, inShort, isRefusedWhole, mayHaveLanded } from "./client";
import { largestQuantity } from "./facts";
import { writeFirstNumbers } from "./first-number";
import { levelsNow } from "./levels";
import { keyOf } from "./mapper";
import { oneAtATime } from "./one-at-a-time";
import { besideRefused, inOneCall } from "./refused-calls";

export async function writeQuantities(connection: Connection, rows: WriteRow[], key: string): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const answer = await write(connection, rows, `Onecount ${key}`);
	return { ...answer, exchanges: connection.http.exchanges.slice(before) };
}

/** `objection`: what was said against a row that was not named. */
type Answer = Omit<WriteResult, "exchanges"> & { objection?: ChannelError };

async function write(connection: Connection, rows: readonly WriteRow[], reason: string): Promise<Answer> {
	if (connection.locationRef === "") return { rows: rows.map(notSent), trouble: noLocation(), budget: null };
	const objections = new Map(rows.flatMap((row) => objectionTo(row)));
	const sent = inOneCall(
		connection,
		rows.filter((row) => !objections.has(row.externalKey)),
	);
	const answer: Answer =
		sent.length === 0 ? { rows: [], trouble: null, budget: null } : await adjust(connection, sent, reason);
	const outcomes = new Map([...answer.rows.map((row) => [row.externalKey, row] as const), ...objections]);
	return { ...answer, rows: rows.map((row) => outcomes.get(row.externalKey) ?? notSent(row)) };
}

async function adjust(connection: Connection, rows: readonly WriteRow[], reason: string): Promise<Answer> {
	try {
		const budget = await sendAdjustment(connection, "relative", rows, reason);
		return { rows: rows.map(({ externalKey }) => ({ externalKey, result: "accepted" })), trouble: null, budget };
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		const budget = error instanceof BigCommerceError ? error.budget : null;
		if (isRefusedWhole(error)) return { ...(await afterRefusal(connection, rows, error, reason)), budget };
		const result = mayHaveLanded(error) ? "unknown" : "not_sent";
		return { rows: rows.map(({ externalKey }) => ({ externalKey, result })), trouble: error, budget };
	}
}

/** Adjustments of one store go one after the other, as BigCommerce asks; what they name stays exact beyond 2^53. */
export async function sendAdjustment(
	connection: Connection,
	method: "relative" | "absolute",
	rows: readonly WriteRow[],
	reason: string,
) {
	const items = rows.map(({ ids, quantity, expected }) => ({
		location_id: new LosslessNumber(connection.locationRef),
		...(ids.variantId
			? { variant_id: new LosslessNumber(ids.variantId) }
			: { product_id: new LosslessNumber(ids.productId ?? "") }),
		quantity: method === "relative" ? quantity - expected : quantity,
	}));
	const call = {
		method: method === "relative" ? ("POST" as const) : ("PUT" as const),
		path: `/v3/inventory/adjustments/${method}`,
		body: { reason, items },
	};
	return (await oneAtATime(connection.baseUrl, () => callBigCommerce(connection, call, transaction))).budget;
}

/** By the words of a 422: the rows that it names, by their ids or their places in the call, or the only one there is. */
export function namedIn(said: string, rows: readonly WriteRow[]): WriteRow[] {
	if (rows.length === 1) return [...rows];
	const named = new Set([...said.matchAll(/\b(variant|product)_id:? (\d+)/g)].map(([, kind, id]) => `${kind}:${id}`));
	const places = new Set([...said.matchAll(/\bitems[.[](\d+)/g)].map(([, place]) => Number(place)));
	return rows.filter(({ ids }, place) => named.has(keyOf(ids)) || places.has(place));
}

type Refusal = Omit<Answer, "budget">;

async function afterRefusal(
	connection: Connection,
	rows: readonly WriteRow[],
	error: BigCommerceError,
	reason: string,
): Promise<Refusal> {
	const said = error.said ?? error.message;
	const named = namedIn(said, rows);
	const others = rows.filter((row) => !named.includes(row));
	const result = others.length > 0 ? besideRefused(connection, others, named.length > 0) : "not_sent";
	const untold = others.map(({ externalKey }): WriteOutcome => ({ externalKey, result }));
	if (named.length === 0)
		return { rows: untold, trouble: null, ...(result === "not_sent" && { objection: refusedBy(said) }) };
	const { outcomes, trouble } = await outcomesOf(connection, named, said, reason);
	return { rows: [...outcomes, ...untold], trouble };
}

type Named = { outcomes: WriteOutcome[]; trouble: ChannelError | null };

async function outcomesOf(
	connection: Connection,
	named: readonly WriteRow[],
	said: string,
	reason: string,
): Promise<Named> {
	if (/requires absolute adjustment before relative/i.test(said))
		return writeFirstNumbers(connection, named, (rows) => sendAdjustment(connection, "absolute", rows, reason));
	if (/is tracked by (product|variant)/i.test(said))
		return { outcomes: named.map((row) => refused(row, trackedOtherwise(said))), trouble: null };
	if (!named.some(({ quantity, expected }) => quantity < expected))
		return { outcomes: named.map((row) => refused(row, refusedBy(said))), trouble: null };
	// How a take below zero is worded is not published, so that the levels tell whether it was one.
	try {
		const levels = await levelsNow(connection, named);
		return {
			outcomes: named.map((row): WriteOutcome => {
				// What has no number has nothing to take from, and what was not seen has to be looked at.
				const level = levels.get(keyOf(row.ids)) ?? 0;
				const isShort = row.quantity < row.expected && level + row.quantity - row.expected < 0;
				return isShort ? { externalKey: row.externalKey, result: "stale" } : refused(row, refusedBy(said));
			}),
			trouble: null,
		};
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		return { outcomes: named.map(notSent), trouble: error };
	}
}

const notSent = ({ externalKey }: WriteRow): WriteOutcome => ({ externalKey, result: "not_sent" });

const refused = ({ externalKey }: WriteRow, error: BigCommerceError): WriteOutcome => ({
	externalKey,
	result: "refused",
	error,
});

/** What would not be understood, or would be for nothing: [key, outcome], or nothing. */
function objectionTo(row: WriteRow): [string, WriteOutcome][] {
	const change = row.quantity - row.expected;
	if (!/^\d+$/.test(row.ids.variantId ?? row.ids.productId ?? "")) return [[row.externalKey, refused(row, noId())]];
	if (!Number.isSafeInteger(change) || Math.abs(change) > largestQuantity || row.quantity > largestQuantity)
		return [[row.externalKey, refused(row, noNumber(row.quantity))]];
	return change === 0 ? [[row.externalKey, { externalKey: row.externalKey, result: "applied", shown: null }]] : [];
}

const noId = () =>
	new BigCommerceError("refused", "This listing has no BigCommerce id.", {
		fix: "Import the channel's products again.",
		code: "NO_ID",
	});

const noNumber = (quantity: number) =>
	new BigCommerceError("refused", `${quantity} is not a number of units that BigCommerce can show.`, {
		fix: "Correct the SKU's count: whole units, no more than 2,147,483,647.",
		code: "NO_NUMBER",
	});

const noLocation = () =>
	new BigCommerceError("refused", "No location was chosen that this channel sells from.", {
		fix: "Choose a location for this channel.",
		code: "NO_LOCATION",
	});

const trackedOtherwise = (title: string) =>
	/by product/i.test(title)
		? new BigCommerceError("refused", "BigCommerce now counts this variant's product as a whole.", {
				fix: "Import the channel's products again and link the product instead, or track its stock by variant in BigCommerce.",
				code: "TRACKED_BY_PRODUCT",
			})
		: new BigCommerceError("refused", "BigCommerce now counts this product by its variants.", {
				fix: "Import the channel's products again and link its variants instead, or track its stock by product in BigCommerce.",
				code: "TRACKED_BY_VARIANT",
			});

const refusedBy = (title: string) =>
	new BigCommerceError("refused", `BigCommerce refused the quantity: ${inShort(title)}`, {
		fix: "Check in BigCommerce that the product still exists and that its stock is tracked, then import the channel's products again.",
		code: "REFUSED",
	});
