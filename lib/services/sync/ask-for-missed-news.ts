import { clientFor } from "@/db/client";

/**
 * After a start every channel is asked for its orders: what stores told while nobody listened some tell again in an
 * hour, some never. One call a channel.
 */
export async function askForMissedNews(): Promise<void> {
	await clientFor("writer")`
		with asleep as (
			-- Locked in one order: webhooks of many channels are counted by one statement too.
			select h.channel_id from channel_health h join channels c on c.id = h.channel_id and c.state in ('read_only', 'live')
			where h.next_poll_at > now() order by h.channel_id for no key update of h
		)
		update channel_health h set next_poll_at = now() from asleep where h.channel_id = asleep.channel_id`;
}
