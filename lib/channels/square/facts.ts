/** What Square is like, as data, by what `sources.basis` names. Figures that nobody states are marked as ours. */
import type { PlatformFacts, StockMoments } from "../platform-facts";

/** Changes of one call. */
export const largestBatch = 100;

/** When Square lowers a count for an order and when it gives it back. No word: neither state nor payment is in one field. */
export const squareMoments = {
	placed_unpaid: {
		effect: "leaves",
		words: ["OPEN", "DRAFT", "CANCELED"],
		when: "An order without a payment takes nothing, and only such an order can be cancelled.",
		source: "docs, inventory and orders: stock moves when the order is paid or completed; a paid order is refunded",
	},
	payment_awaited: null,
	paid: {
		effect: "takes",
		words: ["COMPLETED"],
		when: "When the order is paid, or completed at a till: each line that names an item of the catalogue. An amount that was typed at the till never does.",
		source: "docs, inventory: only lines with catalog_object_id",
	},
	payment_failed: null,
	unpaid_again: null,
	shipped: {
		effect: "leaves",
		words: [],
		when: "A paid order that is handed over becomes COMPLETED; it took before.",
		source: "docs, orders: fulfilment completes a paid order",
	},
	units_added: null,
	units_removed: null,
	// What is cancelled was never paid, and so it had taken nothing: see placed_unpaid.
	cancelled: null,
	cancelled_kept: null,
	partly_cancelled: null,
	refunded_restocked: {
		effect: "gives_back",
		words: [],
		when: "When whoever refunds an item says that it goes back to stock; an order of its own then names what returned.",
		source: "docs, inventory: SOLD to IN_STOCK with the refund's id",
	},
	refunded_kept: {
		effect: "leaves",
		words: [],
		when: "A refund of an amount, or of items that are not put back to stock.",
		source: "docs, inventory",
	},
	returned_elsewhere: null,
	marked_refunded: null,
	trashed: null,
	deleted: null,
} as const satisfies StockMoments;

export const squareFacts: PlatformFacts = {
	platform: "square",
	label: "Square",
	writeMode: "delta",
	largestBatch,
	batchKey: null,
	// Ours: a call is one change of the ledger; what is wrong with a row is an error of the call.
	oneBadRowFailsAll: true,
	// Ours: limits are not documented (forum: back off exponentially when told).
	callsInFlight: 2,
	// Ours, for Square's own lag: counts and orders are written by its servers together. A till that sells offline brings its
	// orders up to 72 hours late (docs), and until then they are in no count either: count and list are late by the same sale,
	// which no waiting in the list would show. So that is `hardFloor`, and not a lag: with 72 hours here no lost answer could
	// be settled for three days, and nothing would be surer for it.
	orderListLagMs: 10_000,
	// Ours: a call that is still at work after a minute has been given up by every gateway. What lands late keeps the time at
	// which it was sent, so that a recount made meanwhile wins over it. Offline sales are no writes of ours.
	lateWriteMs: 60_000,
	// Docs: keys don't expire. Ours, since one doubled change was reported: an hour, within which nobody saw it.
	keysRememberedMs: 3_600_000,
	appliesAfterMs: null,
	// Docs, OAuth: a token lives 30 days and is to be renewed every 7 days or sooner. Ours: a day in hand.
	renewsAccessAfterMs: 6 * 86_400_000,
	// Docs: a till sells what it is asked for, below zero and offline; only Square Online looks at the count.
	hardFloor: false,
	// Docs: an adjustment is a change of the ledger, whatever the count is. What it then says is the count after it.
	takesBelowZero: true,
	// Ours: late orders are listed by when they changed on Square's side. Deeper costs a page of orders a poll.
	pollOverlapMs: 600_000,
	// Ours, beside undocumented limits: a poll is three calls.
	pollEveryMs: { busy: 5_000, quiet: 30_000, withWebhooks: 30_000 },
	// Ours: two calls for a hundred levels, and a third for zeros that are new. 10,000 listings take ten minutes.
	rereadEveryMs: 6_000,
	coverage: {
		orders: {
			webhooks: "some",
			stamps: "some",
			words:
				"order.created and order.updated carry only the order's id and state; an order made at a till sends no order.created, and its sale may send none at all. Lists by updated_at bring late offline sales when they arrive.",
			source: "spec: what publishes order.created; forum, thread 4287: sales at a till; docs, orders: offline sales",
		},
		levels: {
			webhooks: "some",
			stamps: "some",
			words:
				"inventory.count.updated tells of sales, edits and our own writes, up to 100 counts at once. Counts can be asked for by the time of their last change, which is a cursor of all that moved stock; nobody has watched it for long.",
			source:
				"docs, webhooks: inventory.count.updated; spec: updated_after goes by the server's time of the last change; ours for some: the careful reading",
		},
		listings: {
			webhooks: "none",
			stamps: "some",
			words:
				"catalog.version.updated carries a time and no item, so the catalogue is searched by the time of change instead.",
			source: "docs, webhooks: catalog.version.updated; spec: begin_time of a catalogue search",
		},
	},
	stockMoments: squareMoments,
	orderMemoryMs: null,
	unpaidHold: { isShown: false, minutes: 0, source: "docs, inventory: nothing moves before the payment" },
	// An order that has taken stock is paid, and a paid order can only be refunded.
	cancels: null,
	budgetRule: "Not documented. Over it 429 with RATE_LIMITED and no Retry-After: exponential backoff with jitter.",
	dedupeRule: "event_id, the same over retries.",
	sources: {
		basis:
			"Square's OpenAPI description, version 2025-08-20 (spec), its developer documentation (docs), and answers of its staff in the developer forum (forum)",
		writeMode:
			"spec: adjustments move units between states and physical counts set them; docs, how inventory works: a count swallows what a till sold offline before it, so that numbers are kept by adjustments alone",
		largestBatch: "docs of older SDKs; the spec is silent",
		budgetRule: "forum: Square's staff, who advise to back off",
	},
};
