/** SKUs that are blank in a store, and can be lent to it: its hands know things by their SKU alone. */
import type { TestDatabase } from "@/db/testing";
import { lentPrefix } from "./flawed-stores";

export type BlankSkus = { lend(): Promise<void>; takeBack(): Promise<void> };

/** Takes them away from everything that was made under such a name. */
export async function blankSkus({ ownerClient: sql }: TestDatabase, storeIds: readonly string[]): Promise<BlankSkus> {
	const rows = await sql<{ store_id: string; id: string; sku: string }[]>`
		select store_id, id, sku from sandbox.items where store_id = any(${[...storeIds]}) and sku like ${`${lentPrefix}%`}`;
	const named = async (isLent: boolean) => {
		await sql`
			update sandbox.items i set sku = case when ${isLent} then r.sku else '' end
			from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(store_id text, id text, sku text)
			where i.store_id = r.store_id and i.id = r.id`;
	};
	await named(false);
	return { lend: () => named(true), takeBack: () => named(false) };
}
