/** Orders, refunds and notes as the API shows them. */
import type { OrderLine, OrderRow, Refund } from "./order-rows";
import { wooVersion } from "./settings";
import { bothTimes } from "./times";
import { type Call, linksOf, restUrl } from "./wire";

type Presented = Pick<Call, "home" | "settings">;

export const money = (amount: number) => amount.toFixed(2);
const currencySymbols: Record<string, string> = { EUR: "€", USD: "$", GBP: "£" };

const billingFields = [
	"first_name",
	"last_name",
	"company",
	"address_1",
	"address_2",
	"city",
	"state",
	"postcode",
	"country",
	"email",
	"phone",
];
const shippingFields = billingFields.filter((field) => field !== "email");
const address = (fields: readonly string[], given: Record<string, string>) =>
	Object.fromEntries(fields.map((field) => [field, given[field] ?? ""]));

export const totalOf = (lines: readonly OrderLine[]) =>
	lines.reduce((sum, line) => sum + line.price * line.quantity, 0);

/** Nothing to ship: WooCommerce completes what is paid at once. */
export const needsProcessing = (lines: readonly OrderLine[]) => lines.some((line) => line.product_id > 0);

export function presentOrder(call: Presented, row: OrderRow): Record<string, unknown> {
	const { data } = row;
	const { timezone, currency } = call.settings;
	const id = Number(row.id);
	const route = `/wc/v3/orders/${row.id}`;
	const created = bothTimes("date_created", new Date(row.created_at), timezone);
	const modified = bothTimes("date_modified", new Date(row.modified_at), timezone);
	const completed = bothTimes("date_completed", data.date_completed ? new Date(data.date_completed) : null, timezone);
	const paid = bothTimes("date_paid", data.date_paid ? new Date(data.date_paid) : null, timezone);
	const isOpen = ["pending", "failed", "checkout-draft"].includes(row.status);
	return {
		id,
		parent_id: 0,
		status: row.status,
		currency,
		version: wooVersion,
		prices_include_tax: false,
		date_created: created.date_created,
		date_modified: modified.date_modified,
		discount_total: "0.00",
		discount_tax: "0.00",
		shipping_total: "0.00",
		shipping_tax: "0.00",
		cart_tax: "0.00",
		total: money(totalOf(data.lines)),
		total_tax: "0.00",
		customer_id: 0,
		order_key: data.order_key,
		billing: address(billingFields, data.billing),
		shipping: address(shippingFields, data.shipping),
		payment_method: data.payment_method,
		payment_method_title: "",
		transaction_id: "",
		customer_ip_address: "",
		customer_user_agent: "",
		created_via: data.created_via,
		customer_note: data.customer_note,
		date_completed: completed.date_completed,
		date_paid: paid.date_paid,
		cart_hash: "",
		number: row.number,
		meta_data: [],
		line_items: data.lines.map(presentLine),
		tax_lines: [],
		shipping_lines: [],
		fee_lines: [],
		coupon_lines: [],
		refunds: [...data.refunds]
			.reverse()
			.map((refund) => ({ id: refund.id, reason: refund.reason, total: `-${money(refund.amount)}` })),
		payment_url: `${call.home}/checkout/order-pay/${id}/?pay_for_order=true&key=${data.order_key}`,
		is_editable: ["pending", "on-hold", "checkout-draft"].includes(row.status),
		needs_payment: isOpen && totalOf(data.lines) > 0,
		needs_processing: needsProcessing(data.lines),
		date_created_gmt: created.date_created_gmt,
		date_modified_gmt: modified.date_modified_gmt,
		date_completed_gmt: completed.date_completed_gmt,
		date_paid_gmt: paid.date_paid_gmt,
		currency_symbol: currencySymbols[currency] ?? currency,
		_links: linksOf(call, route, "/wc/v3/orders", {
			email_templates: [{ embeddable: true, href: restUrl(call, `${route}/actions/email_templates`) }],
		}),
	};
}

function presentLine(line: OrderLine): Record<string, unknown> {
	const total = money(line.price * line.quantity);
	return {
		id: line.id,
		name: line.name,
		product_id: line.product_id,
		variation_id: line.variation_id,
		quantity: line.quantity,
		tax_class: "",
		subtotal: total,
		subtotal_tax: "0.00",
		total,
		total_tax: "0.00",
		taxes: [],
		meta_data: line.meta.map(({ id, key, value }) => ({
			id,
			key,
			value,
			display_key: key.startsWith("_") ? key : key[0]?.toUpperCase() + key.slice(1),
			display_value: value,
		})),
		sku: line.sku,
		global_unique_id: line.global_unique_id,
		price: line.price,
		image: line.variation_id > 0 || line.product_id === 0 ? { id: 0, src: "" } : { id: "", src: "" },
		parent_name: line.parent_name,
	};
}

export function presentRefund(call: Presented, order: OrderRow, refund: Refund): Record<string, unknown> {
	const route = `/wc/v3/orders/${order.id}/refunds`;
	return {
		id: refund.id,
		...bothTimes("date_created", new Date(refund.date_created), call.settings.timezone),
		amount: money(refund.amount),
		reason: refund.reason,
		refunded_by: 1,
		refunded_payment: false,
		meta_data: [{ id: refund.id, key: "_refund_type", value: refund.is_full ? "full" : "partial" }],
		line_items: refund.lines.map((line) => {
			const of = order.data.lines.find(({ id }) => id === line.of);
			return {
				id: line.id,
				name: line.name,
				product_id: of?.product_id ?? 0,
				variation_id: of?.variation_id ?? 0,
				quantity: -line.quantity,
				tax_class: "",
				subtotal: money(-line.total),
				subtotal_tax: "0.00",
				total: money(-line.total),
				total_tax: "0.00",
				taxes: [],
				meta_data: [
					{
						id: line.id,
						key: "_refunded_item_id",
						value: String(line.of),
						display_key: "_refunded_item_id",
						display_value: String(line.of),
					},
				],
				sku: of?.sku ?? "",
				global_unique_id: of?.global_unique_id ?? "",
				price: of?.price ?? 0,
				image: { id: "", src: "" },
				parent_name: of?.parent_name ?? null,
			};
		}),
		shipping_lines: [],
		tax_lines: [],
		fee_lines: [],
		_links: linksOf(
			call,
			`${route}/${refund.id}`,
			route,
			{ up: [{ href: restUrl(call, `/wc/v3/orders/${order.id}`) }] },
			["GET", "DELETE"],
		),
	};
}

export function presentNotes(call: Presented, order: OrderRow): Record<string, unknown>[] {
	const route = `/wc/v3/orders/${order.id}/notes`;
	return order.data.notes.map((note) => ({
		id: note.id,
		author: "WooCommerce",
		...bothTimes("date_created", new Date(note.date_created), call.settings.timezone),
		note: note.note,
		customer_note: false,
		_links: linksOf(
			call,
			`${route}/${note.id}`,
			route,
			{ up: [{ href: restUrl(call, `/wc/v3/orders/${order.id}`) }] },
			["GET", "DELETE"],
		),
	}));
}
