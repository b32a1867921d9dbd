/** The lines of an order as each platform's sandbox store keeps them: what is left of each, in one form. */
export type OpenLine = { sku: string; title: string; quantity: number };

type StoredLine = Record<string, unknown>;

/** What was ordered or is left of it, and what has gone from it since: the platforms' own names. */
const ordered = ["current", "quantity", "qty_ordered", "quantityOrdered"];
const gone = ["quantity_refunded", "qty_refunded", "qty_canceled", "quantityCancelled"];
const skus = ["sku"];
const titles = ["title", "name", "sku"];

export function openLines(data: Record<string, unknown>): OpenLine[] {
	const order = (typeof data.order === "object" && data.order ? data.order : data) as Record<string, unknown>;
	const refunded = refundedByLine(order.refunds);
	const lines = list(order.lines ?? order.items);
	// Of what is put together, the line of the whole names what its part's line counts.
	const wholes = new Set(lines.map((line) => line.parent_item_id ?? null));
	return lines
		.filter((line) => line.item_id === undefined || !wholes.has(line.item_id))
		.map((line) => ({
			sku: first(line, skus, ""),
			title: first(line, titles, ""),
			quantity: Number(first(line, ordered, 0)) - sum(line, gone) - (isLeft(line) ? 0 : (refunded.get(line.id) ?? 0)),
		}));
}

/** It says what is left, refunds and all. */
const isLeft = (line: StoredLine) => line.current !== undefined || gone.some((name) => line[name] !== undefined);

/** One platform keeps what was refunded by the line that it is of, as negative numbers. */
function refundedByLine(refunds: unknown): Map<unknown, number> {
	const units = new Map<unknown, number>();
	for (const { of, quantity } of list(refunds).flatMap((refund) => list(refund.lines)))
		units.set(of, (units.get(of) ?? 0) + Math.abs(Number(quantity)));
	return units;
}

const list = (value: unknown): StoredLine[] => (Array.isArray(value) ? (value as StoredLine[]) : []);

const first = <T>(line: StoredLine, names: readonly string[], otherwise: T): T =>
	(names.map((name) => line[name]).find((value) => value !== undefined && value !== null && value !== "") as T) ??
	otherwise;

const sum = (line: StoredLine, names: readonly string[]) =>
	names.reduce((total, name) => total + Number(line[name] ?? 0), 0);
