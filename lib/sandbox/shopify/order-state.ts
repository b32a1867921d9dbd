/** An order as the store keeps it, and what each step of its life does to it and to the stock. Pure. */
import type { LevelChange } from "./stock";

export type RestockType = "NO_RESTOCK" | "CANCEL" | "RETURN";

export type OrderLine = {
	id: string;
	/** Null: a line that was typed in, or whose product is gone. */
	variantId: string | null;
	productId: string | null;
	itemId: string | null;
	sku: string | null;
	title: string;
	variantTitle: string | null;
	price: string;
	/** As ordered. */
	quantity: number;
	/** Less what was refunded or removed. */
	current: number;
	fulfilled: number;
	/** Where its units lie committed; null: no stock was taken for it. */
	locationId: string | null;
	isTracked: boolean;
	fulfillmentLineId: string;
};

export type RefundLine = {
	id: string;
	lineId: string;
	quantity: number;
	restockType: RestockType;
	locationId: string | null;
};

export type Refund = {
	id: string;
	createdAt: string;
	note: string | null;
	amount: number;
	transactionId: string;
	lines: RefundLine[];
};

export type OrderState = {
	id: string;
	name: string;
	number: number;
	createdAt: string;
	updatedAt: string;
	cancelledAt: string | null;
	cancelReason: string | null;
	closedAt: string | null;
	financialStatus: "PENDING" | "PAID" | "PARTIALLY_REFUNDED" | "REFUNDED" | "VOIDED";
	currency: string;
	sourceName: string;
	isTest: boolean;
	fulfillmentOrderId: string;
	lines: OrderLine[];
	refunds: Refund[];
	/** A cancellation that was asked for and is not done yet. */
	cancelling?: Cancelling;
	fulfillments: { id: string; createdAt: string; locationId: string; lines: { lineId: string; quantity: number }[] }[];
};

export type Cancelling = { doneAt: string; restock: boolean; refund: boolean; reason: string; ids: RefundIds };

export type Step = { order: OrderState; changes: LevelChange[]; refund: Refund | null };

/** Units of a line that are neither shipped nor taken back. */
export const openUnits = (line: OrderLine): number => Math.max(0, line.current - line.fulfilled);

export const lineTitle = (line: OrderLine): string =>
	line.variantTitle && line.variantTitle !== "Default Title" ? `${line.title} - ${line.variantTitle}` : line.title;

export type RefundRequest = { lineId: string; quantity: number; restockType: RestockType; locationId: string | null };

/** Ids for a refund: itself, its transaction, one per line. */
export type RefundIds = { refund: string; transaction: string; lines: string[] };

/**
 * Unshipped units leave `committed` whatever becomes of them, and come back to `available` when restocked. Shipped
 * units have left both and only come back.
 */
export function refundOrder(
	order: OrderState,
	requests: readonly RefundRequest[],
	ids: RefundIds,
	at: string,
	note: string | null = null,
): Step {
	const changes: LevelChange[] = [];
	const lines = order.lines.map((line) => ({ ...line }));
	const refunded: RefundLine[] = [];
	let amount = 0;
	for (const [index, request] of requests.entries()) {
		const line = lines.find(({ id }) => id === request.lineId);
		if (!line || request.quantity <= 0) continue;
		const fromOpen = Math.min(request.quantity, openUnits(line));
		line.current -= request.quantity;
		line.fulfilled = Math.min(line.fulfilled, line.current);
		amount += Number(line.price) * request.quantity;
		const isRestocked = request.restockType !== "NO_RESTOCK";
		const restockAt = request.locationId ?? line.locationId;
		if (line.itemId && line.locationId && fromOpen > 0)
			changes.push({ itemId: line.itemId, locationId: line.locationId, available: 0, committed: -fromOpen });
		if (line.itemId && restockAt && isRestocked)
			changes.push({ itemId: line.itemId, locationId: restockAt, available: request.quantity, committed: 0 });
		refunded.push({
			id: ids.lines[index] ?? ids.refund,
			lineId: line.id,
			quantity: request.quantity,
			restockType: request.restockType,
			locationId: isRestocked ? restockAt : null,
		});
	}
	const refund: Refund = {
		id: ids.refund,
		createdAt: at,
		note,
		amount,
		transactionId: ids.transaction,
		lines: refunded,
	};
	const isEmpty = lines.every((line) => line.current === 0);
	return {
		order: {
			...order,
			lines,
			refunds: [...order.refunds, refund],
			updatedAt: at,
			financialStatus: isEmpty ? "REFUNDED" : "PARTIALLY_REFUNDED",
		},
		changes,
		refund,
	};
}

/** With restock it makes a refund; without, the units are gone and only `committed` is released. */
export function cancelOrder(
	order: OrderState,
	options: { restock: boolean; refund: boolean; reason: string; ids: RefundIds },
	at: string,
): Step {
	const open = order.lines.filter((line) => openUnits(line) > 0);
	const step: Step =
		options.restock || options.refund
			? refundOrder(
					order,
					open.map((line) => ({
						lineId: line.id,
						quantity: openUnits(line),
						restockType: options.restock ? "CANCEL" : "NO_RESTOCK",
						locationId: null,
					})),
					options.ids,
					at,
				)
			: {
					order,
					refund: null,
					changes: open.flatMap((line) =>
						line.itemId && line.locationId
							? [
									{
										itemId: line.itemId,
										locationId: line.locationId,
										available: 0,
										committed: -openUnits(line),
									},
								]
							: [],
					),
				};
	return {
		...step,
		order: {
			...step.order,
			cancelledAt: at,
			closedAt: at,
			updatedAt: at,
			cancelReason: options.reason,
			financialStatus: options.refund || options.restock ? "REFUNDED" : "VOIDED",
		},
	};
}

/** An edit may sell what is not there: the merchant decides, not the stock. Removed units are restocked. */
export function editLine(order: OrderState, lineId: string, quantity: number, at: string): Step {
	const changes: LevelChange[] = [];
	const lines = order.lines.map((line) => {
		if (line.id !== lineId) return line;
		const difference = Math.max(quantity, line.fulfilled) - line.current;
		if (line.itemId && line.locationId)
			changes.push({
				itemId: line.itemId,
				locationId: line.locationId,
				available: -difference,
				committed: difference,
			});
		// A removed unit stays in what was ordered; an added one becomes part of it.
		return { ...line, quantity: line.quantity + Math.max(0, difference), current: line.current + difference };
	});
	return { order: { ...order, lines, updatedAt: at }, changes, refund: null };
}

/** A line that an edit adds takes its units at once, whatever the stock says. */
export function addLine(order: OrderState, line: OrderLine, at: string): Step {
	const { itemId, locationId, quantity } = line;
	return {
		order: { ...order, lines: [...order.lines, line], updatedAt: at },
		changes: itemId && locationId ? [{ itemId, locationId, available: -quantity, committed: quantity }] : [],
		refund: null,
	};
}

/** The merchant has seen the money; the units were taken when the order was placed. */
export function payOrder(order: OrderState, at: string): Step {
	return { order: { ...order, financialStatus: "PAID", updatedAt: at }, changes: [], refund: null };
}

export function fulfilOrder(order: OrderState, id: string, at: string): Step {
	const shipped = order.lines.filter((line) => openUnits(line) > 0);
	const locationId = shipped.find((line) => line.locationId)?.locationId ?? "0";
	return {
		order: {
			...order,
			lines: order.lines.map((line) => ({ ...line, fulfilled: line.current })),
			updatedAt: at,
			closedAt: at,
			fulfillments: [
				...order.fulfillments,
				{
					id,
					createdAt: at,
					locationId,
					lines: shipped.map((line) => ({ lineId: line.id, quantity: openUnits(line) })),
				},
			],
		},
		// on hand = available + committed + …: shipping takes it out of committed alone.
		changes: shipped.flatMap((line) =>
			line.itemId && line.locationId
				? [{ itemId: line.itemId, locationId: line.locationId, available: 0, committed: -openUnits(line) }]
				: [],
		),
		refund: null,
	};
}
