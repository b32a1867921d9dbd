/** Amazon's JSON, as far as we read it. Words that Amazon adds over the years are read as text, never refused. */
import { z } from "zod";
import { orOdd } from "../odd-rows";

const moment = z
	.string()
	.transform((text) => Date.parse(text))
	.refine((at) => !Number.isNaN(at), "is not a date");

const strings = z.array(z.string()).nullish();

export const issue = z.object({
	code: z.string(),
	message: z.string(),
	severity: z.string(),
	attributeNames: strings,
	enforcements: z.object({ actions: z.array(z.object({ action: z.string() })).nullish() }).nullish(),
});
export type Issue = z.output<typeof issue>;

const money = z.object({
	amount: z.union([z.string(), z.number()]).transform(String),
	currencyCode: z.string().nullish(),
});

const summary = z.object({
	marketplaceId: z.string(),
	asin: z.string().nullish(),
	productType: z.string().nullish(),
	status: strings,
	fnSku: z.string().nullish(),
	itemName: z.string().nullish(),
	createdDate: moment.nullish(),
	lastUpdatedDate: moment.nullish(),
	mainImage: z.object({ link: z.string() }).nullish(),
});

const relationship = z.object({
	type: z.string(),
	childSkus: strings,
	parentSkus: strings,
	variationTheme: z.object({ attributes: strings }).nullish(),
});

export const item = z.object({
	sku: z.string().min(1),
	summaries: z.array(summary).nullish(),
	/** Free in form: what each product type asks for. */
	attributes: z.record(z.string(), z.unknown()).nullish(),
	issues: z.array(issue).nullish(),
	offers: z
		.array(z.object({ marketplaceId: z.string(), offerType: z.string().nullish(), price: money.nullish() }))
		.nullish(),
	/** What is available now, over all marketplaces; `quantity` is left out where Amazon counts nothing. */
	fulfillmentAvailability: z
		.array(z.object({ fulfillmentChannelCode: z.string(), quantity: z.number().int().nullish() }))
		.nullish(),
	relationships: z.array(z.object({ relationships: z.array(relationship).nullish() })).nullish(),
});
export type Item = z.output<typeof item>;

export const itemSearch = z.object({
	numberOfResults: z.number().int(),
	pagination: z.object({ nextToken: z.string().nullish() }).nullish(),
	items: z.array(item),
});

export const submission = z.object({
	sku: z.string(),
	status: z.string(),
	submissionId: z.string(),
	issues: z.array(issue).nullish(),
});

const orderItem = z.object({
	orderItemId: z.string(),
	quantityOrdered: z.number().int(),
	product: z.object({ sellerSku: z.string().nullish(), title: z.string().nullish() }),
	fulfillment: z
		.object({ quantityFulfilled: z.number().int().nullish(), quantityUnfulfilled: z.number().int().nullish() })
		.nullish(),
	cancellation: z
		.object({
			cancellationExecution: z
				.object({ cancelledBy: z.string().nullish(), cancelReason: z.string().nullish() })
				.nullish(),
		})
		.nullish(),
});
export type OrderItem = z.output<typeof orderItem>;

export const order = z.object({
	orderId: z.string().min(1),
	createdTime: moment,
	lastUpdatedTime: moment,
	fulfillment: z.object({ fulfillmentStatus: z.string(), fulfilledBy: z.string().nullish() }).nullish(),
	orderItems: z.array(orderItem),
});
export type Order = z.output<typeof order>;

export const orderSearch = z.object({
	orders: z.array(orOdd(order, order.pick({ orderId: true }))),
	pagination: z.object({ nextToken: z.string().nullish() }).nullish(),
	lastUpdatedBefore: z.string().nullish(),
});
export const orderReply = z.object({ order });

export const participations = z.object({
	payload: z.array(
		z.object({
			marketplace: z.object({ id: z.string(), name: z.string().nullish(), defaultCurrencyCode: z.string().nullish() }),
			participation: z.object({ isParticipating: z.boolean(), hasSuspendedListings: z.boolean().nullish() }),
			storeName: z.string().nullish(),
		}),
	),
});
export type Participation = z.output<typeof participations>["payload"][number];

/** Feeds and reports alike: `IN_QUEUE`, `IN_PROGRESS`, `DONE`, `CANCELLED` or `FATAL`. */
const processing = { processingStatus: z.string(), createdTime: moment };
export const report = z.object({ reportId: z.string(), reportDocumentId: z.string().nullish(), ...processing });
export const reports = z.object({ reports: z.array(report) });
export const reportMade = z.object({ reportId: z.string() });
export const feed = z.object({ feedId: z.string(), resultFeedDocumentId: z.string().nullish(), ...processing });
export const feedMade = z.object({ feedId: z.string() });
export const feedDocumentMade = z.object({ feedDocumentId: z.string(), url: z.string() });
export const document = z.object({ url: z.string(), compressionAlgorithm: z.string().nullish() });
export type Document = z.output<typeof document>;

const feedIssue = z.object({
	/** Neither this nor the SKU: it is about the feed as a whole. */
	messageId: z.number().int().nullish(),
	sku: z.string().nullish(),
	code: z.union([z.string(), z.number()]).transform(String).nullish(),
	severity: z.string(),
	message: z.string(),
});
export type FeedIssue = z.output<typeof feedIssue>;
export const feedResult = z.object({ issues: z.array(feedIssue).default([]) });

const destination = z.object({
	destinationId: z.string(),
	resource: z.object({
		sqs: z.object({ arn: z.string() }).nullish(),
		eventBridge: z.object({ accountId: z.string(), region: z.string() }).nullish(),
	}),
});
export type Destination = z.output<typeof destination>;
export const destinations = z.object({ payload: z.array(destination).nullish() });
export const destinationMade = z.object({ payload: destination });
const subscription = z.object({ subscriptionId: z.string(), destinationId: z.string() });
export type Subscription = z.output<typeof subscription>;
export const subscriptionReply = z.object({ payload: subscription });

export const token = z.object({
	access_token: z.string().min(1),
	expires_in: z.number().positive(),
	refresh_token: z.string().nullish(),
});

/** Of the login host, which is another kind of server. */
export const loginError = z.object({ error: z.string(), error_description: z.string().nullish() });

export const errorList = z.object({
	errors: z
		.array(z.object({ code: z.string(), message: z.string().default(""), details: z.string().nullish() }))
		.min(1),
});
