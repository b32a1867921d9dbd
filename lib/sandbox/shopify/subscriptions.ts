/** Webhook subscriptions made by the API. */
import { and, eq, sql } from "drizzle-orm";
import { sandboxWebhooks } from "@/db/schema";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { idOf, mintId } from "./ids";
import { forgetSubscriptions, type Subscription, type SubscriptionData } from "./news";
import { settingsOf } from "./settings";

export type SubscriptionInput = {
	uri?: string | null;
	callbackUrl?: string | null;
	format?: "JSON" | "XML" | null;
	includeFields?: string[] | null;
	filter?: string | null;
	name?: string | null;
};
export type FieldError = { field: string[] | null; message: string };
export type SubscriptionResult = { subscription: Subscription | null; userErrors: FieldError[] };

const largestAddressBytes = 65_536;

/** `ORDERS_CREATE` → `orders/create`; the noun may have several words: `INVENTORY_LEVELS_UPDATE`. */
export const topicHeader = (topic: string): string => {
	const words = topic.toLowerCase().split("_");
	return topic === "REVERSE_FULFILLMENT_ORDERS_DISPOSE"
		? "reverse_fulfillment_orders/dispose"
		: `${words.slice(0, topic === "APP_SCOPES_UPDATE" ? 1 : -1).join("_")}/${topic === "APP_SCOPES_UPDATE" ? "scopes_update" : words.at(-1)}`;
};

export async function createSubscription(
	ctx: SandboxContext,
	store: SandboxStore,
	topic: string,
	input: SubscriptionInput,
): Promise<SubscriptionResult> {
	const uri = (input.uri ?? input.callbackUrl ?? "").trim();
	const userErrors = [
		...checkAddress(uri, settingsOf(store).allowHttpCallbacks),
		...checkName(input.name ?? null),
		...checkRest(input),
	];
	if (userErrors.length > 0) return { subscription: null, userErrors };
	const [number = 0] = await takeIds(ctx.db, store.id, 1);
	const now = ctx.now();
	const data: SubscriptionData = {
		topic,
		includeFields: input.includeFields ?? [],
		name: input.name ?? null,
		updatedAt: now.toISOString(),
	};
	return ctx.db
		.transaction(async (tx) => {
			// One at a time per store: the check for a duplicate and the insert belong together.
			await tx.execute(sql`select pg_advisory_xact_lock(hashtext('shopify subscriptions'), hashtext(${store.id}))`);
			const [taken] = await tx
				.select()
				.from(sandboxWebhooks)
				.where(
					and(
						eq(sandboxWebhooks.storeId, store.id),
						eq(sandboxWebhooks.topic, topicHeader(topic)),
						eq(sandboxWebhooks.url, uri),
					),
				);
			if (taken)
				return { subscription: null, userErrors: [addressError("Address for this topic has already been taken")] };
			const [subscription = null] = await tx
				.insert(sandboxWebhooks)
				.values({
					storeId: store.id,
					id: mintId(number),
					topic: topicHeader(topic),
					url: uri,
					secret: store.secrets.clientSecret ?? "",
					data,
					createdAt: now,
				})
				.returning();
			return { subscription, userErrors: [] };
		})
		.finally(() => forgetSubscriptions(ctx, store.id));
}

export async function deleteSubscription(
	ctx: SandboxContext,
	store: SandboxStore,
	gid: string,
): Promise<{ deletedId: string | null; userErrors: FieldError[] }> {
	const id = idOf("WebhookSubscription", gid);
	const deleted = await ctx.db
		.delete(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.id, id ?? "")))
		.returning();
	forgetSubscriptions(ctx, store.id);
	if (deleted.length > 0) return { deletedId: gid, userErrors: [] };
	return { deletedId: null, userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }] };
}

export async function listSubscriptions(ctx: SandboxContext, store: SandboxStore): Promise<Subscription[]> {
	return ctx.db
		.select()
		.from(sandboxWebhooks)
		.where(eq(sandboxWebhooks.storeId, store.id))
		.orderBy(sql`length(${sandboxWebhooks.id})`, sandboxWebhooks.id);
}

const addressError = (message: string): FieldError => ({ field: ["webhookSubscription", "callbackUrl"], message });

/** `allowHttp`: see ShopifySettings.allowHttpCallbacks, the one deliberate deviation. */
function checkAddress(uri: string, allowHttp: boolean): FieldError[] {
	if (uri === "") return [addressError("Address can't be blank")];
	if (Buffer.byteLength(uri) > largestAddressBytes) return [addressError("Address is too big (maximum is 64 KB)")];
	const protocol = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
	if (!protocol) return [addressError("Address is invalid")];
	if (protocol !== "https" && !(protocol === "http" && allowHttp))
		return [addressError(`Address protocol ${protocol}:// is not supported`)];
	let host: string;
	try {
		host = new URL(uri).hostname;
	} catch {
		return [addressError("Address is invalid")];
	}
	const isInternal = isPrivate(host) || /\.(local|internal)$/.test(host) || (isLoopback(host) && !allowHttp);
	if (/(^|\.)(my)?shopify\.com$/.test(host) || isInternal)
		return [addressError("Address cannot be a Shopify or an internal domain")];
	return [];
}

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127\./.test(host);

const isPrivate = (host: string) =>
	/^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.)/.test(host) ||
	(host.startsWith("[") && host !== "[::1]");

function checkName(name: string | null): FieldError[] {
	const error = (message: string): FieldError => ({ field: ["webhookSubscription", "name"], message });
	if (name === null) return [];
	return [
		...(name === "" ? [error("Name is too short (minimum is 1 character)")] : []),
		...(/^[\w-]+$/.test(name)
			? []
			: [error("Name name field can only contain alphanumeric characters, underscores, and hyphens")]),
	];
}

/** What the sandbox store can't do is refused, never ignored. */
function checkRest(input: SubscriptionInput): FieldError[] {
	const errors: FieldError[] = [];
	if (input.filter)
		errors.push({ field: ["webhookSubscription"], message: "This sandbox store does not evaluate filters." });
	if (input.format === "XML")
		errors.push({ field: ["webhookSubscription", "format"], message: "This sandbox store sends JSON only." });
	return errors;
}
