import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { wake } from "../sync/wake";

const replayInput = z.union([
	z.object({ messageId: z.guid() }),
	z.object({ since: z.iso.datetime({ offset: true, error: "Say from which moment on." }) }),
]);

/**
 * Puts what was told, or given up, into the queue once more: one message, or all since a moment. Each keeps its id and its
 * bytes, so a receiver that has it knows it. What a newer one has overtaken stays overtaken. Returns how many.
 */
export async function replayMessages(ctx: Context, endpointId: string, input: unknown): Promise<{ count: number }> {
	authorise(ctx, "manager");
	const which = replayInput.parse(input);
	const id = guidOf(endpointId, "endpoint");
	const messageId = "messageId" in which ? which.messageId : null;
	const since = "since" in which ? which.since : null;
	const count = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const queued = await run<{ id: string }>`
			update webhook_messages set state = 'waiting', tries = 0, queued_at = now(), next_try_at = now(), settled_at = null
			where endpoint_id = ${id}::uuid and body is not null and (
				(id = ${messageId}::uuid and state in ('delivered', 'failed', 'waiting', 'superseded'))
				or (created_at >= ${since}::timestamptz and state in ('delivered', 'failed')))
			returning id`;
		if (messageId && queued.length === 0) throw new NotFound("message");
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'endpoint.replayed', ${id}, ${JSON.stringify({ messageId, since, count: queued.length })}::text::jsonb)`;
		// Somebody who asks for it has seen to the receiver.
		await run`update webhook_endpoints set paused_until = null where id = ${id}::uuid`;
		return queued.length;
	});
	wake("deliver", [id]);
	return { count };
}
