/** Rows of sandbox.tokens: everything that has an id and an end, from access tokens to reports. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

export type TokenRow<Data> = { token: string; kind: string; data: Data; expires_at: string | null; created_at: string };

export async function putToken(
	db: Executor,
	storeId: string,
	row: { token: string; kind: string; data: unknown; expiresAt?: Date | null; createdAt: Date },
): Promise<void> {
	await db.execute(sql`
		insert into sandbox.tokens (store_id, token, kind, data, expires_at, created_at)
		values (${storeId}, ${row.token}, ${row.kind}, ${JSON.stringify(row.data)}::jsonb, ${row.expiresAt?.toISOString() ?? null}::timestamptz, ${row.createdAt.toISOString()}::timestamptz)
		on conflict (store_id, token) do update set data = excluded.data, expires_at = excluded.expires_at`);
}

export async function findToken<Data>(
	db: Executor,
	storeId: string,
	kind: string,
	token: string,
): Promise<TokenRow<Data> | null> {
	const [row] = await db.execute<TokenRow<Data>>(sql`
		select token, kind, data, expires_at, created_at from sandbox.tokens where store_id = ${storeId} and kind = ${kind} and token = ${token}`);
	return row ?? null;
}

export const listTokens = <Data>(db: Executor, storeId: string, kind: string): Promise<TokenRow<Data>[]> =>
	db.execute<TokenRow<Data>>(sql`
		select token, kind, data, expires_at, created_at from sandbox.tokens where store_id = ${storeId} and kind = ${kind} order by created_at, token`);

export async function dropToken(db: Executor, storeId: string, kind: string, token: string): Promise<boolean> {
	const gone = await db.execute(
		sql`delete from sandbox.tokens where store_id = ${storeId} and kind = ${kind} and token = ${token} returning 1`,
	);
	return gone.length > 0;
}
