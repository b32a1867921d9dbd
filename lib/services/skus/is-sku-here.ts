import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { isGuid } from "../guid";

/** Whether the merchant has a SKU of this id, whatever the id looks like. */
export async function isSkuHere(ctx: Context, skuId: string): Promise<boolean> {
	authorise(ctx, "viewer");
	if (!isGuid(skuId)) return false;
	const rows = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) => statementsOf(tx)`
			select 1 from skus where id = ${skuId}::uuid and merchant_id = ${ctx.merchantId}::uuid`,
	);
	return rows.length > 0;
}
