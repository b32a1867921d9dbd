/** The root of what can be read. */
import { sql } from "drizzle-orm";
import { GraphQLError, type GraphQLResolveInfo } from "graphql";
import { finishCancel, isCancelling } from "./cancel-job";
import { itemNode, levelNode, locationNode, productNode, shopNode, variantNode } from "./catalogue-fields";
import { gid, idOf, levelId, parseGid } from "./ids";
import { countRows, type ListArguments, listOrders, listRows } from "./lists";
import { subscriptionData } from "./news";
import { orderNode, refundNode } from "./order-fields";
import type { OrderState } from "./order-state";
import { readOrder } from "./orders";
import { type PageArguments, pageOf } from "./paging";
import type { ItemData, ProductData, VariantData } from "./rows";
import { locationsOf } from "./rows";
import type { Scope } from "./scope";
import { listSubscriptions } from "./subscriptions";
import { webhookNode } from "./webhook-node";

type Resolver = (source: never, args: never, scope: Scope, info: GraphQLResolveInfo) => unknown;

const pathOf = (info: GraphQLResolveInfo) => [info.path.key];

const nodesOf = async <T, U>(connection: Promise<{ nodes: T[] }>, node: (row: T) => U) => {
	const { nodes, ...rest } = await connection;
	return { ...rest, nodes: nodes.map(node) };
};

async function nodeById(scope: Scope, id: string): Promise<unknown> {
	const parsed = parseGid(id);
	if (!parsed) throw new GraphQLError(`Invalid global id '${id}'`, { extensions: { code: "RESOURCE_NOT_FOUND" } });
	switch (parsed.type) {
		case "InventoryItem": {
			const row = await scope.loaders.item(parsed.id);
			return row && itemNode(row);
		}
		case "ProductVariant": {
			const row = await scope.loaders.variant(parsed.id);
			return row && variantNode(row);
		}
		case "Product": {
			const row = await scope.loaders.product(parsed.id);
			return row && productNode(row);
		}
		case "InventoryLevel": {
			const rows = await scope.loaders.levelsOf(parsed.itemId ?? "");
			const row = rows.find((level) => level.id === levelId(parsed.id, parsed.itemId ?? ""));
			return row ? levelNode(row) : null;
		}
		case "Location": {
			const row = (await locationsOf(scope.ctx, scope.store)).find((location) => location.id === parsed.id);
			return row ? locationNode(row) : null;
		}
		case "Order": {
			const order = await readOrder(scope.ctx.db, scope.store.id, parsed.id);
			const now = order?.cancelling ? await finishCancel(scope.ctx, scope.store, parsed.id) : order;
			return now && orderNode(now);
		}
		default:
			return null;
	}
}

const byId = (type: string): Resolver =>
	((_: unknown, args: { id: string }, scope: Scope) =>
		parseGid(args.id)?.type === type || !parseGid(args.id) ? nodeById(scope, args.id) : null) as Resolver;

export const queryFields = {
	shop: (_: unknown, __: unknown, scope: Scope) => shopNode(scope),
	currentAppInstallation: (_: unknown, __: unknown, scope: Scope) => ({
		id: gid("AppInstallation", "1"),
		accessScopes: [...scope.scopes].sort().map((handle) => ({ handle, description: handle })),
		app: { id: gid("App", "1"), apiKey: scope.store.secrets.clientId ?? "", title: "Sandbox app" },
	}),
	locations: async (_: unknown, args: PageArguments & { includeInactive?: boolean | null }, scope: Scope) => {
		const rows = await locationsOf(scope.ctx, scope.store);
		return nodesOf(
			Promise.resolve(
				pageOf(
					rows.filter(({ data }) => data.isActive || args.includeInactive),
					({ id }) => id,
					args,
				),
			),
			locationNode,
		);
	},
	location: async (_: unknown, args: { id?: string | null }, scope: Scope) => {
		if (args.id) return nodeById(scope, args.id);
		const [primary] = await locationsOf(scope.ctx, scope.store);
		return primary ? locationNode(primary) : null;
	},
	products: (_: unknown, args: ListArguments, scope: Scope, info: GraphQLResolveInfo) =>
		nodesOf(listRows<ProductData>(scope, "product", args, pathOf(info)), productNode),
	productVariants: (_: unknown, args: ListArguments, scope: Scope, info: GraphQLResolveInfo) =>
		nodesOf(listRows<VariantData>(scope, "variant", args, pathOf(info)), variantNode),
	inventoryItems: (_: unknown, args: ListArguments, scope: Scope, info: GraphQLResolveInfo) =>
		nodesOf(listRows<ItemData>(scope, "item", args, pathOf(info)), itemNode),
	productsCount: countOf("product"),
	productVariantsCount: countOf("variant"),
	product: byId("Product"),
	productVariant: byId("ProductVariant"),
	inventoryItem: byId("InventoryItem"),
	inventoryLevel: byId("InventoryLevel"),
	node: (_: unknown, args: { id: string }, scope: Scope) => nodeById(scope, args.id),
	nodes: (_: unknown, args: { ids: string[] }, scope: Scope) => Promise.all(args.ids.map((id) => nodeById(scope, id))),
	orders: (_: unknown, args: ListArguments, scope: Scope, info: GraphQLResolveInfo) =>
		nodesOf(listOrders(scope, args, pathOf(info)), orderNode),
	order: byId("Order"),
	refund: async (_: unknown, args: { id: string }, scope: Scope) => {
		const id = idOf("Refund", args.id) ?? "";
		const [row] = await scope.ctx.db.execute<{ order: OrderState }>(sql`
			select data->'order' "order" from sandbox.orders
			where store_id = ${scope.store.id} and data->'order'->'refunds' @> ${JSON.stringify([{ id }])}::jsonb`);
		const refund = row?.order.refunds.find((candidate) => candidate.id === id);
		return row && refund ? refundNode(row.order, refund) : null;
	},
	job: async (_: unknown, args: { id: string }, scope: Scope) => ({
		id: args.id,
		done: !(await isCancelling(scope.ctx, scope.store, idOf("Job", args.id) ?? "")),
	}),
	webhookSubscriptions: async (_: unknown, args: PageArguments & { topics?: string[] | null }, scope: Scope) => {
		const rows = (await listSubscriptions(scope.ctx, scope.store)).filter(
			(row) => !args.topics || args.topics.includes(subscriptionData(row).topic),
		);
		return nodesOf(Promise.resolve(pageOf(rows, ({ id }) => id, args)), webhookNode);
	},
	webhookSubscription: async (_: unknown, args: { id: string }, scope: Scope) => {
		const id = idOf("WebhookSubscription", args.id);
		const row = (await listSubscriptions(scope.ctx, scope.store)).find((candidate) => candidate.id === id);
		return row ? webhookNode(row) : null;
	},
};

function countOf(kind: "product" | "variant") {
	return async (
		_: unknown,
		args: { query?: string | null; limit?: number | null },
		scope: Scope,
		info: GraphQLResolveInfo,
	) => {
		const count = await countRows(scope, kind, args.query, pathOf(info));
		const limit = args.limit === undefined ? 10_000 : (args.limit ?? count);
		return { count: Math.min(count, limit), precision: count > limit ? "AT_LEAST" : "EXACT" };
	};
}
