/** An order and its products as V2 shows them: money as text, dates as in mail, what belongs to it behind links. */
import { type OrderLine, type OrderRow, statuses } from "./order-rows";
import { type Call, type Json, rfc2822 } from "./wire";

const money = (amount: number) => amount.toFixed(4);

const buyer = {
	first_name: "Jane",
	last_name: "Doe",
	company: "",
	street_1: "455 Main Street",
	street_2: "",
	city: "Austin",
	state: "Texas",
	zip: "78751",
	country: "United States",
	country_iso2: "US",
	phone: "555-123-4567",
	email: "janedoe@example.com",
	form_fields: [],
};

export function presentOrder(
	call: Pick<Call, "home" | "settings">,
	{ id, status, data, created_at, modified_at }: OrderRow,
	includesLines: boolean,
): Json {
	const total = data.lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
	const sum = (of: (line: OrderLine) => number) => data.lines.reduce((units, line) => units + of(line), 0);
	const link = (what: string) => ({ url: `${call.home}/v2/orders/${id}/${what}`, resource: `/orders/${id}/${what}` });
	const isRefunded = data.refunds.length > 0;
	return {
		id: Number(id),
		customer_id: 0,
		date_created: rfc2822(created_at),
		date_modified: rfc2822(modified_at),
		date_shipped: data.date_shipped ? rfc2822(data.date_shipped) : "",
		status_id: Number(status),
		status: statuses[Number(status)] ?? "",
		custom_status: statuses[Number(status)] ?? "",
		subtotal_ex_tax: money(total),
		subtotal_inc_tax: money(total),
		subtotal_tax: money(0),
		total_ex_tax: money(total),
		total_inc_tax: money(total),
		total_tax: money(0),
		items_total: sum(({ quantity }) => quantity),
		items_shipped: sum(({ quantity_shipped }) => quantity_shipped),
		payment_method: "Credit Card",
		payment_status: isRefunded ? "partially refunded" : "captured",
		refunded_amount: money(
			data.refunds.flatMap(({ items }) => items).reduce((amount, item) => amount + item.amount, 0),
		),
		order_is_digital: false,
		currency_id: 1,
		currency_code: call.settings.currency,
		currency_exchange_rate: "1.0000000000",
		default_currency_id: 1,
		default_currency_code: call.settings.currency,
		staff_notes: "",
		customer_message: "",
		discount_amount: money(0),
		coupon_discount: money(0),
		shipping_address_count: 1,
		is_deleted: data.is_deleted,
		ebay_order_id: "0",
		cart_id: "a8458391-ef68-4fe5-9ec1-442e6a767364",
		order_source: data.order_source,
		channel_id: 1,
		external_source: null,
		external_id: null,
		billing_address: buyer,
		products: link("products"),
		shipping_addresses: link("shippingaddresses"),
		coupons: link("coupons"),
		consignments: includesLines ? consignmentsOf(id, data.lines) : link("consignments"),
	};
}

const consignmentsOf = (orderId: string, lines: readonly OrderLine[]): Json => {
	const { form_fields: _, ...address } = buyer;
	return {
		pickups: [],
		shipping: [
			{
				id: Number(orderId) + 1,
				...address,
				form_fields: [],
				line_items: lines.map((line) => presentLine(orderId, line)),
				items_total: lines.reduce((sum, { quantity }) => sum + quantity, 0),
				items_shipped: lines.reduce((sum, { quantity_shipped }) => sum + quantity_shipped, 0),
				shipping_method: "Flat Rate",
			},
		],
		downloads: [],
		email: { gift_certificates: [] },
	};
};

export const presentLine = (orderId: string, line: OrderLine): Json => ({
	id: line.id,
	order_id: Number(orderId),
	product_id: line.product_id,
	variant_id: line.variant_id,
	order_address_id: Number(orderId) + 1,
	name: line.name,
	name_customer: line.name,
	name_merchant: line.name,
	sku: line.sku,
	upc: "",
	type: "physical",
	base_price: money(line.price),
	price_ex_tax: money(line.price),
	price_inc_tax: money(line.price),
	price_tax: money(0),
	total_ex_tax: money(line.price * line.quantity),
	total_inc_tax: money(line.price * line.quantity),
	total_tax: money(0),
	quantity: line.quantity,
	quantity_shipped: line.quantity_shipped,
	quantity_refunded: line.quantity_refunded,
	is_refunded: line.quantity_refunded >= line.quantity,
	refund_amount: money(line.price * line.quantity_refunded),
	return_id: 0,
	event_name: null,
	event_date: null,
	option_set_id: null,
	parent_order_product_id: null,
	is_bundled_product: false,
	bin_picking_number: "",
	external_id: null,
	applied_discounts: [],
	product_options: [],
	configurable_fields: [],
});
