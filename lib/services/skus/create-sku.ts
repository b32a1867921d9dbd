import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { normaliseGtin } from "@/lib/channels/gtin";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";

export const skuInput = z.object({
	code: z
		.string()
		.trim()
		.max(100, "A SKU has up to 100 characters.")
		.regex(/[\p{L}\p{N}]/u, "A SKU needs at least one letter or digit."),
	title: z.string().trim().max(500, "A title has up to 500 characters.").default(""),
	gtin: z
		.string()
		.trim()
		.default("")
		.refine(
			(text) => text === "" || normaliseGtin(text) !== null,
			"This is no valid barcode: 8, 12, 13 or 14 digits, the last of which checks the others.",
		),
	options: z.string().trim().max(200).nullable().default(null),
	imageUrl: z.url().nullable().default(null),
	bufferUnits: z.int().min(0, "A buffer is zero or more.").nullable().default(null),
});

/** A new master SKU. Nothing is counted by it: stock comes by a count, an import or an adjustment. */
export async function createSku(ctx: Context, input: unknown): Promise<{ id: string; code: string }> {
	authorise(ctx, "manager");
	const sku = skuInput.parse(input);
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		// The unique code settles who made it first.
		const [made] = await run<{ id: string }>`
			insert into skus (merchant_id, code, title, gtin, options, image_url, buffer_units)
			values (${ctx.merchantId}::uuid, ${sku.code}, ${sku.title || sku.code}, ${normaliseGtin(sku.gtin)}, ${sku.options}, ${sku.imageUrl}, ${sku.bufferUnits}::int)
			on conflict (merchant_id, code) do nothing returning id`;
		if (!made) throw new Unacceptable(`There is a SKU ${sku.code} already.`, "sku_exists");
		await run`
			insert into audit_log (merchant_id, actor, action, subject) values (${ctx.merchantId}::uuid, ${ctx.actor}, 'sku.created', ${made.id})`;
		return { id: made.id, code: sku.code };
	});
}
