/** /v2/orders, as they are read. */
import { sql } from "drizzle-orm";
import { knobsOf } from "../knobs";
import { idList } from "./catalogue";
import { type OrderRow, selectOrders } from "./order-rows";
import {
	type Call,
	demand,
	endOfTime,
	invalid,
	missing,
	notFound,
	readCursor,
	readLimit,
	readTime,
	writeCursor,
} from "./wire";

const quantityText = (quantity: number) => String(quantity);

function present({ settings }: Call, { id, status, data, created_at, modified_at }: OrderRow) {
	const { currency } = settings;
	const total = data.lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
	const isReturn = data.returnOf !== null;
	const lines = data.lines.map((line) => ({
		uid: line.uid,
		name: line.name,
		...(line.variationId && {
			catalog_object_id: line.variationId,
			variation_name: line.variationName,
		}),
		item_type: line.variationId ? "ITEM" : "CUSTOM_AMOUNT",
		quantity: quantityText(line.quantity),
		base_price_money: { amount: line.price, currency },
	}));
	return {
		id,
		location_id: data.locationId,
		state: status,
		version: data.version,
		created_at: new Date(created_at).toISOString(),
		updated_at: new Date(modified_at).toISOString(),
		...(data.closedAt && { closed_at: data.closedAt }),
		...(!isReturn && { line_items: lines }),
		...(isReturn && {
			returns: [
				{
					uid: `R${id.slice(1)}`,
					source_order_id: data.returnOf,
					return_line_items: data.lines.map(({ uid, variationId, name, quantity }) => ({
						uid: `R${uid}`,
						source_line_item_uid: uid,
						name,
						...(variationId && { catalog_object_id: variationId }),
						quantity: quantityText(quantity),
					})),
				},
			],
		}),
		...(data.isPaid &&
			!isReturn && {
				tenders: [{ id: `T${id.slice(1)}`, type: "CARD", amount_money: { amount: total, currency } }],
			}),
		...(data.isToBeShipped &&
			!isReturn && {
				fulfillments: [{ uid: `F${id.slice(1)}`, type: "SHIPMENT", state: fulfilment(status) }],
			}),
		...(data.refundIds.length > 0 &&
			!isReturn && {
				refunds: data.refundIds.map((refundId) => ({
					id: refundId,
					location_id: data.locationId,
					tender_id: `T${id.slice(1)}`,
					reason: "Returned goods",
					amount_money: { amount: 0, currency },
					status: "APPROVED",
				})),
			}),
		total_money: { amount: isReturn ? 0 : total, currency },
		net_amount_due_money: { amount: data.isPaid ? 0 : total, currency },
	};
}

const fulfilment = (status: OrderRow["status"]) =>
	status === "COMPLETED" ? "COMPLETED" : status === "CANCELED" ? "CANCELED" : "PROPOSED";

const sortFields: Record<string, string> = {
	UPDATED_AT: "updated_at",
	CREATED_AT: "created_at",
	CLOSED_AT: "closed_at",
};

/** The field that is sorted by has to be the field that is filtered by. */
export async function searchOrders(call: Call): Promise<unknown> {
	demand(call, "ORDERS_READ");
	const { ctx, store, body } = call;
	const places: unknown = body.location_ids;
	if (!Array.isArray(places) || places.length === 0) throw missing("location_ids");
	if (places.length > 10) throw invalid("ARRAY_LENGTH_TOO_LONG", "At most 10 locations are allowed.", "location_ids");
	const limit = readLimit(body.limit, 1_000, 500);
	const filter = body.query?.filter ?? {};
	const sort = body.query?.sort ?? { sort_field: "CREATED_AT", sort_order: "DESC" };
	const [filtered] = Object.keys(filter.date_time_filter ?? {});
	if (filtered && filtered !== sortFields[sort.sort_field])
		throw invalid("INVALID_VALUE", "`sort_field` must be the field of `date_time_filter`.", "query.sort.sort_field");
	const column = filtered === "created_at" ? sql`created_at` : sql`modified_at`;
	const range = filtered ? filter.date_time_filter[filtered] : {};
	const from = readTime(range.start_at, "start_at") ?? new Date(0);
	const to = readTime(range.end_at, "end_at") ?? endOfTime;
	const states: string[] | null = filter.state_filter?.states ?? null;
	const isAscending = sort.sort_order === "ASC";
	const [at, id] = readCursor(body.cursor, 2) ?? [];
	const beyond = isAscending ? sql`>` : sql`<`;
	const way = isAscending ? sql`asc` : sql`desc`;
	const seenUntil = new Date(ctx.now().getTime() - knobsOf(store).listLagMs).toISOString();
	const rows = await ctx.db.execute<OrderRow & { at: string }>(sql`
		select id, status, data, created_at, modified_at, ${column}::text as "at" from sandbox.orders
		where store_id = ${store.id} and data->>'locationId' in ${idList(places.map(String))}
			and (${states === null} or status in ${idList(states ?? [])})
			and modified_at <= ${seenUntil}::timestamptz
			and ${column} >= ${from.toISOString()}::timestamptz and ${column} < ${to.toISOString()}::timestamptz
			and (${at === undefined} or (${column}, id) ${beyond} (${at ?? "1970-01-01"}::timestamptz, ${id ?? ""}))
		order by ${column} ${way}, id ${way} limit ${limit + 1}`);
	const orders = rows.slice(0, limit).map((row) => present(call, row));
	const last = rows[limit - 1];
	return {
		...(orders.length > 0 && { orders }),
		...(rows.length > limit && last && { cursor: writeCursor([last.at, last.id]) }),
	};
}

export async function getOrder(call: Call, id: string): Promise<unknown> {
	demand(call, "ORDERS_READ");
	const { ctx, store } = call;
	const [row] = await ctx.db.execute<OrderRow>(sql`${selectOrders} where store_id = ${store.id} and id = ${id}`);
	if (!row) throw notFound(`Order not found for id ${id}.`, "order_id");
	return { order: present(call, row) };
}
