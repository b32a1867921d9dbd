/**
 * Rows of a list that are not what their platform promises. Nothing that such a row says of stock can be believed, and it must
 * hold up none of the others: of it only the head is read, by which the list is walked, and it is told to a person.
 */
import { z } from "zod";
import { ChannelError } from "./errors";
import type { OddRow } from "./listing";

/** The head of an odd row, and the row as it came. */
export type Odd<Head> = Head & { odd: unknown };

/** A row as promised, else its head. One without even that makes the whole list unreadable: nobody knows what follows it. */
export const orOdd = <Row extends object, Head extends object>(row: z.ZodType<Row>, head: z.ZodType<Head>) =>
	z.unknown().transform((raw, ctx): Row | Odd<Head> => {
		const whole = row.safeParse(raw);
		if (whole.success) return whole.data;
		const named = head.safeParse(raw);
		if (named.success) return { ...named.data, odd: raw };
		ctx.addIssue({ code: "custom", message: whole.error.message });
		return z.NEVER;
	});

/** What was read of a list, and the odd rows of it by what they are known by. */
export function sortOut<Row extends object, Head extends object>(
	rows: readonly (Row | Odd<Head>)[],
	refOf: (head: Head) => string,
): { whole: Row[]; odd: OddRow[] } {
	const whole: Row[] = [];
	const odd: OddRow[] = [];
	for (const row of rows) {
		if ("odd" in row) odd.push({ ref: refOf(row), row: row.odd });
		else whole.push(row);
	}
	return { whole, odd };
}

/** Of what was asked for by itself. Throws ChannelError `unreadable` where a part of it can't be read. */
export function noneOdd<T>({ items, odd }: { items: T[]; odd: readonly OddRow[] }): T[] {
	if (odd.length === 0) return items;
	throw new ChannelError("unreadable", "The store tells of this product in a form that Onecount doesn't know.");
}
