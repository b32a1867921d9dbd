/**
 * The steps of an order and what each does to sources and reservations. With the inventory modules an order only reserves, and
 * its shipment takes from a source and gives the reservation back; without them the one number is taken as it is placed.
 */

import type { OrderLine, OrderRow } from "./order-rows";
import type { Reservation } from "./rows";
import { decimal, MageError } from "./wire";

export type Effects = {
	reservations: Reservation[];
	/** At sources; without the inventory modules `sourceCode` is empty, and the product's own number moves. */
	moves: { sku: string; sourceCode: string; by: number }[];
};

export type Work = { order: OrderRow; hasInventory: boolean; at: Date; effects: Effects };

const holdsStock = ({ product_type }: OrderLine) => product_type !== "configurable" && product_type !== "bundle";

/** A configurable product's child is moved along by its parent's line. */
const leaderOf = (order: OrderRow, line: OrderLine): OrderLine =>
	order.data.lines.find(({ item_id }) => item_id === line.parent_item_id) ?? line;

const childOf = (order: OrderRow, line: OrderLine): OrderLine =>
	order.data.lines.find(({ parent_item_id }) => parent_item_id === line.item_id) ?? line;

function reserve(work: Work, line: OrderLine, quantity: number, event: string): void {
	if (!line.is_counted || quantity === 0) return;
	if (work.hasInventory)
		work.effects.reservations.push({
			sku: line.sku,
			stockId: work.order.data.stock_id,
			quantity: decimal(quantity),
			event,
			orderId: work.order.id,
		});
}

function take(work: Work, line: OrderLine, sourceCode: string, quantity: number): void {
	if (!line.is_counted || quantity === 0) return;
	work.effects.moves.push({ sku: line.sku, sourceCode, by: decimal(-quantity) });
}

const touched = (work: Work) => {
	work.order.modified_at = work.at.toISOString();
};

export function place(work: Work): void {
	for (const line of work.order.data.lines.filter(holdsStock)) {
		reserve(work, line, -line.qty_ordered, "order_placed");
		if (!work.hasInventory) take(work, line, "", line.qty_ordered);
	}
	touched(work);
}

/** Paid in full. What is not shipped, such as a download, leaves its source now. */
export function invoice(work: Work, sourceCode: string): void {
	for (const line of work.order.data.lines) {
		const leader = leaderOf(work.order, line);
		const quantity = line.qty_ordered - leader.qty_canceled - line.qty_invoiced;
		line.qty_invoiced += quantity;
		if (!holdsStock(line) || !line.is_virtual || !work.hasInventory) continue;
		take(work, line, sourceCode, quantity);
		line.deducted.push({ source_code: sourceCode, quantity });
		reserve(work, line, quantity, "invoice_created");
	}
	work.order.status = "processing";
	settleState(work.order);
	touched(work);
}

/** False where there is nothing that can be cancelled. */
export function cancel(work: Work): boolean {
	const { order } = work;
	if (["complete", "closed", "canceled", "holded", "payment_review"].includes(order.status)) return false;
	let units = 0;
	for (const line of order.data.lines.filter(holdsStock)) {
		const leader = leaderOf(order, line);
		const quantity = leader.qty_ordered - Math.max(leader.qty_shipped, leader.qty_invoiced) - leader.qty_canceled;
		if (quantity <= 0) continue;
		units += quantity;
		leader.qty_canceled += quantity;
		reserve(work, line, quantity, "order_canceled");
		if (!work.hasInventory) take(work, line, "", -quantity);
	}
	if (units === 0) return false;
	if (order.data.lines.every((line) => leaderOf(order, line).qty_canceled >= line.qty_ordered))
		order.status = "canceled";
	touched(work);
	return true;
}

/** A payment under review that is denied cancels its order. */
export function deny(work: Work): boolean {
	if (work.order.status === "payment_review") work.order.status = "new";
	return cancel(work);
}

const noShipment = () =>
	new MageError(400, "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created.");

export type Step = { order_item_id: number; qty: number };

/** `lies`: what lies at the source for a SKU. Leaves the order's stamp alone unless its state changes with it. */
export function ship(
	work: Work,
	steps: readonly Step[] | null,
	sourceCode: string,
	lies: ReadonlyMap<string, number>,
	documentId: number,
): void {
	const { order } = work;
	if (!["new", "processing", "complete", "pending_payment"].includes(order.status)) throw noShipment();
	const asked = stepsOf(
		order,
		steps,
		(line) => line.qty_ordered - line.qty_shipped - line.qty_refunded - line.qty_canceled,
	);
	if (asked.every(({ leader }) => childOf(order, leader).is_virtual)) throw noShipment();
	const items: { order_item_id: number; sku: string; product_id: number; qty: number }[] = [];
	for (const { leader, qty } of asked) {
		const line = childOf(order, leader);
		if (line.is_virtual) continue;
		if (work.hasInventory && line.is_counted && (lies.get(line.sku) ?? 0) < qty)
			throw new MageError(400, "Not all of your products are available in the requested quantity.");
		leader.qty_shipped = decimal(leader.qty_shipped + qty);
		items.push({ order_item_id: leader.item_id, sku: line.sku, product_id: leader.product_id, qty });
		if (!work.hasInventory) continue;
		take(work, line, sourceCode, qty);
		line.deducted.push({ source_code: sourceCode, quantity: qty });
		reserve(work, line, qty, "shipment_created");
	}
	order.data.shipments.push({ id: documentId, created_at: work.at.toISOString(), items });
	const before = order.status;
	settleState(order);
	if (order.status !== before) touched(work);
}

/** Units that were taken from a source go back there; of those that were not, the reservation ends, and unless they return to stock they are written off. */
export function refund(
	work: Work,
	steps: readonly Step[] | null,
	returned: (orderItemId: number) => boolean,
	sourceCode: string,
	documentId: number,
): void {
	const { order } = work;
	const asked = stepsOf(order, steps, (line) => line.qty_invoiced - line.qty_refunded);
	if (asked.length === 0)
		throw new MageError(400, "Credit memo could not be created: the order has nothing that can be refunded.");
	const items: { order_item_id: number; sku: string; product_id: number; qty: number }[] = [];
	for (const { leader, qty } of asked) {
		const line = childOf(order, leader);
		const isReturned = returned(leader.item_id) || returned(line.item_id);
		const deducted = line.deducted.reduce((sum, one) => sum + one.quantity, 0);
		const before = leader.qty_refunded;
		leader.qty_refunded = decimal(before + qty);
		if (line !== leader) line.qty_refunded = leader.qty_refunded;
		items.push({ order_item_id: leader.item_id, sku: line.sku, product_id: leader.product_id, qty });
		if (!work.hasInventory) {
			if (isReturned) take(work, line, "", -qty);
			continue;
		}
		// What has left a source is refunded first.
		const fromSources = Math.max(0, Math.min(qty, deducted - before));
		const reserved = qty - fromSources;
		if (isReturned) take(work, line, line.deducted.at(-1)?.source_code ?? sourceCode, -fromSources);
		else take(work, line, sourceCode, reserved);
		reserve(work, line, reserved, "creditmemo_created");
	}
	order.data.creditmemos.push({ id: documentId, created_at: work.at.toISOString(), items });
	settleState(order);
	touched(work);
}

function stepsOf(
	order: OrderRow,
	steps: readonly Step[] | null,
	most: (line: OrderLine) => number,
): { leader: OrderLine; qty: number }[] {
	const leaders = order.data.lines.filter(({ parent_item_id }) => parent_item_id === null);
	if (steps === null || steps.length === 0)
		return leaders.flatMap((leader) => (most(leader) > 0 ? [{ leader, qty: most(leader) }] : []));
	return steps.flatMap(({ order_item_id, qty }) => {
		const line = order.data.lines.find(({ item_id }) => item_id === order_item_id);
		if (!line)
			throw new MageError(
				400,
				"Shipment Document Validation Error(s):\nThe shipment contains product SKU that is not part of the original order.",
			);
		const leader = leaderOf(order, line);
		if (qty > most(leader))
			throw new MageError(400, "The quantity to process is greater than what is left of the order.");
		return qty > 0 ? [{ leader, qty }] : [];
	});
}

function settleState(order: OrderRow): void {
	const leaders = order.data.lines.filter(({ parent_item_id }) => parent_item_id === null);
	const kept = (line: OrderLine) => line.qty_ordered - line.qty_canceled;
	if (leaders.some((line) => line.qty_refunded > 0) && leaders.every((line) => line.qty_refunded >= kept(line))) {
		order.status = "closed";
		return;
	}
	const isDone = leaders.every(
		(line) =>
			line.qty_invoiced >= kept(line) && (line.is_virtual || line.qty_shipped + line.qty_refunded >= kept(line)),
	);
	if (isDone && order.status === "processing") order.status = "complete";
}
