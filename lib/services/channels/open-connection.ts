import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { AppCredentials, ChannelAdapter, Connection } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import { createHttpClient } from "@/lib/channels/http";
import { adapterFor } from "@/lib/channels/registry";
import { seal, unseal } from "@/lib/crypto/seal";
import { env, hasHostApps, hostAppVariables } from "@/lib/env";
import { wordList } from "@/lib/format/list";
import type { WorkTarget } from "./work-target";

export type OpenConnection = {
	adapter: ChannelAdapter;
	/** A fresh one per call, so that its exchanges are that call's. */
	connection: () => Connection;
};

/** Refreshed this long before it expires, so that no call in flight outlives it. */
const refreshAheadMs = 5 * 60_000;
/** A renewal that came to nothing while the access still works is tried again after this. */
const retryAfterMs = 10 * 60_000;
const retryAt = new Map<string, number>();

const boundTo = (channelId: string) => `credentials:${channelId}:access`;

type Row = {
	base_url: string;
	is_sandbox: boolean;
	location_ref: string;
	facts: Record<string, unknown>;
	sealed: string | null;
	expires_at: number | null;
	rotated_at: number | null;
};

/** The channel's credentials, fresh, and the way to its store. Throws ChannelError `access_revoked` where there are none. */
export async function openConnection(client: postgres.Sql, target: WorkTarget): Promise<OpenConnection> {
	const adapter = await adapterFor(target.platform);
	const row = await asMerchantPrepared(client, target.merchantId, (run) => load(run, target.channelId));
	if (!row?.sealed)
		throw new ChannelError("access_revoked", "This channel has no credentials.", { fix: "Reconnect the store." });
	let access = openAccess(target.channelId, row.sealed);
	const due = whenDue(adapter, row);
	if (due === "ended") access = await refresh(client, target, adapter);
	if (due === "ending" || (due === "old" && Date.now() >= (retryAt.get(target.channelId) ?? 0)))
		access = await refreshEarly(client, target, adapter, access);
	return { adapter, connection: () => connect(target, row, access) };
}

/** `ending` and `old`, by its age alone: what there is still works. */
function whenDue(
	{ facts, refreshAccess }: ChannelAdapter,
	{ expires_at, rotated_at }: Row,
): "ended" | "ending" | "old" | null {
	if (!refreshAccess || expires_at === null) return null;
	if (expires_at <= Date.now()) return "ended";
	if (expires_at - Date.now() < refreshAheadMs) return "ending";
	const isOld = facts.renewsAccessAfterMs !== null && Date.now() - (rotated_at ?? 0) >= facts.renewsAccessAfterMs;
	return isOld ? "old" : null;
}

function connect(target: WorkTarget, row: Row, access: Record<string, string>): Connection {
	return {
		channelId: target.channelId,
		baseUrl: row.base_url,
		access,
		locationRef: row.location_ref,
		facts: row.facts,
		http: createHttpClient({ allowPrivate: mayCallPrivate(row.is_sandbox), secrets: Object.values(access) }),
		now: () => new Date(),
	};
}

/** Sandbox stores answer on this machine; a host's owner may say that real ones do, too. */
export const mayCallPrivate = (isSandbox: boolean) => env().allowPrivateAddresses || (isSandbox && env().sandbox);

export const openAccess = (channelId: string, sealed: string) =>
	JSON.parse(unseal(sealed, boundTo(channelId), env().sealingKeys)) as Record<string, string>;

export const sealAccess = (channelId: string, access: Record<string, string>) =>
	seal(JSON.stringify(access), boundTo(channelId), env().sealingKeys);

async function load(run: Statement, channelId: string): Promise<Row | undefined> {
	const [row] = await run<Row>`
		select c.base_url, c.is_sandbox, c.location_ref, c.facts, a.sealed, extract(epoch from a.expires_at)::float8 * 1000 as expires_at,
			extract(epoch from a.rotated_at)::float8 * 1000 as rotated_at
		from channels c left join credentials a on a.channel_id = c.id and a.purpose = 'access' where c.id = ${channelId}::uuid`;
	return row;
}

/** Until the transaction ends nobody else renews what the channel gets in with. */
export const lockAccess = (run: Statement, channelId: string) =>
	run`select pg_advisory_xact_lock(hashtextextended(${`refresh:${channelId}`}, 0))`;

/**
 * One refresh at a time per channel: refresh tokens rotate, and a second refresh with the old one could lock us out.
 * Whoever waited finds the fresh ones. Stored in the transaction that holds the lock, before anybody uses them.
 */
function refresh(client: postgres.Sql, target: WorkTarget, adapter: ChannelAdapter): Promise<Record<string, string>> {
	return asMerchantPrepared(client, target.merchantId, async (run) => {
		await lockAccess(run, target.channelId);
		const row = await load(run, target.channelId);
		if (!row?.sealed)
			throw new ChannelError("access_revoked", "This channel has no credentials.", { fix: "Reconnect the store." });
		const access = openAccess(target.channelId, row.sealed);
		if (!adapter.refreshAccess || whenDue(adapter, row) === null) return access;
		const app = appCredentials(target.platform, access);
		const refreshed = await adapter.refreshAccess(connect(target, row, access), app).catch((error) => {
			throw isOwnApp(access) ? error : namingVariables(target.platform, error);
		});
		await run`
			update credentials set sealed_previous = sealed, sealed = ${sealAccess(target.channelId, refreshed.access)},
				expires_at = ${refreshed.expiresAt?.toISOString() ?? null}::timestamptz, rotated_at = now()
			where channel_id = ${target.channelId}::uuid and purpose = 'access'`;
		return refreshed.access;
	});
}

/** Only that the agreement is over is heard; anything else can wait. */
async function refreshEarly(
	client: postgres.Sql,
	target: WorkTarget,
	adapter: ChannelAdapter,
	access: Record<string, string>,
): Promise<Record<string, string>> {
	try {
		const refreshed = await refresh(client, target, adapter);
		retryAt.delete(target.channelId);
		return refreshed;
	} catch (error) {
		if (!(error instanceof ChannelError) || error.reason === "access_revoked") throw error;
		retryAt.set(target.channelId, Date.now() + retryAfterMs);
		return access;
	}
}

/** The platform no longer takes it, whatever end was told of it: refreshed when the channel is next opened. */
export const markDue = (client: postgres.Sql, target: WorkTarget) =>
	asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run`
			update credentials set expires_at = now() - interval '1 min' where channel_id = ${target.channelId}::uuid and purpose = 'access'`,
	);

type OwnApp = Pick<AppCredentials, "clientId" | "clientSecret">;

/** The channel was connected with an app of the merchant's, not with the host's. */
const isOwnApp = (access: Record<string, string>): access is Record<string, string> & OwnApp =>
	Boolean(access.clientId && access.clientSecret);

function appCredentials(platform: string, access: Record<string, string>): AppCredentials {
	if (isOwnApp(access)) {
		const { clientId, clientSecret, previousSecret } = access;
		return { clientId, clientSecret, previousSecret };
	}
	if (!hasHostApps(platform))
		throw new ChannelError("access_revoked", "The app that this store was connected with is not known.", {
			fix: "Reconnect the store.",
		});
	const app = env().hostApps[platform];
	if (app) return app;
	throw new ChannelError(
		"app_misconfigured",
		`The app that this store was connected with is not set up here: ${wordList(hostAppVariables(platform))} are missing.`,
		{ fix: "Whoever runs this Onecount sets them again and restarts it: the channel then goes on by itself." },
	);
}

/** What is wrong with the host's app only its owner can mend, and by these names. */
function namingVariables(platform: string, error: unknown): unknown {
	if (!(error instanceof ChannelError) || error.reason !== "app_misconfigured" || !hasHostApps(platform)) return error;
	const fix = `Whoever runs this Onecount checks ${wordList(hostAppVariables(platform))} and restarts it: the channel then goes on by itself.`;
	return new ChannelError(error.reason, error.message, {
		fix: [fix, error.fix].filter(Boolean).join(" "),
		code: error.code,
		cause: error,
	});
}
