/** A webhook subscription as GraphQL shows it. */
import { gid } from "./ids";
import { type Subscription, subscriptionData } from "./news";
import { apiVersion } from "./schema";
import { graphTime } from "./times";

export const webhookNode = (row: Subscription) => ({
	__typename: "WebhookSubscription",
	id: gid("WebhookSubscription", row.id),
	legacyResourceId: row.id,
	topic: subscriptionData(row).topic,
	uri: row.url,
	callbackUrl: row.url,
	format: "JSON",
	filter: null,
	name: subscriptionData(row).name,
	includeFields: subscriptionData(row).includeFields,
	metafieldNamespaces: [],
	metafields: [],
	apiVersion: { handle: apiVersion, displayName: apiVersion, supported: true },
	createdAt: graphTime(row.createdAt),
	updatedAt: graphTime(subscriptionData(row).updatedAt),
	endpoint: { __typename: "WebhookHttpEndpoint", callbackUrl: row.url },
});
