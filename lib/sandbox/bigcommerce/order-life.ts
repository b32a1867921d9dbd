/**
 * When an order takes stock and when it gives it back. The store's settings decide: taken when it is placed, or when it
 * is shipped or completed; given back when it is cancelled or declined, or refunded in the control panel, where the store
 * says so. A refund by API gives nothing back.
 */
import type { OrderData, OrderLine, OrderRow } from "./order-rows";
import type { BigCommerceSettings } from "./settings";

export type StockMove = { line: OrderLine; by: number };

export const orderStatus = {
	incomplete: 0,
	pending: 1,
	shipped: 2,
	refunded: 4,
	cancelled: 5,
	declined: 6,
	awaitingPayment: 7,
	completed: 10,
	awaitingFulfillment: 11,
	partlyRefunded: 14,
} as const;
const { incomplete, shipped, refunded, cancelled, declined, completed, partlyRefunded } = orderStatus;

/** How a checkout ends: with the money, without it, or with a promise of it. */
export type Payment = "paid" | "unpaid" | "awaited";

/** The status that a checkout gives its order; paid ones get the store's own. */
export const statusOfPayment: Readonly<Partial<Record<Payment, number>>> = {
	unpaid: orderStatus.pending,
	awaited: orderStatus.awaitingPayment,
};

type Settings = Pick<BigCommerceSettings, "updateStockBehavior" | "editsMoveStock" | "refundsMoveStock">;

/** Whether entering this status takes what the order has not taken. */
function takes(statusId: number, { updateStockBehavior }: Settings): boolean {
	if (updateStockBehavior === "order_completed_or_shipped") return statusId === shipped || statusId === completed;
	const away: readonly number[] = [incomplete, refunded, cancelled, declined, partlyRefunded];
	return !away.includes(statusId);
}

export function enterStatus(order: OrderRow, statusId: number, settings: Settings, at: Date): StockMove[] {
	order.status = String(statusId);
	if (statusId === shipped || statusId === completed) {
		order.data.date_shipped ??= at.toISOString();
		for (const line of order.data.lines) line.quantity_shipped = line.quantity;
	}
	if (takes(statusId, settings))
		return order.data.lines.flatMap((line) => (line.taken === 0 ? take(line, line.quantity) : []));
	const isOff = statusId === cancelled || statusId === declined;
	return isOff && settings.refundsMoveStock ? order.data.lines.flatMap((line) => take(line, -line.taken)) : [];
}

/** An edit of a line: the difference moves where the order has taken and the store says that edits do. */
export function editLine(order: OrderRow, line: OrderLine, quantity: number, settings: Settings): StockMove[] {
	const by = quantity - line.quantity;
	const hasTaken =
		order.data.lines.some(({ taken }) => taken > 0) || (line.taken === 0 && takes(Number(order.status), settings));
	line.quantity = quantity;
	if (quantity === 0) order.data.lines = order.data.lines.filter((one) => one !== line);
	return hasTaken && settings.editsMoveStock ? take(line, Math.max(by, -line.taken)) : [];
}

/** `inControlPanel`: by a person, who may have the units put back. */
export function refundLines(
	order: OrderRow,
	units: readonly { line: OrderLine; quantity: number }[],
	inControlPanel: boolean,
	settings: Settings,
): StockMove[] {
	const moves: StockMove[] = [];
	for (const { line, quantity } of units) {
		line.quantity_refunded += quantity;
		if (inControlPanel && settings.refundsMoveStock) moves.push(...take(line, -Math.min(quantity, line.taken)));
	}
	const isWhole = order.data.lines.every((line) => line.quantity_refunded >= line.quantity);
	order.status = String(isWhole ? refunded : partlyRefunded);
	return moves;
}

function take(line: OrderLine, by: number): StockMove[] {
	line.taken += by;
	return by === 0 ? [] : [{ line, by }];
}

export const newOrderData = (source: string): OrderData => ({
	lines: [],
	refunds: [],
	date_shipped: null,
	is_deleted: false,
	order_source: source,
});
