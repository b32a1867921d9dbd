/**
 * Which news we ask API2Cart for, and keeping it so: after five tries to tell us of a lost store it switches a webhook off,
 * and of a delivery that we did not take it keeps a note for a day.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WebhookRegistration } from "../news";
import { sharesPath, stateOf } from "../own-webhooks";
import { undeliverable } from "./address";
import { createdWebhook, failedWebhooks, type Webhook, webhookEvents, webhookList } from "./api-types";
import { callA2c } from "./client";
import { isGone } from "./codes";
import { callbackWith } from "./webhook";

/** Of the entities that stores may have events for; the words for a variant differ. */
const wantedEntities = ["order", "product", "variant", "child", "child_item"];
const wantedActions = ["add", "update", "delete"];

/** What a body is to carry: enough to know what to read. */
const bodyFields: Record<string, string> = {
	order: "id,order_id,modified_at",
	product: "id,quantity,modified_at",
	variant: "id,parent_id,product_id,inventory_level,modified_time",
	child: "id,parent_id,product_id,inventory_level,modified_time",
	child_item: "id,parent_id,product_id,inventory_level,modified_time",
};

/** Registration is looked after about every hour; what was missed before that was reported then. */
const missedWithinMs = 60 * 60_000;

/**
 * Ours are the webhooks that point to this channel's path, on whatever host. One that is as wanted stays; one that was
 * switched off is switched on again; any other is made anew before the old one goes. `made` names whatever had a gap, so that
 * what changed in that time is read: what was not there or off until now, and deliveries that we did not take.
 */
export async function registerWebhooks(
	connection: Connection,
	callbackUrl: string,
	secret: string,
): Promise<WebhookRegistration> {
	const ours = await listOurs(connection, callbackUrl);
	const events = await supportedEvents(connection);
	if (events.length === 0 || undeliverable(callbackUrl, connection.baseUrl) !== null) {
		for (const old of ours) await deleteWebhook(connection, old);
		return { state: "unreachable", missing: [] };
	}
	const callback = callbackWith(callbackUrl, secret, storeKeyIn(connection));
	const missing: string[] = [];
	const made: string[] = [];
	const kept = new Set<string>();
	for (const event of events) {
		const standing = ours.find((one) => isOf(one, event) && one.callback === callback);
		if (standing && standing.active === true) kept.add(standing.id);
		else {
			const isMade = standing
				? await switchOn(connection, standing)
				: await createWebhook(connection, event, callback, secret);
			if (isMade && standing) kept.add(standing.id);
			(isMade ? made : missing).push(nameOf(event));
			if (!isMade) for (const one of ours.filter((old) => isOf(old, event))) kept.add(one.id);
		}
	}
	made.push(...(await missedNews(connection, ours)));
	for (const old of ours) if (!kept.has(old.id)) await deleteWebhook(connection, old);
	return { state: stateOf(events, missing), missing, made: [...new Set(made)] };
}

export async function removeWebhooks(connection: Connection, callbackUrl: string): Promise<void> {
	for (const one of await listOurs(connection, callbackUrl)) await deleteWebhook(connection, one);
}

type Event = { entity: string; action: string };
const nameOf = ({ entity, action }: Event) => `${entity}.${action}`;
const isOf = (webhook: Webhook, event: Event) => webhook.entity === event.entity && webhook.action === event.action;

const storeKeyIn = ({ facts, channelId }: Connection): string =>
	typeof facts.storeKey === "string" ? facts.storeKey : channelId;

export async function supportedEvents(connection: Connection): Promise<Event[]> {
	const events = await orRefused(
		callA2c(connection, { verb: "GET", method: "webhook.events" }, webhookEvents).then(({ result }) => result.events),
		[],
	);
	return events.filter(({ entity, action }) => wantedEntities.includes(entity) && wantedActions.includes(action));
}

const pageSize = 250;

async function listOurs(connection: Connection, callbackUrl: string): Promise<Webhook[]> {
	const ours: Webhook[] = [];
	for (let start = 0; ; start += pageSize) {
		// Without being asked it does not say whether one is active.
		const query = { start, count: pageSize, params: "id,entity,action,callback,active,label" };
		const { result } = await callA2c(connection, { verb: "GET", method: "webhook.list", query }, webhookList);
		ours.push(...result.webhook.filter(({ callback }) => sharesPath(callbackUrl, callback ?? "")));
		if (result.webhook.length < pageSize) return ours;
	}
}

const anything = z.unknown();

/** Where API2Cart refuses this alone; what is wrong with the store as a whole is thrown. */
async function orRefused<T>(work: Promise<T>, otherwise: T): Promise<T> {
	try {
		return await work;
	} catch (error) {
		if (error instanceof ChannelError && (error.reason === "refused" || error.reason === "gone")) return otherwise;
		throw error;
	}
}

/** False when API2Cart refuses the webhook itself. */
const isTaken = (work: Promise<unknown>): Promise<boolean> =>
	orRefused(
		work.then(() => true),
		false,
	);

function createWebhook(connection: Connection, event: Event, callback: string, secret: string): Promise<boolean> {
	const print = createHash("sha256").update(callback).update(secret).digest("hex").slice(0, 8);
	const body = {
		...event,
		callback,
		label: `Onecount ${nameOf(event)} (${print})`,
		fields: bodyFields[event.entity],
		active: true,
	};
	return isTaken(callA2c(connection, { verb: "POST", method: "webhook.create", body }, createdWebhook));
}

/** After five failures it is off for good until somebody says otherwise. */
function switchOn(connection: Connection, { id }: Webhook): Promise<boolean> {
	const body = { id: Number(id), active: true };
	return isTaken(callA2c(connection, { verb: "PUT", method: "webhook.update", body }, anything));
}

async function deleteWebhook(connection: Connection, { id }: Webhook): Promise<void> {
	try {
		await callA2c(connection, { verb: "DELETE", method: "webhook.delete", query: { id } }, anything);
	} catch (error) {
		if (!isGone(error)) throw error;
	}
}

/** Deliveries of the last hour that were not taken, as names of what they were about. */
async function missedNews(connection: Connection, ours: readonly Webhook[]): Promise<string[]> {
	if (ours.length === 0) return [];
	const ids = ours.map(({ id }) => id).join(",");
	const since = connection.now().getTime() - missedWithinMs;
	const missed = new Set<string>();
	for (let start = 0; missed.size < ours.length; start += pageSize) {
		const query = { ids, start, count: pageSize };
		const call = { verb: "GET", method: "account.failed_webhooks", isAccountWide: true, query } as const;
		const page = await orRefused(
			callA2c(connection, call, failedWebhooks).then(({ result }) => result.webhook),
			[],
		);
		for (const { webhook_id, time } of page) if (time === null || time >= since) missed.add(webhook_id);
		if (page.length < pageSize) break;
	}
	return ours.filter(({ id }) => missed.has(id)).map(nameOf);
}
