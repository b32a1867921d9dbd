/**
 * Every GraphQL document that we send. Each is validated against the official schema by documents.test.ts; what the
 * schema cannot see (inventorySetQuantities demands @idempotent, and changeFromQuantity even where it is null) is held
 * by the sandbox store and by write.test.ts.
 */

export const storeDocument = /* GraphQL */ `
query Store {
	shop { name myshopifyDomain ianaTimezone currencyCode plan { publicDisplayName } }
	currentAppInstallation { accessScopes { handle } }
}`;

export const locationsDocument = /* GraphQL */ `
query Locations($after: String) {
	locations(first: 100, after: $after, includeInactive: true) {
		nodes { id name isActive }
		pageInfo { hasNextPage endCursor }
	}
}`;

export const inventoryProbeDocument = /* GraphQL */ `
query InventoryProbe {
	inventoryItems(first: 1) { nodes { id tracked inventoryLevels(first: 1) { nodes { quantities(names: ["available"]) { name quantity } } } } }
}`;

const variantFields = /* GraphQL */ `
fragment VariantFields on ProductVariant {
	id sku barcode price requiresComponents
	selectedOptions { name value }
	inventoryItem {
		id tracked
		inventoryLevel(locationId: $location) @include(if: $atLocation) { quantities(names: ["available"]) { name quantity } }
	}
}`;

const productFields = /* GraphQL */ `
fragment ProductFields on Product {
	id title updatedAt isGiftCard hasOnlyDefaultVariant onlineStoreUrl
	featuredMedia { preview { image { url } } }
	variants(first: 100) {
		nodes { ...VariantFields }
		pageInfo { hasNextPage endCursor }
	}
}`;

export const productsDocument = /* GraphQL */ `
query Products($first: Int!, $after: String, $query: String, $sortKey: ProductSortKeys!, $location: ID!, $atLocation: Boolean!, $count: Boolean!) {
	products(first: $first, after: $after, query: $query, sortKey: $sortKey) {
		nodes { ...ProductFields }
		pageInfo { hasNextPage endCursor }
	}
	productVariantsCount(limit: null) @include(if: $count) { count }
}
${productFields}
${variantFields}`;

export const productDocument = /* GraphQL */ `
query Product($id: ID!, $location: ID!, $atLocation: Boolean!) {
	product(id: $id) { ...ProductFields }
}
${productFields}
${variantFields}`;

export const moreVariantsDocument = /* GraphQL */ `
query MoreVariants($id: ID!, $after: String!, $location: ID!, $atLocation: Boolean!) {
	product(id: $id) {
		variants(first: 100, after: $after) {
			nodes { ...VariantFields }
			pageInfo { hasNextPage endCursor }
		}
	}
}
${variantFields}`;

export const levelsDocument = /* GraphQL */ `
query Levels($ids: [ID!]!, $location: ID!) {
	nodes(ids: $ids) {
		__typename
		... on InventoryItem {
			id tracked
			inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity updatedAt } }
		}
	}
}`;

/** Sizes are such that one whole order stays below 1,000 points even if nested connections were charged in full. */
const orderFields = /* GraphQL */ `
fragment OrderFields on Order {
	id name createdAt updatedAt cancelledAt closedAt
	lineItems(first: 50) {
		nodes { ...LineFields }
		pageInfo { hasNextPage endCursor }
	}
	refunds(first: 10) {
		id
		refundLineItems(first: 20) {
			nodes { ...RefundLineFields }
			pageInfo { hasNextPage endCursor }
		}
	}
}
fragment LineFields on LineItem {
	id sku name quantity currentQuantity
	variant { id }
}
fragment RefundLineFields on RefundLineItem {
	quantity restockType
	location { id }
	lineItem { id }
}`;

export const ordersDocument = /* GraphQL */ `
query Orders($first: Int!, $after: String, $query: String!) {
	orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
		nodes { ...OrderFields }
		pageInfo { hasNextPage endCursor }
	}
}
${orderFields}`;

export const orderDocument = /* GraphQL */ `
query Order($id: ID!) {
	order(id: $id) { ...OrderFields }
}
${orderFields}`;

export const moreLinesDocument = /* GraphQL */ `
query MoreLines($id: ID!, $after: String!) {
	order(id: $id) {
		lineItems(first: 250, after: $after) {
			nodes { id sku name quantity currentQuantity variant { id } }
			pageInfo { hasNextPage endCursor }
		}
	}
}`;

export const moreRefundLinesDocument = /* GraphQL */ `
query MoreRefundLines($id: ID!, $after: String) {
	refund(id: $id) {
		refundLineItems(first: 250, after: $after) {
			nodes { quantity restockType location { id } lineItem { id } }
			pageInfo { hasNextPage endCursor }
		}
	}
}`;

export const refundIdsDocument = /* GraphQL */ `
query RefundIds($id: ID!) {
	order(id: $id) { refunds(first: 250) { id } }
}`;

export const setQuantitiesDocument = /* GraphQL */ `
mutation SetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
	inventorySetQuantities(input: $input) @idempotent(key: $key) {
		inventoryAdjustmentGroup {
			id
			changes { name quantityAfterChange item { id } }
		}
		userErrors { code field message }
	}
}`;

export const cancelOrderDocument = /* GraphQL */ `
mutation CancelOrder($id: ID!, $note: String!) {
	orderCancel(
		orderId: $id
		reason: INVENTORY
		restock: true
		notifyCustomer: true
		refundMethod: { originalPaymentMethodsRefund: true }
		staffNote: $note
	) {
		job { id done }
		orderCancelUserErrors { code field message }
	}
}`;

export const webhooksDocument = /* GraphQL */ `
query Webhooks($after: String) {
	webhookSubscriptions(first: 100, after: $after) {
		nodes { id topic uri format filter includeFields }
		pageInfo { hasNextPage endCursor }
	}
}`;

export const createWebhookDocument = /* GraphQL */ `
mutation CreateWebhook($topic: WebhookSubscriptionTopic!, $webhook: WebhookSubscriptionInput!) {
	webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhook) {
		webhookSubscription { id }
		userErrors { field message }
	}
}`;

export const deleteWebhookDocument = /* GraphQL */ `
mutation DeleteWebhook($id: ID!) {
	webhookSubscriptionDelete(id: $id) {
		deletedWebhookSubscriptionId
		userErrors { field message }
	}
}`;

export const allDocuments: Record<string, string> = {
	storeDocument,
	locationsDocument,
	inventoryProbeDocument,
	productsDocument,
	productDocument,
	moreVariantsDocument,
	levelsDocument,
	ordersDocument,
	orderDocument,
	moreLinesDocument,
	moreRefundLinesDocument,
	refundIdsDocument,
	setQuantitiesDocument,
	cancelOrderDocument,
	webhooksDocument,
	createWebhookDocument,
	deleteWebhookDocument,
};
