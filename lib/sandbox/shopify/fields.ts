/** How any field is answered: access first, then its resolver, else what the node has. */
import { GraphQLError, type GraphQLFieldResolver, type GraphQLResolveInfo } from "graphql";
import { labelRequest } from "../context";
import { catalogueFields } from "./catalogue-fields";
import { mutationFields } from "./mutation-fields";
import { fulfillmentFields, orderFields } from "./order-fields";
import { queryFields } from "./query-fields";
import { checkAccess, type Scope } from "./scope";

type Resolver = (source: never, args: never, scope: Scope, info: GraphQLResolveInfo) => unknown;

const fields: Record<string, Record<string, Resolver>> = {
	QueryRoot: queryFields as Record<string, Resolver>,
	Mutation: mutationFields as Record<string, Resolver>,
	...(catalogueFields as Record<string, Record<string, Resolver>>),
	...(orderFields as Record<string, Record<string, Resolver>>),
	...(fulfillmentFields as Record<string, Record<string, Resolver>>),
};

export const resolveField: GraphQLFieldResolver<unknown, Scope> = (source, args, scope, info) => {
	const parentType = info.parentType.name;
	checkAccess(scope, info.parentType, info.fieldName);
	const resolver = fields[parentType]?.[info.fieldName];
	if (resolver) return resolver(source as never, args as never, scope, info);
	const node = source as Record<string, unknown> | null | undefined;
	if (node && info.fieldName in node) return node[info.fieldName];
	if (info.fieldName === "edges" && node && "cursors" in node)
		return (node.nodes as unknown[]).map((row, index) => ({ node: row, cursor: (node.cursors as string[])[index] }));
	// Never a made-up null: what the sandbox store can't answer is an error that says so.
	throw new GraphQLError(`This sandbox store does not answer ${parentType}.${info.fieldName}.`, {
		extensions: { code: "NOT_IMPLEMENTED" },
	});
};

/** For the request log: what the first root field is about. */
export function labelOperation(request: Request, rootField: string): void {
	const labels: Record<string, string> = {
		inventorySetQuantities: "write",
		inventoryAdjustQuantities: "write",
		nodes: "levels",
		inventoryItem: "levels",
		orders: "orders",
		order: "orders",
		refund: "orders",
		products: "listings",
		product: "listings",
		productVariants: "listings",
		webhookSubscriptions: "webhooks",
		webhookSubscriptionCreate: "webhooks",
		webhookSubscriptionDelete: "webhooks",
	};
	labelRequest(request, labels[rootField] ?? rootField);
}
