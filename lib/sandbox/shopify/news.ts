/** Who has subscribed to what, and how one event becomes a delivery to each of them. */
import { createHmac, randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { stringify } from "lossless-json";
import type { Database, Executor, Transaction } from "@/db/client";
import { sandboxWebhooks } from "@/db/schema";
import type { Tell } from "../news";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { levelPayload, productPayload } from "./payloads";
import { apiVersion } from "./schema";
import { settingsOf, shopDomain } from "./settings";

export type Subscription = typeof sandboxWebhooks.$inferSelect;
export type SubscriptionData = {
	/** As in the API's enum: `ORDERS_CREATE`. */
	topic: string;
	includeFields: string[];
	name: string | null;
	updatedAt: string;
};
export const subscriptionData = (subscription: Subscription) => subscription.data as SubscriptionData;

/** `body` null: put together when it leaves, from what is true then. */
export type StoreEvent = { topic: string; resourceId: string; body: Record<string, unknown> | null };

const ttlMs = 250;
const shared = globalThis as {
	onecountShopifySubscriptions?: WeakMap<Database, Map<string, { rows: Subscription[]; readAt: number }>>;
};
function cacheOf(db: Database) {
	shared.onecountShopifySubscriptions ??= new WeakMap();
	let cache = shared.onecountShopifySubscriptions.get(db);
	if (!cache) {
		cache = new Map();
		shared.onecountShopifySubscriptions.set(db, cache);
	}
	return cache;
}

/** Within a transaction by that transaction: one that waits for a second connection can wait for ever. */
async function subscriptionsOf(ctx: SandboxContext, store: SandboxStore, executor: Executor): Promise<Subscription[]> {
	const cache = cacheOf(ctx.db);
	const known = cache.get(store.id);
	if (known && performance.now() - known.readAt < ttlMs) return known.rows;
	const rows = await executor
		.select()
		.from(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.status, "active")));
	cache.set(store.id, { rows, readAt: performance.now() });
	return rows;
}

export const forgetSubscriptions = (ctx: SandboxContext, storeId: string): void => void cacheOf(ctx.db).delete(storeId);

/** Everything that one action of the merchant or a buyer causes shares its event id. */
export async function tellSubscribers(
	ctx: SandboxContext,
	store: SandboxStore,
	tx: Transaction,
	tell: Tell,
	events: readonly StoreEvent[],
): Promise<void> {
	const subscriptions = await subscriptionsOf(ctx, store, tx);
	if (subscriptions.length === 0) return;
	const eventId = randomUUID();
	const triggeredAt = ctx.now().toISOString();
	tell(
		events.flatMap((event) =>
			subscriptions
				.filter(({ topic }) => topic === event.topic)
				.map((subscription) => ({
					webhookId: subscription.id,
					topic: event.topic,
					resourceId: event.resourceId,
					body: event.body && bodyFor(subscription, event.body),
					headers: { webhookId: randomUUID(), eventId, triggeredAt },
				})),
		),
	);
}

function bodyFor(subscription: Subscription, payload: Record<string, unknown>): Buffer {
	const { includeFields } = subscriptionData(subscription);
	const wanted =
		includeFields.length === 0
			? payload
			: Object.fromEntries(Object.entries(payload).filter(([name]) => includeFields.includes(name)));
	return Buffer.from(stringify(wanted) ?? "");
}

export function deliveryDelayMs(ctx: SandboxContext, store: SandboxStore): number {
	const { least, most } = settingsOf(store).deliveryDelayMs;
	return least + (most - least) * ctx.random();
}

/** For `changeStore`. */
export const shopifyDelays = { deliveryDelayMs };

export const buildDelivery: SandboxPlatform["build"] = async (ctx, store, delivery) => {
	const body = delivery.body ?? (await lateBody(ctx, store, delivery));
	if (!body) return null;
	return {
		body,
		headers: {
			"Content-Type": "application/json",
			"User-Agent": "Shopify-Captain-Hook",
			"X-Shopify-Topic": delivery.topic,
			"X-Shopify-Hmac-Sha256": createHmac("sha256", delivery.secret).update(body).digest("base64"),
			"X-Shopify-Shop-Domain": shopDomain(store),
			"X-Shopify-API-Version": apiVersion,
			"X-Shopify-Webhook-Id": delivery.headers.webhookId ?? "",
			"X-Shopify-Event-Id": delivery.headers.eventId ?? "",
			"X-Shopify-Triggered-At": delivery.headers.triggeredAt ?? "",
		},
	};
};

async function lateBody(
	ctx: SandboxContext,
	store: SandboxStore,
	{ webhookId, topic, resourceId }: { webhookId: string; topic: string; resourceId: string },
): Promise<Buffer | null> {
	const payload = topic.startsWith("products/")
		? await productPayload(ctx, store, resourceId)
		: await levelPayload(ctx, store, resourceId);
	if (!payload) return null;
	const subscription = (await subscriptionsOf(ctx, store, ctx.db)).find(({ id }) => id === webhookId);
	return subscription ? bodyFor(subscription, payload) : Buffer.from(stringify(payload) ?? "");
}

const growingGapsMinutes = [1, 2, 4, 8, 16, 32, 64, 113];

/** Eight retries over four hours. */
export function retryDelayMs(attempt: number, store: SandboxStore): number | null {
	const minutes = growingGapsMinutes[attempt - 1];
	return minutes === undefined ? null : minutes * 60_000 * settingsOf(store).retryScale;
}

/**
 * A subscription made by the API is deleted after eight failed retries of one delivery with no success in between. A
 * receiver that is down for a minute of many events keeps it: its failures are many, but none is the eighth retry.
 */
export const afterFailures = (failures: number, attempt: number): "keep" | "delete" =>
	failures > growingGapsMinutes.length && attempt > growingGapsMinutes.length ? "delete" : "keep";
