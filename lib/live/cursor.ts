/**
 * Where a live reader stands: everything up to here, in commit order, was handed on. Ids alone would skip rows, since a
 * transaction that took its ids early may commit late; so the transaction's own number leads, and readers stay below
 * the oldest transaction that is still open.
 */
export type Cursor = {
	/** xid8, beyond 2^53. */
	tx: string;
	id: number;
};

export const writeCursor = ({ tx, id }: Cursor): string => `${tx}-${id}`;

/** Null for what is no cursor: the reader starts at the present. */
export function readCursor(text: string | null | undefined): Cursor | null {
	const [, tx, id] = /^(\d{1,20})-(\d{1,16})$/.exec(text ?? "") ?? [];
	return tx && id && BigInt(tx) < 2n ** 64n ? { tx, id: Number(id) } : null;
}

export function compareCursors(a: Cursor, b: Cursor): number {
	if (a.tx !== b.tx) return BigInt(a.tx) < BigInt(b.tx) ? -1 : 1;
	return a.id - b.id;
}
