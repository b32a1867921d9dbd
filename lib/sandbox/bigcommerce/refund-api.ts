/** Refunds over V3, and what a person refunds in the control panel. */
import { sql } from "drizzle-orm";
import { takeIds } from "../context";
import { demand } from "./access";
import { refundEvent } from "./news";
import { need } from "./order-api";
import { refundLines } from "./order-life";
import { type OrderRow, selectOrders } from "./order-rows";
import { changeOrder } from "./orders";
import { type Answer, BcError, bodyObject, type Call, type Json, paged, pagingOf } from "./wire";

const largestPage = 250;
const refundsScope = "store_v2_transactions";

export async function getRefunds(call: Call, id: string): Promise<Answer> {
	demand(call, refundsScope);
	const order = await need(call, id);
	return { body: { data: order.data.refunds.map((refund) => presentRefund(id, refund)), meta: {} } };
}

export async function listRefunds(call: Call): Promise<Answer> {
	demand(call, refundsScope);
	const paging = pagingOf(call.query, largestPage);
	const rows = await call.ctx.db.execute<OrderRow>(
		selectOrders(
			sql`store_id = ${call.store.id} and jsonb_array_length(data->'refunds') > 0`,
			sql`order by id::numeric`,
		),
	);
	const all = rows.flatMap((row) => row.data.refunds.map((refund) => presentRefund(row.id, refund)));
	return paged(all.slice(paging.offset, paging.offset + paging.limit), all.length, paging);
}

const presentRefund = (orderId: string, refund: OrderRow["data"]["refunds"][number]): Json => ({
	id: refund.id,
	order_id: Number(orderId),
	user_id: 1,
	created: refund.created,
	reason: refund.reason,
	total_amount: refund.items.reduce((sum, { amount }) => sum + amount, 0),
	total_tax: 0,
	uses_merchant_override_values: false,
	items: refund.items.map(({ item_id, quantity, amount }) => ({
		item_type: "PRODUCT",
		item_id,
		quantity,
		requested_amount: amount,
		reason: refund.reason,
	})),
	payments: [
		{
			id: refund.id,
			provider_id: "custom",
			amount: refund.items.reduce((sum, { amount }) => sum + amount, 0),
			offline: true,
			is_declined: false,
			declined_message: "",
		},
	],
});

/** Money alone: a refund by API puts nothing back, whatever the store says of refunds. */
export async function postRefund(call: Call, id: string): Promise<Answer> {
	demand(call, refundsScope);
	const given = bodyObject(call.body);
	const items = Array.isArray(given.items) ? given.items.map(bodyObject) : [];
	await need(call, id);
	const order = await refundOrder(
		call,
		id,
		items.map(({ item_id, quantity }) => ({ lineId: Number(item_id), quantity: Number(quantity ?? 0) })),
		{ inControlPanel: false, reason: String(given.reason ?? "") },
	);
	const refund = order?.data.refunds.at(-1);
	if (!refund) throw new BcError(422, "Refund is invalid", { items: "The quantity is more than can be refunded" });
	return { status: 201, body: { data: presentRefund(id, refund), meta: {} } };
}

/** Null where the units are not there to be refunded. */
export async function refundOrder(
	{ ctx, store, settings }: Pick<Call, "ctx" | "store" | "settings">,
	id: string,
	wanted: readonly { lineId: number; quantity: number }[],
	how: { inControlPanel: boolean; reason: string },
): Promise<OrderRow | null> {
	const [refundId = 0] = await takeIds(ctx.db, store.id, 1);
	let isMade = false;
	const order = await changeOrder(ctx, store, id, (row, tell) => {
		const units = wanted.flatMap(({ lineId, quantity }) => {
			const line = row.data.lines.find((one) => one.id === lineId);
			return line && quantity > 0 && quantity <= line.quantity - line.quantity_refunded ? [{ line, quantity }] : [];
		});
		if (units.length === 0 || units.length < wanted.length) return false;
		isMade = true;
		const moves = refundLines(row, units, how.inControlPanel, settings);
		row.data.refunds.push({
			id: refundId,
			created: ctx.now().toISOString(),
			reason: how.reason,
			items: units.map(({ line, quantity }) => ({ item_id: line.id, quantity, amount: line.price * quantity })),
		});
		tell(refundEvent(row.id, refundId));
		return moves;
	});
	return isMade ? order : null;
}
