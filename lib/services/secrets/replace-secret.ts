import type { Statement } from "@/db/statement";
import { forgetTrouble, letBackIn } from "../channels/let-back-in";
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
	if (await letBackIn(run, channelId)) return;
	const stood = await run`
		select 1 from channel_health
		where channel_id = ${channelId}::uuid and breaker = 'open' and last_error->>'reason' = 'app_misconfigured'`;
	if (stood.length > 0) await forgetTrouble(run, channelId);
}
