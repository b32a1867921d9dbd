import { execute, type GraphQLSchema, parse, validate } from "graphql";
import { officialSchema } from "./official-schema";
import { type Answer, type Asked, scriptedStore } from "./scripted-store";

let schema: GraphQLSchema | undefined;

type Fields = Record<string, unknown>;
export type Root = Record<string, unknown | ((args: Fields) => unknown)>;

/**
 * A store that answers by Shopify's official schema: documents are validated, arguments and directives take effect, and
 * a value that the schema would not allow is an error. `root` holds the data, functions take a field's arguments.
 * `before` may answer in its place.
 */
export function schemaStore(root: Root, before: (asked: Asked) => Answer | null = () => null) {
	return scriptedStore(async (asked) => {
		const instead = before(asked);
		if (instead) return instead;
		schema ??= officialSchema();
		const document = parse(asked.query);
		const errors = validate(schema, document);
		if (errors.length > 0) return { json: { errors } };
		return { json: await execute({ schema, document, rootValue: root, variableValues: asked.variables }) };
	}, 10_000);
}

/** A connection that pages as Shopify's do: the cursor is the position behind the last node. */
export const pages =
	<T>(all: T[]) =>
	(args: Fields) => {
		const from = args.after ? Number(args.after) : 0;
		const to = Math.min(from + Number(args.first), all.length);
		return {
			nodes: all.slice(from, to),
			pageInfo: { hasNextPage: to < all.length, endCursor: to > from ? String(to) : null },
		};
	};
