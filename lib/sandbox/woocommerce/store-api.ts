/** The Store API that carts and the checkout block speak: /wc/store/v1. Asks for no keys; a cart is known by its token. */
import { randomBytes } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { sandboxTokens } from "@/db/schema";
import { type BasketLine, cartRefusal, checkout, type Refusal } from "./checkout";
import { type ItemRow, titleOf } from "./items";
import type { OrderRow, OrderStatus } from "./order-rows";
import { changeOrder, createOrder, findWanted, removeOrder } from "./orders";
import { phpInteger, textParam } from "./params";
import { type Answer, type Call, WpError } from "./wire";

const kind = "cart";
type CartItem = { key: string; id: number; quantity: number };
type Cart = { token: string; items: CartItem[]; draftId: string | null };

async function openCart(call: Call): Promise<Cart> {
	const token = call.headers.get("cart-token") ?? "";
	const [row] = token
		? await call.ctx.db
				.select({ data: sandboxTokens.data })
				.from(sandboxTokens)
				.where(
					and(eq(sandboxTokens.storeId, call.store.id), eq(sandboxTokens.token, token), eq(sandboxTokens.kind, kind)),
				)
		: [];
	const data = row?.data as Omit<Cart, "token"> | undefined;
	return data ? { token, ...data } : { token: randomBytes(24).toString("base64url"), items: [], draftId: null };
}

async function keepCart(call: Call, { token, ...data }: Cart): Promise<void> {
	await call.ctx.db
		.insert(sandboxTokens)
		.values({ storeId: call.store.id, token, kind, data })
		.onConflictDoUpdate({ target: [sandboxTokens.storeId, sandboxTokens.token], set: { data: sql`excluded.data` } });
}

type Line = BasketLine & { item: CartItem };

async function linesOf(call: Call, cart: Cart): Promise<Line[]> {
	const wanted = cart.items.map(({ id, quantity }) => ({ productId: id, quantity }));
	const rows = await findWanted(call.ctx.db, call.store.id, wanted);
	return cart.items.flatMap((item, index) => {
		const row = rows[index];
		return row ? [{ item, row, quantity: item.quantity }] : [];
	});
}

const headersOf = (cart: Cart) => ({
	"cart-token": cart.token,
	nonce: "0000000000",
	"user-id": "0",
});

export async function getCart(call: Call): Promise<Answer> {
	const cart = await openCart(call);
	const lines = await linesOf(call, cart);
	await keepCart(call, cart);
	return { headers: headersOf(cart), body: presentCart(call, lines, await cartRefusal(call.ctx, call.store, lines)) };
}

export async function addToCart(call: Call): Promise<Answer> {
	const cart = await openCart(call);
	const id = phpInteger(call.params.id ?? 0);
	const quantity = Math.max(1, phpInteger(call.params.quantity ?? 1));
	const [row] = await findWanted(call.ctx.db, call.store.id, [{ productId: id, quantity }]);
	if (row?.data.status !== "publish" || row.data.type === "variable")
		throw new WpError("woocommerce_rest_cart_invalid_product", "This product cannot be added to the cart.", 400);
	const known = cart.items.find((item) => item.id === id);
	const total = (known?.quantity ?? 0) + quantity;
	const refusal = await cartRefusal(call.ctx, call.store, [{ row, quantity: total }]);
	if (refusal) throw new WpError(refusal.code, refusal.message, 400);
	if (known) known.quantity = total;
	else cart.items.push({ key: randomBytes(16).toString("hex"), id, quantity });
	await keepCart(call, cart);
	return { status: 201, headers: headersOf(cart), body: presentCart(call, await linesOf(call, cart), null) };
}

/** Looking at the checkout makes a draft of the order. It is listed among the orders, and holds nothing. */
export async function getCheckout(call: Call): Promise<Answer> {
	const cart = await openCart(call);
	const lines = await filled(call, cart);
	if (cart.draftId === null) {
		const draft = await createOrder(
			call.ctx,
			call.store,
			{ status: "checkout-draft", lines, created_via: "store-api" },
			() => {},
		);
		cart.draftId = draft.id;
		await keepCart(call, cart);
		return { headers: headersOf(cart), body: presentCheckout(draft) };
	}
	const draft = await changeOrder(call.ctx, call.store, cart.draftId, () => false);
	return { headers: headersOf(cart), body: draft ? presentCheckout(draft) : {} };
}

async function filled(call: Call, cart: Cart): Promise<Line[]> {
	const lines = await linesOf(call, cart);
	if (lines.length === 0)
		throw new WpError("woocommerce_rest_cart_empty", "Cannot checkout with an empty cart. Your cart is empty.", 400);
	return lines;
}

/** What each gateway leaves an order in. */
const gateways: Record<string, OrderStatus> = {
	bacs: "on-hold",
	cheque: "on-hold",
	cod: "processing",
	offsite: "pending",
};

export async function postCheckout(call: Call): Promise<Answer> {
	const { ctx, store, params, settings } = call;
	const cart = await openCart(call);
	const lines = await filled(call, cart);
	const method = textParam(params.payment_method);
	const to = gateways[method];
	if (!to || (method === "offsite" && !settings.hasOffsiteGateway))
		throw new WpError(
			"woocommerce_rest_checkout_payment_method_disabled",
			"This payment gateway is not available.",
			400,
		);
	const refusal = await cartRefusal(ctx, store, lines);
	if (refusal) throw cartError(call, refusal, lines);
	const addressOf = (name: string) => (params[name] ?? {}) as Record<string, string>;
	const placed = await checkout(ctx, store, lines, to, {
		billing: addressOf("billing_address"),
		shipping: addressOf("shipping_address"),
		payment_method: method,
		created_via: "store-api",
	});
	if ("code" in placed) throw new WpError(placed.code, placed.message, placed.status);
	if (cart.draftId !== null) await removeOrder(ctx, store, cart.draftId);
	await keepCart(call, { ...cart, items: [], draftId: null });
	return { headers: headersOf(cart), body: presentCheckout(placed) };
}

/** The refusal of a cart carries the cart, and the status twice (seen). */
function cartError(call: Call, refusal: Refusal, lines: readonly Line[]): WpError {
	const data =
		refusal.status === 409
			? { 0: 409, status: 409, cart: presentCart(call, lines, refusal) }
			: { status: refusal.status };
	return new WpError(refusal.code, refusal.message, refusal.status, data);
}

function presentCheckout(order: OrderRow): Record<string, unknown> {
	return {
		order_id: Number(order.id),
		status: order.status,
		order_key: order.data.order_key,
		order_number: order.number,
		customer_note: order.data.customer_note,
		customer_id: 0,
		billing_address: order.data.billing,
		shipping_address: order.data.shipping,
		payment_method: order.data.payment_method,
		payment_result: {
			payment_status: order.status === "checkout-draft" ? "" : "success",
			payment_details: [],
			redirect_url: "",
		},
		extensions: {},
	};
}

const emptyAddress = {
	first_name: "",
	last_name: "",
	company: "",
	address_1: "",
	address_2: "",
	city: "",
	state: "DE-BE",
	postcode: "",
	country: "DE",
	phone: "",
};

function presentCart(call: Call, lines: readonly Line[], refusal: Refusal | null): Record<string, unknown> {
	const currency = currencyOf(call);
	const total = Math.round(lines.reduce((sum, { row, quantity }) => sum + priceOf(row) * quantity, 0) * 100);
	return {
		items: lines.map((line) => presentItem(call, line)),
		coupons: [],
		fees: [],
		totals: {
			total_items: String(total),
			total_items_tax: "0",
			total_fees: "0",
			total_fees_tax: "0",
			total_discount: "0",
			total_discount_tax: "0",
			total_shipping: null,
			total_shipping_tax: null,
			total_price: String(total),
			total_tax: "0",
			tax_lines: [],
			...currency,
		},
		shipping_address: emptyAddress,
		billing_address: { ...emptyAddress, email: "" },
		needs_payment: total > 0,
		needs_shipping: false,
		payment_requirements: ["products"],
		has_calculated_shipping: false,
		shipping_rates: [],
		items_count: lines.reduce((sum, { quantity }) => sum + quantity, 0),
		items_weight: 0,
		cross_sells: [],
		errors: refusal ? [{ code: refusal.code, message: refusal.message }] : [],
		payment_methods: ["bacs", "cod", ...(call.settings.hasOffsiteGateway ? ["offsite"] : [])],
		extensions: {},
	};
}

const priceOf = (row: ItemRow) => Number(row.data.regular_price || 0);

function currencyOf({ settings }: Call) {
	const symbol = settings.currency === "EUR" ? "€" : "$";
	return {
		currency_code: settings.currency,
		currency_symbol: symbol,
		currency_minor_unit: 2,
		currency_decimal_separator: ".",
		currency_thousand_separator: ",",
		currency_prefix: symbol,
		currency_suffix: "",
	};
}

function presentItem(call: Call, { item, row, quantity }: Line): Record<string, unknown> {
	const currency = currencyOf(call);
	const price = String(Math.round(priceOf(row) * 100));
	const raw = String(Math.round(priceOf(row) * 1_000_000));
	const total = String(Math.round(priceOf(row) * quantity * 100));
	return {
		key: item.key,
		id: Number(row.id),
		type: row.data.type,
		quantity,
		quantity_limits: { minimum: 1, maximum: 9999, multiple_of: 1, editable: true },
		name: titleOf(row),
		short_description: "",
		description: "",
		sku: row.sku ?? "",
		low_stock_remaining: row.is_managed && (row.quantity ?? 0) <= 2 ? (row.quantity ?? 0) : null,
		backorders_allowed: row.data.backorders !== "no",
		show_backorder_badge: false,
		sold_individually: false,
		permalink: `${call.home}/product/${row.data.slug}/`,
		images: [],
		variation: [],
		item_data: [],
		prices: {
			price,
			regular_price: price,
			sale_price: price,
			price_range: null,
			...currency,
			raw_prices: { precision: 6, price: raw, regular_price: raw, sale_price: raw },
		},
		totals: { line_subtotal: total, line_subtotal_tax: "0", line_total: total, line_total_tax: "0", ...currency },
		catalog_visibility: "visible",
		extensions: {},
	};
}
