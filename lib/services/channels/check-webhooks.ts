import { clientFor } from "@/db/client";
import { ChannelError } from "@/lib/channels/errors";
import { findTarget } from "../sync/find-work";
import { ensureWebhooks, type WebhookState } from "./ensure-webhooks";
import { openConnection } from "./open-connection";

/** Looked after this often: stores drop webhooks that failed for a while, and say so to nobody. */
const checkEveryMs = 50 * 60_000;

/** Channels whose webhooks nobody has looked after for about an hour. */
export async function findUncheckedWebhooks(): Promise<string[]> {
	const rows = await clientFor("writer")<{ id: string }[]>`
		select c.id from channels c join channel_health h on h.channel_id = c.id
		where c.state in ('read_only', 'live') and h.breaker = 'closed'
			and coalesce(h.webhooks_checked_at < now() - ${checkEveryMs}::int * interval '1 ms', true)
		order by h.webhooks_checked_at nulls first`;
	return rows.map(({ id }) => id);
}

/** Null: the channel is gone, or its store can't be asked now; the next hour asks again, and polling goes on meanwhile. */
export async function checkWebhooks(channelId: string): Promise<WebhookState | null> {
	const target = await findTarget(channelId);
	if (!target) return null;
	const client = clientFor("app");
	try {
		return await ensureWebhooks(client, target, await openConnection(client, target));
	} catch (error) {
		if (error instanceof ChannelError) return null;
		throw error;
	}
}
