import postgres from "postgres";
import { type DbRole, dbRoles } from "@/db/roles";
import type { TestDatabase } from "@/db/testing";

/**
 * More connections than production keeps, so that as many transactions as there are workers really run at once. All of
 * them are open when this resolves: the first ones must not have done the work before the last have connected.
 */
export async function manyConnections(
	database: TestDatabase,
	max: number,
	role: DbRole | "owner",
): Promise<postgres.Sql> {
	const sql = postgres(database.url, {
		max,
		onnotice: () => {},
		connection: { application_name: "onecount-proof", ...(role === "owner" ? {} : { role: dbRoles[role] }) },
	});
	await Promise.all(Array.from({ length: max }, () => sql.begin((tx) => tx`select pg_sleep(0.2)`)));
	return sql;
}
