/**
 * Sending the news: signed as Standard Webhooks has it, and held back from an address that fails too often. Of a hundred
 * and more deliveries in two minutes a tenth may fail; then nothing is sent for three minutes, and waits.
 */
import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import { forgetStore } from "../context";
import type { DeliveryRules, SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";

/** Ours: BigCommerce does not state how long it waits. */
export const deliveryRules: DeliveryRules = {
	connectTimeoutMs: 2_000,
	totalTimeoutMs: 10_000,
	isDelivered: (status) => status >= 200 && status < 300,
};

const usualDelayMs = 300;
const block = { windowMs: 120_000, fewest: 100, share: 0.9, forMs: 180_000 };

/** While the address is blocked, until it no longer is. */
export const deliveryDelayMs = (ctx: SandboxContext, store: SandboxStore): number =>
	Math.max(usualDelayMs, blockedUntil(store) - ctx.now().getTime());

export const blockedUntil = (store: SandboxStore): number => store.counters.blockedUntil ?? 0;

/** Due again when the block is over; the pump leaves what is not settled as it stands. */
class HeldBack extends Error {
	override name = "HeldBack";
}

export const buildDelivery: SandboxPlatform["build"] = async (
	ctx,
	store,
	{ id, webhookId, body, headers, secret, attempt },
) => {
	if (!body) return null;
	if (await isBlocked(ctx, store, webhookId)) {
		await holdBack(ctx, store, id);
		throw new HeldBack(`delivery ${id}`);
	}
	if (attempt === 1) await noteUse(ctx, store, webhookId);
	return { body, headers: { "content-type": "application/json", ...signed(ctx, store, body, headers, secret) } };
};

function signed(
	ctx: SandboxContext,
	store: SandboxStore,
	body: Buffer,
	queued: Record<string, string>,
	secret: string,
): Record<string, string> {
	const { "webhook-id": id = "", ...custom } = queued;
	if (!settingsOf(store).signsWebhooks) return custom;
	const timestamp = String(Math.floor(ctx.now().getTime() / 1_000));
	const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64");
	return { ...custom, "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

/** The idle clock of a webhook starts anew with each of its news. */
async function noteUse(ctx: SandboxContext, store: SandboxStore, webhookId: string): Promise<void> {
	await ctx.db.execute(sql`
		update sandbox.webhooks set data = data || jsonb_build_object('usedAt', ${ctx.now().getTime()}::bigint)
		where store_id = ${store.id} and id = ${webhookId}`);
}

async function isBlocked(ctx: SandboxContext, store: SandboxStore, webhookId: string): Promise<boolean> {
	const now = ctx.now().getTime();
	const [hook] = await ctx.db.execute<{ failures: number; url: string; blocked_until: number | null }>(sql`
		select w.failures, w.url, (s.counters->>'blockedUntil')::float8 as blocked_until
		from sandbox.webhooks w join sandbox.stores s on s.id = w.store_id where w.store_id = ${store.id} and w.id = ${webhookId}`);
	if (!hook) return false;
	if ((hook.blocked_until ?? 0) > now) return true;
	// A window that ends before the last block has done its part.
	const since = Math.max(now - block.windowMs, hook.blocked_until ?? 0);
	if (hook.failures === 0 || !(await failsTooOften(ctx, store, hook.url, since))) return false;
	await ctx.db.execute(sql`
		update sandbox.stores set counters = counters || jsonb_build_object('blockedUntil', ${now + block.forMs}::bigint)
		where id = ${store.id}`);
	forgetStore(ctx.db, store.id);
	return true;
}

/** By each delivery's last try; when a failed one was made follows from when it is due again. */
async function failsTooOften(ctx: SandboxContext, store: SandboxStore, url: string, since: number): Promise<boolean> {
	const host = new URL(url).host;
	const rows = await ctx.db.execute<{ url: string; state: string; attempts: number; at: number }>(sql`
		select w.url, d.state, d.attempts, extract(epoch from coalesce(d.sent_at, d.tried_at)) * 1000 as at from (
			select webhook_id, state, attempts, sent_at, last_status,
				case when state = 'waiting' then due_at - make_interval(secs => ${settingsOf(store).retryScale}::float8
					* (array[60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400])[attempts]) end as tried_at
			from sandbox.deliveries where store_id = ${store.id} and attempts > 0
		) d join sandbox.webhooks w on w.store_id = ${store.id} and w.id = d.webhook_id
		where coalesce(d.sent_at, d.tried_at) >= ${new Date(since).toISOString()}::timestamptz
			and coalesce(d.sent_at, d.tried_at) <= ${ctx.now().toISOString()}::timestamptz`);
	const there = rows.filter((row) => new URL(row.url).host === host);
	const delivered = there.filter(({ state }) => state === "sent").length;
	return there.length >= block.fewest && delivered < block.share * there.length;
}

/** What waits is sent when the block is over, and the try that was not made does not count. */
async function holdBack(ctx: SandboxContext, store: SandboxStore, deliveryId: number): Promise<void> {
	await ctx.db.execute(sql`
		with blocked as (
			select to_timestamp((counters->>'blockedUntil')::float8 / 1000) as until from sandbox.stores where id = ${store.id}
		)
		update sandbox.deliveries d set
			due_at = greatest(b.until, case when d.id = ${deliveryId} then b.until else d.due_at end),
			attempts = d.attempts - case when d.id = ${deliveryId} then 1 else 0 end
		from blocked b
		where d.store_id = ${store.id} and d.state = 'waiting' and (d.id = ${deliveryId} or d.attempts = 0)`);
}
