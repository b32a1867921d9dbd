/** Where the app's news goes, and which of it each seller's account tells. */
import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { sandboxWebhooks } from "@/db/schema";
import type { Resource } from "./news";
import { queueArn } from "./queue";
import { findToken, listTokens, putToken } from "./tokens";
import { type Answer, type Call, invalidInput, notFound, SpError } from "./wire";

type DestinationData = { name: string; resource: Resource };

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const present = (id: string, { name, resource }: DestinationData) => ({ destinationId: id, name, resource });

const conflict = (message: string) => new SpError(409, "Conflict", message);

export async function getDestinations({ ctx, store }: Call): Promise<Answer> {
	const rows = await listTokens<DestinationData>(ctx.db, store.id, "destination");
	return { body: { payload: rows.map(({ token, data }) => present(token, data)) } };
}

/** One for each queue and each event bus; the queue must be there and let Amazon in. */
export async function createDestination({ ctx, store, body }: Call): Promise<Answer> {
	if (!isObject(body) || typeof body.name !== "string" || !isObject(body.resourceSpecification)) throw invalidInput();
	const resource = readResource(body.resourceSpecification, store.secrets.applicationId ?? "");
	if (resource.sqs && resource.sqs.arn !== queueArn)
		throw invalidInput("The queue does not exist, or its policy does not let Amazon send to it.");
	const known = await listTokens<DestinationData>(ctx.db, store.id, "destination");
	const isSame = (other: Resource) =>
		resource.sqs
			? other.sqs?.arn === resource.sqs.arn
			: other.eventBridge?.accountId === resource.eventBridge?.accountId;
	if (known.some(({ data }) => isSame(data.resource)))
		throw conflict("A destination with this resource already exists.");
	const id = randomUUID();
	const data: DestinationData = { name: body.name, resource };
	await putToken(ctx.db, store.id, { token: id, kind: "destination", data, createdAt: ctx.now() });
	return { body: { payload: present(id, data) } };
}

function readResource({ sqs, eventBridge }: Record<string, unknown>, applicationId: string): Resource {
	if (isObject(sqs) && typeof sqs.arn === "string" && /^arn:aws:sqs:\S+:\S+:\S+/.test(sqs.arn))
		return { sqs: { arn: sqs.arn } };
	if (isObject(eventBridge) && typeof eventBridge.accountId === "string" && typeof eventBridge.region === "string") {
		const { accountId, region } = eventBridge;
		return {
			eventBridge: {
				name: `aws.partner/sellingpartnerapi.amazon.com/${accountId}/${applicationId}`,
				accountId,
				region,
			},
		};
	}
	throw invalidInput();
}

/** Which way each type travels. */
const ways: Record<string, "sqs" | "eventBridge"> = {
	ORDER_CHANGE: "sqs",
	FEED_PROCESSING_FINISHED: "sqs",
	REPORT_PROCESSING_FINISHED: "sqs",
	LISTINGS_ITEM_MFN_QUANTITY_CHANGE: "eventBridge",
	LISTINGS_ITEM_STATUS_CHANGE: "eventBridge",
	LISTINGS_ITEM_ISSUES_CHANGE: "eventBridge",
};

async function find({ ctx, store, parts }: Call) {
	const where = and(eq(sandboxWebhooks.storeId, store.id), eq(sandboxWebhooks.topic, parts[0] ?? ""));
	const [row] = await ctx.db.select().from(sandboxWebhooks).where(where);
	return row ?? null;
}

type Row = NonNullable<Awaited<ReturnType<typeof find>>>;
const presentSubscription = (row: Row) => ({ subscriptionId: row.id, destinationId: row.url, ...row.data });

export async function getSubscription(call: Call): Promise<Answer> {
	const row = await find(call);
	if (!row) throw notFound("There is no subscription of this type.");
	return { body: { payload: presentSubscription(row) } };
}

export async function createSubscription(call: Call): Promise<Answer> {
	const { ctx, store, body, parts } = call;
	const [type = ""] = parts;
	const way = ways[type];
	if (!way || !isObject(body) || typeof body.payloadVersion !== "string" || typeof body.destinationId !== "string")
		throw invalidInput();
	const destination = await findToken<DestinationData>(ctx.db, store.id, "destination", body.destinationId);
	if (!destination?.data.resource[way]) throw invalidInput(`${type} can't be sent to this destination.`);
	const { processingDirective } = body;
	const filter =
		isObject(processingDirective) && isObject(processingDirective.eventFilter) ? processingDirective.eventFilter : null;
	if (type === "ORDER_CHANGE" && filter?.eventFilterType !== "ORDER_CHANGE")
		throw invalidInput("eventFilterType is required for this notification type.");
	if (await find(call)) throw conflict("A subscription of this type already exists.");
	const [row] = await ctx.db
		.insert(sandboxWebhooks)
		.values({
			storeId: store.id,
			id: randomUUID(),
			topic: type,
			url: body.destinationId,
			secret: "",
			data: { payloadVersion: body.payloadVersion, ...(filter ? { processingDirective } : {}) },
			createdAt: ctx.now(),
		})
		.returning();
	if (!row) throw new Error("The subscription was not written.");
	return { body: { payload: presentSubscription(row) } };
}

export async function deleteSubscription(call: Call): Promise<Answer> {
	const row = await find(call);
	if (!row || row.id !== call.parts[1]) throw notFound("There is no such subscription.");
	await call.ctx.db
		.delete(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, call.store.id), eq(sandboxWebhooks.id, row.id)));
	return { body: {} };
}
