/**
 * What a platform tells an installed app outside of its webhooks: that its page is opened, or that it was removed. Both come
 * to an address that anybody can call, so what counts is the platform's signature under the host's app.
 */
import { clientFor } from "@/db/client";
import type { ConnectablePlatform } from "@/lib/channels/registry";
import { platformFor } from "@/lib/channels/registry";
import { env, hasHostApps } from "@/lib/env";
import { wake } from "../sync/wake";

/** The store that it is about; null: not signed for our app, or there is none of this platform. */
export async function signedStore(
	platform: ConnectablePlatform,
	query: URLSearchParams,
	now: Date,
): Promise<string | null> {
	const { consent } = await platformFor(platform);
	const app = hasHostApps(platform) ? env().hostApps[platform] : undefined;
	return (app && consent?.readSigned?.(query, app, now)?.storeKey) ?? null;
}

/**
 * Told that the app was removed: a reason to make a call, whose refusal is what revokes. The store may have been connected
 * by keys of its own as well, and those go on. Returns the channels that will call.
 */
export async function heedRemoval(platform: ConnectablePlatform, storeKey: string): Promise<string[]> {
	const rows = await clientFor("writer")<{ channel_id: string }[]>`
		update channel_health h set next_poll_at = now() from channels c
		where c.id = h.channel_id and c.platform = ${platform} and c.store_key = ${storeKey} and c.state not in ('revoked', 'disconnected')
		returning h.channel_id`;
	const channelIds = rows.map((row) => row.channel_id);
	wake("work", channelIds);
	return channelIds;
}
