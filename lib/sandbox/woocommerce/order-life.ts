/**
 * What an order does to the stock, step by step. Seen on a real shop: taken once, on first entering processing, on-hold
 * or completed; given back on entering cancelled or pending, and on nothing else; a refund gives back the lines that it
 * names unless told otherwise; an edit of a line moves the difference. Each line remembers what it has taken in
 * `_reduced_stock` and what refunds gave back in `_restock_refunded_items`.
 */
import type { OrderLine, OrderRow, OrderStatus, Refund } from "./order-rows";
import { needsProcessing, totalOf } from "./order-view";
import type { Move } from "./stock";

/** Whose stock a line sells from; absent where nothing is counted. */
export type Holder = { holderId: string; parentId: string | null; title: string };

/** An order under change. Mutated by the steps below, written by whoever began it. */
export type Work = {
	order: OrderRow;
	at: Date;
	holders: Map<number, Holder>;
	moves: (Move & { title: string })[];
	nextId(): number;
};

const taking: readonly OrderStatus[] = ["processing", "on-hold", "completed"];
const givingBack: readonly OrderStatus[] = ["cancelled", "pending"];

export function enterStatus(work: Work, status: OrderStatus): void {
	const { order, at } = work;
	const { data } = order;
	if (order.status === status) return;
	order.status = status;
	data.held_until = null;
	if (taking.includes(status) && !data.is_stock_reduced) {
		for (const line of data.lines) takeLine(work, line);
		data.is_stock_reduced = true;
	}
	if (givingBack.includes(status) && data.is_stock_reduced) {
		for (const line of data.lines) giveBackLine(work, line);
		data.is_stock_reduced = false;
	}
	if (status === "processing" || status === "completed") data.date_paid ??= at.toISOString();
	if (status === "completed") data.date_completed = at.toISOString();
	if (status === "refunded") refundRest(work);
}

/** As when a gateway says that the money is there. */
export function completePayment(work: Work): void {
	enterStatus(work, needsProcessing(work.order.data.lines) ? "processing" : "completed");
	note(work, "Payment complete.");
}

export const note = ({ order, at, nextId }: Work, text: string): void =>
	void order.data.notes.push({ id: nextId(), note: text, date_created: at.toISOString() });

export const reducedMark = "_reduced_stock";
export const restockedMark = "_restock_refunded_items";

export const markOf = (line: OrderLine, key: string): number =>
	Number(line.meta.find((meta) => meta.key === key)?.value ?? 0);

function setMark(work: Work, line: OrderLine, key: string, value: number): void {
	const found = line.meta.find((meta) => meta.key === key);
	if (found) found.value = String(value);
	else line.meta.push({ id: work.nextId(), key, value: String(value) });
}

function move(work: Work, line: OrderLine, by: number): boolean {
	const holder = work.holders.get(line.id);
	if (!holder || by === 0) return holder !== undefined;
	work.moves.push({ holderId: holder.holderId, parentId: holder.parentId, by, title: holder.title });
	return true;
}

export function takeLine(work: Work, line: OrderLine): void {
	if (markOf(line, reducedMark) > 0) return;
	if (move(work, line, -line.quantity)) setMark(work, line, reducedMark, line.quantity);
}

function giveBackLine(work: Work, line: OrderLine): void {
	const taken = markOf(line, reducedMark);
	if (taken === 0 || !move(work, line, taken)) return;
	line.meta = line.meta.filter(({ key }) => key !== reducedMark);
}

/** 0 takes the line off the order. */
export function editLine(work: Work, line: OrderLine, quantity: number): void {
	const { order } = work;
	const taken = markOf(line, reducedMark);
	const isTaken = taking.includes(order.status);
	if (quantity === 0) {
		if (isTaken) move(work, line, taken);
		order.data.lines = order.data.lines.filter((other) => other !== line);
		return;
	}
	line.quantity = quantity;
	const wanted = quantity - markOf(line, restockedMark);
	if (isTaken && wanted !== taken && move(work, line, taken - wanted)) setMark(work, line, reducedMark, wanted);
}

/** On an order that has taken its stock a new line takes at once. */
export function addLine(work: Work, line: OrderLine): void {
	work.order.data.lines.push(line);
	if (taking.includes(work.order.status)) takeLine(work, line);
}

export type RefundInput = {
	amount: number;
	reason: string;
	lines: { of: number; quantity: number; total: number }[];
	restock: boolean;
};

const refundedOf = (order: OrderRow) => order.data.refunds.reduce((sum, { amount }) => sum + amount, 0);
const restOf = (order: OrderRow) => Math.round((totalOf(order.data.lines) - refundedOf(order)) * 100) / 100;

/** Null: more than is left. */
export function refund(work: Work, input: RefundInput): Refund | null {
	const { order, at } = work;
	const rest = restOf(order);
	if (input.amount > rest || input.amount < 0) return null;
	const made: Refund = {
		id: work.nextId(),
		amount: input.amount,
		reason: input.reason,
		date_created: at.toISOString(),
		is_full: input.amount === rest,
		lines: input.lines.flatMap(({ of, quantity, total }) => {
			const line = order.data.lines.find(({ id }) => id === of);
			return line ? [{ id: work.nextId(), of, name: line.name, quantity, total }] : [];
		}),
	};
	order.data.refunds.push(made);
	if (input.restock) for (const { of, quantity } of made.lines) restockLine(work, of, quantity);
	if (made.is_full) {
		order.status = "refunded";
		order.data.held_until = null;
	}
	return made;
}

function restockLine(work: Work, lineId: number, quantity: number): void {
	const line = work.order.data.lines.find(({ id }) => id === lineId);
	const taken = line ? markOf(line, reducedMark) : 0;
	if (!line || taken === 0 || quantity <= 0 || !move(work, line, quantity)) return;
	setMark(work, line, reducedMark, taken - quantity);
	setMark(work, line, restockedMark, markOf(line, restockedMark) + quantity);
}

/** Setting the status to refunded refunds the rest of the money and restocks nothing. */
function refundRest(work: Work): void {
	const amount = restOf(work.order);
	if (amount > 0) refund(work, { amount, reason: "Order fully refunded.", lines: [], restock: false });
}
