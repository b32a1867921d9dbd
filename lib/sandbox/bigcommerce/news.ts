/** What a change tells: thin pointers, one for each webhook whose scope it is, each with an id that stays over retries. */
import { createHash, randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { sandboxWebhooks } from "@/db/schema";
import { changeStore, type News } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { deliveryDelayMs } from "./delivery";
import { settingsOf } from "./settings";
import type { Json } from "./wire";

/** `store/order/created` of an order; `data` as it is sent. */
export type Event = { scope: string; data: Json };

export type TellEvents = (...events: Event[]) => void;

/** Of a webhook, beside what every platform's has. */
export type HookData = {
	clientId: string;
	headers: Record<string, string> | null;
	updatedAt: number;
	/** Delivers nothing of what happens before. */
	startsAt: number;
};

/** One change of the store, with what it tells: both are written or neither. */
export function changeShop<T>(
	ctx: SandboxContext,
	store: SandboxStore,
	work: (tx: Transaction, tell: TellEvents) => Promise<T>,
): Promise<T> {
	return changeStore(ctx, store, { deliveryDelayMs }, async (tx, tell) => {
		const events: Event[] = [];
		const result = await work(tx, (...more) => void events.push(...more));
		if (events.length > 0) tell(await newsOf(tx, ctx, store, events));
		return result;
	});
}

async function newsOf(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	events: readonly Event[],
): Promise<News[]> {
	const now = ctx.now().getTime();
	const hooks = await tx
		.select({ id: sandboxWebhooks.id, topic: sandboxWebhooks.topic, data: sandboxWebhooks.data })
		.from(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.status, "active")));
	return hooks.flatMap(({ id, topic, data }): News[] => {
		const { headers, startsAt } = data as HookData;
		if (startsAt > now) return [];
		return events
			.filter(({ scope }) => isCovered(topic, scope))
			.map((event) => ({
				webhookId: id,
				topic: event.scope,
				resourceId: String(event.data.id ?? ""),
				body: bodyOf(store, event, now),
				headers: { ...headers, "webhook-id": `msg_${randomUUID()}` },
			}));
	});
}

/** A webhook's scope may end in a star. */
export const isCovered = (hooked: string, scope: string): boolean =>
	hooked.endsWith("/*") ? scope.startsWith(hooked.slice(0, -1)) : hooked === scope;

/** The hash is of the data and the second, whatever the scope: seen in the official samples. */
function bodyOf(store: SandboxStore, { scope, data }: Event, now: number): Buffer {
	const created = Math.floor(now / 1_000);
	const producer = `stores/${store.secrets.storeHash}`;
	const hash = createHash("sha1").update(JSON.stringify({ data, created, producer })).digest("hex");
	return Buffer.from(JSON.stringify({ scope, store_id: "1025646", data, hash, created_at: created, producer }));
}

export const orderEvent = (event: "created" | "updated" | "archived", orderId: string): Event => ({
	scope: `store/order/${event}`,
	data: { type: "order", id: Number(orderId) },
});

export const statusEvent = (orderId: string, from: number, to: number): Event => ({
	scope: "store/order/statusUpdated",
	data: { type: "order", id: Number(orderId), status: { previous_status_id: from, new_status_id: to } },
});

export const refundEvent = (orderId: string, refundId: number): Event => ({
	scope: "store/order/refund/created",
	data: { type: "order", id: Number(orderId), refund: { refund_id: refundId } },
});

export const productEvent = (event: "created" | "updated" | "deleted", productId: string): Event => ({
	scope: `store/product/${event}`,
	data: { type: "product", id: Number(productId) },
});

export const skuEvent = (
	event: "created" | "updated" | "deleted",
	of: { skuId: number; productId: string; variantId: string },
): Event => ({
	scope: `store/sku/${event}`,
	data: {
		type: "sku",
		id: of.skuId,
		sku: { product_id: Number(of.productId), variant_id: Number(of.variantId) },
	},
});

export const uninstalledEvent = (): Event => ({ scope: "store/app/uninstalled", data: {} });

export const retryDelayMs = (attempt: number, store: SandboxStore): number | null => {
	const seconds = ladder[attempt - 1];
	return seconds === undefined ? null : seconds * 1_000 * settingsOf(store).retryScale;
};

/** Seconds until the next try; after the last the webhook is switched off. */
export const ladder = [60, 180, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 50_400, 86_400] as const;

export const afterFailures = (_failures: number, attempt: number): "keep" | "disable" =>
	attempt > ladder.length ? "disable" : "keep";
