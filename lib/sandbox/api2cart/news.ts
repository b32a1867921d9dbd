/**
 * What API2Cart tells. It looks at the store behind by itself (as it does where a cart has no webhooks of its own), finds
 * what moved since it last looked, and tells of it late, perhaps twice, in no order, with a body put together when it
 * leaves. A lost store is told of five times with an empty body, and then the webhook is switched off.
 */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { type News, queueNews, wakePump } from "../news";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { type Behind, type Cart, openCart, shelfOf } from "./carts";
import { keepFields, parseFields } from "./fields";
import { presentChild, presentProduct, shownId } from "./present";
import { presentOrder } from "./present-order";
import { settingsOf } from "./settings";
import type { Moved } from "./views/view";

export type WebhookData = {
	storeKey: string;
	entity: string;
	action: string;
	label: string | null;
	fields: string;
	responseFields: string | null;
	createdAt: string;
	updatedAt: string;
};
type Hook = { id: string; topic: string; data: WebhookData; created_at: string };

const lostTopic = "connection.lost";
const lostTries = 5;

export const deliveryDelayMs: SandboxPlatform["deliveryDelayMs"] = (ctx, store) => {
	const { least, most } = settingsOf(store).newsDelayMs;
	return least + (most - least) * ctx.random();
};

const activeHooks = (db: Executor, account: SandboxStore, storeKey: string) =>
	db.execute<Hook>(sql`
		select id, topic, data, created_at from sandbox.webhooks
		where store_id = ${account.id} and status = 'active' and data->>'storeKey' = ${storeKey} order by length(id), id`);

/** Looks once: what moved since the last look is queued for whoever asked for it. */
export async function lookForNews(ctx: SandboxContext, account: SandboxStore, cart: Cart): Promise<void> {
	const settings = settingsOf(account);
	if (!settings.isConnected) return tellLost(ctx, account, cart);
	const due = await ctx.db.transaction(async (tx) => {
		const now = ctx.now();
		const hooks = await activeHooks(tx, account, cart.storeKey);
		if (hooks.length === 0) return null;
		// Counted from the first webhook: nobody asked for what was before.
		const [looked] = await tx.execute<{ looked_at: string }>(sql`
			update sandbox.tokens t set data = t.data - 'lostAt' || jsonb_build_object('lookedAt', ${now.toISOString()}::text)
			from (select token, data->>'lookedAt' as looked_at from sandbox.tokens where store_id = ${account.id} and token = ${cart.storeKey} for update) before
			where t.store_id = ${account.id} and t.token = before.token
			returning coalesce(before.looked_at, ${hooks[0]?.created_at ?? now.toISOString()}::text) as looked_at`);
		if (!looked) return null;
		const moved = await cart.view.moved(shelfOf(ctx, account.id, cart, tx), new Date(looked.looked_at), now);
		const news = hooks.flatMap((hook) => newsFor(hook, moved, now));
		return queueNews(tx, ctx, account, { deliveryDelayMs }, news);
	});
	if (due !== null) wakePump(due);
}

function newsFor(hook: Hook, moved: Moved, now: Date): News[] {
	const { entity, action } = hook.data;
	const about = (resourceId: string): News => ({
		webhookId: hook.id,
		topic: hook.topic,
		resourceId,
		body: null,
		headers: { at: now.toISOString() },
	});
	const isAsked = ({ isNew }: { isNew: boolean }) => isNew === (action === "add");
	if (entity === "order") return moved.orders.filter(isAsked).map(({ id }) => about(id));
	if (entity === "product") return moved.products.filter(isAsked).map(({ id }) => about(id));
	return action === "update" ? moved.children.map(({ id, productId }) => about(`${productId} ${id}`)) : [];
}

/** Five empty posts to each webhook, the gap doubling. */
async function tellLost(ctx: SandboxContext, account: SandboxStore, cart: Cart): Promise<void> {
	const now = ctx.now();
	const hooks = await activeHooks(ctx.db, account, cart.storeKey);
	if (hooks.length === 0) return;
	const [isFirst] = await ctx.db.execute<{ token: string }>(sql`
		update sandbox.tokens set data = data || jsonb_build_object('lostAt', ${now.toISOString()}::text)
		where store_id = ${account.id} and token = ${cart.storeKey} and not data ? 'lostAt' returning token`);
	if (!isFirst) return;
	const { lostStoreStepMs } = settingsOf(account);
	for (const hook of hooks) {
		for (let index = 0; index < lostTries; index++) {
			const dueAt = new Date(now.getTime() + lostStoreStepMs * (2 ** index - 1)).toISOString();
			await ctx.db.execute(sql`
				insert into sandbox.deliveries (store_id, webhook_id, topic, resource_id, headers, due_at)
				values (${account.id}, ${hook.id}, ${lostTopic}, ${cart.storeKey}, ${JSON.stringify({ left: String(lostTries - 1 - index) })}::jsonb, ${dueAt}::timestamptz)`);
		}
	}
	wakePump(now.getTime());
}

export const buildDelivery =
	(behind: Behind): SandboxPlatform["build"] =>
	async (ctx, account, { webhookId, topic, resourceId, headers }) => {
		const [hook] = await ctx.db.execute<Hook>(
			sql`select id, topic, data, created_at from sandbox.webhooks where store_id = ${account.id} and id = ${webhookId}`,
		);
		if (!hook) return null;
		const about = {
			"content-type": "application/json",
			"x-webhook-store-id": "1",
			"x-webhook-entity": hook.data.entity,
			"x-webhook-action": hook.data.action,
		};
		const isConnected = settingsOf(account).isConnected;
		if (topic === lostTopic)
			return isConnected ? null : lostDelivery(ctx, account, webhookId, about, headers.left ?? "0");
		const cart = await openCart(ctx, behind, account, hook.data.storeKey);
		const entity = cart && isConnected ? await entityOf(ctx, account, cart, hook, resourceId) : null;
		if (!entity) return null;
		return {
			body: Buffer.from(JSON.stringify(limited(hook.data, entity))),
			headers: { ...about, "x-webhook-error-code": "0" },
		};
	};

async function lostDelivery(
	ctx: SandboxContext,
	account: SandboxStore,
	webhookId: string,
	about: Record<string, string>,
	left: string,
) {
	if (left === "0")
		await ctx.db.execute(
			sql`update sandbox.webhooks set status = 'disabled' where store_id = ${account.id} and id = ${webhookId}`,
		);
	return {
		body: Buffer.alloc(0),
		headers: {
			...about,
			"x-webhook-error-code": "100",
			"x-webhook-error-reason": "Store connection is lost",
			"x-webhook-error-message": "Store API access error.",
			"x-webhook-error-try-count": left,
		},
	};
}

/** As `{entity}.info` would give it now; null: gone meanwhile. */
async function entityOf(ctx: SandboxContext, account: SandboxStore, cart: Cart, hook: Hook, resourceId: string) {
	const settings = settingsOf(account);
	if (hook.data.entity === "order") {
		const [order] = await cart.view.orders(
			shelfOf(ctx, account.id, cart),
			{ ids: [resourceId] },
			{ offset: 0, limit: 1 },
		);
		return order ? presentOrder({ cart, settings }, order) : null;
	}
	const [productId = "", childId] = resourceId.split(" ");
	const [product] = await cart.view.products(
		shelfOf(ctx, account.id, cart),
		{ ids: [productId] },
		{ offset: 0, limit: 1 },
	);
	if (!product) return null;
	if (childId === undefined) return presentProduct(settings, product);
	const child = product.children.find(({ id }) => id === childId);
	return child ? { ...presentChild(settings, product, child), product_id: shownId(settings, product) } : null;
}

function limited({ fields, responseFields }: WebhookData, entity: Record<string, unknown>): unknown {
	if (responseFields) {
		const whole = keepFields({ result: entity }, parseFields(responseFields)) as { result?: unknown };
		return whole.result ?? {};
	}
	if (fields === "force_all") return entity;
	const wanted = fields.split(",").map((field) => field.trim());
	return Object.fromEntries(Object.entries(entity).filter(([name]) => wanted.includes(name)));
}
