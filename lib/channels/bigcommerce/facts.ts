/** What BigCommerce is like, as data, by what `sources.basis` names. Figures that nobody states are marked as ours. */
import type { PlatformFacts } from "../platform-facts";
import { momentsFor } from "./moments";

/** Rows of one call of adjustments. */
export const largestAdjustment = 2_000;

/** The largest number of a level, and of a change (inventory guide). */
export const largestQuantity = 2_147_483_647;

/** What a new store is set to: taken when placed, given back when cancelled. Each channel's own are in its facts. */
export const bigcommerceMoments = momentsFor({
	takesWhen: "order_placed",
	editsMoveStock: true,
	cancellationsGiveBack: true,
});

export const bigcommerceFacts: PlatformFacts = {
	platform: "bigcommerce",
	label: "BigCommerce",
	writeMode: "delta",
	largestBatch: largestAdjustment,
	batchKey: null,
	// inventory.v3: a 422 answers in place of the transaction. Whether good rows beside a bad one are applied is not stated, so
	// that each store has to show it first (refused-calls.ts).
	oneBadRowFailsAll: true,
	// "Inventory adjustments": no parallel calls, which write.ts holds; three for everything else is ours, of the 3 to 4 that
	// a budget shared by all apps of a store bears.
	callsInFlight: 3,
	// Ours: the list reads what orders are written to; stamps are to the second.
	orderListLagMs: 5_000,
	// Ours: adjustments are applied behind their answer, and no time is promised. A minute is several times what was heard
	// of; longer is safe and slower.
	lateWriteMs: 60_000,
	keysRememberedMs: 0,
	// Ours: most are seen after seconds.
	appliesAfterMs: 10_000,
	renewsAccessAfterMs: null,
	// A checkout refuses what is not available. Not so where the store takes stock only when an order is shipped: `connect`
	// warns of that.
	hardFloor: true,
	// inventory.v3: a relative adjustment to below zero, or below the safety stock, is refused.
	takesBelowZero: false,
	// Stamps are to the second and commits can be late: ours.
	pollOverlapMs: 300_000,
	// Ours: of 150 calls in 30 s that all apps of the store share, a poll is one.
	pollEveryMs: { busy: 5_000, quiet: 60_000, withWebhooks: 60_000 },
	// Ours: 10,000 listings take twelve minutes and a hundredth of the smallest budget.
	rereadEveryMs: 7_000,
	coverage: {
		orders: {
			webhooks: "some",
			stamps: "some",
			words:
				"Webhooks name an order to be read, when it is created, refunded or archived and when its status or addresses change; nothing says that an edit of its products does. Retried for two days, in no order. Polling by min_date_modified sees changes to the second, and no archived orders.",
			source:
				"webhooks.v3: the fields of store/order/updated; Webhooks: retries; orders.v2: min_date_modified; ours for archived orders: nothing says that they are listed",
		},
		levels: {
			webhooks: "some",
			stamps: "some",
			words:
				"store/product and store/sku inventory news tells of changes, our own included, by product or sku and not by location: a reason to read. A channel that sells from another location than the default one asks for stock_changed as well, which tells of every location. A change may move the product's date_modified; for variants nobody promises it.",
			source:
				"webhooks.v3: what the inventory scopes tell; Inventory and Location Webhooks: stock_changed; ours for some: nobody states that every change tells",
		},
		listings: {
			webhooks: "some",
			stamps: "some",
			words:
				"store/product and store/sku news, but not of every field (a global trade number, for one); a deleted product tells nothing of its variants. date_modified moves with a product's own changes. What is gone moves no stamp.",
			source: "webhooks.v3: the fields of store/product/updated; products_catalog.v3: date_modified",
		},
	},
	stockMoments: bigcommerceMoments,
	orderMemoryMs: null,
	unpaidHold: {
		isShown: true,
		minutes: null,
		source: "settings.v3: with order_placed an order takes its units when it is placed, and no payment is asked for",
	},
	cancels: {
		consequence:
			"BigCommerce sets it to Cancelled and mails as the store is set to; its units come back where the store's inventory settings say so, and what was paid is not paid back by this, refund it there",
		scope: "store_v2_orders",
	},
	budgetRule:
		"150 calls in 30 seconds for a store with all its apps (450 on Pro). Every reply tells what is left of them (X-Rate-Limit-Requests-Left). Spent: 429; wait X-Rate-Limit-Time-Reset-Ms. A 429 without these headers, 503 and 507 are the platform's own load.",
	dedupeRule:
		"webhook-id, the same over retries; without it scope and hash. The hash alone is shared by news of different scopes.",
	sources: {
		basis:
			'the OpenAPI documents of its V3 and V2 APIs (inventory.v3, products_catalog.v3, orders.v2, orders.v3, settings.v3, webhooks.v3) and the pages "Inventory adjustments", "Webhooks", "Inventory and Location Webhooks", "API rate limits" and "Authenticating" (autumn 2026); none of it was tried on a live store',
		writeMode:
			"inventory.v3: nothing compares, an absolute adjustment overrides, and a relative one is kept in step with orders",
		largestBatch: "inventory.v3: a payload of up to 2,000 items",
		budgetRule: "API rate limits",
	},
};

/** What each right is for; by its name in an app's scopes. The names in an API account's form are in paste-form.ts. */
export const wantedScopes = {
	store_v2_products_read_only: "to list your products and their SKUs",
	store_inventory: "to read and show the right number of units",
	store_locations_read_only: "to know where your stock lies",
	store_v2_orders_read_only: "to count what was sold",
	store_v2_information_read_only: "to know when your store takes stock for an order",
} as const;

/** What a store works without. */
export const optionalScopes = {
	store_v2_orders: "to cancel an order that lost its unit, when you say so",
} as const;

export type Scope = keyof typeof wantedScopes;

/** Rights that were wanted and not granted; a right without `_read_only` carries the one with it. */
export function missingScopes(granted: readonly string[]): Scope[] {
	const held = new Set(granted.flatMap((scope) => [scope, `${scope}_read_only`]));
	return (Object.keys(wantedScopes) as Scope[]).filter((scope) => !held.has(scope));
}
