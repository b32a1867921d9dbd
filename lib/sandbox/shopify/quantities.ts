/** inventorySetQuantities and inventoryAdjustQuantities: what each checks before anything is written. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { claimKey, keyMessages, rememberFailure, rememberReply } from "./idempotency";
import { idOf } from "./ids";
import {
	type AdjustableName,
	adjustableNames,
	checkDuplicates,
	checkLedger,
	checkReason,
	checkReference,
	isAdjustable,
	largestAdjust,
	largestSet,
} from "./quantity-rules";
import { type Input, type QuantityPayload, type Remember, writeQuantities } from "./quantity-write";
import { onHand } from "./rows";

export type SetInput = Input & {
	quantities: { inventoryItemId: string; locationId: string; quantity: number; changeFromQuantity: number | null }[];
};
export type AdjustInput = Input & {
	changes: {
		inventoryItemId: string;
		locationId: string;
		delta: number;
		changeFromQuantity: number | null;
		ledgerDocumentUri?: string | null;
	}[];
};

export async function setQuantities(
	ctx: SandboxContext,
	store: SandboxStore,
	input: SetInput,
	key: string,
): Promise<QuantityPayload> {
	return idempotent(ctx, store, key, ["inventorySetQuantities", input], async (remember) => {
		const errors = checkReason(input.reason);
		if (input.name !== "available" && input.name !== "on_hand")
			errors.push({
				code: "INVALID_NAME",
				field: ["input", "name"],
				message: "The quantity name must be either 'available' or 'on_hand'.",
			});
		if (input.referenceDocumentUri != null) errors.push(...checkReference(input.referenceDocumentUri));
		for (const [index, { quantity }] of input.quantities.entries()) {
			const field = ["input", "quantities", String(index), "quantity"];
			if (quantity > largestSet)
				errors.push({
					code: "INVALID_QUANTITY_TOO_HIGH",
					field,
					message: "The quantity can't be higher than 1,000,000,000.",
				});
			else if (quantity < -largestSet)
				errors.push({
					code: "INVALID_QUANTITY_TOO_LOW",
					field,
					message: "The quantity can't be lower than -1,000,000,000.",
				});
			else if (quantity < 0 && input.name === "on_hand")
				errors.push({ code: "INVALID_QUANTITY_NEGATIVE", field, message: "The quantity can't be negative." });
		}
		errors.push(...checkDuplicates(input.quantities));
		return writeQuantities(ctx, store, input, {
			listName: "quantities",
			errors,
			name: input.name === "on_hand" ? "on_hand" : "available",
			staleMessage: "The changeFromQuantity value does not match persisted value.",
			rows: input.quantities.map((row, index) => ({
				index,
				itemId: idOf("InventoryItem", row.inventoryItemId),
				locationId: idOf("Location", row.locationId),
				changeFrom: row.changeFromQuantity,
				deltaOf: (level) => row.quantity - (input.name === "on_hand" ? onHand(level) : (level.quantity ?? 0)),
				ledgerDocumentUri: null,
			})),
			remember,
		});
	});
}

export async function adjustQuantities(
	ctx: SandboxContext,
	store: SandboxStore,
	input: AdjustInput,
	key: string,
): Promise<QuantityPayload> {
	return idempotent(ctx, store, key, ["inventoryAdjustQuantities", input], async (remember) => {
		const errors = checkReason(input.reason);
		const isName = isAdjustable(input.name);
		if (!isName)
			errors.push({
				code: "INVALID_QUANTITY_NAME",
				field: ["input", "name"],
				message: `The specified quantity name is invalid. Valid values are: ${adjustableNames.join(", ")}.`,
			});
		if (input.referenceDocumentUri != null) errors.push(...checkReference(input.referenceDocumentUri));
		for (const [index, change] of input.changes.entries()) {
			const at = ["input", "changes", String(index)];
			errors.push(...checkLedger(input.name, change.ledgerDocumentUri ?? null, [...at, "ledgerDocumentUri"]));
			if (change.delta > largestAdjust)
				errors.push({
					code: "INVALID_QUANTITY_TOO_HIGH",
					field: [...at, "delta"],
					message: "The quantity can't be higher than 2,000,000,000.",
				});
			if (change.delta < -largestAdjust)
				errors.push({
					code: "INVALID_QUANTITY_TOO_LOW",
					field: [...at, "delta"],
					message: "The quantity can't be lower than -2,000,000,000.",
				});
		}
		if (new Set(input.changes.map(({ ledgerDocumentUri }) => ledgerDocumentUri ?? null)).size > 1)
			errors.push({
				code: "MAX_ONE_LEDGER_DOCUMENT",
				field: ["input", "changes"],
				message:
					"All changes must have the same ledger document URI or, in the case of adjusting available, no ledger document URI.",
			});
		return writeQuantities(ctx, store, input, {
			listName: "changes",
			errors,
			name: isName ? (input.name as AdjustableName) : "available",
			staleMessage: "The changeFromQuantity argument no longer matches the persisted quantity.",
			rows: input.changes.map((row, index) => ({
				index,
				itemId: idOf("InventoryItem", row.inventoryItemId),
				locationId: idOf("Location", row.locationId),
				changeFrom: row.changeFromQuantity,
				deltaOf: () => row.delta,
				ledgerDocumentUri: row.ledgerDocumentUri ?? null,
			})),
			remember,
		});
	});
}

async function idempotent(
	ctx: SandboxContext,
	store: SandboxStore,
	key: string,
	input: unknown,
	work: (remember: Remember) => Promise<QuantityPayload>,
): Promise<QuantityPayload> {
	const claim = await claimKey<QuantityPayload>(ctx, store, key, input);
	switch (claim.state) {
		case "replayed":
			return claim.reply;
		case "mismatch":
			return failed("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", keyMessages.mismatch);
		case "concurrent":
			return failed("IDEMPOTENCY_CONCURRENT_REQUEST", keyMessages.concurrent);
		case "previous_failed":
			return failed("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", keyMessages.previous_failed);
		case "claimed":
			try {
				return await work((tx, payload) => rememberReply(tx, store.id, key, payload));
			} catch (error) {
				await rememberFailure(ctx, store.id, key);
				throw error;
			}
	}
}

const failed = (code: string, message: string): QuantityPayload => ({
	group: null,
	userErrors: [{ code, field: null, message }],
});
