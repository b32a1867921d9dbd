/**
 * What a change tells. One application's subscriptions hear of all of its merchants; each piece of news is fixed when it
 * happens, signed over the subscription's address and the body, and tried again for a day.
 */
import { createHmac } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { sandboxWebhooks } from "@/db/schema";
import { changeStore, type News, type Tell } from "../news";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import type { Moved } from "./ledger";
import { newId, settingsOf } from "./settings";

export const deliveryDelayMs: SandboxPlatform["deliveryDelayMs"] = (_ctx, store) => settingsOf(store).deliveryDelayMs;

export const changeAccount = <T>(
	ctx: SandboxContext,
	store: SandboxStore,
	work: (tx: Transaction, tell: Tell) => Promise<T>,
): Promise<T> => changeStore(ctx, store, { deliveryDelayMs }, work);

export type Event = { type: string; data: { type: string; id: string; object?: unknown } };

const uuid = (random: () => number) => {
	const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
	return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
};

export async function newsOf(
	db: Executor,
	ctx: SandboxContext,
	store: SandboxStore,
	events: readonly Event[],
): Promise<News[]> {
	if (events.length === 0) return [];
	const subscriptions = await db
		.select({ id: sandboxWebhooks.id, topic: sandboxWebhooks.topic })
		.from(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.status, "active")));
	return events.flatMap((event) => {
		const body = Buffer.from(
			JSON.stringify({
				merchant_id: store.secrets.merchantId,
				type: event.type,
				event_id: uuid(ctx.random),
				created_at: ctx.now().toISOString(),
				data: event.data,
			}),
		);
		return subscriptions
			.filter(({ topic }) => topic.split(",").includes(event.type))
			.map(({ id }) => ({ webhookId: id, topic: event.type, resourceId: event.data.id, body }));
	});
}

const countsAtOnce = 100;

/** A move between states tells of both counts at once. */
export function countsNews(
	db: Executor,
	ctx: SandboxContext,
	store: SandboxStore,
	moved: readonly Moved[],
): Promise<News[]> {
	const counts = moved.flatMap(({ count, changedStates }) =>
		changedStates.map((state) => ({
			calculated_at: new Date(count.calculated_at).toISOString(),
			catalog_object_id: count.variation_id,
			catalog_object_type: "ITEM_VARIATION",
			location_id: count.location_id,
			quantity: state === "SOLD" ? count.sold : count.quantity,
			state,
		})),
	);
	const events: Event[] = [];
	for (let i = 0; i < counts.length; i += countsAtOnce)
		events.push({
			type: "inventory.count.updated",
			data: {
				type: "inventory_counts",
				id: uuid(ctx.random),
				object: { inventory_counts: counts.slice(i, i + countsAtOnce) },
			},
		});
	return newsOf(db, ctx, store, events);
}

export const build: SandboxPlatform["build"] = async (ctx, store, { webhookId, body, secret, attempt }) => {
	const [subscription] = await ctx.db
		.select({ url: sandboxWebhooks.url })
		.from(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.id, webhookId)));
	if (!subscription || !body) return null;
	return {
		body,
		headers: {
			"content-type": "application/json",
			"user-agent": "Square Connect v2",
			"square-environment": "Production",
			"x-square-hmacsha256-signature": createHmac("sha256", secret)
				.update(subscription.url)
				.update(body)
				.digest("base64"),
			...(attempt > 1 && { "square-retry-number": String(attempt - 1) }),
		},
	};
};

export const deliveryRules: SandboxPlatform["delivery"] = {
	connectTimeoutMs: 10_000,
	totalTimeoutMs: 10_000,
	isDelivered: (status) => status >= 200 && status <= 299,
};

const minuteMs = 60_000;
const firstMinutes = [1, 2, 4, 8, 16, 32];
/** An hour and three minutes in six tries, then hourly until a day is over. */
const mostTries = firstMinutes.length + 23;

export const retryDelayMs: SandboxPlatform["retryDelayMs"] = (attempt) =>
	attempt > mostTries ? null : (firstMinutes[attempt - 1] ?? 60) * minuteMs;

/** Three weeks without one success: about as many hourly tries. */
const mostFailures = 21 * 24;

export const afterFailures: SandboxPlatform["afterFailures"] = (failures) =>
	failures >= mostFailures ? "disable" : "keep";

export const newSubscriptionId = (random: () => number) => `wbhk_${newId(random, 32).toLowerCase()}`;
