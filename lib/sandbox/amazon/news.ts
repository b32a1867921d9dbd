/**
 * What a change tells, and the way it goes: straight into the queue, or through an event bus whose rule leads there in an
 * envelope of its own. News waits in sandbox.deliveries in the state "queued", which the post of the other platforms leaves alone.
 */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { drawDelivery, knobsOf } from "../knobs";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { drawDelay, settingsOf } from "./settings";

export type Event =
	| { type: "ORDER_CHANGE"; orderId: string; payload: unknown; isPending: boolean }
	| { type: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE"; sku: string; quantity: number }
	| { type: "LISTINGS_ITEM_STATUS_CHANGE"; sku: string; asin: string; createdDate: string; status: string[] };

type Subscription = { id: string; topic: string; resource: Resource | null };
export type Resource = { sqs?: { arn: string }; eventBridge?: { name: string; accountId: string; region: string } };

/** One change of the account: what `work` writes and what it tells are written together or not at all. */
export async function changeAccount<T>(
	ctx: SandboxContext,
	store: SandboxStore,
	work: (tx: Transaction, tell: (...events: Event[]) => void) => Promise<T>,
): Promise<T> {
	return ctx.db.transaction(async (tx) => {
		const events: Event[] = [];
		const result = await work(tx, (...more) => void events.push(...more));
		if (events.length > 0) await tellAll(tx, ctx, store, events);
		return result;
	});
}

async function tellAll(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	events: readonly Event[],
): Promise<void> {
	const subscriptions = await tx.execute<Subscription>(sql`
		select w.id, w.topic, t.data->'resource' as resource from sandbox.webhooks w
		left join sandbox.tokens t on t.store_id = w.store_id and t.kind = 'destination' and t.token = w.url
		where w.store_id = ${store.id} and w.status = 'active'`);
	const settings = settingsOf(store);
	for (const event of events) {
		const subscription = subscriptions.find(({ topic }) => topic === event.type);
		if (!subscription) continue;
		if (event.type === "ORDER_CHANGE" && event.isPending && !settings.tellsPending) continue;
		if (ctx.random() < settings.newsLossRate) continue;
		const isTwice = ctx.random() < settings.newsTwiceRate;
		const first = randomUUID();
		const ids = isTwice ? [first, ctx.random() < 0.5 ? first : randomUUID()] : [first];
		for (const id of ids) {
			const body = bodyOf(ctx, store, event, subscription, id);
			if (body) await enqueue(tx, ctx, store, body, event.type);
		}
	}
}

/** Null: it goes to an event bus that leads nowhere. */
function bodyOf(
	ctx: SandboxContext,
	store: SandboxStore,
	event: Event,
	{ id: subscriptionId, resource }: Subscription,
	notificationId: string,
): string | null {
	const at = ctx.now().toISOString();
	const type = event.type === "LISTINGS_ITEM_STATUS_CHANGE" ? settingsOf(store).statusNewsType : event.type;
	const notification = {
		NotificationVersion: "1.0",
		NotificationType: type,
		PayloadVersion: "1.0",
		EventTime: at,
		Payload: payloadOf(store, event),
		NotificationMetadata: {
			ApplicationId: store.secrets.applicationId ?? "",
			SubscriptionId: subscriptionId,
			PublishTime: at,
			NotificationId: notificationId,
		},
	};
	if (resource?.sqs) return JSON.stringify(notification);
	if (!resource?.eventBridge || !settingsOf(store).hasEventRule) return null;
	return JSON.stringify({
		version: "0",
		id: randomUUID(),
		"detail-type": type,
		source: resource.eventBridge.name,
		account: resource.eventBridge.accountId,
		time: at,
		region: resource.eventBridge.region,
		resources: [],
		detail: notification,
	});
}

function payloadOf(store: SandboxStore, event: Event): unknown {
	const SellerId = store.secrets.sellerId ?? "";
	const { marketplaceId: MarketplaceId } = settingsOf(store);
	switch (event.type) {
		case "ORDER_CHANGE":
			return event.payload;
		case "LISTINGS_ITEM_MFN_QUANTITY_CHANGE":
			return { SellerId, FulfillmentChannelCode: "DEFAULT", Sku: event.sku, Quantity: event.quantity };
		case "LISTINGS_ITEM_STATUS_CHANGE":
			return {
				SellerId,
				MarketplaceId,
				Asin: event.asin,
				Sku: event.sku,
				CreatedDate: event.createdDate,
				Status: event.status,
			};
	}
}

/** Puts a message into the account's queue, to be seen after the delays of Amazon and of the knobs. */
export async function enqueue(
	executor: Executor,
	ctx: SandboxContext,
	store: SandboxStore,
	body: string,
	topic: string,
	delayMs = newsDelayMs(ctx, store),
): Promise<void> {
	const { isLost, delaysMs } = drawDelivery(knobsOf(store), ctx.random);
	for (const more of delaysMs) {
		const dueAt = new Date(ctx.now().getTime() + delayMs + more).toISOString();
		await executor.execute(sql`
			insert into sandbox.deliveries (store_id, webhook_id, topic, resource_id, body, headers, due_at, state)
			values (${store.id}, 'queue', ${topic}, ${randomUUID()}, ${Buffer.from(body)}, ${JSON.stringify({ sentAt: dueAt })}::jsonb, ${dueAt}::timestamptz, ${isLost ? "lost" : "queued"})`);
	}
}

export function newsDelayMs(ctx: SandboxContext, store: SandboxStore): number {
	const { newsMedianMs, newsLongestMs } = settingsOf(store);
	return drawDelay(newsMedianMs, newsLongestMs, ctx.random);
}
