/**
 * Which news we ask WooCommerce for, and keeping it so: a webhook is switched off at its seventh failure in a row, and
 * from then on its news is lost without a word (seen).
 */
import { createHash } from "node:crypto";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WebhookRegistration } from "../news";
import { hostOf, isPrivateHost, sharesPath, stateOf, unlessGone } from "../own-webhooks";
import { type Webhook, webhook, webhooks } from "./api-types";
import { callWoo } from "./client";
import { walkIds } from "./paging";

export const wantedTopics = [
	"order.created",
	"order.updated",
	"order.deleted",
	"product.created",
	"product.updated",
	"product.deleted",
] as const;

/**
 * Ours are the webhooks that point to this channel's path, on whatever host. One that is as wanted stays; any other is
 * made anew before the old one goes: twice the news is harmless, none is not. That includes those that were switched off,
 * since one that is switched on again keeps its six failures and goes off at the next (seen).
 */
export async function registerWebhooks(
	connection: Connection,
	callbackUrl: string,
	secret: string,
): Promise<WebhookRegistration> {
	// WooCommerce decodes HTML entities in a secret before it signs.
	if (!/^[A-Za-z0-9_-]{16,}$/.test(secret))
		throw new Error("a WooCommerce webhook's secret is 16 or more letters and digits");
	const ours = await listOurs(connection, callbackUrl);
	if (undeliverable(callbackUrl, connection.baseUrl) !== null) {
		for (const old of ours) await deleteWebhook(connection, old);
		return { state: "unreachable", missing: [...wantedTopics] };
	}
	const standing = new Map<string, Webhook>();
	for (const one of ours) {
		const isAsWanted =
			one.status === "active" && one.delivery_url === callbackUrl && one.name === nameOf(one.topic, secret);
		if (isAsWanted && isWanted(one.topic) && !standing.has(one.topic)) standing.set(one.topic, one);
	}
	const missing: string[] = [];
	const made: string[] = [];
	for (const topic of wantedTopics.filter((topic) => !standing.has(topic)))
		((await createWebhook(connection, topic, callbackUrl, secret)) ? made : missing).push(topic);
	for (const old of ours) {
		const isReplaced = !missing.includes(old.topic);
		if (standing.get(old.topic) !== old && isReplaced) await deleteWebhook(connection, old);
	}
	return { state: stateOf(wantedTopics, missing), missing, made };
}

export async function removeWebhooks(connection: Connection, callbackUrl: string): Promise<void> {
	for (const one of await listOurs(connection, callbackUrl)) await deleteWebhook(connection, one);
}

const isWanted = (topic: string) => (wantedTopics as readonly string[]).includes(topic);

/** WooCommerce shows no secret, so the name carries a print of it: another secret is told by another name. */
function nameOf(topic: string, secret: string): string {
	const print = createHash("sha256").update(`woocommerce webhook ${secret}`).digest("hex").slice(0, 8);
	return `Onecount ${topic} (${print})`;
}

async function listOurs(connection: Connection, callbackUrl: string): Promise<Webhook[]> {
	const ours: Webhook[] = [];
	let next: string | null = null;
	do {
		const walked: { rows: Webhook[]; next: string | null } = await walkIds(
			next,
			async (query) => (await callWoo(connection, { method: "GET", path: "/webhooks", query }, webhooks)).data,
		);
		ours.push(...walked.rows.filter((one) => sharesPath(callbackUrl, one.delivery_url)));
		next = walked.next;
	} while (next);
	return ours;
}

/** False when WooCommerce refuses the webhook itself, or us to make it; what is wrong with the shop as a whole is thrown. */
async function createWebhook(
	connection: Connection,
	topic: string,
	callbackUrl: string,
	secret: string,
): Promise<boolean> {
	try {
		const body = { name: nameOf(topic, secret), topic, delivery_url: callbackUrl, secret };
		await callWoo(connection, { method: "POST", path: "/webhooks", body }, webhook);
		return true;
	} catch (error) {
		if (error instanceof ChannelError && ["refused", "missing_scope"].includes(error.reason)) return false;
		throw error;
	}
}

async function deleteWebhook(connection: Connection, { id }: Webhook): Promise<void> {
	await unlessGone(callWoo(connection, { method: "DELETE", path: `/webhooks/${id}`, query: { force: true } }, webhook));
}

/**
 * Why WordPress would not deliver to an address, or null. Seen: it calls no private or loopback address and no port but
 * 80, 443 and 8080, unless the host is the shop's own; the shop counts each attempt as a failure.
 */
export function undeliverable(callbackUrl: string, shopUrl: string): string | null {
	const to = new URL(callbackUrl);
	if (hostOf(to) === hostOf(new URL(shopUrl))) return null;
	if (isPrivateHost(hostOf(to))) return `WordPress delivers no news to ${to.host}, which is a private address`;
	if (to.port !== "" && to.port !== "8080") return `WordPress delivers no news to port ${to.port}`;
	return null;
}
