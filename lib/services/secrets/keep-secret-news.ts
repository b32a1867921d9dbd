import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { AppSecret } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import type { SecretNews } from "@/lib/channels/news";
import { notifyLog } from "@/lib/live/notify";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { replaceSecret } from "./replace-secret";
import { lockHolders, type SecretHolder } from "./secret-holders";

/**
 * Keeps what a queue said of an app's client secret, for all channels of the merchant that log in as the app, and then takes it
 * out. Whoever owns the queue can write what they like into it: a new secret counts once the platform has let the app in with
 * it, and until then stays where it is. So does one of an app that is nobody's here: it is not ours to take.
 */
export async function keepSecretNews(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	news: SecretNews,
): Promise<void> {
	const { appSecret } = open.adapter;
	if (!appSecret || !(await isTrue(appSecret, open, news))) return;
	const { platform } = target;
	const { clientId, next } = news;
	const holders = await asMerchantPrepared(client, target.merchantId, async (run) => {
		const found = await lockHolders(run, { platform, appSecret, clientId });
		for (const holder of found) await keepFor(run, target.merchantId, holder, news);
		return found;
	});
	if (next && holders.length === 0) return;
	await news.done();
	notifyLog(target.merchantId);
}

async function isTrue(appSecret: AppSecret, open: OpenConnection, { clientId, next }: SecretNews): Promise<boolean> {
	if (!next) return true;
	try {
		return await appSecret.accepts(open.connection(), { clientId, clientSecret: next.secret });
	} catch (error) {
		// Nobody says: it comes again.
		if (error instanceof ChannelError) return false;
		throw error;
	}
}

/** Doubled and late news change nothing. */
async function keepFor(
	run: Statement,
	merchantId: string,
	holder: SecretHolder,
	{ at, endsAt, next }: SecretNews,
): Promise<void> {
	if (holder.toldAt !== null && at.getTime() <= holder.toldAt) return;
	if (!next || holder.access.clientSecret === next.secret) {
		await run`
			update credentials set secret_ends_at = ${(next?.endsAt ?? endsAt).toISOString()}::timestamptz, secret_told_at = ${at.toISOString()}::timestamptz
			where channel_id = ${holder.channelId}::uuid and purpose = 'access'`;
		return;
	}
	await replaceSecret(run, holder, { ...next, toldAt: at });
	await appendLog(run, merchantId, [{ kind: "channel.secret", state: "ok", channelId: holder.channelId }]);
}
