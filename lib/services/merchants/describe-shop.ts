import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";

export const shopInput = z.object({
	name: z.string().trim().min(1, "What is the shop called?").max(80, "This name is too long."),
	timeZone: z
		.string()
		.refine(
			(zone) => Intl.supportedValuesOf("timeZone").includes(zone) || zone === "UTC",
			"This time zone is not known.",
		),
});

/** What the shop is called, and the zone in which its moments are written out. */
export async function describeShop(ctx: Context, input: unknown): Promise<void> {
	authorise(ctx, "owner");
	const { name, timeZone } = shopInput.parse(input);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		await run`update merchants set name = ${name}, time_zone = ${timeZone} where id = ${ctx.merchantId}::uuid`;
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'merchant.described', ${ctx.merchantId}, ${JSON.stringify({ name, timeZone })}::text::jsonb)`;
	});
}
