/** What one GraphQL request carries along: who asks, what it may, what it has read. */
import { GraphQLError, type GraphQLObjectType, getNamedType } from "graphql";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { Loaders } from "./loaders";
import type { ShopifySchema } from "./schema";
import type { SearchNote } from "./search";

export type Scope = {
	ctx: SandboxContext;
	store: SandboxStore;
	scopes: ReadonlySet<string>;
	schema: ShopifySchema;
	loaders: Loaders;
	/** For `extensions.search`. */
	searches: ({ path: (string | number)[] } & SearchNote)[];
	/** What a field still asks of this token, by type and field; null: nothing. */
	access: Map<GraphQLObjectType, Map<string, string | null>>;
};

/** Throws ACCESS_DENIED unless the token has one of the scopes that the field, or what it returns, asks for. */
export function checkAccess(scope: Scope, parentType: GraphQLObjectType, fieldName: string): void {
	let byField = scope.access.get(parentType);
	if (!byField) {
		byField = new Map();
		scope.access.set(parentType, byField);
	}
	let needed = byField.get(fieldName);
	if (needed === undefined) {
		const field = parentType.getFields()[fieldName];
		// A list is refused at its root, not at its nodes.
		const returned = field && getNamedType(field.type).name.replace(/Connection$/, "");
		const lacking = [`${parentType.name}.${fieldName}`, returned ?? ""]
			.map((key) => scope.schema.access.get(key))
			.find((access) => access && !access.anyOf.some((name) => scope.scopes.has(name)));
		needed = lacking?.words ?? null;
		byField.set(fieldName, needed);
	}
	if (needed === null) return;
	throw new GraphQLError(`Access denied for ${fieldName} field. Required access: ${needed}`, {
		extensions: {
			code: "ACCESS_DENIED",
			documentation: "https://shopify.dev/api/usage/access-scopes",
			requiredAccess: needed,
		},
	});
}
