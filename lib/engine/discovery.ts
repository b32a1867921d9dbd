/** Asking the app which functions it has: a signed, in-band PUT to its serve handler. */
import canonicalize from "canonicalize";
import type postgres from "postgres";
import { headers } from "./protocol";
import { buildRegistry, type Registry } from "./registry";
import { isSignedBy, sign } from "./signing";
import type { Transport } from "./transport";

export type Discovery = { isFound: true; configs: { id: string }[] } | { isFound: false; why: string };

export async function discover(transport: Transport, endpoint: string, signingKey: string): Promise<Discovery> {
	const body = canonicalize({ url: endpoint }) ?? "";
	const response = await transport
		.send({
			method: "PUT",
			url: endpoint,
			headers: {
				"content-type": "application/json",
				[headers.syncKind]: "in_band",
				[headers.serverKind]: "cloud",
				[headers.signature]: sign(body, signingKey, Date.now()),
			},
			body,
		})
		.catch((error: Error) => error);
	if (response instanceof Error) return { isFound: false, why: response.message };
	if (response.status === 401)
		return { isFound: false, why: "it refuses the engine's signature (INNGEST_SIGNING_KEY differs)" };
	if (response.status !== 200 || !response.header(headers.sdk))
		return { isFound: false, why: `it answered ${response.status} without the Inngest SDK` };
	if (!isSignedBy(response.header(headers.signature), response.body, signingKey, Date.now()))
		return { isFound: false, why: "its answer was not signed with the engine's key" };
	const { functions } = JSON.parse(response.body) as { functions: { id: string }[] };
	return { isFound: true, configs: functions };
}

/** For processes that send events but run nothing. */
export async function rememberFunctions(sql: postgres.Sql, configs: { id: string }[]): Promise<void> {
	await sql.begin(async (tx) => {
		await tx`delete from engine.functions where id <> all(${configs.map(({ id }) => id)}::text[])`;
		await tx`
			insert into engine.functions as f (id, config)
			select c.id, c.config::json from unnest(
				${configs.map(({ id }) => id)}::text[], ${configs.map((config) => JSON.stringify(config))}::text[]
			) as c(id, config)
			order by c.id
			on conflict (id) do update set config = excluded.config, updated_at = now()
			where f.config::text <> excluded.config::text`;
	});
}

export async function recallFunctions(sql: postgres.Sql): Promise<Registry | null> {
	const rows = await sql<{ config: unknown }[]>`select config from engine.functions`;
	return rows.length > 0 ? buildRegistry(rows.map(({ config }) => config)) : null;
}
