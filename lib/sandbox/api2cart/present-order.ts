/** Orders in the two shapes that were recorded: as documented, and with every object in a list of one (eBay). */
import type { A2cSettings } from "./settings";
import type { ShopLine, ShopOrder } from "./views/view";
import { dateOut, type StoreCall } from "./wire";

type Json = Record<string, unknown>;

export function presentOrder({ cart, settings }: Pick<StoreCall, "cart" | "settings">, order: ShopOrder): Json {
	const lineOf = (lineId: string) => order.lines.find(({ id }) => id === lineId);
	return {
		id: settings.wrapsObjects ? "" : order.id,
		order_id: order.id,
		basket_id: null,
		channel_id: null,
		customer: { id: "1", email: "buyer@example.com", first_name: "Hanno", last_name: "Buddenbrook", phone: null },
		create_at: dateOut(order.createdAt),
		modified_at: dateOut(order.modifiedAt),
		finished_time: null,
		store_id: "1",
		warehouses_ids: [],
		status: {
			id: order.statusId,
			name: cart.view.statuses.find(({ id }) => id === order.statusId)?.name ?? order.statusId,
			history: [],
			refund_info: null,
		},
		order_products: order.lines.map((line) => presentLine(line, settings)),
		bundles: [],
		refunds: order.refunds.map((refund) => ({
			id: refund.id,
			shipping: null,
			fee: null,
			tax: null,
			total: refund.total,
			modified_time: dateOut(refund.at),
			comment: null,
			items: refund.items.map(({ lineId, quantity, amount }) => ({
				product_id: lineOf(lineId)?.productId ?? null,
				variant_id: lineOf(lineId)?.variantId ?? null,
				order_product_id: lineId,
				qty: quantity,
				refund: amount,
			})),
		})),
		additional_fields: {},
	};
}

const presentLine = (line: ShopLine, { orderLines, idsAreSkus, hasLineIds }: A2cSettings): Json => ({
	product_id: orderLines === "skus" ? null : idsAreSkus && line.sku && !line.variantId ? line.sku : line.productId,
	variant_id: orderLines !== "variants" ? null : idsAreSkus && line.sku && line.variantId ? line.sku : line.variantId,
	order_product_id: hasLineIds ? line.id : "",
	model: line.sku,
	name: line.name,
	price: line.price,
	price_inc_tax: null,
	quantity: line.quantity,
	discount_amount: 0,
	total_price: line.price * line.quantity,
	options: [],
	barcode: null,
	parent_order_product_id: hasLineIds ? null : "",
});

const plainDate = (at: unknown) =>
	typeof at === "object" && at !== null && "value" in at ? String(at.value).replace("T", " ").replace("+0000", "") : at;

/** Dates plain, objects in lists, booleans as text; `{"order_products":[{"product":[{…}]}]}`. */
export function wrapOrder(order: Json): Json {
	const { status, order_products: lines, create_at: created, modified_at: modified, customer, ...rest } = order;
	return {
		...rest,
		create_at: plainDate(created),
		modified_at: plainDate(modified),
		customer: [customer],
		status: [{ ...(status as Json), history: null }],
		order_products: (lines as Json[]).map((line) => ({ product: [{ ...line, guaranteedDelivery: "False" }] })),
	};
}
