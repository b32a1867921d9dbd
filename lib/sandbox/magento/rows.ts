/**
 * How the catalogue and its stock lie in sandbox.items. A product is one row; its number is its sources': a source item is a
 * row of its own, and so is a reservation, which is only ever added. None of the two moves the product's stamp.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { Column, Columns } from "./criteria";

export type ProductType = "simple" | "virtual" | "downloadable" | "configurable" | "bundle" | "grouped";

export type ProductData = {
	name: string;
	type_id: ProductType;
	/** 1 on, 2 off. */
	status: number;
	/** 1: not sold by itself. */
	visibility: number;
	price: number;
	created_at: string;
	website_ids: number[];
	/** Of a configurable product: ids of its children. */
	links: number[];
	/** Values of the attributes that a child is chosen by. */
	options: { code: string; value: string }[];
	attributes: Record<string, string>;
	/** Null: as the configuration says. */
	min_qty: number | null;
	backorders: 0 | 1 | 2 | null;
	/** Without the inventory modules: the one number. */
	qty: number;
	is_in_stock: boolean;
};

/** `managed`: of its own, or null where the configuration decides. */
export type ProductRow = {
	id: string;
	sku: string;
	is_managed: boolean;
	data: ProductData;
	modified_at: string;
};

export const productFields = sql`id, sku, is_managed, data, to_char(modified_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as modified_at`;

const text = (field: SQL): Column => ({ sql: field, type: "text" });
const number = (field: SQL): Column => ({ sql: field, type: "number" });
const time = (field: SQL): Column => ({ sql: field, type: "time" });

export const productColumns: Columns = {
	entity_id: number(sql`id::bigint`),
	sku: text(sql`sku`),
	name: text(sql`data->>'name'`),
	type_id: text(sql`data->>'type_id'`),
	status: number(sql`(data->>'status')::int`),
	visibility: number(sql`(data->>'visibility')::int`),
	price: number(sql`(data->>'price')::numeric`),
	updated_at: time(sql`modified_at`),
	created_at: time(sql`(data->>'created_at')::timestamptz`),
};

export const sourceItemColumns: Columns = {
	source_item_id: number(sql`(data->>'source_item_id')::bigint`),
	source_code: text(sql`parent_id`),
	sku: text(sql`sku`),
	quantity: number(sql`(data->>'quantity')::numeric`),
	status: number(sql`(data->>'status')::int`),
};

export const isStockHolder = ({ data }: ProductRow) =>
	data.type_id === "simple" || data.type_id === "virtual" || data.type_id === "downloadable";

export const products = (storeId: string) => sql`store_id = ${storeId} and kind = 'product'`;

export async function productsBySku(db: Executor, storeId: string, skus: readonly string[]): Promise<ProductRow[]> {
	if (skus.length === 0) return [];
	return [
		...(await db.execute<ProductRow>(sql`
			select ${productFields} from sandbox.items
			where ${products(storeId)} and sku in (select value from jsonb_array_elements_text(${JSON.stringify(skus)}::jsonb))`)),
	];
}

/** A look-up by SKU takes no account of case or of spaces around it. */
export async function findProduct(db: Executor, storeId: string, sku: string): Promise<ProductRow | null> {
	const [row] = await db.execute<ProductRow>(sql`
		select ${productFields} from sandbox.items where ${products(storeId)} and lower(sku) = lower(${sku.trim()}) limit 1`);
	return row ?? null;
}

export async function productsById(db: Executor, storeId: string, ids: readonly string[]): Promise<ProductRow[]> {
	if (ids.length === 0) return [];
	return [
		...(await db.execute<ProductRow>(sql`
			select ${productFields} from sandbox.items
			where ${products(storeId)} and id in (select value from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)),
	];
}

export type SourceItem = { sku: string; source_code: string; quantity: number; status: number };

/** Rows of these SKUs, spelled exactly so, at every source. */
export async function sourceItemsOf(db: Executor, storeId: string, skus: readonly string[]): Promise<SourceItem[]> {
	if (skus.length === 0) return [];
	return [
		...(await db.execute<SourceItem>(sql`
			select sku, parent_id as source_code, (data->>'quantity')::float8 as quantity, (data->>'status')::int as status
			from sandbox.items where store_id = ${storeId} and kind = 'source_item'
				and sku in (select value from jsonb_array_elements_text(${JSON.stringify(skus)}::jsonb))`)),
	];
}

export const sourceItemId = (sourceCode: string, sku: string) => `si:${sourceCode}:${sku}`;

/** Absolute, and made where there was none; of a row that comes twice the last counts. `ids`: one for each row. */
export async function upsertSourceItems(
	db: Executor,
	storeId: string,
	rows: readonly SourceItem[],
	ids: readonly number[],
): Promise<void> {
	const last = new Map(rows.map((row, index) => [sourceItemId(row.source_code, row.sku), { row, index }]));
	const values = [...last].map(([id, { row, index }]) => ({ id, ...row, source_item_id: ids[index] }));
	await db.execute(sql`
		insert into sandbox.items (store_id, id, parent_id, kind, sku, data)
		select ${storeId}, r.id, r.source_code, 'source_item', r.sku,
			jsonb_build_object('source_item_id', r.source_item_id, 'quantity', r.quantity, 'status', r.status)
		from json_to_recordset(${JSON.stringify(values)}::json) as r(id text, sku text, source_code text, quantity numeric, status int, source_item_id bigint)
		order by r.id
		on conflict (store_id, id) do update set data = sandbox.items.data || jsonb_build_object(
			'quantity', excluded.data->'quantity', 'status', excluded.data->'status')`);
}

/** Changes what lies at a source, from whatever it is; a row that does not exist stays so. */
export async function moveAtSource(
	db: Executor,
	storeId: string,
	moves: readonly { sku: string; sourceCode: string; by: number }[],
): Promise<void> {
	const rows = moves.map(({ sku, sourceCode, by }) => ({ id: sourceItemId(sourceCode, sku), by }));
	await db.execute(sql`
		update sandbox.items i set data = jsonb_set(i.data, '{quantity}', to_jsonb((i.data->>'quantity')::numeric + m.by))
		from (select id, sum(by) as by from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, by numeric) group by id order by id) m
		where i.store_id = ${storeId} and i.id = m.id`);
}

export type Reservation = { sku: string; stockId: number; quantity: number; event: string; orderId: string };

export async function appendReservations(
	db: Executor,
	storeId: string,
	reservations: readonly Reservation[],
	ids: readonly number[],
	at: Date,
): Promise<void> {
	const rows = reservations
		.map((one, index) => ({
			id: `res:${ids[index]}`,
			sku: one.sku,
			data: { stock_id: one.stockId, quantity: one.quantity, event: one.event, order: one.orderId, at: at.getTime() },
		}))
		.filter(({ data }) => data.quantity !== 0);
	if (rows.length === 0) return;
	await db.execute(sql`
		insert into sandbox.items (store_id, id, kind, sku, data, modified_at)
		select ${storeId}, r.id, 'reservation', r.sku, r.data, ${at.toISOString()}::timestamptz
		from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, sku text, data jsonb)`);
}
