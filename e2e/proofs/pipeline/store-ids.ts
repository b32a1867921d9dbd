import type { TestDatabase } from "@/db/testing";
import type { LiveStore } from "./live-shop";

/** Whose levels these are: the store's own, and behind API2Cart those of a store of its own. */
export async function storeIdsOf(
	{ ownerClient }: TestDatabase,
	{ storeId }: Pick<LiveStore, "storeId">,
): Promise<string[]> {
	const behind = await ownerClient<{ id: string }[]>`
		select data->>'backingId' as id from sandbox.tokens where store_id = ${storeId} and kind = 'store_key'`;
	return [storeId, ...behind.map(({ id }) => id)];
}
