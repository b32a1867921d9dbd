/**
 * One call of inventorySetQuantities, and what its answer says about each row.
 *
 * Shopify applies all rows or none. So when it objects to one row, that row is `stale` or `refused` and the others are
 * `not_sent`. When it objects without saying to which (no row index in `field`; nobody has recorded where a stale
 * row's index stands), every row is `not_sent` and `trouble` is null: the caller splits the batch, and a row that is
 * alone can't hide. `unknown` is always all rows: the same rows again with the same key replay whatever was done, for
 * 24 hours. Shopify doesn't promise that a `throttled` call was not carried out: the same key again is exact, a new one
 * is safe, since a row that was written is found stale.
 */
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WriteOutcome, WriteResult, WriteRow } from "../listing";
import { type SetQuantitiesReply, setQuantitiesReply } from "./api-types";
import { callShopify, mayHaveLanded, ShopifyError } from "./client";
import { setQuantitiesDocument } from "./documents";

export async function writeQuantities(connection: Connection, rows: WriteRow[], key: string): Promise<WriteResult> {
	const before = connection.http.exchanges.length;
	const exchanges = () => connection.http.exchanges.slice(before);
	if (connection.locationRef === "")
		return { ...all(rows, "not_sent", noLocation), exchanges: exchanges(), budget: null };
	// A key stands for its parameters to the letter, so the same rows are always told in the same order.
	const ordered = [...rows].sort((a, b) => (a.externalKey < b.externalKey ? -1 : 1));
	try {
		const variables = { input: inputOf(ordered, connection.locationRef, key), key };
		const reply = await callShopify(connection, setQuantitiesDocument, variables, setQuantitiesReply);
		const outcome = outcomeOf(ordered, reply.data.inventorySetQuantities);
		return { ...outcome, exchanges: exchanges(), budget: reply.budget };
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		const budget = error instanceof ShopifyError ? error.budget : null;
		return { ...all(rows, mayHaveLanded(error) ? "unknown" : "not_sent", error), exchanges: exchanges(), budget };
	}
}

function inputOf(rows: WriteRow[], locationId: string, key: string) {
	return {
		name: "available",
		reason: "correction",
		// Merchants see it in the item's history.
		referenceDocumentUri: `gid://onecount/Push/${key}`,
		quantities: rows.map((row) => ({
			inventoryItemId: row.ids.inventoryItemId ?? row.externalKey,
			locationId,
			quantity: row.quantity,
			changeFromQuantity: row.expected,
		})),
	};
}

type Outcome = Pick<WriteResult, "rows" | "trouble">;

/** Pure: the payload of an answered call. */
export function outcomeOf(rows: WriteRow[], payload: SetQuantitiesReply): Outcome {
	if (payload.userErrors.length === 0) return applied(rows, payload);

	const byRow = new Map<number, WriteOutcome>();
	for (const { code, field, message } of payload.userErrors) {
		const whole = code ? wholeCall[code] : undefined;
		if (whole) return all(rows, whole.result, whole.trouble(message));
		const index = rows.length === 1 ? 0 : rowIndex(field);
		const row = index === null ? undefined : rows[index];
		if (row && index !== null && !byRow.has(index)) byRow.set(index, objection(row, code ?? null, message));
	}
	return {
		rows: rows.map((row, index) => byRow.get(index) ?? { externalKey: row.externalKey, result: "not_sent" }),
		trouble: null,
	};
}

/** No adjustment group means that every row showed its number already. A replayed key repeats the first answer. */
function applied(rows: WriteRow[], payload: SetQuantitiesReply): Outcome {
	const shown = new Map<string, number>();
	for (const change of payload.inventoryAdjustmentGroup?.changes ?? []) {
		if (change.name === "available" && change.item && typeof change.quantityAfterChange === "number")
			shown.set(change.item.id, change.quantityAfterChange);
	}
	return {
		rows: rows.map((row) => ({
			externalKey: row.externalKey,
			result: "applied",
			shown: shown.get(row.ids.inventoryItemId ?? row.externalKey) ?? null,
		})),
		trouble: null,
	};
}

function objection(row: WriteRow, code: string | null, message: string): WriteOutcome {
	if (code === "CHANGE_FROM_QUANTITY_STALE" || code === "COMPARE_QUANTITY_STALE")
		return { externalKey: row.externalKey, result: "stale" };
	const [sentence, fix] = refusals[code ?? ""] ?? [`Shopify refused the quantity: ${message}`, null];
	return {
		externalKey: row.externalKey,
		result: "refused",
		error: new ShopifyError(code === "INVALID_INVENTORY_ITEM" ? "gone" : "refused", sentence, { fix, code }),
	};
}

/** `["input", "quantities", "3", "inventoryItemId"]` → 3. */
function rowIndex(field: string[] | null | undefined): number | null {
	const index = field?.[field.indexOf("quantities") + 1];
	return field?.includes("quantities") && index && /^\d+$/.test(index) ? Number(index) : null;
}

const refusals: Record<string, [sentence: string, fix: string | null]> = {
	INVALID_INVENTORY_ITEM: [
		"This variant no longer exists in Shopify.",
		"Import the channel's products again, then link the variant that took its place.",
	],
	NON_MUTABLE_INVENTORY_ITEM: [
		"Shopify works this bundle's number out of its components and lets nobody write it.",
		"Leave this variant out, and link its components instead.",
	],
	INVALID_QUANTITY_NEGATIVE: [
		"Shopify can't show a number this far below zero: more units are committed to orders than exist.",
		"Count the item in Shopify and correct what is on hand there.",
	],
	INVALID_QUANTITY_TOO_HIGH: ["Shopify shows no more than 1,000,000,000 units.", "Correct the SKU's count."],
	INVALID_QUANTITY_TOO_LOW: ["Shopify shows no less than −1,000,000,000 units.", "Correct the SKU's count."],
	NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR: [
		"Two variants share one stock in Shopify and were written at once.",
		"Leave one of the two out.",
	],
};

type WholeResult = "not_sent" | "unknown" | "stale";

const ours = (message: string) => new ShopifyError("refused", `Shopify refused the call: ${message}`);

/** Codes that are about the call as a whole, whatever row they may name. */
const wholeCall: Record<string, { result: WholeResult; trouble: (message: string) => ShopifyError | null }> = {
	INVALID_LOCATION: {
		result: "not_sent",
		trouble: () =>
			new ShopifyError("gone", "The location that this channel sells from no longer exists in Shopify.", {
				fix: "Choose another location for this channel.",
				code: "INVALID_LOCATION",
			}),
	},
	// The first attempt is still at work: the same key again will tell.
	IDEMPOTENCY_CONCURRENT_REQUEST: { result: "unknown", trouble: () => null },
	// Other rows went under this key, and the same key again would say so for ever. Stale makes the caller look.
	IDEMPOTENCY_KEY_PARAMETER_MISMATCH: { result: "stale", trouble: () => null },
	IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED: { result: "not_sent", trouble: () => null },
	INVALID_NAME: { result: "not_sent", trouble: ours },
	INVALID_REASON: { result: "not_sent", trouble: ours },
	INVALID_REFERENCE_DOCUMENT: { result: "not_sent", trouble: ours },
};

function all(rows: WriteRow[], result: WholeResult, trouble: ChannelError | null): Outcome {
	return { rows: rows.map(({ externalKey }) => ({ externalKey, result })), trouble };
}

const noLocation = new ShopifyError("refused", "No location was chosen that this channel sells from.", {
	fix: "Choose a location for this channel.",
});
