import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { guidOf } from "../guid";
import { wake } from "../sync/wake";
import { testEvent } from "./message-body";

/** A message that tells of nothing, to see whether anything arrives. */
export async function sendTest(ctx: Context, endpointId: string): Promise<void> {
	authorise(ctx, "manager");
	const id = guidOf(endpointId, "endpoint");
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [made] = await run<{ id: string }>`
			insert into webhook_messages (merchant_id, endpoint_id, event, data, next_try_at)
			select ${ctx.merchantId}::uuid, id, ${testEvent}, ${JSON.stringify({ askedBy: ctx.actor })}::text::jsonb, now()
			from webhook_endpoints where id = ${id}::uuid and disabled_at is null returning id`;
		if (!made) throw new Unacceptable("This endpoint is switched off, or gone. Switch it on first.", "endpoint_off");
		await run`update webhook_endpoints set paused_until = null where id = ${id}::uuid`;
	});
	wake("deliver", [id]);
}
