import type { Statement } from "@/db/statement";
import { sealAccess } from "../channels/open-connection";
import type { SecretHolder } from "./secret-holders";

/**
 * Seals a new client secret for a channel, under the lock of {@link lockHolders}, and keeps the one before for as long as the
 * platform takes it. A channel that stood still for its secret goes on at once; one that was let go for another reason is so
 * again at its next call. `toldAt`: null where nobody but us says when it ends.
 */
export async function replaceSecret(
	run: Statement,
	{ channelId, access }: SecretHolder,
	next: { secret: string; endsAt: Date; toldAt: Date | null },
): Promise<void> {
	const renewed = { ...access, clientSecret: next.secret, previousSecret: access.clientSecret ?? "" };
	// Its token, too: what an ended one gave has ended with it.
	await run`
		update credentials set sealed_previous = sealed, sealed = ${sealAccess(channelId, renewed)}, rotated_at = now(), expires_at = to_timestamp(0),
			secret_ends_at = ${next.endsAt.toISOString()}::timestamptz, secret_told_at = ${next.toldAt?.toISOString() ?? null}::timestamptz,
			secret_asked_at = null, secret_trouble = null
		where channel_id = ${channelId}::uuid and purpose = 'access'`;
	const back = await run`
		update channels set state = case when pushing_since is not null then 'live' else 'read_only' end
		where id = ${channelId}::uuid and state = 'revoked' returning 1`;
	await run`
		update channel_health set breaker = 'closed', breaker_until = null, failures = 0, quiet_until = null, orders_quiet_until = null, last_error = null, next_poll_at = now()
		where channel_id = ${channelId}::uuid and (${back.length > 0} or (breaker = 'open' and last_error->>'reason' = 'app_misconfigured'))`;
}
