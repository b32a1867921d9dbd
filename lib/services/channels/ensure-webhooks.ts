import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { seal, unseal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { notifyLog } from "@/lib/live/notify";
import { appendLog } from "../log/append-log";
import { wake } from "../sync/wake";
import type { OpenConnection } from "./open-connection";
import { webhookUrl } from "./public-address";
import type { WorkTarget } from "./work-target";

export type WebhookState = "registered" | "unreachable" | "none";

/**
 * Makes the store's webhooks exist and point here. What the store had dropped is made again, and the gap is read: orders
 * from the last complete poll on, less the whole overlap, changed listings, and every level, since what was read before
 * says nothing about an edit that nobody told of. Without a public address, or without the secret that signs them, the channel lives on
 * polling alone, and says so.
 */
export async function ensureWebhooks(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
): Promise<WebhookState> {
	const [row] = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ is_sandbox: boolean; sealed: string | null; webhook_state: string }>`
			select c.is_sandbox, w.sealed, h.webhook_state from channels c
			join channel_health h on h.channel_id = c.id
			left join credentials w on w.channel_id = c.id and w.purpose = 'webhook'
			where c.id = ${target.channelId}::uuid`,
	);
	if (!row) throw new Error("the channel is gone");
	const callbackUrl = webhookUrl(target.platform, target.channelId, row.is_sandbox);
	const boundTo = `credentials:${target.channelId}:webhook`;
	const secret = row.sealed && unseal(row.sealed, boundTo, env().sealingKeys);
	// News that lies in a queue needs no address of ours.
	const canArrive = callbackUrl !== null || open.adapter.collectMail !== null;
	const made =
		canArrive && secret ? await open.adapter.registerWebhooks(open.connection(), callbackUrl ?? "", secret) : null;
	const state: WebhookState = made?.state ?? "none";
	const missing = made?.missing ?? [];
	const isGap = (made?.made ?? []).length > 0;
	const wereLost = isGap && row.webhook_state === "registered";
	const chosen = made?.secret && made.secret !== secret ? seal(made.secret, boundTo, env().sealingKeys) : null;
	await asMerchantPrepared(client, target.merchantId, async (run) => {
		if (chosen)
			await run`
				update credentials set sealed_previous = sealed, sealed = ${chosen}, rotated_at = now()
				where channel_id = ${target.channelId}::uuid and purpose = 'webhook'`;
		await run`
			update channel_health set webhook_state = ${state}, webhooks_checked_at = now(),
				unproven_webhooks = case when ${isGap || chosen !== null} then 0 else unproven_webhooks end,
				deep_polled_at = case when ${isGap} then null else deep_polled_at end,
				next_poll_at = case when ${isGap} then now() else next_poll_at end,
				listings_due_at = case when ${wereLost} then now() else listings_due_at end,
				verify_asked_at = case when ${wereLost} then clock_timestamp() else verify_asked_at end
			where channel_id = ${target.channelId}::uuid`;
		if (state !== row.webhook_state || isGap || missing.length > 0)
			await appendLog(run, target.merchantId, [
				{
					kind: "channel.webhooks",
					state: state === "registered" ? "ok" : "hold",
					channelId: target.channelId,
					data: { state, missing, hasAddress: callbackUrl !== null },
				},
			]);
	});
	notifyLog(target.merchantId);
	if (state === "registered" && open.adapter.collectMail) wake("queue", [target.channelId]);
	if (wereLost) {
		wake("work", [target.channelId]);
		wake("verify", [target.channelId]);
	}
	return state;
}
