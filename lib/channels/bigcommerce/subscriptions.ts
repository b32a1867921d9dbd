/**
 * Which news we ask BigCommerce for, and keeping it so: a webhook is switched off after two days of failures, or when it
 * had nothing to tell for ninety days, and from then on says nothing.
 */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WebhookRegistration } from "../news";
import { hostOf, isPrivateHost, sharesPath, stateOf, unlessGone } from "../own-webhooks";
import { isAtBigCommerce } from "./address";
import { oneWebhook, type Webhook, webhooks } from "./api-types";
import { callBigCommerce } from "./client";
import { readSecret, secretHeader, stockChanged, writeSecret } from "./webhook";

export const wantedScopes = [
	"store/order/created",
	"store/order/updated",
	"store/order/statusUpdated",
	"store/order/archived",
	"store/order/refund/created",
	"store/product/created",
	"store/product/updated",
	"store/product/deleted",
	"store/product/inventory/updated",
	"store/product/inventory/order/updated",
	"store/sku/created",
	"store/sku/updated",
	"store/sku/deleted",
	"store/sku/inventory/updated",
	"store/sku/inventory/order/updated",
	"store/app/uninstalled",
] as const;

/** Every store has it, and ships from it (locations.v3). */
const defaultLocationRef = "1";

/** Nobody states that the news of products and skus tells of other locations than the default one. */
const scopesFor = ({ locationRef }: Connection): readonly string[] =>
	["", defaultLocationRef].includes(locationRef) ? wantedScopes : [...wantedScopes, stockChanged];

/**
 * Ours are the webhooks of this token's app or account that point to this channel's path, on whatever host. One of each
 * scope is brought into the wanted state where it stands (a second one with the same address is refused); the rest go.
 * What is kept as the secret gets the client secret beside our word, as soon as the channel has one.
 */
export async function registerWebhooks(
	connection: Connection,
	callbackUrl: string,
	secret: string,
): Promise<WebhookRegistration> {
	const scopes = scopesFor(connection);
	const ours = await listOurs(connection, callbackUrl);
	if (undeliverable(callbackUrl, connection.baseUrl) !== null) {
		for (const one of ours) await deleteWebhook(connection, one);
		return { state: "unreachable", missing: [...scopes] };
	}
	const { ours: word } = readSecret(secret);
	const kept = writeSecret({ ours: word, clientSecret: connection.access.clientSecret || null });
	const wish = { destination: callbackUrl, is_active: true, headers: { [secretHeader]: word } };
	const standing = new Map<string, Webhook>();
	for (const one of bestFirst(ours, wish))
		if (scopes.includes(one.scope) && !standing.has(one.scope)) standing.set(one.scope, one);
	// First, so that none of them stands in the way of an address.
	for (const one of ours) if (standing.get(one.scope) !== one) await deleteWebhook(connection, one);
	const missing: string[] = [];
	const made: string[] = [];
	for (const scope of scopes) {
		const one = standing.get(scope);
		if (one && isAsWished(one, wish)) continue;
		// Switched off, it told of nothing; with another address or word, of nothing that we heard.
		const isMade = one
			? await tryTo(connection, "PUT", `/v3/hooks/${one.id}`, { scope, ...wish })
			: await tryTo(connection, "POST", "/v3/hooks", { scope, ...wish });
		(isMade ? made : missing).push(scope);
	}
	return { state: stateOf(scopes, missing), missing, made, ...(kept !== secret && { secret: kept }) };
}

export async function removeWebhooks(connection: Connection, callbackUrl: string): Promise<void> {
	for (const one of await listOurs(connection, callbackUrl)) await deleteWebhook(connection, one);
}

type Wish = Pick<Webhook, "destination" | "is_active"> & { headers: Record<string, string> };

const isAsWished = (one: Webhook, wish: Wish) =>
	one.is_active && one.destination === wish.destination && one.headers?.[secretHeader] === wish.headers[secretHeader];

const bestFirst = (all: readonly Webhook[], wish: Wish) =>
	[...all].sort((a, b) => Number(isAsWished(b, wish)) - Number(isAsWished(a, wish)));

const pageSize = 250;

async function listOurs(connection: Connection, callbackUrl: string): Promise<Webhook[]> {
	const ours: Webhook[] = [];
	for (let page = 1; ; page++) {
		const call = { method: "GET" as const, path: "/v3/hooks", query: { page, limit: pageSize } };
		const { data } = await callBigCommerce(connection, call, webhooks);
		ours.push(...data.data.filter((one) => sharesPath(callbackUrl, one.destination)));
		if (data.data.length < pageSize) return ours;
	}
}

/** False when BigCommerce refuses the webhook itself, or us to make it; what is wrong with the store as a whole is thrown. */
async function tryTo(connection: Connection, method: "POST" | "PUT", path: string, body: unknown): Promise<boolean> {
	try {
		await callBigCommerce(connection, { method, path, body }, oneWebhook);
		return true;
	} catch (error) {
		if (error instanceof ChannelError && ["refused", "missing_scope", "gone"].includes(error.reason)) return false;
		throw error;
	}
}

async function deleteWebhook(connection: Connection, { id }: Webhook): Promise<void> {
	await unlessGone(callBigCommerce(connection, { method: "DELETE", path: `/v3/hooks/${id}` }, z.unknown()));
}

/** Why BigCommerce would not deliver to an address, or null: it takes https on port 443 alone, and calls from the internet. A sandbox beside us takes any. */
export function undeliverable(callbackUrl: string, baseUrl: string): string | null {
	const to = new URL(callbackUrl);
	if (!isAtBigCommerce(baseUrl) && hostOf(to) === hostOf(new URL(baseUrl))) return null;
	if (isPrivateHost(hostOf(to))) return `BigCommerce can't reach ${to.host}, which is a private address`;
	if (to.protocol !== "https:") return `BigCommerce delivers no news to ${to.protocol}// addresses`;
	return to.port === "" ? null : `BigCommerce delivers no news to port ${to.port}`;
}
