/**
 * The official schema of the one API version that sandbox stores speak, with what each type and mutation demands of a
 * token. Read when the first request comes (a third of a second), then kept; so are documents that passed validation.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import {
	buildClientSchema,
	type DocumentNode,
	type GraphQLError,
	type GraphQLSchema,
	type IntrospectionQuery,
	parse,
	validate,
} from "graphql";

export const apiVersion = "2026-10";

const schemaFile = path.join(process.cwd(), "lib/channels/shopify/schema/admin-2026-10.json.gz");

/** `anyOf`: scopes of which a token needs one. */
export type Access = { anyOf: readonly string[]; words: string };

export type ShopifySchema = {
	schema: GraphQLSchema;
	/** By `Type` and by `Type.field`; absent: open to every token. */
	access: ReadonlyMap<string, Access>;
	check(text: string): Checked;
};

/** A document that may run, or what is wrong with it. Throws GraphQLError for text that is no GraphQL. */
export type Checked = { document: DocumentNode; errors: readonly GraphQLError[] };

type SchemaFile = {
	data: IntrospectionQuery;
	offline_scopes: {
		items: { typeName: string; fieldName?: string; requiredAccess: string; offlineScopes: string[] }[];
	};
};

/** Enough for every document of an app; a caller that makes up ever new ones must not fill the memory. */
const mostDocuments = 500;

async function readSchema(): Promise<ShopifySchema> {
	const file = JSON.parse((await promisify(gunzip)(await readFile(schemaFile))).toString("utf8")) as SchemaFile;
	const schema = buildClientSchema(file.data, { assumeValid: true });
	const access = new Map<string, Access>();
	for (const { typeName, fieldName, requiredAccess, offlineScopes } of file.offline_scopes.items)
		if (offlineScopes.length > 0)
			access.set(fieldName ? `${typeName}.${fieldName}` : typeName, {
				anyOf: offlineScopes,
				words: requiredAccess,
			});
	const documents = new Map<string, Checked>();
	return {
		schema,
		access,
		check(text) {
			const known = documents.get(text);
			if (known) return known;
			const document = parse(text);
			const checked = { document, errors: validate(schema, document) };
			if (documents.size >= mostDocuments) documents.clear();
			documents.set(text, checked);
			return checked;
		},
	};
}

// Per copy of this module, not shared: graphql-js knows only schemas that its own copy has built.
let loading: Promise<ShopifySchema> | undefined;

export function shopifySchema(): Promise<ShopifySchema> {
	loading ??= readSchema();
	return loading;
}
