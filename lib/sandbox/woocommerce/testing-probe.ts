/** For tests: a shop with the very products, variations and orders that the real one was probed with, under the same ids. */
import { sql } from "drizzle-orm";
import { sandboxItems, sandboxOrders } from "@/db/schema";
import type { SandboxContext } from "../sandbox-platform";
import type { ItemData } from "./items";
import type { OrderData } from "./order-rows";

const at = new Date("2026-11-23T13:52:54Z");

type Item = Partial<ItemData> & {
	id: number;
	parentId?: number;
	sku?: string;
	quantity?: number | null;
	modifiedAt?: Date;
};

/** What stands where in the probed shop; a test says what differs. */
const items: Item[] = [
	{ id: 10, name: "Simple A", sku: "SKU-A", regular_price: "10.00", quantity: 20 },
	{ id: 11, name: "Simple B", sku: "SKU-B", regular_price: "5.00", quantity: 50 },
	{ id: 12, name: "Unmanaged", sku: "SKU-N", regular_price: "5.00", quantity: null },
	{ id: 13, name: "Simple C", sku: "SKU-C", regular_price: "5.00", quantity: 4 },
	{ id: 14, name: "Last", sku: "SKU-L", regular_price: "5.00", quantity: 1 },
	{ id: 15, name: "Variable", type: "variable", quantity: 30 },
	{ id: 16, parentId: 15, sku: "SKU-V-S", quantity: 29, attributes: [{ name: "Size", option: "S" }] },
	{ id: 17, parentId: 15, sku: "SKU-V-M", quantity: null, attributes: [{ name: "Size", option: "M" }] },
	{ id: 18, parentId: 15, sku: "SKU-V-L", quantity: null, attributes: [{ name: "Size", option: "L" }] },
	{ id: 19, name: "Variable2", type: "variable", quantity: null },
	{ id: 20, parentId: 19, sku: "SKU-W-S", quantity: 9, attributes: [{ name: "Size", option: "S" }] },
];

export async function seedProbe(ctx: SandboxContext, storeId: string, differs: Item[] = []): Promise<void> {
	const rows = items.map((item) => ({ ...item, ...differs.find(({ id }) => id === item.id) }));
	await ctx.db.insert(sandboxItems).values(
		rows.map(({ id, parentId, sku, quantity = null, modifiedAt = at, ...given }) => {
			const data: ItemData = {
				name: "",
				slug: (given.name ?? `variation-${id}`).toLowerCase().replace(/ /g, "-"),
				type: parentId ? "variation" : "simple",
				status: "publish",
				regular_price: parentId ? "8.00" : "",
				description: "",
				global_unique_id: "",
				backorders: "no",
				stock_status: "instock",
				attributes: [],
				date_created: at.toISOString(),
				...given,
			};
			return {
				storeId,
				id: String(id),
				parentId: parentId ? String(parentId) : null,
				kind: parentId ? "variation" : "product",
				sku: sku ?? null,
				isManaged: quantity !== null,
				quantity,
				data: data as unknown as Record<string, unknown>,
				modifiedAt,
			};
		}),
	);
}

/** A paid order of one product, as the probe made them. */
export async function insertOrder(
	ctx: SandboxContext,
	storeId: string,
	order: {
		id: number;
		lineId: number;
		productId: number;
		name: string;
		sku: string;
		price: number;
		quantity: number;
		at: Date;
	},
): Promise<void> {
	const moment = order.at.toISOString();
	const data: OrderData = {
		lines: [
			{
				id: order.lineId,
				name: order.name,
				product_id: order.productId,
				variation_id: 0,
				quantity: order.quantity,
				price: order.price,
				sku: order.sku,
				global_unique_id: "",
				parent_name: null,
				meta: [{ id: 1, key: "_reduced_stock", value: String(order.quantity) }],
			},
		],
		refunds: [],
		notes: [],
		billing: {
			first_name: "A",
			last_name: "B",
			email: "a@example.com",
			country: "DE",
			address_1: "x",
			city: "Berlin",
			postcode: "10115",
		},
		shipping: {},
		payment_method: "",
		customer_note: "",
		created_via: "rest-api",
		order_key: "wc_order_0123456789abc",
		date_paid: moment,
		date_completed: null,
		is_stock_reduced: true,
		held_until: null,
	};
	await ctx.db.insert(sandboxOrders).values({
		storeId,
		id: String(order.id),
		number: String(order.id),
		status: "processing",
		data: data as unknown as Record<string, unknown>,
		createdAt: order.at,
		modifiedAt: order.at,
	});
}

export const quantityOf = async (ctx: SandboxContext, storeId: string, id: number): Promise<number | null> => {
	const [row] = await ctx.db.execute<{ quantity: number | null }>(
		sql`select quantity from sandbox.items where store_id = ${storeId} and id = ${String(id)}`,
	);
	return row?.quantity ?? null;
};
