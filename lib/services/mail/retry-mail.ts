import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import { inboxState } from "@/db/schema";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile } from "../errors";
import { wake } from "../sync/wake";

export const mailSchema = z.object({ inboxId: z.number().int().positive() });
export type MailInput = z.input<typeof mailSchema>;

/**
 * Lets a dead letter be read once more, by the Onecount of today. It has its place in the inbox, so it comes before what
 * came later; an order in it that a newer version has overtaken moves nothing (R1). Why it was dead stays with it until then.
 */
export async function retryMail(ctx: Context, input: MailInput): Promise<void> {
	authorise(ctx, "support");
	const { inboxId } = mailSchema.parse(input);
	const channelId = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [mail] = (await tx.execute(sql`
			update inbox set state = ${inboxState.waiting}, applied_at = null
			where id = ${inboxId}::bigint and state in (${inboxState.dead}, ${inboxState.dismissed}) returning channel_id`)) as unknown as {
			channel_id: string;
		}[];
		if (!mail) throw new ChangedMeanwhile("It waits for its turn already, or could be read meanwhile.");
		await tx.execute(sql`
			insert into audit_log (merchant_id, actor, action, subject)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'mail.retried', ${`inbox:${inboxId}`})`);
		return mail.channel_id;
	});
	wake("mail", [channelId]);
}
