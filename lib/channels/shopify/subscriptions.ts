/** Which news we ask Shopify for, and keeping it so: Shopify deletes a subscription after 8 failed deliveries in a row. */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WebhookRegistration } from "../news";
import { stateOf } from "../own-webhooks";
import { createWebhookReply, deleteWebhookReply, type WebhookNode, webhooksReply } from "./api-types";
import { callShopify, type Reply } from "./client";
import { createWebhookDocument, deleteWebhookDocument, webhooksDocument } from "./documents";

/** Of an order only what stock needs: a buyer's name and address are never sent to us. */
const orderFields = ["id", "name", "created_at", "updated_at", "cancelled_at", "closed_at", "line_items", "refunds"];

/** Topic → the fields we want of it; null: the whole, small body. */
const wanted: Record<string, string[] | null> = {
	ORDERS_CREATE: orderFields,
	ORDERS_UPDATED: orderFields,
	ORDERS_CANCELLED: orderFields,
	ORDERS_EDITED: null,
	ORDERS_DELETE: null,
	REFUNDS_CREATE: ["id", "order_id"],
	INVENTORY_LEVELS_UPDATE: null,
	INVENTORY_LEVELS_CONNECT: null,
	INVENTORY_LEVELS_DISCONNECT: null,
	INVENTORY_ITEMS_UPDATE: null,
	PRODUCTS_CREATE: ["id"],
	PRODUCTS_UPDATE: ["id"],
	PRODUCTS_DELETE: null,
	APP_UNINSTALLED: null,
};

export const wantedTopics = Object.keys(wanted);

/**
 * Ours are the subscriptions that point to this channel's path, on whatever host; others of the same app are left
 * alone. Where the address changed, the new ones stand before the old ones go: twice the news is harmless, none is not.
 * Shopify signs with the app's client secret, so there is no secret to hand over.
 */
export async function registerWebhooks(connection: Connection, callbackUrl: string): Promise<WebhookRegistration> {
	const ours = await listOurs(connection, callbackUrl);
	const standing = new Map<string, WebhookNode>();
	for (const webhook of ours) {
		if (isAsWanted(webhook, callbackUrl) && !standing.has(webhook.topic)) standing.set(webhook.topic, webhook);
	}
	const stale = ours.filter((webhook) => standing.get(webhook.topic) !== webhook);
	// Shopify takes no second one for the same topic and address, so those with other settings make room first.
	for (const webhook of stale) {
		if (webhook.uri === callbackUrl) await deleteWebhook(connection, webhook.id);
	}

	const missing: string[] = [];
	const made: string[] = [];
	let isAddressRefused = false;
	for (const topic of wantedTopics.filter((topic) => !standing.has(topic))) {
		const refusal = isAddressRefused ? "not asked" : await createWebhook(connection, topic, callbackUrl);
		(refusal === null ? made : missing).push(topic);
		if (refusal === null) continue;
		isAddressRefused ||= /^address /i.test(refusal);
	}
	if (isAddressRefused) return { state: "unreachable", missing };

	for (const webhook of stale) {
		if (webhook.uri !== callbackUrl) await deleteWebhook(connection, webhook.id);
	}
	return { state: stateOf(wantedTopics, missing), missing, made };
}

export async function removeWebhooks(connection: Connection, callbackUrl: string): Promise<void> {
	for (const webhook of await listOurs(connection, callbackUrl)) await deleteWebhook(connection, webhook.id);
}

async function listOurs(connection: Connection, callbackUrl: string): Promise<WebhookNode[]> {
	const path = pathOf(callbackUrl);
	const ours: WebhookNode[] = [];
	let after: string | null = null;
	do {
		const page: Reply<Subscriptions> = await callShopify(connection, webhooksDocument, { after }, webhooksReply);
		const { nodes, pageInfo } = page.data.webhookSubscriptions;
		ours.push(...nodes.filter((webhook) => path !== null && pathOf(webhook.uri) === path));
		after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
	} while (after);
	return ours;
}

type Subscriptions = z.output<typeof webhooksReply>;

/** Null for what is no web address (Pub/Sub, EventBridge). */
function pathOf(uri: string): string | null {
	try {
		const url = new URL(uri);
		return /^https?:$/.test(url.protocol) ? url.pathname : null;
	} catch {
		return null;
	}
}

function isAsWanted(webhook: WebhookNode, callbackUrl: string): boolean {
	const fields = wanted[webhook.topic];
	if (fields === undefined || webhook.uri !== callbackUrl || webhook.format !== "JSON" || webhook.filter) return false;
	const sent = webhook.includeFields ?? [];
	return sent.length === (fields?.length ?? 0) && sent.every((field) => fields?.includes(field));
}

/** Null when it stands, else why Shopify refused it: its address, a missing right, or data that the app may not see. */
async function createWebhook(connection: Connection, topic: string, callbackUrl: string): Promise<string | null> {
	const includeFields = wanted[topic];
	const webhook = { uri: callbackUrl, format: "JSON", ...(includeFields ? { includeFields } : {}) };
	try {
		const { data } = await callShopify(connection, createWebhookDocument, { topic, webhook }, createWebhookReply);
		const { webhookSubscription, userErrors } = data.webhookSubscriptionCreate;
		return webhookSubscription ? null : (userErrors[0]?.message ?? "no reason given");
	} catch (error) {
		if (error instanceof ChannelError && error.reason === "missing_scope") return error.message;
		throw error;
	}
}

/** Gone already is as good as deleted. */
async function deleteWebhook(connection: Connection, id: string): Promise<void> {
	await callShopify(connection, deleteWebhookDocument, { id }, deleteWebhookReply);
}
