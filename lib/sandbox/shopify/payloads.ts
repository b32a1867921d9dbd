/** Webhook bodies in the shape of the REST API. Ids are bigints, which go out as exact JSON numbers. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { gid, levelGid } from "./ids";
import type { OrderLine, OrderState, Refund } from "./order-state";
import { lineTitle, openUnits } from "./order-state";
import {
	type ItemRow,
	type LevelData,
	type LevelRow,
	type ProductData,
	rowsById,
	rowsByParent,
	type VariantData,
} from "./rows";
import { settingsOf, shopDomain } from "./settings";
import { restTime } from "./times";

type Payload = Record<string, unknown>;

export async function levelPayload(ctx: SandboxContext, store: SandboxStore, id: string): Promise<Payload | null> {
	const level = (await rowsById<LevelData>(ctx.db, store.id, "level", [id])).get(id);
	return level ? inventoryLevel(store, level) : null;
}

function inventoryLevel(store: SandboxStore, level: LevelRow): Payload {
	const itemId = level.parent_id ?? "0";
	return {
		inventory_item_id: BigInt(itemId),
		location_id: BigInt(level.data.locationId),
		available: level.quantity,
		updated_at: restTime(level.modified_at, settingsOf(store).timezone),
		admin_graphql_api_id: levelGid(level.data.locationId, itemId),
	};
}

/** `variants` holds the first hundred only, as the real one does; `variant_gids` lists all. */
const mostVariants = 100;

export async function productPayload(ctx: SandboxContext, store: SandboxStore, id: string): Promise<Payload | null> {
	const product = (await rowsById<ProductData>(ctx.db, store.id, "product", [id])).get(id);
	if (!product) return null;
	const variants = (await rowsByParent<VariantData>(ctx.db, store.id, "variant", [id])).get(id) ?? [];
	const shown = variants.slice(0, mostVariants);
	const levels = await rowsByParent<LevelData>(
		ctx.db,
		store.id,
		"level",
		shown.map(({ data }) => data.itemId),
	);
	const { timezone } = settingsOf(store);
	const time = (at: string) => restTime(at, timezone);
	const { title, handle, status, vendor, createdAt, options } = product.data;
	return {
		admin_graphql_api_id: gid("Product", id),
		body_html: null,
		created_at: time(createdAt),
		handle,
		id: BigInt(id),
		product_type: "",
		published_at: status === "ACTIVE" ? time(createdAt) : null,
		template_suffix: null,
		title,
		updated_at: time(product.modified_at),
		vendor,
		status: status.toLowerCase(),
		published_scope: "web",
		tags: "",
		variants: shown.map((variant) => {
			const quantity = sumAvailable(levels.get(variant.data.itemId) ?? []);
			return {
				admin_graphql_api_id: gid("ProductVariant", variant.id),
				barcode: variant.data.barcode,
				compare_at_price: null,
				created_at: time(variant.data.createdAt),
				id: BigInt(variant.id),
				inventory_policy: variant.data.policy.toLowerCase(),
				position: variant.data.position,
				price: variant.data.price,
				product_id: BigInt(id),
				sku: variant.sku,
				taxable: true,
				title: variant.data.title,
				updated_at: time(variant.modified_at),
				option1: variant.data.options[0]?.value ?? null,
				option2: variant.data.options[1]?.value ?? null,
				option3: variant.data.options[2]?.value ?? null,
				image_id: null,
				inventory_item_id: BigInt(variant.data.itemId),
				inventory_quantity: quantity,
				old_inventory_quantity: quantity,
			};
		}),
		options: options.map((name, index) => ({ product_id: BigInt(id), name, position: index + 1 })),
		images: [],
		image: null,
		media: [],
		variant_gids: variants.map((variant) => ({
			admin_graphql_api_id: gid("ProductVariant", variant.id),
			updated_at: new Date(variant.modified_at).toISOString(),
		})),
		has_variants_that_requires_components: variants.some(({ data }) => data.requiresComponents),
		category: null,
	};
}

export const sumAvailable = (levels: readonly LevelRow[]): number =>
	levels.reduce((sum, { quantity, data }) => sum + (data.isActive ? (quantity ?? 0) : 0), 0);

export function itemPayload(store: SandboxStore, item: ItemRow): Payload {
	const { timezone } = settingsOf(store);
	return {
		id: BigInt(item.id),
		sku: item.sku,
		created_at: restTime(item.data.createdAt, timezone),
		updated_at: restTime(item.modified_at, timezone),
		requires_shipping: item.data.requiresShipping,
		cost: null,
		country_code_of_origin: null,
		province_code_of_origin: null,
		harmonized_system_code: null,
		tracked: item.is_managed,
		country_harmonized_system_codes: [],
		weight_value: 0,
		weight_unit: "lb",
		admin_graphql_api_id: gid("InventoryItem", item.id),
	};
}

export function orderPayload(store: SandboxStore, order: OrderState): Payload {
	const { timezone } = settingsOf(store);
	const time = (at: string | null) => at && restTime(at, timezone);
	const total = money(order.lines.reduce((sum, line) => sum + Number(line.price) * line.quantity, 0));
	const current = money(order.lines.reduce((sum, line) => sum + Number(line.price) * line.current, 0));
	return {
		id: BigInt(order.id),
		admin_graphql_api_id: gid("Order", order.id),
		app_id: null,
		browser_ip: null,
		buyer_accepts_marketing: false,
		cancel_reason: order.cancelReason?.toLowerCase() ?? null,
		cancelled_at: time(order.cancelledAt),
		cart_token: null,
		checkout_token: null,
		client_details: null,
		closed_at: time(order.closedAt),
		confirmation_number: null,
		confirmed: true,
		contact_email: null,
		created_at: time(order.createdAt),
		currency: order.currency,
		current_subtotal_price: current,
		current_total_price: current,
		current_total_tax: "0.00",
		customer_locale: "en",
		device_id: null,
		discount_codes: [],
		email: "",
		financial_status: order.financialStatus.toLowerCase(),
		fulfillment_status: restFulfillment(order),
		landing_site: null,
		location_id: null,
		name: order.name,
		note: null,
		note_attributes: [],
		number: order.number,
		order_number: order.number,
		payment_gateway_names: ["bogus"],
		phone: null,
		presentment_currency: order.currency,
		processed_at: time(order.createdAt),
		reference: null,
		source_identifier: null,
		source_name: order.sourceName,
		source_url: null,
		subtotal_price: total,
		tags: "",
		tax_exempt: false,
		tax_lines: [],
		taxes_included: false,
		test: order.isTest,
		token: order.id,
		total_discounts: "0.00",
		total_line_items_price: total,
		total_outstanding: "0.00",
		total_price: total,
		total_price_set: moneySet(total, order.currency),
		total_tax: "0.00",
		total_weight: 0,
		updated_at: time(order.updatedAt),
		user_id: null,
		customer: null,
		discount_applications: [],
		fulfillments: order.fulfillments.map((fulfillment) => ({
			id: BigInt(fulfillment.id),
			admin_graphql_api_id: gid("Fulfillment", fulfillment.id),
			created_at: time(fulfillment.createdAt),
			location_id: BigInt(fulfillment.locationId),
			name: `${order.name}.1`,
			order_id: BigInt(order.id),
			status: "success",
			line_items: fulfillment.lines.flatMap(({ lineId, quantity }) => {
				const line = order.lines.find(({ id }) => id === lineId);
				return line ? [{ ...lineItem(line, order), quantity }] : [];
			}),
		})),
		line_items: order.lines.map((line) => lineItem(line, order)),
		payment_terms: null,
		refunds: order.refunds.map((refund) => refundPayload(store, order, refund)),
		shipping_lines: [],
		returns: [],
		line_item_groups: [],
	};
}

function restFulfillment(order: OrderState): string | null {
	const done = order.lines.filter((line) => line.fulfilled > 0);
	if (done.length === 0) return null;
	return order.lines.every((line) => line.fulfilled >= line.current) ? "fulfilled" : "partial";
}

function lineItem(line: OrderLine, order: OrderState): Payload {
	return {
		id: BigInt(line.id),
		admin_graphql_api_id: gid("LineItem", line.id),
		attributed_staffs: [],
		current_quantity: line.current,
		fulfillable_quantity: order.cancelledAt ? 0 : openUnits(line),
		fulfillment_service: "manual",
		fulfillment_status: line.fulfilled === 0 ? null : line.fulfilled >= line.current ? "fulfilled" : "partial",
		gift_card: false,
		grams: 0,
		name: lineTitle(line),
		price: line.price,
		price_set: moneySet(line.price, order.currency),
		product_exists: line.productId !== null,
		product_id: line.productId && BigInt(line.productId),
		properties: [],
		quantity: line.quantity,
		requires_shipping: true,
		sales_line_item_group_id: null,
		sku: line.sku,
		taxable: true,
		title: line.title,
		total_discount: "0.00",
		total_discount_set: moneySet("0.00", order.currency),
		variant_id: line.variantId && BigInt(line.variantId),
		variant_inventory_management: line.isTracked ? "shopify" : null,
		variant_title: line.variantTitle,
		vendor: null,
		tax_lines: [],
		duties: [],
		discount_allocations: [],
	};
}

export function refundPayload(store: SandboxStore, order: OrderState, refund: Refund): Payload {
	const { timezone } = settingsOf(store);
	return {
		id: BigInt(refund.id),
		order_id: BigInt(order.id),
		created_at: restTime(refund.createdAt, timezone),
		note: refund.note,
		user_id: null,
		processed_at: restTime(refund.createdAt, timezone),
		duties: [],
		total_duties_set: moneySet("0.00", order.currency),
		return: null,
		refund_shipping_lines: [],
		restock: refund.lines.some(({ restockType }) => restockType !== "NO_RESTOCK"),
		admin_graphql_api_id: gid("Refund", refund.id),
		order_adjustments: [],
		refund_line_items: refund.lines.flatMap((refunded) => {
			const line = order.lines.find(({ id }) => id === refunded.lineId);
			if (!line) return [];
			const subtotal = Number(line.price) * refunded.quantity;
			return [
				{
					id: BigInt(refunded.id),
					quantity: refunded.quantity,
					line_item_id: BigInt(line.id),
					location_id: refunded.locationId && BigInt(refunded.locationId),
					restock_type: refunded.restockType.toLowerCase(),
					subtotal,
					total_tax: 0,
					subtotal_set: moneySet(money(subtotal), order.currency),
					total_tax_set: moneySet("0.00", order.currency),
					line_item: lineItem(line, order),
				},
			];
		}),
		transactions: [
			{
				id: BigInt(refund.transactionId),
				order_id: BigInt(order.id),
				kind: "refund",
				gateway: "bogus",
				status: "success",
				created_at: restTime(refund.createdAt, timezone),
				amount: money(refund.amount),
				currency: order.currency,
				admin_graphql_api_id: gid("OrderTransaction", refund.transactionId),
			},
		],
	};
}

export const shopPayload = (store: SandboxStore): Payload => ({
	id: 548_380_009,
	name: store.name,
	email: "owner@example.com",
	domain: shopDomain(store),
	myshopify_domain: shopDomain(store),
	iana_timezone: settingsOf(store).timezone,
	currency: settingsOf(store).currency,
});

const money = (amount: number): string => amount.toFixed(2);

const moneySet = (amount: string, currency: string) => ({
	shop_money: { amount, currency_code: currency },
	presentment_money: { amount, currency_code: currency },
});
