/** Pure: what answers to a write say about each row. */

import type { ChannelError } from "../errors";
import type { WriteOutcome, WriteRow } from "../listing";
import type { JobItem } from "./api-types";
import { A2cError, codeError, mayHaveLanded } from "./codes";

/** What holds for this store: whether it shows a number when API2Cart has answered. */
export type Applies = "at_once" | "later";

/** Recorded on Amazon: less is there than the write takes away, so something was sold that we have not heard of. */
const isBelowZero = (text: string) => /cannot be less than 0|less than zero/i.test(text);
const isNotFound = (text: string) => /not found|does not exist/i.test(text);
const isUnchanged = (text: string) => /nothing to update/i.test(text);

/** The number that leaves: positive is given, negative is taken. */
export const deltaOf = ({ quantity, expected }: Pick<WriteRow, "quantity" | "expected">): number => quantity - expected;

export const stockField = (delta: number): { increase_quantity: number } | { reduce_quantity: number } =>
	delta > 0 ? { increase_quantity: delta } : { reduce_quantity: -delta };

export const done = ({ externalKey }: WriteRow, applies: Applies): WriteOutcome =>
	applies === "at_once" ? { externalKey, result: "applied", shown: null } : { externalKey, result: "accepted" };

/** A single call's code 0. Without any item updated the number was taken and thrown away. */
export const singleOutcome = (row: WriteRow, updatedItems: number, applies: Applies): WriteOutcome =>
	updatedItems > 0 ? done(row, applies) : refused(row, ignored());

/** A single call's error that is about this row alone; null: it is about more than the row. */
export function rowOutcome(row: WriteRow, error: ChannelError): WriteOutcome | null {
	if (isBelowZero(error.message)) return { externalKey: row.externalKey, result: "stale" };
	return error.reason === "refused" || error.reason === "gone" ? refused(row, error) : null;
}

/**
 * A batch's row, found by its place in the payload: ids of failed rows may be null. What a job does not tell of a row that
 * it has taken in the level tells: alone or in another batch the row has another key, and would be written twice.
 */
export function jobOutcome(row: WriteRow, item: JobItem | undefined, applies: Applies): WriteOutcome {
	const errors = (item?.errors ?? []).join(" ");
	const said = [errors, ...(item?.warnings ?? [])].join(" ").trim();
	switch (item?.status) {
		case "success":
			return done(row, applies);
		case "partial":
			return isUnchanged(said) ? refused(row, ignored()) : done(row, "later");
		case "failed": {
			if (isBelowZero(errors)) return { externalKey: row.externalKey, result: "stale" };
			const error = codeError(isNotFound(errors) ? 112 : 107, errors || "no reason given");
			return mayHaveLanded(error) ? done(row, "later") : refused(row, error);
		}
		default:
			return done(row, "later");
	}
}

export const refused = ({ externalKey }: WriteRow, error: ChannelError): WriteOutcome => ({
	externalKey,
	result: "refused",
	error,
});

const ignored = () =>
	new A2cError("refused", "API2Cart took the number, and the store kept its own.", {
		fix: "The store may not count this item: switch stock management on for it there, or leave it out.",
		code: "IGNORED",
	});
