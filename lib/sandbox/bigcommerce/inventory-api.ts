/** What lies where: by item over all locations, and by location. */
import { sql } from "drizzle-orm";
import { demand } from "./access";
import { textList } from "./items";
import { changeShop } from "./news";
import { availableOf, type StockData, type StockRow, stockId, stockOf } from "./stock";
import {
	type Answer,
	BcError,
	bodyObject,
	type Call,
	idsParam,
	isoSecond,
	type Json,
	listParam,
	notFound,
	paged,
	pagingOf,
} from "./wire";

type Listed = {
	holder_id: string;
	product_id: string;
	variant_id: string | null;
	sku: string | null;
	sku_id: number | null;
	total: string;
};

const largestPage = 1_000;

/**
 * Items that have a number somewhere: each variant of a product tracked by variant, and a product tracked by product,
 * under its base variant where it has no options.
 */
async function listItems(
	call: Call,
	locationId: number | null,
	paging: ReturnType<typeof pagingOf>,
): Promise<Listed[]> {
	const { ctx, store, query } = call;
	const variantIds = idsParam(query, "variant_id:in");
	const productIds = idsParam(query, "product_id:in");
	const skus = listParam(query, "sku:in");
	return [
		...(await ctx.db.execute<Listed>(sql`
			select *, count(*) over () as total from (
				select i.id as holder_id, coalesce(i.parent_id, i.id) as product_id,
					case when i.kind = 'variant' then i.id else i.data->>'base_variant_id' end as variant_id,
					i.sku, (i.data->>'sku_id')::int as sku_id
				from sandbox.items i
				left join sandbox.items p on p.store_id = i.store_id and p.id = i.parent_id
				where i.store_id = ${store.id} and (
					(i.kind = 'product' and i.data->>'inventory_tracking' = 'product')
					or (i.kind = 'variant' and p.data->>'inventory_tracking' = 'variant'))
					and exists (select 1 from sandbox.items s where s.store_id = i.store_id and s.kind = 'stock' and s.parent_id = i.id
						and (${locationId}::int is null or (s.data->>'location_id')::int = ${locationId}::int))
			) x where true
				${variantIds ? sql`and variant_id in ${textList(variantIds)}` : sql``}
				${productIds ? sql`and product_id in ${textList(productIds)}` : sql``}
				${skus ? sql`and sku in ${textList(skus)}` : sql``}
			order by length(product_id), product_id, length(variant_id), variant_id
			limit ${paging.limit} offset ${paging.offset}`)),
	];
}

export async function getItems(call: Call): Promise<Answer> {
	demand(call, "store_inventory");
	const paging = pagingOf(call.query, largestPage, largestPage);
	const items = await listItems(call, null, paging);
	const rows = await stockOf(
		call.ctx.db,
		call.store.id,
		items.map(({ holder_id }) => holder_id),
	);
	const locationIds = idsParam(call.query, "location_id:in");
	const codes = listParam(call.query, "location_code:in");
	const data = items.map((item) => ({
		identity: identityOf(item),
		locations: call.settings.locations
			.filter(({ id, code }) => (!locationIds || locationIds.includes(String(id))) && (!codes || codes.includes(code)))
			.flatMap((location) => {
				const row = rows.find((one) => one.holder_id === item.holder_id && one.location_id === location.id);
				if (!row) return [];
				return [
					{
						location_id: location.id,
						location_code: location.code,
						location_name: location.label,
						location_enabled: location.enabled,
						...levelsOf(row),
					},
				];
			}),
	}));
	return paged(data, Number(items[0]?.total ?? 0), paging);
}

export async function getLocationItems(call: Call, locationId: string): Promise<Answer> {
	demand(call, "store_inventory");
	locationOf(call, locationId);
	const paging = pagingOf(call.query, largestPage, largestPage);
	const items = await listItems(call, Number(locationId), paging);
	const rows = await stockOf(
		call.ctx.db,
		call.store.id,
		items.map(({ holder_id }) => holder_id),
	);
	const data = items.flatMap((item) => {
		const row = rows.find((one) => one.holder_id === item.holder_id && one.location_id === Number(locationId));
		return row ? [{ identity: identityOf(item), ...levelsOf(row) }] : [];
	});
	return paged(data, Number(items[0]?.total ?? 0), paging);
}

const identityOf = (item: Listed): Json => ({
	sku: item.sku ?? "",
	...(item.variant_id !== null && { variant_id: Number(item.variant_id) }),
	product_id: Number(item.product_id),
	...(item.sku_id !== null && { sku_id: item.sku_id }),
});

const levelsOf = (row: StockRow): Json => ({
	available_to_sell: availableOf(row),
	total_inventory_onhand: row.onhand,
	settings: {
		safety_stock: row.data.safety_stock,
		is_in_stock: row.data.is_in_stock,
		warning_level: row.data.warning_level,
		bin_picking_number: row.data.bin_picking_number,
	},
});

function locationOf(call: Call, id: string) {
	const location = call.settings.locations.find((one) => String(one.id) === id);
	if (!location) throw notFound();
	return location;
}

export function getLocations(call: Call): Answer {
	demand(call, "store_locations");
	const paging = pagingOf(call.query, 1_000, 50);
	const made = isoSecond(call.store.createdAt).replace("+00:00", "Z");
	const ids = idsParam(call.query, "location_id:in");
	const data = call.settings.locations
		.filter(({ id }) => !ids || ids.includes(String(id)))
		.map(({ id, code, label, enabled }) => ({
			id,
			code,
			label,
			description: label,
			managed_by_external_source: false,
			type_id: "PHYSICAL",
			enabled,
			time_zone: call.settings.timezone,
			created_at: made,
			updated_at: made,
			storefront_visibility: true,
		}));
	return paged(data.slice(paging.offset, paging.offset + paging.limit), data.length, paging);
}

/** Safety stock and the like: of items that have a number at the location. */
export async function putLocationItems(call: Call, locationId: string): Promise<Answer> {
	demand(call, "store_inventory");
	locationOf(call, locationId);
	const { settings } = bodyObject(call.body);
	if (!Array.isArray(settings))
		throw new BcError(422, "Payload contains invalid fields", { settings: "settings is required" });
	const changes = settings.map((one, index) => {
		const { identity, safety_stock, is_in_stock, warning_level } = bodyObject(one);
		const { variant_id, product_id } = bodyObject(identity);
		const given = { safety_stock, is_in_stock, warning_level };
		const data = Object.fromEntries(
			Object.entries(given).filter(([, value]) => value !== undefined),
		) as Partial<StockData>;
		if (Object.keys(data).length === 0)
			throw new BcError(422, "Payload contains invalid fields", {
				[`setting.${index}.settings`]:
					"At least one setting must be specified: warning_level, is_in_stock or safety_stock",
			});
		return { id: stockId(Number(locationId), String(variant_id ?? product_id)), data };
	});
	await changeShop(call.ctx, call.store, async (tx) => {
		for (const { id, data } of changes)
			await tx.execute(sql`
				update sandbox.items set data = data || ${JSON.stringify(data)}::jsonb
				where store_id = ${call.store.id} and kind = 'stock' and id = ${id}`);
	});
	return { status: 200, body: { transaction_id: crypto.randomUUID() } };
}
