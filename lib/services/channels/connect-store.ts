import { randomBytes } from "node:crypto";
import { asMerchant } from "@/db/client";
import type { Platform } from "@/db/schema";
import { type Statement, statementsOf } from "@/db/statement";
import type { AppSecret, Check, Connection, StoreIdentity } from "@/lib/channels/channel-adapter";
import { createHttpClient } from "@/lib/channels/http";
import { adapterFor } from "@/lib/channels/registry";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { askForImport } from "../imports/import-jobs";
import { appendLog } from "../log/append-log";
import { wake } from "../sync/wake";
import { lockAccess, mayCallPrivate, openAccess, sealAccess } from "./open-connection";
import { addressForStores } from "./public-address";
import { sameShop } from "./same-shop";

export type ConnectInput = {
	platform: Platform;
	/** Without trailing slash. */
	baseUrl: string;
	access: Record<string, string>;
	accessExpiresAt?: Date | null;
	/**
	 * What signs the store's webhooks, where the platform decides it (Shopify: the app's client secret). Null: it does, and
	 * nobody told us, so its news can't be believed and is asked for instead. Absent: one is made.
	 */
	webhookSecret?: string | null;
	isSandbox: boolean;
};

export type Connected =
	| { result: "connected"; channelId: string; isReconnect: boolean; checks: Check[]; store: StoreIdentity }
	| { result: "failed"; checks: Check[] };

/**
 * Connects a store, read-only (R12): live checks first, and only when none failed is anything kept. The same store
 * again is the same channel with fresh credentials, never a second one. Its listings are read next, in the background.
 */
export async function connectStore(ctx: Context, input: ConnectInput): Promise<Connected> {
	authorise(ctx, "manager");
	const adapter = await adapterFor(input.platform);
	const report = await adapter.connect(trialConnection(input));
	const { store } = report;
	const checks = input.webhookSecret === null ? report.checks.map(withoutSecret) : report.checks;
	if (!store || checks.some(({ state }) => state === "failed")) return { result: "failed", checks };

	const saved = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const twice = await sameShop(run, ctx.merchantId, { platform: input.platform, storeKey: store.storeKey });
		if (twice) return { twice };
		const channel = await saveChannel(run, ctx, input, store, checks);
		await saveAccess(run, ctx, channel.id, input, adapter.appSecret ?? null);
		await saveWebhookSecret(run, ctx, channel.id, input);
		await askForImport(run, { merchantId: ctx.merchantId, channelId: channel.id });
		await run`insert into audit_log (merchant_id, actor, action, subject) values (${ctx.merchantId}::uuid, ${ctx.actor}, ${channel.isReconnect ? "channel.reconnected" : "channel.connected"}, ${channel.id})`;
		await appendLog(run, ctx.merchantId, [
			{
				kind: "channel.connected",
				state: "ok",
				channelId: channel.id,
				data: { name: store.name, isReconnect: channel.isReconnect },
			},
		]);
		return channel;
	});
	if ("twice" in saved)
		return { result: "failed", checks: [...checks.filter(({ name }) => name !== "address"), saved.twice] };
	notifyLog(ctx.merchantId);
	// Again too: its webhooks may be gone, and its listings may have changed while nobody listened.
	wake("import", [saved.id]);
	return { result: "connected", channelId: saved.id, isReconnect: saved.isReconnect, checks, store };
}

const withoutSecret = (check: Check): Check =>
	check.name === "webhooks" && check.state === "passed"
		? {
				...check,
				state: "warned",
				sentence: "Without the app's API secret key the store's news can't be verified, so it is asked for instead.",
				fix: "Connect again with the API secret key, to hear of sales within seconds.",
			}
		: check;

function trialConnection(input: ConnectInput): Connection {
	return {
		channelId: "new",
		baseUrl: input.baseUrl,
		access: input.access,
		locationRef: "",
		facts: { publicUrl: addressForStores(input.isSandbox) },
		http: createHttpClient({ allowPrivate: mayCallPrivate(input.isSandbox), secrets: Object.values(input.access) }),
		now: () => new Date(),
	};
}

async function saveChannel(
	run: Statement,
	ctx: Context,
	input: ConnectInput,
	store: StoreIdentity,
	checks: Check[],
): Promise<{ id: string; isReconnect: boolean }> {
	const location = store.locations.find(({ isActive }) => isActive) ?? store.locations[0];
	const [row] = await run<{ id: string; is_reconnect: boolean }>`
		insert into channels (merchant_id, platform, name, store_key, base_url, is_sandbox, state, location_ref, location_id, facts, wizard)
		values (${ctx.merchantId}::uuid, ${input.platform}, ${store.name}, ${store.storeKey}, ${input.baseUrl}, ${input.isSandbox}, 'importing', ${location?.ref ?? ""},
			(select id from locations where merchant_id = ${ctx.merchantId}::uuid order by created_at limit 1),
			${JSON.stringify({ ...store.facts, locations: store.locations })}::text::jsonb, ${JSON.stringify({ checks, checkedAt: ctx.now().toISOString() })}::text::jsonb)
		on conflict (merchant_id, platform, store_key) do update set base_url = excluded.base_url, facts = excluded.facts, wizard = channels.wizard || excluded.wizard, is_sandbox = excluded.is_sandbox,
			state = case
				when channels.state in ('importing', 'connecting', 'disconnected') then 'importing'
				when channels.pushing_since is not null then 'live'
				else 'read_only' end
		returning id, (xmax <> 0) as is_reconnect`;
	if (!row) throw new Error("the channel was not saved");
	await run`
		insert into channel_health (channel_id, merchant_id) values (${row.id}::uuid, ${ctx.merchantId}::uuid)
		on conflict (channel_id) do update set breaker = 'closed', breaker_until = null, failures = 0, quiet_until = null, orders_quiet_until = null, last_error = null, unproven_webhooks = 0, next_poll_at = now()`;
	return { id: row.id, isReconnect: row.is_reconnect };
}

/**
 * A client secret that was not seen before ends so long from now at the latest; of one that was, what is known stays. One that
 * was replaced by now works for some days yet, and does not take the place of what replaced it.
 */
async function saveAccess(
	run: Statement,
	ctx: Context,
	channelId: string,
	{ access: given, accessExpiresAt = null }: ConnectInput,
	appSecret: AppSecret | null,
): Promise<void> {
	await lockAccess(run, channelId);
	const [row] = await run<{ sealed: string }>`
		select sealed from credentials where channel_id = ${channelId}::uuid and purpose = 'access'`;
	const before = row && openAccess(channelId, row.sealed);
	const { clientSecret = "", previousSecret } = before ?? {};
	const isReplaced = previousSecret !== undefined && given.clientSecret === previousSecret;
	const access = isReplaced ? { ...given, clientSecret, previousSecret } : given;
	const isSameSecret = before?.clientSecret === access.clientSecret;
	const secretEndsAt = appSecret?.clientIdOf(access) ? new Date(ctx.now().getTime() + appSecret.lifeMs) : null;
	await run`
		insert into credentials as a (merchant_id, channel_id, purpose, sealed, expires_at, secret_ends_at)
		values (${ctx.merchantId}::uuid, ${channelId}::uuid, 'access', ${sealAccess(channelId, access)}, ${accessExpiresAt?.toISOString() ?? null}::timestamptz,
			${secretEndsAt?.toISOString() ?? null}::timestamptz)
		on conflict (channel_id, purpose) do update set sealed = excluded.sealed, sealed_previous = null, expires_at = excluded.expires_at, rotated_at = now(),
			secret_ends_at = case when ${isSameSecret} then coalesce(a.secret_ends_at, excluded.secret_ends_at) else excluded.secret_ends_at end,
			secret_told_at = case when ${isSameSecret} then a.secret_told_at end, secret_asked_at = case when ${isSameSecret} then a.secret_asked_at end,
			secret_trouble = case when ${isSameSecret} then a.secret_trouble end`;
}

async function saveWebhookSecret(run: Statement, ctx: Context, channelId: string, input: ConnectInput): Promise<void> {
	if (input.webhookSecret === null) return;
	// Where the platform decides what signs its news, reconnecting may bring another secret; one that we made stays.
	const isGiven = input.webhookSecret !== undefined;
	const secret = input.webhookSecret ?? randomBytes(24).toString("hex");
	const sealed = seal(secret, `credentials:${channelId}:webhook`, env().sealingKeys);
	await run`
		insert into credentials (merchant_id, channel_id, purpose, sealed) values (${ctx.merchantId}::uuid, ${channelId}::uuid, 'webhook', ${sealed})
		on conflict (channel_id, purpose) do update set sealed = excluded.sealed, sealed_previous = credentials.sealed, rotated_at = now()
		where ${isGiven}`;
}
