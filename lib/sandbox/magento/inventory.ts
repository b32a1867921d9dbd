/** Sources, stocks, what lies at the sources and what can be sold. */
import { sql } from "drizzle-orm";
import { type Columns, echo, orderOf, readCriteria, whereOf, windowOf } from "./criteria";
import {
	findProduct,
	type ProductRow,
	productColumns,
	productFields,
	products,
	productsBySku,
	sourceItemColumns,
	sourceItemId,
} from "./rows";
import { salableOf } from "./salable";
import { readSourceItems, saveSourceItems } from "./save-source-items";
import { type MagentoSettings, type Stock, stockOfWebsite } from "./settings";
import { type Call, decimal, MageError, reportError } from "./wire";

/** A list that is kept in the settings: small, and filtered by equality alone. */
function plainList(call: Call, rows: readonly Record<string, unknown>[]) {
	const criteria = readCriteria(call);
	const kept = rows.filter((row) =>
		criteria.groups.every((filters) =>
			filters.some(({ field, value, condition_type }) => {
				if (!(field in row)) throw reportError(call.ctx.random);
				return condition_type === "in" ? value.split(",").includes(String(row[field])) : String(row[field]) === value;
			}),
		),
	);
	const { limit, offset } = windowOf(criteria, kept.length, call.settings);
	return {
		items: limit === null ? kept : kept.slice(offset, offset + limit),
		search_criteria: echo(criteria),
		total_count: kept.length,
	};
}

const presentSource = ({ code, name, enabled }: MagentoSettings["sources"][number]) => ({
	source_code: code,
	name,
	enabled,
	country_id: "US",
	postcode: "00000",
	use_default_carrier_config: true,
	carrier_links: [],
});

const presentStock = ({ id, name, websites }: Stock) => ({
	stock_id: id,
	name,
	extension_attributes: { sales_channels: websites.map((code) => ({ type: "website", code })) },
});

export const listSources = (call: Call) => plainList(call, call.settings.sources.map(presentSource));

export function getSource({ settings }: Call, code: string) {
	const found = settings.sources.find((source) => source.code === code);
	if (!found) throw new MageError(404, 'Source with code "%value" does not exist.', { value: code });
	return presentSource(found);
}

export const listStocks = (call: Call) => plainList(call, call.settings.stocks.map(presentStock));

export const listLinks = (call: Call) =>
	plainList(
		call,
		call.settings.stocks.flatMap(({ id, sources }) =>
			sources.map((source_code, index) => ({ stock_id: id, source_code, priority: index + 1 })),
		),
	);

function stockFor(settings: MagentoSettings, type: string, code: string): Stock {
	const stock = type === "website" ? stockOfWebsite(settings, code) : null;
	if (!stock) throw new MageError(404, "No linked stock found");
	return stock;
}

export const resolveStock = ({ settings }: Call, type: string, code: string) =>
	presentStock(stockFor(settings, type, code));

export async function listSourceItems(call: Call) {
	const { ctx, store } = call;
	const criteria = readCriteria(call);
	const unknown = () => reportError(ctx.random);
	const where = sql`store_id = ${store.id} and kind = 'source_item' and ${whereOf(criteria, sourceItemColumns, unknown)}`;
	const [counted] = await ctx.db.execute<{ total: number }>(
		sql`select count(*)::int as total from sandbox.items where ${where}`,
	);
	const total = counted?.total ?? 0;
	const { limit, offset } = windowOf(criteria, total, call.settings);
	const rows = await ctx.db.execute<{ sku: string; source_code: string; quantity: number; status: number }>(sql`
		select sku, parent_id as source_code, (data->>'quantity')::float8 as quantity, (data->>'status')::int as status
		from sandbox.items where ${where} ${orderOf(criteria, sourceItemColumns, unknown)} limit ${limit} offset ${offset}`);
	return {
		items: rows.map((row) => ({ ...row, quantity: decimal(row.quantity) })),
		search_criteria: echo(criteria),
		total_count: total,
	};
}

export async function postSourceItems(call: Call) {
	await saveSourceItems(call, readSourceItems(call, call.body, call.settings.rowLimit));
	return [];
}

export async function deleteSourceItems(call: Call) {
	const { ctx, store } = call;
	const rows = readSourceItems(call, call.body, call.settings.rowLimit);
	if (rows.length === 0) throw new MageError(400, "Input data is empty");
	const ids = rows.map((row) => sourceItemId(String(row.source_code ?? row.sourceCode), String(row.sku)));
	await ctx.db.execute(sql`
		delete from sandbox.items where store_id = ${store.id} and kind = 'source_item'
			and id in (select value from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
	return [];
}

const asking = ({ ctx, store, settings, now }: Call) => ({ db: ctx.db, storeId: store.id, settings, now });

export const unknownAttribute = (field: string) =>
	new MageError(400, 'The "%1" attribute name is invalid. Reset the name and try again.', [field]);

/** By product criteria, page by page; SKUs that the stock has no source item of are left out, and the count is of this page. */
export async function exportSalable(call: Call, type: string, code: string) {
	const { ctx, store, settings } = call;
	const criteria = readCriteria(call);
	const stock = stockFor(settings, type, code);
	const columns: Columns = productColumns;
	const where = sql`${products(store.id)} and ${whereOf(criteria, columns, unknownAttribute)}`;
	const [counted] = await ctx.db.execute<{ total: number }>(
		sql`select count(*)::int as total from sandbox.items where ${where}`,
	);
	const { limit, offset } = windowOf(criteria, counted?.total ?? 0, settings);
	const rows = await ctx.db.execute<ProductRow>(sql`
		select ${productFields} from sandbox.items where ${where} ${orderOf(criteria, columns, unknownAttribute)} limit ${limit} offset ${offset}`);
	const salable = await salableOf(asking(call), stock, [...rows]);
	const items = rows.flatMap(({ sku }) => {
		const one = salable.get(sku);
		return one?.isAssigned ? [{ sku, qty: one.qty, is_salable: one.isSalable }] : [];
	});
	return { items, search_criteria: echo(criteria), total_count: items.length };
}

function stockById(settings: MagentoSettings, stockId: string): Stock {
	const stock = settings.stocks.find(({ id }) => String(id) === stockId);
	if (!stock) throw new MageError(404, 'Stock with id "%value" does not exist.', { value: stockId });
	return stock;
}

export async function getSalable(call: Call, sku: string, stockId: string) {
	const row = await findProduct(call.ctx.db, call.store.id, sku);
	if (!row) throw new MageError(404, "The product that was requested doesn't exist. Verify the product and try again.");
	const stock = stockById(call.settings, stockId);
	if (!["simple", "virtual", "downloadable"].includes(row.data.type_id))
		throw new MageError(400, "Can't check requested quantity for products without Source Items support.");
	return (await salableOf(asking(call), stock, [row])).get(row.sku)?.qty ?? 0;
}

export async function areSalable(call: Call) {
	const skus = [...call.query].filter(([name]) => /^skus\[\d*\]$/.test(name)).map(([, value]) => value);
	const stockId = call.query.get("stockId") ?? call.query.get("stock_id") ?? "";
	const stock = stockById(call.settings, stockId);
	const rows = await productsBySku(call.ctx.db, call.store.id, skus);
	const salable = await salableOf(asking(call), stock, rows);
	return skus.map((sku) => ({ sku, stock_id: stock.id, salable: salable.get(sku)?.isSalable ?? false }));
}
