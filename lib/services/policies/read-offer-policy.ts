import { type SQL, sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { assertNever } from "@/lib/assert-never";
import { inheritedOf, type PolicyView } from "@/lib/format/offer-policy";
import type { PolicyFields } from "@/lib/stock/offer-policy";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { policyOf, policyTables } from "./policy-sql";
import { type PolicyTarget, policyTarget } from "./policy-target";

/** What one level says of an offer, and what holds where it says nothing. */
export async function readOfferPolicy(ctx: Context, input: unknown): Promise<PolicyView> {
	authorise(ctx, "viewer");
	const target = policyTarget.parse(input);
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{ own: PolicyFields; chain: Parameters<typeof inheritedOf>[0][number] }>(
			chainsOf(target, ctx.merchantId),
		),
	);
	const [first] = rows;
	if (!first) throw new NotFound(policyTables[target.level].what);
	return { own: first.own, inherited: inheritedOf([...rows].map(({ chain }) => chain)) };
}

/** The level's own fields, with every different chain of the levels behind it. */
function chainsOf(target: PolicyTarget, merchantId: string): SQL {
	switch (target.level) {
		case "merchant":
			return sql`select ${policyOf("m")} as own, '{}'::jsonb as chain from merchants m where m.id = ${merchantId}::uuid`;
		case "channel":
			return sql`
				select ${policyOf("c")} as own, jsonb_build_object('merchant', ${policyOf("m")}) as chain
				from channels c join merchants m on m.id = c.merchant_id where c.id = ${target.id}::uuid`;
		case "sku":
			return sql`
				select distinct ${policyOf("k")} as own,
					jsonb_build_object('channel', ${policyOf("c")}, 'merchant', ${policyOf("m")}) as chain
				from skus k join merchants m on m.id = k.merchant_id
				left join slots s on s.sku_id = k.id left join channels c on c.id = s.channel_id and c.state <> 'disconnected'
				where k.id = ${target.id}::uuid`;
		case "listing":
			return sql`
				select ${policyOf("s")} as own,
					jsonb_build_object('sku', ${policyOf("k")}, 'channel', ${policyOf("c")}, 'merchant', ${policyOf("m")}) as chain
				from slots s join channels c on c.id = s.channel_id join merchants m on m.id = s.merchant_id
				left join skus k on k.id = s.sku_id where s.listing_id = ${target.id}::uuid`;
		default:
			return assertNever(target);
	}
}
