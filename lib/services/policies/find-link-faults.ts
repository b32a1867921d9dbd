import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { PolicyFields, PolicyLevel } from "@/lib/stock/offer-policy";
import { faultOf, nameOf, type PolicyFault, readMostUnits } from "./policy-fault";
import { policyOf } from "./policy-sql";

/** What a listing would be linked to. */
type Link = { listingId: string; skuId: string; units: number };

/** By listing: why it can't be linked so, since what its channel, the SKU and it say of the offer can't be together. */
export async function findLinkFaults(
	tx: Transaction,
	links: readonly Link[],
): Promise<ReadonlyMap<string, PolicyFault>> {
	if (links.length === 0) return new Map();
	const rows = await tx.execute<{
		listing_id: string;
		units: number;
		code: string;
		channel: string;
		levels: Record<PolicyLevel, PolicyFields>;
	}>(sql`
		select a."listingId" as listing_id, a.units, k.code, c.name as channel,
			jsonb_build_object('listing', ${policyOf("s")}, 'sku', ${policyOf("k")}, 'channel', ${policyOf("c")}, 'merchant', ${policyOf("m")}) as levels
		from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as a("listingId" uuid, "skuId" uuid, units int)
		join listings l on l.id = a."listingId"
		join channels c on c.id = l.channel_id
		join merchants m on m.id = l.merchant_id
		join skus k on k.id = a."skuId"
		left join lateral (select * from slots where listing_id = l.id limit 1) s on true`);
	const most = await readMostUnits(tx);
	return new Map(
		[...rows].flatMap(({ listing_id, units, code, channel, levels }) => {
			const fault = faultOf(nameOf(code, channel), levels, units, most);
			return fault ? [[listing_id, fault]] : [];
		}),
	);
}
