/** Items and variations: how they lie in sandbox.items, and how Square shows them. */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { sandboxItems } from "@/db/schema";
import type { SandboxContext, SandboxStore, SeedProduct } from "../sandbox-platform";
import { applyChanges, countsOf } from "./ledger";
import { locationsOf, newId, type SquareSettings, settingsOf } from "./settings";
import { type Call, demand, invalid, notFound, readCursor, readLimit, readTime, writeCursor } from "./wire";

export type ItemData = { name: string; isDeleted: boolean };
export type VariationData = {
	name: string;
	upc: string | null;
	price: number;
	ordinal: number;
	isDeleted: boolean;
	/** Marked by hand, though units lie there. */
	isSoldOut?: boolean;
	/** Sold out of another variation's stock: so many of it make so many of this. */
	conversion?: { of: string; stockable: string; nonstockable: string };
};
export type Row = {
	id: string;
	parent_id: string | null;
	kind: "item" | "variation";
	sku: string | null;
	is_managed: boolean;
	data: ItemData & VariationData;
	modified_at: string;
};

export const selectRows = (where: SQL, rest: SQL = sql``) =>
	sql`select id, parent_id, kind, sku, is_managed, data, modified_at from sandbox.items i where ${where} ${rest}`;

export const idList = (ids: readonly string[]) =>
	sql`(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;

const isoOf = (at: string) => new Date(at).toISOString();

/** Of variations: Square marks as sold out by itself what is tracked and has none left. */
async function present(call: Pick<Call, "ctx" | "store" | "settings">, rows: readonly Row[]): Promise<unknown[]> {
	const { ctx, store, settings } = call;
	const items = rows.filter(({ kind }) => kind === "item").map(({ id }) => id);
	const below = await ctx.db.execute<Row>(
		selectRows(
			sql`store_id = ${store.id} and kind = 'variation' and parent_id in ${idList(items)}`,
			sql`order by (data->>'ordinal')::int, id`,
		),
	);
	const all = [...rows.filter(({ kind }) => kind === "variation"), ...below];
	const counts = await countsOf(
		ctx.db,
		store.id,
		all.map(({ id }) => id),
	);
	const shown = (row: Row) => presentVariation(row, store, settings, counts);
	return rows.map((row) =>
		row.kind === "variation"
			? shown(row)
			: {
					...common(row),
					type: "ITEM",
					item_data: {
						name: row.data.name,
						product_type: "REGULAR",
						// A tombstone says which variations went with it; a living item does not list the dead.
						variations: below
							.filter(({ parent_id, data }) => parent_id === row.id && data.isDeleted === row.data.isDeleted)
							.map(shown),
					},
				},
	);
}

const common = (row: Row) => ({
	id: row.id,
	updated_at: isoOf(row.modified_at),
	version: Date.parse(row.modified_at),
	is_deleted: row.data.isDeleted,
	present_at_all_locations: true,
});

function presentVariation(
	row: Row,
	store: SandboxStore,
	{ currency }: SquareSettings,
	counts: Awaited<ReturnType<typeof countsOf>>,
) {
	const { data } = row;
	const overrides = locationsOf(store).flatMap((location_id) => {
		const count = counts.find((one) => one.variation_id === row.id && one.location_id === location_id);
		const isEmpty = count !== undefined && Number(count.quantity) <= 0;
		if (!row.is_managed || !(data.isSoldOut || isEmpty)) return [];
		return [{ location_id, track_inventory: true, sold_out: true }];
	});
	return {
		...common(row),
		type: "ITEM_VARIATION",
		item_variation_data: {
			item_id: row.parent_id,
			name: data.name,
			...(row.sku !== null && { sku: row.sku }),
			...(data.upc !== null && { upc: data.upc }),
			ordinal: data.ordinal,
			pricing_type: "FIXED_PRICING",
			price_money: { amount: data.price, currency },
			...(row.is_managed && { track_inventory: true }),
			...(overrides.length > 0 && { location_overrides: overrides }),
			sellable: true,
			stockable: data.conversion === undefined,
			...(data.conversion && {
				stockable_conversion: {
					stockable_item_variation_id: data.conversion.of,
					stockable_quantity: data.conversion.stockable,
					nonstockable_quantity: data.conversion.nonstockable,
				},
			}),
		},
	};
}

const pageSize = 100;

export async function listCatalog(call: Call): Promise<unknown> {
	demand(call, "ITEMS_READ");
	const { ctx, store, query } = call;
	const types = (query.get("types") ?? "ITEM").toUpperCase().split(",");
	const after = readCursor(query.get("cursor"), 1);
	const rows = await ctx.db.execute<Row>(
		selectRows(
			sql`store_id = ${store.id} and kind in ${idList(kindsOf(types))} and (data->>'isDeleted')::boolean = false and id > ${after?.[0] ?? ""}`,
			sql`order by id limit ${pageSize + 1}`,
		),
	);
	return page(
		await present(call, rows.slice(0, pageSize)),
		rows.length > pageSize ? [rows[pageSize - 1]?.id ?? ""] : null,
	);
}

const kindsOf = (types: readonly string[]) =>
	types.flatMap((type) => (type === "ITEM" ? ["item"] : type === "ITEM_VARIATION" ? ["variation"] : []));

/** Empty lists are left out. */
const page = (objects: unknown[], next: string[] | null, more: object = {}) => ({
	...(objects.length > 0 && { objects }),
	...(next && { cursor: writeCursor(next) }),
	...more,
});

/** `begin_time` is exclusive. */
export async function searchCatalog(call: Call): Promise<unknown> {
	demand(call, "ITEMS_READ");
	const { ctx, store, body } = call;
	const latest = ctx.now().toISOString();
	const since = readTime(body.begin_time, "begin_time") ?? new Date(0);
	const limit = readLimit(body.limit, 1_000, pageSize);
	const [at = since.toISOString(), id = null] = readCursor(body.cursor, 2) ?? [];
	const dead = body.include_deleted_objects === true;
	const rows = await ctx.db.execute<Row>(
		selectRows(
			sql`store_id = ${store.id} and kind in ${idList(kindsOf(body.object_types ?? ["ITEM"]))}
				and (${dead} or (data->>'isDeleted')::boolean = false)
				and (modified_at > ${at}::timestamptz or (${id}::text is not null and modified_at = ${at}::timestamptz and id > ${id}))`,
			sql`order by modified_at, id limit ${limit + 1}`,
		),
	);
	const last = rows[limit - 1];
	const next = rows.length > limit && last ? [String(last.modified_at), last.id] : null;
	return page(await present(call, rows.slice(0, limit)), next, { latest_time: latest });
}

export async function retrieveCatalog(call: Call): Promise<unknown> {
	demand(call, "ITEMS_READ");
	const { ctx, store, body } = call;
	const ids: unknown = body.object_ids;
	if (!Array.isArray(ids)) throw invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "object_ids");
	if (ids.length > 1_000) throw invalid("ARRAY_LENGTH_TOO_LONG", "At most 1000 ids are allowed.", "object_ids");
	const dead = body.include_deleted_objects === true;
	const rows = await ctx.db.execute<Row>(
		selectRows(
			sql`store_id = ${store.id} and kind in ('item', 'variation') and id in ${idList(ids.map(String))}
				and (${dead} or (data->>'isDeleted')::boolean = false)`,
			sql`order by id`,
		),
	);
	return page(await present(call, rows), null);
}

export async function getCatalogObject(call: Call, id: string): Promise<unknown> {
	demand(call, "ITEMS_READ");
	const { ctx, store } = call;
	const [row] = await ctx.db.execute<Row>(
		selectRows(
			sql`store_id = ${store.id} and kind in ('item', 'variation') and id = ${id} and (data->>'isDeleted')::boolean = false`,
		),
	);
	if (!row) throw notFound(`Catalog object with ID \`${id}\` not found.`);
	const [object] = await present(call, [row]);
	return { object };
}

export async function variationsBySku(
	db: Executor,
	storeId: string,
	skus: readonly string[],
): Promise<Map<string, Row & { item_name: string }>> {
	const rows = await db.execute<Row & { item_name: string }>(sql`
		select v.id, v.parent_id, v.kind, v.sku, v.is_managed, v.data, v.modified_at, i.data->>'name' item_name
		from sandbox.items v join sandbox.items i on i.store_id = v.store_id and i.id = v.parent_id
		where v.store_id = ${storeId} and v.kind = 'variation' and v.sku in ${idList(skus)} and (v.data->>'isDeleted')::boolean = false
		order by v.id desc`);
	return new Map(rows.map((row) => [row.sku ?? "", row]));
}

type NewRow = typeof sandboxItems.$inferInsert;
const rowsAtOnce = 500;

/** Tells nobody: it is how the account was before anybody listened. Counted an hour ago, as far as anything was counted. */
export async function seedProducts(ctx: SandboxContext, store: SandboxStore, products: SeedProduct[]): Promise<void> {
	const at = ctx.now();
	const [locationId] = locationsOf(store);
	const { currency } = settingsOf(store);
	const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", {
		style: "currency",
		currency,
	}).resolvedOptions();
	const rows: NewRow[] = [];
	const counted: { id: string; quantity: number }[] = [];
	for (const { title, variants } of products) {
		const itemId = newId(ctx.random);
		const base = { storeId: store.id, modifiedAt: at };
		rows.push({ ...base, id: itemId, kind: "item", data: { name: title, isDeleted: false } });
		for (const [ordinal, { sku, gtin, options, price, quantity }] of variants.entries()) {
			const id = newId(ctx.random);
			const data: VariationData = {
				name: options ?? "Regular",
				upc: gtin,
				price: Math.round(Number(price) * 10 ** digits),
				ordinal,
				isDeleted: false,
			};
			rows.push({ ...base, id, parentId: itemId, kind: "variation", sku, isManaged: quantity !== null, data });
			if (quantity !== null) counted.push({ id, quantity });
		}
	}
	for (let i = 0; i < rows.length; i += rowsAtOnce)
		await ctx.db.insert(sandboxItems).values(rows.slice(i, i + rowsAtOnce));
	const occurredAt = new Date(at.getTime() - 3_600_000);
	for (let i = 0; i < counted.length; i += rowsAtOnce)
		await ctx.db.transaction((tx) =>
			applyChanges(
				tx,
				store.id,
				counted.slice(i, i + rowsAtOnce).map(({ id, quantity }) => ({
					type: "PHYSICAL_COUNT" as const,
					id: newId(ctx.random),
					variationId: id,
					locationId,
					quantity,
					occurredAt,
					createdAt: at,
				})),
			),
		);
}

/** The whole item, past nothing: what is left of it are tombstones. */
export async function removeItem(ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> {
	const variation = (await variationsBySku(ctx.db, store.id, [sku])).get(sku);
	if (!variation?.parent_id) throw new Error(`This account has no ${sku}.`);
	await ctx.db.execute(sql`
		update sandbox.items set data = data || '{"isDeleted": true}', modified_at = ${ctx.now().toISOString()}::timestamptz
		where store_id = ${store.id} and (id = ${variation.parent_id} or (kind = 'variation' and parent_id = ${variation.parent_id}))`);
}
