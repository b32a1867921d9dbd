/** How a Shopify store lies in sandbox.items: a row each for location, product, variant, inventory item and level. */
import { sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";

export type LocationData = { name: string; isActive: boolean; isPrimary: boolean; fulfillsOnlineOrders: boolean };
export type ProductData = {
	title: string;
	handle: string;
	status: "ACTIVE" | "ARCHIVED" | "DRAFT" | "UNLISTED";
	vendor: string;
	createdAt: string;
	options: string[];
	/** Earlier modified stamps, newest first: what a search index that lags still goes by. */
	stamps?: string[];
};
export type VariantData = {
	itemId: string;
	title: string;
	position: number;
	options: { name: string; value: string }[];
	price: string;
	barcode: string | null;
	policy: "DENY" | "CONTINUE";
	/** A bundle's parent, whose stock can't be written. */
	requiresComponents: boolean;
	createdAt: string;
	stamps?: string[];
};
export type ItemData = { createdAt: string; requiresShipping: boolean; stamps?: string[] };
/** Units that are neither available nor committed. */
export type LevelData = {
	locationId: string;
	isActive: boolean;
	createdAt: string;
	incoming: number;
	damaged: number;
	quality_control: number;
	reserved: number;
	safety_stock: number;
};

/** As the driver gives it: moments as text. */
export type Row<Data> = {
	id: string;
	parent_id: string | null;
	sku: string | null;
	quantity: number | null;
	committed: number;
	is_managed: boolean;
	data: Data;
	modified_at: string;
};
export type LocationRow = Row<LocationData>;
export type ProductRow = Row<ProductData>;
export type VariantRow = Row<VariantData>;
export type ItemRow = Row<ItemData>;
export type LevelRow = Row<LevelData>;

export type RowKind = "location" | "product" | "variant" | "item" | "level";

/** Longer lists of ids go in one parameter: the number of parameters must not grow with them. */
export const idList = (ids: readonly string[]) =>
	sql`(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;

export async function rowsById<Data>(
	db: Executor,
	storeId: string,
	kind: RowKind,
	ids: readonly string[],
): Promise<Map<string, Row<Data>>> {
	if (ids.length === 0) return new Map();
	const rows = await db.execute<Row<Data>>(sql`
		select id, parent_id, sku, quantity, committed, is_managed, data, modified_at from sandbox.items
		where store_id = ${storeId} and kind = ${kind} and id in ${idList(ids)}`);
	return new Map(rows.map((row) => [row.id, row]));
}

/** In the order of their ids, which is the order in which they were made. */
export async function rowsByParent<Data>(
	db: Executor,
	storeId: string,
	kind: RowKind,
	parentIds: readonly string[],
): Promise<Map<string, Row<Data>[]>> {
	const byParent = new Map<string, Row<Data>[]>();
	if (parentIds.length === 0) return byParent;
	const rows = await db.execute<Row<Data>>(sql`
		select id, parent_id, sku, quantity, committed, is_managed, data, modified_at from sandbox.items
		where store_id = ${storeId} and kind = ${kind} and parent_id in ${idList(parentIds)}
		order by length(id), id`);
	for (const row of rows) {
		const parentId = row.parent_id ?? "";
		const siblings = byParent.get(parentId);
		if (siblings) siblings.push(row);
		else byParent.set(parentId, [row]);
	}
	return byParent;
}

const locationsTtlMs = 1_000;
const shared = globalThis as {
	onecountShopifyLocations?: WeakMap<Database, Map<string, { rows: LocationRow[]; readAt: number }>>;
};

/** The first is the primary one. They hardly ever change, and every order asks for them. */
export async function locationsOf(ctx: SandboxContext, store: SandboxStore): Promise<LocationRow[]> {
	shared.onecountShopifyLocations ??= new WeakMap();
	let byStore = shared.onecountShopifyLocations.get(ctx.db);
	if (!byStore) {
		byStore = new Map();
		shared.onecountShopifyLocations.set(ctx.db, byStore);
	}
	const known = byStore.get(store.id);
	if (known && known.rows.length > 0 && performance.now() - known.readAt < locationsTtlMs) return known.rows;
	const rows = await ctx.db.execute<LocationRow>(sql`
		select id, parent_id, sku, quantity, committed, is_managed, data, modified_at from sandbox.items
		where store_id = ${store.id} and kind = 'location' order by length(id), id`);
	byStore.set(store.id, { rows: [...rows], readAt: performance.now() });
	return [...rows];
}

export const onHand = (level: LevelRow): number => {
	const { reserved, damaged, safety_stock, quality_control } = level.data;
	return (level.quantity ?? 0) + level.committed + reserved + damaged + safety_stock + quality_control;
};
