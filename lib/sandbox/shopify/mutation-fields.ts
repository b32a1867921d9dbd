/** The root of what can be done, with the rules that only show at run time. */
import { sql } from "drizzle-orm";
import { GraphQLError, type GraphQLResolveInfo } from "graphql";
import { changeStore } from "../news";
import { activateLevel } from "./activate";
import { itemNode, levelNode } from "./catalogue-fields";
import { once } from "./idempotency";
import { gid, idOf } from "./ids";
import { shopifyDelays, tellSubscribers } from "./news";
import { apiCancelOrder, apiCreateOrder, apiDeleteOrder, apiMarkPaid, apiRefundOrder } from "./order-api";
import { orderNode, refundNode } from "./order-fields";
import { readOrder } from "./orders";
import { itemPayload } from "./payloads";
import { touchProducts, touchRows } from "./products";
import { type AdjustInput, adjustQuantities, type SetInput, setQuantities } from "./quantities";
import { changesOf, type QuantityPayload } from "./quantity-write";
import type { ItemRow } from "./rows";
import type { Scope } from "./scope";
import { createSubscription, deleteSubscription, type SubscriptionInput } from "./subscriptions";
import { webhookNode } from "./webhook-node";

/** `@idempotent` is demanded at run time only: the schema does not show it. */
function idempotencyKey(info: GraphQLResolveInfo): string {
	const directive = info.fieldNodes[0]?.directives?.find(({ name }) => name.value === "idempotent");
	const value = directive?.arguments?.find(({ name }) => name.value === "key")?.value;
	const key =
		value?.kind === "Variable" ? info.variableValues[value.name.value] : value?.kind === "StringValue" && value.value;
	if (typeof key === "string" && key !== "") return key;
	throw new GraphQLError("The @idempotent directive is required for this mutation but was not provided.", {
		extensions: { code: "BAD_REQUEST" },
	});
}

/** Null is a choice (do not compare); leaving it out is an error. */
function requireChangeFrom(rows: readonly object[], type: string, info: GraphQLResolveInfo): void {
	if (rows.every((row) => "changeFromQuantity" in row)) return;
	throw new GraphQLError(`${type} must include the following argument: changeFromQuantity.`, {
		nodes: [
			...info.fieldNodes,
			...(info.operation.variableDefinitions ?? []).filter(({ variable }) => variable.name.value === "input"),
		],
		extensions: { code: "INVALID_FIELD_ARGUMENTS" },
	});
}

const quantityPayload = ({ group, userErrors }: QuantityPayload) => ({
	inventoryAdjustmentGroup: group && {
		id: gid("InventoryAdjustmentGroup", group.id),
		createdAt: group.createdAt,
		reason: group.reason,
		referenceDocumentUri: group.referenceDocumentUri,
		changes: changesOf(group),
	},
	userErrors,
});

export const mutationFields = {
	inventorySetQuantities: async (
		_: unknown,
		{ input }: { input: SetInput },
		scope: Scope,
		info: GraphQLResolveInfo,
	) => {
		const key = idempotencyKey(info);
		requireChangeFrom(input.quantities, "InventoryQuantityInput", info);
		return quantityPayload(await setQuantities(scope.ctx, scope.store, input, key));
	},
	inventoryAdjustQuantities: async (
		_: unknown,
		{ input }: { input: AdjustInput },
		scope: Scope,
		info: GraphQLResolveInfo,
	) => {
		const key = idempotencyKey(info);
		requireChangeFrom(input.changes, "InventoryChangeInput", info);
		return quantityPayload(await adjustQuantities(scope.ctx, scope.store, input, key));
	},
	inventoryActivate: async (
		_: unknown,
		args: { inventoryItemId: string; locationId: string; available?: number | null; onHand?: number | null },
		scope: Scope,
		info: GraphQLResolveInfo,
	) => {
		const { level, userErrors } = await activateLevel(scope.ctx, scope.store, args, idempotencyKey(info));
		return { inventoryLevel: level && levelNode(level), userErrors };
	},
	inventoryItemUpdate: async (
		_: unknown,
		args: { id: string; input: { tracked?: boolean | null; sku?: string | null } },
		scope: Scope,
	) => {
		const item = await updateItem(scope, idOf("InventoryItem", args.id) ?? "", args.input);
		return item
			? { inventoryItem: itemNode(item), userErrors: [] }
			: {
					inventoryItem: null,
					userErrors: [{ field: ["id"], message: "The product couldn't be updated because it does not exist." }],
				};
	},
	orderCreate: async (
		_: unknown,
		args: { order: Parameters<typeof apiCreateOrder>[2]; options?: { inventoryBehaviour?: string | null } | null },
		scope: Scope,
	) => {
		const { order, userErrors } = await apiCreateOrder(
			scope.ctx,
			scope.store,
			args.order,
			args.options?.inventoryBehaviour ?? null,
		);
		return { order: order && orderNode(order), userErrors };
	},
	orderCancel: async (_: unknown, args: Parameters<typeof apiCancelOrder>[2], scope: Scope) => {
		const { jobId, errors } = await apiCancelOrder(scope.ctx, scope.store, args);
		return {
			job: jobId && { id: gid("Job", jobId), done: false },
			orderCancelUserErrors: errors,
			userErrors: errors.map(({ field, message }) => ({ field, message })),
		};
	},
	orderDelete: async (_: unknown, { orderId }: { orderId: string }, scope: Scope) =>
		apiDeleteOrder(scope.ctx, scope.store, orderId),
	orderMarkAsPaid: async (_: unknown, { input }: { input: { id: string } }, scope: Scope) => {
		const { order, userErrors } = await apiMarkPaid(scope.ctx, scope.store, input.id);
		return { order: order && orderNode(order), userErrors };
	},
	refundCreate: async (
		_: unknown,
		args: { input: Parameters<typeof apiRefundOrder>[2] },
		scope: Scope,
		info: GraphQLResolveInfo,
	) => {
		const { refundId, userErrors } = await once(
			scope.ctx,
			scope.store,
			idempotencyKey(info),
			["refundCreate", args],
			() => apiRefundOrder(scope.ctx, scope.store, args.input),
			(message) => ({ refundId: null, userErrors: [{ field: null, message }] }),
		);
		const order = refundId && (await readOrder(scope.ctx.db, scope.store.id, idOf("Order", args.input.orderId) ?? ""));
		const refund = order ? order.refunds.find(({ id }) => id === refundId) : undefined;
		return {
			refund: order && refund ? refundNode(order, refund) : null,
			order: order ? orderNode(order) : null,
			userErrors,
		};
	},
	webhookSubscriptionCreate: async (
		_: unknown,
		args: { topic: string; webhookSubscription: SubscriptionInput },
		scope: Scope,
	) => {
		const { subscription, userErrors } = await createSubscription(
			scope.ctx,
			scope.store,
			args.topic,
			args.webhookSubscription,
		);
		return { webhookSubscription: subscription && webhookNode(subscription), userErrors };
	},
	webhookSubscriptionDelete: async (_: unknown, args: { id: string }, scope: Scope) => {
		const { deletedId, userErrors } = await deleteSubscription(scope.ctx, scope.store, args.id);
		return { deletedWebhookSubscriptionId: deletedId, userErrors };
	},
};

async function updateItem(
	{ ctx, store }: Scope,
	itemId: string,
	input: { tracked?: boolean | null; sku?: string | null },
): Promise<ItemRow | null> {
	return changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const [item] = await tx.execute<{ parent_id: string }>(sql`
			update sandbox.items i set is_managed = coalesce(${input.tracked ?? null}::boolean, i.is_managed),
				sku = case when ${input.sku !== undefined}::boolean then ${input.sku ?? null} else i.sku end
			where i.store_id = ${store.id} and i.kind in ('item', 'variant')
				and (i.id = ${itemId} or i.id = (select parent_id from sandbox.items where store_id = ${store.id} and id = ${itemId} and kind = 'item'))
			returning case when i.id = ${itemId} then i.parent_id end parent_id`);
		if (!item) return null;
		const now = ctx.now();
		const [variant] = await tx.execute<{ id: string; product_id: string }>(sql`
			select v.id, v.parent_id product_id from sandbox.items it
			join sandbox.items v on v.store_id = it.store_id and v.id = it.parent_id
			where it.store_id = ${store.id} and it.id = ${itemId}`);
		await touchRows(tx, store.id, [itemId, ...(variant ? [variant.id] : [])], now);
		const [row] = await tx.execute<ItemRow>(sql`
			select id, parent_id, sku, quantity, committed, is_managed, data, modified_at from sandbox.items
			where store_id = ${store.id} and id = ${itemId}`);
		if (!row) return null;
		await tellSubscribers(ctx, store, tx, tell, [
			{ topic: "inventory_items/update", resourceId: itemId, body: itemPayload(store, row) },
			...(variant ? await touchProducts(tx, store.id, [variant.product_id], now) : []),
		]);
		return row;
	});
}
