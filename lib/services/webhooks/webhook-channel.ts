import { clientFor } from "@/db/client";
import type { Platform } from "@/db/schema";
import { unseal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";

/** What a door needs to know of a channel to let its mail in. */
export type WebhookChannel = {
	channelId: string;
	merchantId: string;
	platform: Platform;
	/** Current first, then the one before. */
	secrets: string[];
	/** When the current one was kept, to be compared; null: there is none. */
	secretSince: string | null;
	/** Disconnected: its mail is no longer ours. */
	isClosed: boolean;
};

type Cached = { at: number; channel: Promise<WebhookChannel | null> };
const holder = globalThis as { onecountWebhookChannels?: Map<string, Cached> };
holder.onecountWebhookChannels ??= new Map();
const cache = holder.onecountWebhookChannels;

const keepMs = 10_000;
const mostKept = 10_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Null for an unknown one. Kept for ten seconds; `olderThanMs` asks for a fresher look (a rotated secret). */
export function webhookChannel(
	channelId: string,
	fresher: { olderThanMs: number } = { olderThanMs: keepMs },
): Promise<WebhookChannel | null> {
	if (!uuid.test(channelId)) return Promise.resolve(null);
	const now = Date.now();
	const found = cache.get(channelId);
	if (found && now - found.at < fresher.olderThanMs) return found.channel;
	if (cache.size >= mostKept) cache.clear();
	const entry = { at: now, channel: load(channelId) };
	entry.channel.catch(() => cache.delete(channelId));
	cache.set(channelId, entry);
	return entry.channel;
}

async function load(channelId: string): Promise<WebhookChannel | null> {
	const sql = clientFor("writer");
	const [row] = await sql<
		{
			merchant_id: string;
			platform: Platform;
			state: string;
			sealed: string | null;
			sealed_previous: string | null;
			rotated_at: string | null;
		}[]
	>`
		select c.merchant_id, c.platform, c.state, w.sealed, w.sealed_previous, w.rotated_at::text
		from channels c left join credentials w on w.channel_id = c.id and w.purpose = 'webhook'
		where c.id = ${channelId}`;
	if (!row) return null;
	const open = (sealed: string | null) =>
		sealed ? [unseal(sealed, `credentials:${channelId}:webhook`, env().sealingKeys)] : [];
	return {
		channelId,
		merchantId: row.merchant_id,
		platform: row.platform,
		secrets: [...open(row.sealed), ...open(row.sealed_previous)],
		secretSince: row.rotated_at,
		isClosed: row.state === "disconnected",
	};
}
