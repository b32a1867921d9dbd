import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import { authorise, type Context } from "../context";
import { wake } from "../sync/wake";

export const sendAgainSchema = z.object({
	skuId: z.guid(),
	/** Only these channels; empty: all that sell it. */
	channelIds: z.array(z.guid()).max(100).default([]),
});

export type SentAgain = { slots: number };

/**
 * Makes a SKU's slots due at once: whatever held them is lifted, and each live value is read. What differs from its offer
 * is then written; what is in step costs one read and no write (R5). A write in flight is left alone.
 */
export async function sendAgain(ctx: Context, input: z.input<typeof sendAgainSchema>): Promise<SentAgain> {
	authorise(ctx, "support");
	const { skuId, channelIds } = sendAgainSchema.parse(input);
	const channels = JSON.stringify(channelIds);
	const rows = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const due = (await tx.execute(sql`
			update slots s set held_reason = null, held_at = null, next_try_at = null, attempts = 0, unapplied = 0, paced_until = null,
				-- Behind a fence, as after a lost answer, a read before its time proves nothing.
				read_due_at = case when s.shown_at is null and (s.is_fenced or s.maybe is not null) then s.read_due_at else clock_timestamp() end
			from channels c, listings l
			where c.id = s.channel_id and c.state = 'live' and l.id = s.listing_id and l.gone_at is null and l.is_managed and s.sku_id = ${skuId}::uuid and s.push_id is null
				and (${channels}::jsonb = '[]'::jsonb
					or s.channel_id in (select value::uuid from jsonb_array_elements_text(${channels}::jsonb)))
			returning s.channel_id`)) as unknown as { channel_id: string }[];
		await tx.execute(sql`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'push.send_again', ${`sku:${skuId}`}, ${JSON.stringify({ slots: due.length })}::jsonb)`);
		return due;
	});
	wake(
		"work",
		rows.map(({ channel_id }) => channel_id),
	);
	return { slots: rows.length };
}
