/** What Shopify is like, as data, by what `sources.basis` names. Figures that Shopify does not state are marked as ours. */
import type { PlatformFacts, StockMoments } from "../platform-facts";

/** Pinned: Shopify keeps a version for at least a year (this one until October 2027 or later). */
export const apiVersion = "2026-10";

/** Rows of an input array, also the largest `first` of a connection. */
export const largestArray = 250;

/** When Shopify takes an order's units out of `available` and when it gives them back. */
export const shopifyMoments = {
	placed_unpaid: {
		effect: "takes",
		words: [],
		when: "When the order is placed, paid or not: available falls and committed rises, until it is cancelled.",
		source: "orders and stock: order placed, available −q, committed +q",
	},
	payment_awaited: null,
	paid: { effect: "leaves", words: [], when: "It was taken when the order was placed.", source: "orders and stock" },
	payment_failed: {
		effect: "leaves",
		words: [],
		when: "A payment that expired or was voided leaves the order open, and its units with it.",
		source: "schema: OrderDisplayFinancialStatus EXPIRED, VOIDED",
	},
	unpaid_again: null,
	shipped: {
		effect: "leaves",
		words: [],
		when: "Fulfilment takes from committed and on hand; available stays.",
		source: "orders and stock: fulfilment, committed −q, on_hand −q",
	},
	units_added: {
		effect: "takes",
		words: [],
		when: "When the edit is committed, whatever available says.",
		source: "schema: orderEditCommit, orderEditAddVariant",
	},
	units_removed: {
		effect: "gives_back",
		words: [],
		when: "When the edit is committed and says restock, as the admin proposes. The order does not tell; a refund line that names the units decides over it.",
		source: "schema: orderEditSetQuantity(restock)",
	},
	cancelled: {
		effect: "gives_back",
		words: [],
		when: "Cancelled with restock: it makes a refund, whose lines say where the units went.",
		source: "orders and stock: orderCancel(restock: true)",
	},
	cancelled_kept: {
		effect: "leaves",
		words: [],
		when: "Cancelled without restock: no refund line says that anything came back.",
		source: "orders and stock: orderCancel(restock: false)",
	},
	partly_cancelled: {
		effect: "gives_back",
		words: ["cancel"],
		when: "When a refund restocks units that were not shipped, at the location that it names.",
		source: "schema: RefundLineItemRestockType CANCEL",
	},
	refunded_restocked: {
		effect: "gives_back",
		words: ["return", "legacy_restock"],
		when: "When a refund restocks units that were shipped, at the location that it names. A return restocked from its reverse fulfilment order shows only as a level.",
		source: "schema: RefundLineItemRestockType RETURN, LEGACY_RESTOCK; webhook reference: refunds/create",
	},
	refunded_kept: {
		effect: "leaves",
		words: ["no_restock"],
		when: "A refund without restock gives back money alone.",
		source: "schema: RefundLineItemRestockType NO_RESTOCK",
	},
	returned_elsewhere: {
		effect: "leaves",
		words: [],
		when: "A refund line that names another location raises available there and not where it was sold from.",
		source: "schema: RefundLineItem.location; webhook reference: refund_line_items.location_id",
	},
	marked_refunded: null,
	trashed: null,
	deleted: {
		effect: "leaves",
		words: [],
		when: "Only archived, cancelled and test orders can be deleted; deleting gives nothing back.",
		source: "schema: orderDelete; that nothing comes back is ours, and the careful reading (R4)",
	},
} as const satisfies StockMoments;

export const shopifyFacts: PlatformFacts = {
	platform: "shopify",
	label: "Shopify",
	writeMode: "compare",
	largestBatch: largestArray,
	batchKey: null,
	// One stale or unknown row leaves the whole call unapplied. Seen for unknown items in recorded replies; for stale rows
	// it follows from the reply's null adjustment group, and nobody has recorded a counter-example.
	oneBadRowFailsAll: true,
	// Ours: Shopify limits cost, not concurrency, and a bucket that runs low slows all of them. With four, 200 sales a
	// second over a round trip of 200 ms waited for a free one (p50 350 ms); with eight they don't (257 ms, 2026-11-24).
	callsInFlight: 8,
	// The search index behind `orders(query:)` trailed writes by about 12 s in recorded replies.
	orderListLagMs: 15_000,
	// Ours: Shopify states no bound. Twice the time after which we give up on an answer.
	lateWriteMs: 60_000,
	// Documentation: an idempotency key is remembered for 24 hours.
	keysRememberedMs: 24 * 3_600_000,
	appliesAfterMs: null,
	renewsAccessAfterMs: null,
	// Checkout refuses what available does not cover, unless a variant says "continue selling when out of stock"
	// (inventoryPolicy CONTINUE): there the merchant has chosen to sell below zero.
	hardFloor: true,
	takesBelowZero: false,
	// Ours: twenty times the search lag.
	pollOverlapMs: 300_000,
	// Ours: a page of orders costs some tens of points of the 100 a second that the smallest plan restores.
	pollEveryMs: { busy: 5_000, quiet: 60_000, withWebhooks: 60_000 },
	// Ours: by the recorded costs, a hundred levels by id are four points, of a hundred that the smallest plan restores a
	// second; at this pace 10,000 listings take twelve minutes.
	rereadEveryMs: 7_000,
	coverage: {
		orders: {
			webhooks: "all",
			stamps: "all",
			words:
				"Webhooks carry the whole order when it is created, changed or cancelled; refunds and edits name an order to read. Polling asks the search index by updated_at, which trails by seconds and holds the last 60 days.",
			source:
				"schema: orders/updated occurs whenever an order is updated, and orders(query: updated_at); recorded: its lag; access scopes: its 60 days",
		},
		levels: {
			webhooks: "all",
			stamps: "none",
			words:
				"inventory_levels/update fires for every change at every location, our own writes included; quick changes may arrive with the same number, so it is a reason to read and never the level. updated_at of a product does not tell of stock.",
			source:
				"schema: it occurs whenever an inventory level is updated; developer community, thread 32284: the same number twice; ours for stamps: nobody states that one moves with stock",
		},
		listings: {
			webhooks: "some",
			stamps: "some",
			words:
				"products/update carries no more than 100 variants and names no deleted one, so the product is read again. What is gone moves no stamp.",
			source: "new product model: the first 100 variants; ours for what is gone: a list shows what there is",
		},
	},
	stockMoments: shopifyMoments,
	// Without read_all_orders ("access scopes"): 60 days.
	orderMemoryMs: 60 * 86_400_000,
	unpaidHold: {
		isShown: true,
		minutes: null,
		source: "orders and stock: an order takes its units when it is placed, and no payment is asked for",
	},
	cancels: {
		// orderCancel (schema): irreversible, for the whole order; with restock it makes a refund of its units, with
		// originalPaymentMethodsRefund of the money, with notifyCustomer an e-mail.
		consequence: "Shopify puts its units back, pays back what was paid and e-mails the buyer; there it can't be undone",
		scope: "write_orders",
	},
	budgetRule:
		"A bucket of cost points for each app and store. Every reply tells what is left of it (extensions.cost.throttleStatus). Spent: HTTP 200 with code THROTTLED; wait until the requested cost is restored.",
	dedupeRule:
		"X-Shopify-Webhook-Id, one for each delivery and the same over its retries. X-Shopify-Event-Id is shared by several deliveries and must not be used.",
	sources: {
		basis:
			'the Admin GraphQL schema 2026-10 (schema), shopify.dev pages of summer 2026 ("API limits", "Implementing idempotency", "Verify webhook deliveries", "Webhooks reference", "Troubleshooting webhooks", and others by name), and recorded replies (recorded)',
		writeMode:
			"schema: inventorySetQuantities takes changeFromQuantity for each row and refuses one that shows something else",
		largestBatch: "API limits: 250 in an input array, for all APIs",
		budgetRule: "API limits; recorded: the reply's throttleStatus",
	},
};

/** What each right is for, in the order in which a merchant ticks them. */
export const wantedScopes = {
	read_products: "to list your products and their SKUs",
	read_inventory: "to read how many units each variant shows",
	write_inventory: "to show the right number of units",
	read_locations: "to know where your stock lies",
	read_orders: "to count what was sold",
} as const;

/** What a store works without. */
export const optionalScopes = {
	write_orders: "to cancel an order that lost its unit, when you say so",
} as const;

/** What an app is asked to be granted. */
export const askedScopes = { ...wantedScopes, ...optionalScopes };

export type Scope = keyof typeof wantedScopes;

/** Rights that were wanted and not granted; write_x carries read_x. */
export function missingScopes(granted: readonly string[]): Scope[] {
	const held = new Set(granted.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
	return (Object.keys(wantedScopes) as Scope[]).filter((scope) => !held.has(scope));
}
