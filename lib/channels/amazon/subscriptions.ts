/** Which news we ask Amazon to put into the queue. Its types travel two ways, and each needs a destination of its own. */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { WebhookRegistration } from "../news";
import { type Destination, destinationMade, destinations, type Subscription, subscriptionReply } from "./api-types";
import { AmazonError, type Call, callAmazon, encode, isGone } from "./client";
import { appOf } from "./login";
import { arnOf, type Queue, queueOf } from "./queue";

const path = "/notifications/v1";

type Way = "sqs" | "eventBridge";
type Wanted = { way: Way; payloadVersion: string; processingDirective?: unknown };

/** Through an event bus come those that a rule there has to lead on into the queue; without the rule they come to nothing. */
const wanted: Record<string, Wanted> = {
	ORDER_CHANGE: {
		way: "sqs",
		payloadVersion: "1.0",
		processingDirective: { eventFilter: { eventFilterType: "ORDER_CHANGE" } },
	},
	LISTINGS_ITEM_MFN_QUANTITY_CHANGE: { way: "eventBridge", payloadVersion: "1.0" },
	LISTINGS_ITEM_STATUS_CHANGE: { way: "eventBridge", payloadVersion: "1.0" },
};

const wantedTypes = Object.keys(wanted);

/** Amazon's own calls go by seconds; a registration may wait for its turns. */
const patienceMs = 15_000;

const callNotifications = <T>(connection: Connection, call: Call, shape: z.ZodType<T>) =>
	callAmazon(connection, { ...call, patienceMs }, shape);

/** Idempotent: what stands is found and kept. Without a queue, or without the app's own keys, there is nobody to tell. */
export async function registerWebhooks(connection: Connection): Promise<WebhookRegistration> {
	const queue = queueOf(connection);
	const place = queue && arnOf(queue);
	if (!queue || !place || !appOf(connection)) return { state: "unreachable", missing: [] };
	const known = await listDestinations(connection);
	const byWay = new Map<Way, string | null>();
	for (const way of ["sqs", "eventBridge"] as const)
		byWay.set(way, await ensureDestination(connection, known, way, queue, place));
	const missing: string[] = [];
	const made: string[] = [];
	for (const [type, want] of Object.entries(wanted)) {
		const destinationId = byWay.get(want.way);
		const end = destinationId ? await ensureSubscription(connection, type, want, destinationId) : "refused";
		if (end === "refused") missing.push(type);
		if (end === "made") made.push(type);
	}
	return { state: missing.includes("ORDER_CHANGE") ? "unreachable" : "registered", missing, made };
}

/** The destinations stay: they are the app's, and other sellers may be told by them. */
export async function removeWebhooks(connection: Connection): Promise<void> {
	if (!queueOf(connection) || !appOf(connection)) return;
	for (const type of wantedTypes) {
		const standing = await findSubscription(connection, type);
		if (standing) await deleteSubscription(connection, type, standing);
	}
}

const listDestinations = async (connection: Connection): Promise<Destination[]> =>
	(
		await callNotifications(
			connection,
			{ operation: "getDestinations", method: "GET", path: `${path}/destinations`, as: "app" },
			destinations,
		)
	).payload ?? [];

const leadsTo = (
	{ resource }: Destination,
	way: Way,
	{ region }: Queue,
	{ arn, accountId }: { arn: string; accountId: string },
) =>
	way === "sqs"
		? resource.sqs?.arn === arn
		: resource.eventBridge?.accountId === accountId && resource.eventBridge.region === region;

/** Null when Amazon refuses it, mostly since the queue does not let it in. */
async function ensureDestination(
	connection: Connection,
	known: readonly Destination[],
	way: Way,
	queue: Queue,
	place: { arn: string; accountId: string },
): Promise<string | null> {
	const standing = known.find((one) => leadsTo(one, way, queue, place));
	if (standing) return standing.destinationId;
	const resourceSpecification =
		way === "sqs" ? { sqs: { arn: place.arn } } : { eventBridge: { accountId: place.accountId, region: queue.region } };
	const body = { name: `Onecount ${way}`, resourceSpecification };
	try {
		const call: Call = {
			operation: "createDestination",
			method: "POST",
			path: `${path}/destinations`,
			as: "app",
			body,
		};
		return (await callNotifications(connection, call, destinationMade)).payload.destinationId;
	} catch (error) {
		if (isConflict(error)) {
			// Somebody made it meanwhile.
			const again = (await listDestinations(connection)).find((one) => leadsTo(one, way, queue, place));
			return again?.destinationId ?? null;
		}
		if (isRefusal(error)) return null;
		throw error;
	}
}

const isConflict = (error: unknown) => error instanceof AmazonError && error.status === 409;
const isRefusal = (error: unknown) =>
	error instanceof ChannelError && (error.reason === "refused" || error.reason === "missing_scope");

/** A seller has one subscription of a type; one that leads elsewhere makes room. */
async function ensureSubscription(
	connection: Connection,
	type: string,
	{ payloadVersion, processingDirective }: Wanted,
	destinationId: string,
): Promise<"stands" | "made" | "refused"> {
	const standing = await findSubscription(connection, type);
	if (standing?.destinationId === destinationId) return "stands";
	try {
		if (standing) await deleteSubscription(connection, type, standing);
		const body = { payloadVersion, destinationId, ...(processingDirective ? { processingDirective } : {}) };
		await callNotifications(
			connection,
			{ operation: "createSubscription", method: "POST", path: `${path}/subscriptions/${type}`, body },
			subscriptionReply,
		);
		return "made";
	} catch (error) {
		// Somebody made it meanwhile, and perhaps not long ago.
		if (isConflict(error))
			return (await findSubscription(connection, type))?.destinationId === destinationId ? "made" : "refused";
		if (isRefusal(error)) return "refused";
		throw error;
	}
}

async function findSubscription(connection: Connection, type: string): Promise<Subscription | null> {
	try {
		const call: Call = { operation: "getSubscription", method: "GET", path: `${path}/subscriptions/${type}` };
		return (await callNotifications(connection, call, subscriptionReply)).payload;
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

async function deleteSubscription(
	connection: Connection,
	type: string,
	{ subscriptionId }: Subscription,
): Promise<void> {
	try {
		const at = `${path}/subscriptions/${type}/${encode(subscriptionId)}`;
		const call: Call = { operation: "deleteSubscriptionById", method: "DELETE", path: at, as: "app" };
		await callNotifications(connection, call, z.unknown());
	} catch (error) {
		if (!isGone(error)) throw error;
	}
}
