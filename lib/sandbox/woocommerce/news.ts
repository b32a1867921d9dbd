/**
 * What a change tells, and when it leaves. News waits in a queue that WP-Cron works off: a request to the shop, of any
 * kind, starts a run when the last is a minute old. Of one thing a webhook tells once, however often it changed while it
 * waited, and the body is what it is when it leaves. A failure is never tried again; the seventh in a row switches the
 * webhook off.
 */
import { createHash, createHmac } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { sandboxStores, sandboxWebhooks } from "@/db/schema";
import { storeBaseUrl } from "../context";
import { changeStore, type News, wakePump } from "../news";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { findItem, presentProduct } from "./items";
import { findOrder } from "./order-rows";
import { presentOrder } from "./order-view";
import { hookshot, isBlocked } from "./outbound";
import { settingsOf, type WooSettings } from "./settings";
import { phpJson } from "./wire";

/** Something happened to a thing: `product.updated` of 10. */
export type Event = { topic: string; resourceId: string };

/** Until a run of WP-Cron lets it go, a delivery is due at this moment plus its own delay. */
const parkedAt = Date.UTC(9000, 0, 1);
/** Seen: 0.2 s from the request that starts a run to the delivery. */
const runDelayMs = 200;

export const deliveryDelayMs = (ctx: SandboxContext, store: SandboxStore): number =>
	settingsOf(store).cronEveryMs === 0 ? runDelayMs : parkedAt - ctx.now().getTime();

/** One change of the shop, with what it tells: both are written or neither. */
export function changeShop<T>(
	ctx: SandboxContext,
	store: SandboxStore,
	work: (tx: Transaction, tell: (...events: Event[]) => void) => Promise<T>,
): Promise<T> {
	return changeStore(ctx, store, { deliveryDelayMs }, async (tx, tell) => {
		const events: Event[] = [];
		const result = await work(tx, (...more) => void events.push(...more));
		if (events.length > 0) tell(await newsOf(tx, store.id, events));
		return result;
	});
}

/**
 * A delivery that waits and was not claimed yet will tell of this change too. It is locked until this change is
 * committed, so that it can't leave with the state from before.
 */
async function newsOf(tx: Transaction, storeId: string, events: readonly Event[]): Promise<News[]> {
	const topics = [...new Set(events.map(({ topic }) => topic))];
	const webhooks = await tx
		.select({ id: sandboxWebhooks.id, topic: sandboxWebhooks.topic })
		.from(sandboxWebhooks)
		.where(
			and(
				eq(sandboxWebhooks.storeId, storeId),
				eq(sandboxWebhooks.status, "active"),
				sql`${sandboxWebhooks.topic} in (select jsonb_array_elements_text(${JSON.stringify(topics)}::jsonb))`,
			),
		);
	if (webhooks.length === 0) return [];
	const wanted = new Map<string, News>();
	for (const { topic, resourceId } of events) {
		for (const webhook of webhooks) {
			if (webhook.topic === topic)
				wanted.set(`${webhook.id} ${resourceId}`, { webhookId: webhook.id, topic, resourceId, body: null });
		}
	}
	const rows = [...wanted.values()].map(({ webhookId, resourceId }) => ({ w: webhookId, r: resourceId }));
	const waiting = await tx.execute<{ webhook_id: string; resource_id: string }>(sql`
		select d.webhook_id, d.resource_id from sandbox.deliveries d
		join json_to_recordset(${JSON.stringify(rows)}::json) as n(w text, r text) on n.w = d.webhook_id and n.r = d.resource_id
		where d.store_id = ${storeId} and d.state = 'waiting' and d.attempts = 0
		order by d.id for update of d`);
	for (const { webhook_id, resource_id } of waiting) wanted.delete(`${webhook_id} ${resource_id}`);
	return [...wanted.values()];
}

const shared = globalThis as { onecountWooCron?: WeakMap<Database, Map<string, number>> };

function lastRuns(db: Database): Map<string, number> {
	shared.onecountWooCron ??= new WeakMap();
	let runs = shared.onecountWooCron.get(db);
	if (!runs) {
		runs = new Map();
		shared.onecountWooCron.set(db, runs);
	}
	return runs;
}

/** Whether a request that comes now starts a run. Of requests that come at once, one does. */
export async function startsCron(ctx: SandboxContext, store: SandboxStore, settings: WooSettings): Promise<boolean> {
	if (!settings.hasWpCron || settings.cronEveryMs === 0) return false;
	const runs = lastRuns(ctx.db);
	const now = ctx.now().getTime();
	const last = runs.get(store.id);
	if (last !== undefined && now - last < settings.cronEveryMs) return false;
	const [started] = await ctx.db
		.update(sandboxStores)
		.set({ counters: sql`${sandboxStores.counters} || jsonb_build_object('cronAt', ${now}::bigint)` })
		.where(
			and(
				eq(sandboxStores.id, store.id),
				sql`coalesce((${sandboxStores.counters}->>'cronAt')::bigint, 0) <= ${now - settings.cronEveryMs}::bigint`,
			),
		)
		.returning({ id: sandboxStores.id });
	// Another process has run it; ask again in a while rather than with every request.
	runs.set(store.id, started ? now : Math.max(last ?? 0, now - settings.cronEveryMs + 1_000));
	return started !== undefined;
}

/** One run: everything that waits goes out, each after its own delay. */
export async function runCron(ctx: SandboxContext, storeId: string): Promise<void> {
	const now = ctx.now().getTime();
	const parked = new Date(parkedAt).toISOString();
	// Two looks at the clock lie between a change and its parking, so some are parked a little before the moment.
	const nearly = new Date(parkedAt - 86_400_000).toISOString();
	const [row] = await ctx.db.execute<{ due_at: string | null }>(sql`
		with released as (
			update sandbox.deliveries set due_at = ${new Date(now + runDelayMs).toISOString()}::timestamptz + greatest(due_at - ${parked}::timestamptz, interval '0')
			where store_id = ${storeId} and state = 'waiting' and due_at >= ${nearly}::timestamptz
			returning due_at
		)
		select min(due_at) due_at from released`);
	if (row?.due_at) wakePump(Date.parse(row.due_at));
}

export const buildDelivery: SandboxPlatform["build"] = async (ctx, store, { webhookId, topic, resourceId, secret }) => {
	const home = storeBaseUrl(ctx, store);
	if (!settingsOf(store).mayCallPrivate && (await failsUnsent(ctx, store, home, webhookId))) return null;
	const body = await payload(ctx, store, home, topic, resourceId);
	if (!body) return null;
	const bytes = Buffer.from(phpJson(body));
	const [resource = "", event = ""] = topic.split(".");
	const second = Math.floor(ctx.now().getTime() / 1_000);
	return {
		body: bytes,
		headers: {
			...hookshot(),
			"content-type": "application/json",
			"x-wc-webhook-source": `${home}/`,
			"x-wc-webhook-topic": topic,
			"x-wc-webhook-resource": resource,
			"x-wc-webhook-event": event,
			"x-wc-webhook-signature": createHmac("sha256", secret).update(bytes).digest("base64"),
			"x-wc-webhook-id": webhookId,
			// Of webhook and second: two deliveries of one second share it.
			"x-wc-webhook-delivery-id": createHash("md5").update(`${webhookId} ${second}`).digest("hex"),
		},
	};
};

async function payload(ctx: SandboxContext, store: SandboxStore, home: string, topic: string, resourceId: string) {
	if (topic.endsWith(".deleted")) return { id: Number(resourceId) };
	const call = { home, settings: settingsOf(store) };
	if (topic.startsWith("order.")) {
		const order = await findOrder(ctx.db, store.id, resourceId);
		return order && presentOrder(call, order);
	}
	const item = await findItem(ctx.db, store.id, resourceId);
	return item && presentProduct(call, item);
}

const mostFailures = 7;

/** WordPress finds that it may not call the address, sends nothing, and counts a failure all the same. */
async function failsUnsent(
	ctx: SandboxContext,
	store: SandboxStore,
	home: string,
	webhookId: string,
): Promise<boolean> {
	const where = and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.id, webhookId));
	const [webhook] = await ctx.db.select({ url: sandboxWebhooks.url }).from(sandboxWebhooks).where(where);
	if (!webhook || !isBlocked(webhook.url, home)) return false;
	const failures = sql`${sandboxWebhooks.failures} + 1`;
	const status = sql`case when ${failures} >= ${mostFailures} then 'disabled' else ${sandboxWebhooks.status} end`;
	await ctx.db.update(sandboxWebhooks).set({ failures, status }).where(where);
	return true;
}

export const afterFailures: SandboxPlatform["afterFailures"] = (failures) =>
	failures >= mostFailures ? "disable" : "keep";

export const deliveryRules: SandboxPlatform["delivery"] = {
	connectTimeoutMs: 10_000,
	totalTimeoutMs: 60_000,
	isDelivered: (status) => status >= 200 && status <= 302,
};
