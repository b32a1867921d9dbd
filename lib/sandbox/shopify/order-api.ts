/** Orders by the API: orderCreate, orderCancel, refundCreate, with the platform's refusals. */
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { beginCancel } from "./cancel-job";
import { idOf, mintId } from "./ids";
import { type OrderState, openUnits, payOrder, type RefundIds, type RestockType, refundOrder } from "./order-state";
import {
	type BasketLine,
	changeOrder,
	findSellables,
	placeOrder,
	readOrder,
	removeOrder,
	type StockBehaviour,
} from "./orders";
import { locationsOf } from "./rows";
import { settingsOf } from "./settings";

export type OrderError = { field: string[] | null; message: string; code?: string };

type OrderInput = {
	lineItems?:
		| {
				variantId?: string | null;
				quantity: number;
				title?: string | null;
				priceSet?: { shopMoney: { amount: string } } | null;
		  }[]
		| null;
	test?: boolean | null;
	sourceName?: string | null;
	financialStatus?: string | null;
};

const behaviours: Record<string, StockBehaviour> = {
	BYPASS: "BYPASS",
	DECREMENT_IGNORING_POLICY: "IGNORE_POLICY",
	DECREMENT_OBEYING_POLICY: "OBEY_POLICY",
};

export async function apiCreateOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	input: OrderInput,
	inventoryBehaviour: string | null,
): Promise<{ order: OrderState | null; userErrors: OrderError[] }> {
	const lines = input.lineItems ?? [];
	const fail = (field: string[], message: string, code: string) => ({
		order: null,
		userErrors: [{ field, message, code }],
	});
	if (lines.length === 0) return fail(["order", "lineItems"], "Line items must have at least one line item", "INVALID");
	if (lines.some(({ quantity }) => quantity <= 0))
		return fail(["order", "lineItems"], "Line items quantity must be greater than 0", "INVALID");
	const variantIds = lines.flatMap(({ variantId }) => (variantId ? (idOf("ProductVariant", variantId) ?? []) : []));
	const sellables = new Map(
		(await findSellables(ctx.db, store.id, { variantIds })).map((sellable) => [sellable.variantId, sellable]),
	);
	const basket: BasketLine[] = [];
	for (const [index, line] of lines.entries()) {
		const sellable = line.variantId ? sellables.get(idOf("ProductVariant", line.variantId) ?? "") : null;
		if (sellable === undefined)
			return fail(["order", "lineItems", String(index), "variantId"], "Variant does not exist", "INVALID");
		if (!sellable && !line.title)
			return fail(["order", "lineItems", String(index), "title"], "Title can't be blank", "INVALID");
		basket.push({
			sellable,
			title: line.title ?? sellable?.title ?? "",
			price: line.priceSet?.shopMoney.amount ?? sellable?.price ?? "0.00",
			quantity: line.quantity,
		});
	}
	const order = await placeOrder(ctx, store, basket, {
		behaviour: behaviours[inventoryBehaviour ?? "BYPASS"] ?? "BYPASS",
		sourceName: input.sourceName ?? "sandbox-app",
		isPaid: (input.financialStatus ?? "PAID") === "PAID",
		isTest: input.test ?? false,
	});
	return order
		? { order, userErrors: [] }
		: fail(["order", "lineItems"], "Unable to reserve inventory for the order's line items", "INVENTORY_CLAIM_FAILED");
}

export async function apiCancelOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	args: {
		orderId: string;
		restock: boolean;
		reason: string;
		refund?: boolean | null;
		refundMethod?: unknown;
		staffNote?: string | null;
	},
): Promise<{ jobId: string | null; errors: (OrderError & { code: string })[] }> {
	const fail = (field: string, message: string, code = "INVALID") => ({
		jobId: null,
		errors: [{ field: [field], message, code }],
	});
	if (args.refund != null && args.refundMethod != null)
		return fail("refund", "Only one of the arguments `refund` or `refund_method` is allowed.");
	if ((args.staffNote ?? "").length > 255)
		return fail("staffNote", "Staff note is too long. Maximum length is 255 characters.");
	const id = idOf("Order", args.orderId) ?? "";
	const order = await readOrder(ctx.db, store.id, id);
	if (!order) return fail("orderId", "Order does not exist", "NOT_FOUND");
	if (order.cancelledAt) return fail("orderId", "Cannot cancel an order that has already been canceled");
	if (order.lines.some(({ fulfilled }) => fulfilled > 0)) return fail("orderId", "Cannot cancel a fulfilled order");
	const ids = await takeRefundIds(ctx, store, order.lines.length);
	const { cancelMs } = settingsOf(store);
	await beginCancel(ctx, store, id, {
		doneAt: new Date(ctx.now().getTime() + cancelMs).toISOString(),
		restock: args.restock,
		refund: args.refund === true || args.refundMethod != null,
		reason: args.reason,
		ids,
	});
	return { jobId: ids.refund, errors: [] };
}

/** Only what is done with can be deleted: archived, cancelled or a test. */
export async function apiDeleteOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
): Promise<{ deletedId: string | null; userErrors: OrderError[] }> {
	const fail = (message: string, code: string) => ({
		deletedId: null,
		userErrors: [{ field: ["orderId"], message, code }],
	});
	const id = idOf("Order", orderId) ?? "";
	const order = await readOrder(ctx.db, store.id, id);
	if (!order) return fail("Order does not exist", "NOT_FOUND");
	if (!order.cancelledAt && !order.closedAt && !order.isTest) return fail("Order can't be deleted", "INVALID");
	return (await removeOrder(ctx, store, id))
		? { deletedId: orderId, userErrors: [] }
		: fail("Order does not exist", "NOT_FOUND");
}

export async function apiMarkPaid(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
): Promise<{ order: OrderState | null; userErrors: OrderError[] }> {
	const id = idOf("Order", orderId) ?? "";
	let isPaid = false;
	const order = await changeOrder(ctx, store, id, ["orders/paid"], (current, at) => {
		if (current.financialStatus !== "PENDING" || current.cancelledAt) return null;
		isPaid = true;
		return payOrder(current, at);
	});
	if (!order) return { order: null, userErrors: [{ field: ["id"], message: "Order does not exist" }] };
	return {
		order,
		userErrors: isPaid ? [] : [{ field: ["id"], message: "Order cannot be marked as paid." }],
	};
}

type RefundInput = {
	orderId: string;
	note?: string | null;
	refundLineItems?:
		| { lineItemId: string; quantity: number; restockType?: RestockType | null; locationId?: string | null }[]
		| null;
	transactions?: { amount: string; kind: string; parentId?: string | null }[] | null;
};

export async function apiRefundOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	input: RefundInput,
): Promise<{ refundId: string | null; userErrors: OrderError[] }> {
	const fail = (field: string[] | null, message: string) => ({
		refundId: null,
		userErrors: [{ field, message }],
	});
	const id = idOf("Order", input.orderId) ?? "";
	const order = await readOrder(ctx.db, store.id, id);
	if (!order) return fail(["orderId"], "Order does not exist");
	const lines = input.refundLineItems ?? [];
	const locationIds = new Set((await locationsOf(ctx, store)).map((location) => location.id));
	for (const [index, line] of lines.entries()) {
		const lineId = idOf("LineItem", line.lineItemId);
		const known = order.lines.find((candidate) => candidate.id === lineId);
		const at = ["refundLineItems", String(index)];
		if (!known) return fail([...at, "lineItemId"], "Line item does not exist");
		if (line.quantity > known.current)
			return fail([...at, "quantity"], "Quantity cannot refund more items than were purchased");
		if ((line.restockType === "CANCEL" || line.restockType === "RETURN") && !line.locationId)
			return fail([...at, "locationId"], "Location can't be blank when restocking");
		if (line.locationId && !locationIds.has(idOf("Location", line.locationId) ?? ""))
			return fail([...at, "locationId"], "Location does not exist");
		if (line.restockType === "CANCEL" && line.quantity > openUnits(known))
			return fail([...at, "restockType"], "Restock type cannot be cancel for fulfilled items");
	}
	const ids = await takeRefundIds(ctx, store, lines.length);
	// Checked above without the lock, and again here: two refunds at once must not give more back than was bought.
	let isRefunded = false;
	await changeOrder(ctx, store, id, [], (current, at) => {
		const requests = lines.map((line) => ({
			lineId: idOf("LineItem", line.lineItemId) ?? "",
			quantity: line.quantity,
			restockType: line.restockType ?? ("NO_RESTOCK" as const),
			locationId: line.locationId ? idOf("Location", line.locationId) : null,
		}));
		const isTooMuch = requests.some(
			({ lineId, quantity }) => quantity > (current.lines.find((line) => line.id === lineId)?.current ?? 0),
		);
		if (isTooMuch) return null;
		isRefunded = true;
		return refundOrder(current, requests, ids, at, input.note ?? null);
	});
	if (!isRefunded)
		return fail(["refundLineItems", "0", "quantity"], "Quantity cannot refund more items than were purchased");
	return { refundId: ids.refund, userErrors: [] };
}

export async function takeRefundIds(ctx: SandboxContext, store: SandboxStore, lines: number): Promise<RefundIds> {
	const [refund = 0, transaction = 0, ...lineNumbers] = await takeIds(ctx.db, store.id, 2 + lines);
	return { refund: mintId(refund), transaction: mintId(transaction), lines: lineNumbers.map(mintId) };
}
