import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { buildClientSchema, type GraphQLSchema } from "graphql";

/** Shopify's Admin API 2026-10 as it describes itself. */
export function officialSchema(): GraphQLSchema {
	const file = path.join(import.meta.dirname, "../schema/admin-2026-10.json.gz");
	const { data } = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));
	return buildClientSchema({ __schema: data.__schema });
}
