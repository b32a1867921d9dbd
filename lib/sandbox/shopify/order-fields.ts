/** Orders, their lines, refunds and fulfilment orders as GraphQL shows them. */
import { locationNode, productNode, variantNode } from "./catalogue-fields";
import { gid } from "./ids";
import { lineTitle, type OrderLine, type OrderState, openUnits, type Refund, type RefundLine } from "./order-state";
import { type PageArguments, pageOf } from "./paging";
import { locationsOf } from "./rows";
import type { Scope } from "./scope";
import { graphTime } from "./times";

const time = (at: string | null) => at && graphTime(at);

export const orderNode = (order: OrderState) => ({
	__typename: "Order",
	order,
	id: gid("Order", order.id),
	legacyResourceId: order.id,
	name: order.name,
	createdAt: graphTime(order.createdAt),
	updatedAt: graphTime(order.updatedAt),
	processedAt: graphTime(order.createdAt),
	cancelledAt: time(order.cancelledAt),
	cancelReason: order.cancelReason,
	closedAt: time(order.closedAt),
	closed: order.closedAt !== null,
	test: order.isTest,
	sourceName: order.sourceName,
	currencyCode: order.currency,
	displayFinancialStatus: order.financialStatus,
	displayFulfillmentStatus: fulfillmentStatus(order),
	totalPriceSet: moneyBag(
		order.lines.reduce((sum, line) => sum + Number(line.price) * line.quantity, 0),
		order.currency,
	),
});

function fulfillmentStatus(order: OrderState): string {
	if (order.lines.every(({ fulfilled }) => fulfilled === 0)) return "UNFULFILLED";
	return order.lines.every((line) => openUnits(line) === 0) ? "FULFILLED" : "PARTIALLY_FULFILLED";
}

const moneyBag = (amount: number, currencyCode: string) => {
	const money = { amount: amount.toFixed(2), currencyCode };
	return { shopMoney: money, presentmentMoney: money };
};

const lineNode = (order: OrderState, line: OrderLine) => ({
	__typename: "LineItem",
	line,
	id: gid("LineItem", line.id),
	sku: line.sku,
	name: lineTitle(line),
	title: line.title,
	variantTitle: line.variantTitle,
	quantity: line.quantity,
	currentQuantity: line.current,
	unfulfilledQuantity: order.cancelledAt ? 0 : openUnits(line),
	nonFulfillableQuantity: line.quantity - line.current,
	refundableQuantity: line.current,
	requiresShipping: true,
});

export const refundNode = (order: OrderState, refund: Refund) => ({
	__typename: "Refund",
	source: { order, refund },
	id: gid("Refund", refund.id),
	legacyResourceId: refund.id,
	createdAt: graphTime(refund.createdAt),
	processedAt: graphTime(refund.createdAt),
	updatedAt: graphTime(refund.createdAt),
	note: refund.note,
	totalRefundedSet: moneyBag(refund.amount, order.currency),
	order: orderNode(order),
});

const refundLineNode = (order: OrderState, refunded: RefundLine) => {
	const line = order.lines.find(({ id }) => id === refunded.lineId);
	return {
		__typename: "RefundLineItem",
		refunded,
		id: gid("RefundLineItem", refunded.id),
		quantity: refunded.quantity,
		restockType: refunded.restockType,
		restocked: refunded.restockType !== "NO_RESTOCK",
		lineItem: line ? lineNode(order, line) : null,
	};
};

type OrderNode = ReturnType<typeof orderNode>;
type LineNode = ReturnType<typeof lineNode>;
type RefundNode = ReturnType<typeof refundNode>;
type RefundLineNode = ReturnType<typeof refundLineNode>;

async function locationAt(scope: Scope, id: string | null) {
	const row = id ? (await locationsOf(scope.ctx, scope.store)).find((location) => location.id === id) : null;
	return row ? locationNode(row) : null;
}

export const orderFields = {
	Order: {
		lineItems: ({ order }: OrderNode, args: PageArguments) => {
			const page = pageOf(order.lines, ({ id }) => id, args);
			return { ...page, nodes: page.nodes.map((line) => lineNode(order, line)) };
		},
		refunds: ({ order }: OrderNode, args: { first?: number | null }) =>
			order.refunds.slice(0, args.first ?? undefined).map((refund) => refundNode(order, refund)),
		fulfillmentOrders: ({ order }: OrderNode, args: PageArguments) => {
			const page = pageOf([order], ({ fulfillmentOrderId }) => fulfillmentOrderId, args);
			return { ...page, nodes: page.nodes.map(fulfillmentOrderNode) };
		},
		fulfillments: ({ order }: OrderNode) =>
			order.fulfillments.map(({ id, createdAt }) => ({
				id: gid("Fulfillment", id),
				createdAt: graphTime(createdAt),
				status: "SUCCESS",
			})),
	},
	LineItem: {
		variant: async ({ line }: LineNode, _: unknown, scope: Scope) => {
			const variant = line.variantId ? await scope.loaders.variant(line.variantId) : null;
			return variant && variantNode(variant);
		},
		product: async ({ line }: LineNode, _: unknown, scope: Scope) => {
			const product = line.productId ? await scope.loaders.product(line.productId) : null;
			return product && productNode(product);
		},
	},
	Refund: {
		refundLineItems: ({ source: { order, refund } }: RefundNode, args: PageArguments) => {
			const page = pageOf(refund.lines, ({ id }) => id, args);
			return { ...page, nodes: page.nodes.map((line) => refundLineNode(order, line)) };
		},
	},
	RefundLineItem: {
		location: ({ refunded }: RefundLineNode, _: unknown, scope: Scope) => locationAt(scope, refunded.locationId),
	},
	FulfillmentOrderAssignedLocation: {
		location: ({ locationId }: { locationId: string | null }, _: unknown, scope: Scope) =>
			locationAt(scope, locationId),
		name: async ({ locationId }: { locationId: string | null }, _: unknown, scope: Scope) =>
			(await locationAt(scope, locationId))?.name ?? "",
	},
};

/** The sandbox store ships an order from one place: one fulfilment order, at its first line's location. */
function fulfillmentOrderNode(order: OrderState) {
	const isDone = order.cancelledAt !== null || order.lines.every((line) => openUnits(line) === 0);
	const lines = order.lines.map((line) => ({
		id: gid("FulfillmentOrderLineItem", line.fulfillmentLineId),
		totalQuantity: line.current,
		remainingQuantity: order.cancelledAt ? 0 : openUnits(line),
		lineItem: lineNode(order, line),
	}));
	return {
		__typename: "FulfillmentOrder",
		id: gid("FulfillmentOrder", order.fulfillmentOrderId),
		status: isDone ? "CLOSED" : "OPEN",
		requestStatus: "UNSUBMITTED",
		assignedLocation: { locationId: order.lines.find(({ locationId }) => locationId)?.locationId ?? null },
		lines,
	};
}

export const fulfillmentFields = {
	FulfillmentOrder: {
		lineItems: ({ lines }: ReturnType<typeof fulfillmentOrderNode>, args: PageArguments) =>
			pageOf(lines, ({ id }) => id, args),
	},
};
