import { clientFor } from "@/db/client";

/** Left alone this long, an order's wake-up counts as lost. */
const lostAfterMs = 2_000;

/** Channels with orders that they are to be asked to cancel, and that nobody asks: also those that an asker died over. */
export async function findDueCancels(): Promise<string[]> {
	const rows = await clientFor("writer")<{ channel_id: string }[]>`
		select distinct o.channel_id from order_cancels o
		join channels c on c.id = o.channel_id and c.state = 'live' and c.paused_at is null
		join merchants m on m.id = c.merchant_id and m.pushes_paused_at is null
		where o.state in ('waiting', 'asked') and o.next_try_at <= now() - ${lostAfterMs}::int * interval '1 ms'`;
	return rows.map(({ channel_id }) => channel_id);
}
