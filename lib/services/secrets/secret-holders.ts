import type { Platform } from "@/db/schema";
import type { Statement } from "@/db/statement";
import type { AppSecret } from "@/lib/channels/channel-adapter";
import { lockAccess, openAccess } from "../channels/open-connection";

/** A channel that logs in as an app of its merchant's, and what is known of the app's client secret. */
export type SecretHolder = {
	channelId: string;
	access: Record<string, string>;
	/** Milliseconds; see db/schema credentials. */
	endsAt: number | null;
	toldAt: number | null;
	askedAt: number | null;
	hasTrouble: boolean;
};

/**
 * The merchant's channels that log in as the app, each under the lock that refreshes of its tokens take, in one order. All of
 * the platform are locked, since only what is sealed says whose app it is.
 */
export async function lockHolders(
	run: Statement,
	{ platform, appSecret, clientId }: { platform: Platform; appSecret: AppSecret; clientId: string },
): Promise<SecretHolder[]> {
	const channels = await run<{ channel_id: string }>`
		select a.channel_id from credentials a join channels c on c.id = a.channel_id
		where c.platform = ${platform} and a.purpose = 'access' order by a.channel_id`;
	for (const { channel_id } of channels) await lockAccess(run, channel_id);
	const rows = await run<{
		channel_id: string;
		sealed: string;
		ends_at: number | null;
		told_at: number | null;
		asked_at: number | null;
		has_trouble: boolean;
	}>`
		select a.channel_id, a.sealed, extract(epoch from a.secret_ends_at)::float8 * 1000 as ends_at, extract(epoch from a.secret_told_at)::float8 * 1000 as told_at,
			extract(epoch from a.secret_asked_at)::float8 * 1000 as asked_at, a.secret_trouble is not null as has_trouble
		from credentials a join channels c on c.id = a.channel_id
		where c.platform = ${platform} and a.purpose = 'access' order by a.channel_id`;
	return rows
		.map((row) => ({
			channelId: row.channel_id,
			access: openAccess(row.channel_id, row.sealed),
			endsAt: row.ends_at,
			toldAt: row.told_at,
			askedAt: row.asked_at,
			hasTrouble: row.has_trouble,
		}))
		.filter(({ access }) => appSecret.clientIdOf(access) === clientId);
}
