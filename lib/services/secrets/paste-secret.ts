import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { AppSecret, Check } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { adapterFor } from "@/lib/channels/registry";
import { type Connected, connectStore } from "../channels/connect-store";
import { mayCallPrivate, openAccess } from "../channels/open-connection";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { wake } from "../sync/wake";
import { replaceSecret } from "./replace-secret";
import { lockHolders } from "./secret-holders";

/**
 * A client secret that a person made on the platform's side, for the channel and for all others of the merchant that log in as
 * the same app. It is tried alone, so that the one before can't stand in for it; the rest of what the channel has stays.
 */
export async function pasteSecret(ctx: Context, channelId: string, secret: string): Promise<Connected> {
	authorise(ctx, "manager");
	const channel = await findChannel(ctx, channelId);
	const appSecret = channel && (await adapterFor(channel.platform)).appSecret;
	const clientId = channel && appSecret?.clientIdOf(channel.access);
	if (!channel || !appSecret || !clientId) throw new NotFound("client secret");
	const refusal = await whyRefused(ctx, channel, appSecret, secret);
	if (refusal) return { result: "failed", checks: [refusal] };
	const { previousSecret: _, accessToken: _token, ...kept } = channel.access;
	const outcome = await connectStore(ctx, {
		platform: channel.platform,
		baseUrl: channel.base_url,
		isSandbox: channel.is_sandbox,
		access: { ...kept, clientSecret: secret },
		accessExpiresAt: new Date(0),
	});
	if (outcome.result === "failed") return outcome;
	const others = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const holders = await lockHolders(run, { platform: channel.platform, appSecret, clientId });
		const late = holders.filter(({ access }) => access.clientSecret !== secret);
		const endsAt = new Date(ctx.now().getTime() + appSecret.lifeMs);
		for (const holder of late) await replaceSecret(run, holder, { secret, endsAt, toldAt: null });
		return late.map((holder) => holder.channelId);
	});
	wake("work", others);
	return outcome;
}

type Found = {
	platform: Parameters<typeof connectStore>[1]["platform"];
	base_url: string;
	is_sandbox: boolean;
	sealed: string;
};

async function findChannel(ctx: Context, channelId: string) {
	const [row] = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) =>
			statementsOf(tx)<Found>`
			select c.platform, c.base_url, c.is_sandbox, a.sealed from channels c join credentials a on a.channel_id = c.id and a.purpose = 'access'
			where c.id::text = ${channelId}`,
	);
	return row && { ...row, access: openAccess(channelId, row.sealed) };
}

async function whyRefused(
	ctx: Context,
	{ access, base_url: baseUrl, is_sandbox: isSandbox }: NonNullable<Awaited<ReturnType<typeof findChannel>>>,
	appSecret: AppSecret,
	clientSecret: string,
): Promise<Check | null> {
	const http = createHttpClient({
		allowPrivate: mayCallPrivate(isSandbox),
		secrets: [...Object.values(access), clientSecret],
	});
	const connection = { channelId: "new", baseUrl, access, locationRef: "", facts: {}, http, now: ctx.now };
	try {
		const app = { clientId: access.clientId ?? "", clientSecret };
		if (await appSecret.accepts(connection, app)) return null;
		return {
			name: "credentials",
			state: "failed",
			sentence: "This client secret is not accepted.",
			fix: appSecret.byHand,
		};
	} catch (error) {
		if (error instanceof ChannelError)
			return { name: "address", state: "failed", sentence: error.message, fix: error.fix };
		throw error;
	}
}
