import type { Statement } from "@/db/statement";

/** A channel whose store refused it, and lets it in by now, goes on where it was. False: it was not let go. */
export async function letBackIn(run: Statement, channelId: string): Promise<boolean> {
	const back = await run`
		update channels set state = case when pushing_since is not null then 'live' else 'read_only' end
		where id = ${channelId}::uuid and state = 'revoked' returning 1`;
	if (back.length > 0) await forgetTrouble(run, channelId);
	return back.length > 0;
}

/** What stood in the way is gone: nobody waits for the next try. */
export const forgetTrouble = (run: Statement, channelId: string) => run`
	update channel_health set breaker = 'closed', breaker_until = null, failures = 0, quiet_until = null, orders_quiet_until = null, last_error = null, next_poll_at = now()
	where channel_id = ${channelId}::uuid`;
