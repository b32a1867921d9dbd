/**
 * Which news we ask Square for. A subscription belongs to an app and not to a merchant, so that it needs the app's own
 * personal access token; for the token of a merchant who agreed (OAuth) Square refuses it, and the channel is polled.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { attempt } from "../checks";
import { ChannelError } from "../errors";
import type { WebhookRegistration } from "../news";
import { sharesPath, unlessGone } from "../own-webhooks";
import { type Subscription, subscriptionOne, subscriptions } from "./api-types";
import { allPages, apiVersion, type Call, callSquare } from "./client";
import { writeSecret } from "./webhook";

export const wantedEvents = [
	"inventory.count.updated",
	"order.created",
	"order.updated",
	"oauth.authorization.revoked",
] as const;

const path = "/v2/webhooks/subscriptions";

/** Ours are those that point to this channel's path, on whatever host. The key that signs is Square's to make. */
export async function registerWebhooks(connection: Connection, callbackUrl: string): Promise<WebhookRegistration> {
	try {
		const [standing, ...doubles] = await listOurs(connection, callbackUrl);
		const isWhole = standing !== undefined && isAsWanted(standing, callbackUrl);
		if (standing && !isWhole) await update(connection, standing, callbackUrl);
		const { signature_key } = standing
			? await retrieve(connection, standing.id)
			: await create(connection, callbackUrl);
		if (!signature_key) throw new ChannelError("unreadable", "Square did not say which key signs its news.");
		for (const old of doubles) await remove(connection, old);
		const { merchantId } = connection.facts;
		const secret = writeSecret({
			signatureKey: signature_key,
			merchantId: String(merchantId),
			notificationUrl: callbackUrl,
		});
		return { state: "registered", missing: [], made: isWhole ? [] : [...wantedEvents], secret };
	} catch (error) {
		// An address that Square does not call (https alone), or a token that is none of the app's.
		if (error instanceof ChannelError && (error.reason === "refused" || isOfToken(connection, error)))
			return { state: "unreachable", missing: [...wantedEvents] };
		throw error;
	}
}

/** A merchant's token may not ask for news; of the app's own, which stands beside the account's, nothing else depends. */
const isOfToken = ({ access }: Connection, { reason }: ChannelError): boolean =>
	reason === "missing_scope" || (reason === "access_revoked" && Boolean(access.personalToken));

/** False: the app's own token, which is there for that alone, is not good for it. */
export async function mayAskForNews(connection: Connection): Promise<boolean> {
	const answer = await attempt(() => asApp(connection, { method: "GET", path }, subscriptions));
	return !(answer instanceof ChannelError && isOfToken(connection, answer));
}

export async function removeWebhooks(connection: Connection, callbackUrl: string): Promise<void> {
	for (const one of await listOurs(connection, callbackUrl)) await remove(connection, one);
}

const asApp = <T>(connection: Connection, call: Call, shape: z.ZodType<T>) =>
	callSquare(connection, call, shape, connection.access.personalToken || connection.access.accessToken);

const isAsWanted = (one: Subscription, callbackUrl: string) =>
	one.enabled &&
	one.notification_url === callbackUrl &&
	one.api_version === apiVersion &&
	[...one.event_types].sort().join() === [...wantedEvents].sort().join();

async function listOurs(connection: Connection, callbackUrl: string): Promise<Subscription[]> {
	const pages = await allPages(({ cursor }) => {
		const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
		return asApp(connection, { method: "GET", path: `${path}?include_disabled=true${query}` }, subscriptions);
	});
	const all = pages.flatMap((page) => page.subscriptions);
	return all.filter((one) => sharesPath(callbackUrl, one.notification_url));
}

async function retrieve(connection: Connection, id: string): Promise<Subscription> {
	return (await asApp(connection, { method: "GET", path: `${path}/${id}` }, subscriptionOne)).subscription;
}

const wanted = (callbackUrl: string) => ({
	name: "Onecount",
	event_types: wantedEvents,
	notification_url: callbackUrl,
	api_version: apiVersion,
});

async function create(connection: Connection, callbackUrl: string): Promise<Subscription> {
	const body = { idempotency_key: randomUUID(), subscription: wanted(callbackUrl) };
	return (await asApp(connection, { method: "POST", path, body }, subscriptionOne)).subscription;
}

/** Also switches on again what Square switched off after weeks of failures. */
async function update(connection: Connection, { id }: Subscription, callbackUrl: string): Promise<void> {
	const body = { subscription: { ...wanted(callbackUrl), enabled: true } };
	await asApp(connection, { method: "PUT", path: `${path}/${id}`, body }, subscriptionOne);
}

async function remove(connection: Connection, { id }: Subscription): Promise<void> {
	await unlessGone(asApp(connection, { method: "DELETE", path: `${path}/${id}` }, z.unknown()));
}
