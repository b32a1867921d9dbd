import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { inboxState } from "@/db/schema";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile } from "../errors";
import { type MailInput, mailSchema } from "./retry-mail";

/** A person has seen that a dead letter needs nothing. It stays as it came, and waits for nobody any more. */
export async function dismissMail(ctx: Context, input: MailInput): Promise<void> {
	authorise(ctx, "manager");
	const { inboxId } = mailSchema.parse(input);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const dismissed = await tx.execute(sql`
			update inbox set state = ${inboxState.dismissed} where id = ${inboxId}::bigint and state = ${inboxState.dead} returning id`);
		if (dismissed.length === 0) throw new ChangedMeanwhile("Somebody has dismissed it meanwhile, or tried it again.");
		await tx.execute(sql`
			insert into audit_log (merchant_id, actor, action, subject)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'mail.dismissed', ${`inbox:${inboxId}`})`);
	});
}
