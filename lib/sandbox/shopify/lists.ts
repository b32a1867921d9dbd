/**
 * Searchable lists. They go by a search index, which can lag (knob listLagMs): what changed since is found, filtered
 * and sorted by its earlier stamp, and what is newer is not there yet. Orders even read as they were then.
 */

import { type SQL, sql } from "drizzle-orm";
import { GraphQLError } from "graphql";
import { knobsOf } from "../knobs";
import type { OrderState } from "./order-state";
import type { StoredOrder } from "./orders";
import { type Connection, connectionOf, type PageArguments, pageClauses, type SortKey } from "./paging";
import type { Row, RowKind } from "./rows";
import type { Scope } from "./scope";
import { flagField, numberField, readSearch, type SearchField, textField, timeField, wordField } from "./search";

export type ListArguments = PageArguments & { query?: string | null; sortKey?: string | null };

const seenAt = sql`i.seen_at`;
const timestamp = sql`timestamptz`;
const stampSort: SortKey = { column: seenAt, type: timestamp };
const field = (name: string) => sql`(i.data->>${sql.raw(`'${name}'`)})`;

/** A bare number or a global id. */
const idField: SearchField = (comparator, value) => {
	const id = /^\d+$/.test(value) ? value : /\/(\d+)$/.exec(value)?.[1];
	return id ? numberField(sql`i.id::numeric`)(comparator, id) : null;
};
const parentIdsField: SearchField = (_, value) =>
	sql`i.parent_id in ${sql`(${sql.join(
		value.split(",").map((id) => sql`${id.trim()}`),
		sql`, `,
	)})`}`;

const productFields: Record<string, SearchField> = {
	updated_at: timeField(seenAt),
	created_at: timeField(sql`${field("createdAt")}::timestamptz`),
	id: idField,
	title: textField(field("title")),
	handle: wordField(field("handle")),
	vendor: wordField(field("vendor")),
	status: wordField(field("status")),
	sku: (comparator, value) => {
		const word = wordField(sql`v.sku`)(comparator, value);
		return sql`exists (select from sandbox.items v where v.store_id = i.store_id and v.parent_id = i.id
			and v.kind = 'variant' and ${word})`;
	},
};
const variantFields: Record<string, SearchField> = {
	updated_at: timeField(seenAt),
	id: idField,
	sku: wordField(sql`i.sku`),
	barcode: wordField(field("barcode")),
	title: textField(field("title")),
	product_id: parentIdsField,
	product_ids: parentIdsField,
};
const itemFields: Record<string, SearchField> = {
	updated_at: timeField(seenAt),
	created_at: timeField(sql`${field("createdAt")}::timestamptz`),
	id: idField,
	sku: wordField(sql`i.sku`),
};
const order = (path: string) => sql.raw(`(i.data->'order'->>'${path}')`);
const orderFields: Record<string, SearchField> = {
	updated_at: timeField(seenAt),
	created_at: timeField(sql`i.created_at`),
	processed_at: timeField(sql`i.created_at`),
	id: idField,
	name: (comparator, value) => wordField(order("name"))(comparator, value.startsWith("#") ? value : `#${value}`),
	status: (comparator, value) =>
		value.toLowerCase() === "any" ? sql`true` : wordField(sql`i.status`)(comparator, value),
	financial_status: wordField(order("financialStatus")),
	test: flagField(sql`${order("isTest")}::boolean`),
	source_name: wordField(order("sourceName")),
};

const itemSorts: Record<string, SortKey | null> = {
	ID: null,
	RELEVANCE: null,
	UPDATED_AT: stampSort,
	CREATED_AT: { column: sql`${field("createdAt")}::timestamptz`, type: timestamp },
	TITLE: { column: field("title"), type: sql`text` },
	SKU: { column: sql`coalesce(i.sku, '')`, type: sql`text` },
	POSITION: { column: sql`(i.data->>'position')::int`, type: sql`int` },
};
const orderSorts: Record<string, SortKey | null> = {
	ID: null,
	RELEVANCE: null,
	UPDATED_AT: stampSort,
	CREATED_AT: { column: sql`i.created_at`, type: timestamp },
	// The sandbox store's orders are processed when they are made; PROCESSED_AT is the default sort.
	PROCESSED_AT: { column: sql`i.created_at`, type: timestamp },
};

const kinds = {
	product: { fields: productFields, text: textField(field("title")) },
	variant: {
		fields: variantFields,
		text: (comparator: Parameters<SearchField>[0], value: string) =>
			sql`(${textField(sql`coalesce(i.sku, '')`)(comparator, value)} or ${textField(field("title"))(comparator, value)})`,
	},
	item: { fields: itemFields, text: textField(sql`coalesce(i.sku, '')`) },
};

export async function listRows<Data>(
	scope: Scope,
	kind: Extract<RowKind, "product" | "variant" | "item">,
	args: ListArguments,
	path: (string | number)[],
): Promise<Connection<Row<Data>>> {
	const { fields, text } = kinds[kind];
	const where = search(scope, args.query, fields, text, path);
	const sort = sortOf(itemSorts, args.sortKey);
	const page = pageClauses(args, sort, sql`i.id`);
	if (page.size === 0) return connectionOf([], page, args);
	const lagMs = knobsOf(scope.store).listLagMs;
	const asOf = new Date(scope.ctx.now().getTime() - lagMs).toISOString();
	const seen =
		lagMs === 0
			? sql`i.modified_at`
			: sql`case when i.modified_at <= ${asOf}::timestamptz then i.modified_at else (
				select max(s.at::timestamptz) from jsonb_array_elements_text(coalesce(i.data->'stamps', '[]')) s(at)
				where s.at::timestamptz <= ${asOf}::timestamptz) end`;
	const rows = await scope.ctx.db.execute<Row<Data> & { sort_value: string }>(sql`
		select i.id, i.parent_id, i.sku, i.quantity, i.committed, i.is_managed, i.data, i.modified_at,
			${sort ? sql`${sort.column}::text` : sql`i.id`} sort_value
		from (select i.*, ${seen} seen_at from sandbox.items i where store_id = ${scope.store.id} and kind = ${kind}) i
		where i.seen_at is not null and ${where} and ${page.where}
		order by ${page.order} limit ${page.limit}`);
	return connectionOf([...rows], page, args);
}

export async function countRows(
	scope: Scope,
	kind: Extract<RowKind, "product" | "variant" | "item">,
	query: string | null | undefined,
	path: (string | number)[],
): Promise<number> {
	const { fields, text } = kinds[kind];
	const where = search(scope, query, fields, text, path);
	const [row] = await scope.ctx.db.execute<{ count: number }>(sql`
		select count(*)::int count
		from (select *, modified_at seen_at from sandbox.items where store_id = ${scope.store.id} and kind = ${kind}) i
		where ${where}`);
	return row?.count ?? 0;
}

export async function listOrders(
	scope: Scope,
	args: ListArguments,
	path: (string | number)[],
): Promise<Connection<OrderState>> {
	const where = search(scope, args.query, orderFields, textField(order("name")), path);
	const sort = sortOf(orderSorts, args.sortKey);
	const page = pageClauses(args, sort, sql`i.id`);
	const lagMs = knobsOf(scope.store).listLagMs;
	const asOf = new Date(scope.ctx.now().getTime() - lagMs).toISOString();
	const seen =
		lagMs === 0
			? sql`o.modified_at`
			: sql`case when o.modified_at <= ${asOf}::timestamptz then o.modified_at else (
				select max((p->>'at')::timestamptz) from jsonb_array_elements(o.data->'past') p
				where (p->>'at')::timestamptz <= ${asOf}::timestamptz) end`;
	const rows = await scope.ctx.db.execute<{ id: string; data: StoredOrder; sort_value: string }>(sql`
		select i.id, i.data, ${sort ? sql`${sort.column}::text` : sql`i.id`} sort_value
		from (select o.*, ${seen} seen_at from sandbox.orders o where store_id = ${scope.store.id}) i
		where i.seen_at is not null and ${where} and ${page.where}
		order by ${page.order} limit ${page.limit}`);
	const connection = connectionOf([...rows], page, args);
	return { ...connection, nodes: connection.nodes.map(({ data }) => versionAt(data, asOf)) };
}

/** The newest version that the index has seen. */
function versionAt({ order, past }: StoredOrder, asOf: string): OrderState {
	if (order.updatedAt <= asOf) return order;
	return past.find(({ at }) => at <= asOf)?.order ?? order;
}

function search(
	scope: Scope,
	query: string | null | undefined,
	fields: Record<string, SearchField>,
	text: SearchField,
	path: (string | number)[],
): SQL {
	const { where, note } = readSearch(query, fields, text);
	if (note) scope.searches.push({ path, ...note });
	return where;
}

function sortOf(sorts: Record<string, SortKey | null>, key: string | null | undefined): SortKey | null {
	const sort = sorts[key ?? "ID"];
	if (sort === undefined)
		throw new GraphQLError(`This sandbox store does not sort by ${key}.`, { extensions: { code: "NOT_IMPLEMENTED" } });
	return sort;
}
