/**
 * What Magento 2 with Multi Source Inventory is like, as data, by what `sources.basis` names. There is no vendor's server: each
 * store has its own version, modules, host and cache. Figures that nobody states are marked as ours.
 */
import type { PlatformFacts, StockMoments } from "../platform-facts";

/** Rows of one call, where the store's version does not take fewer. */
export const largestBatch = 500;

const engine = "PHP source: order placement, cancellation, shipment, invoice and credit memo against reservations";

/** What lowers and raises the salable quantity; `words` are states of an order. */
export const magentoMoments = {
	placed_unpaid: {
		effect: "takes",
		words: ["new", "pending_payment"],
		when: "When the order is placed, paid or not: a reservation of its units. What lies at the source stays.",
		source: engine,
	},
	payment_awaited: {
		effect: "takes",
		words: ["payment_review", "holded"],
		when: "When the order is placed: a payment that somebody has to approve keeps its units, and so does an order on hold.",
		source: engine,
	},
	paid: { effect: "leaves", words: ["processing"], when: "It was taken when the order was placed.", source: engine },
	payment_failed: {
		effect: "gives_back",
		words: [],
		when: "When the placement itself fails, or a payment under review is denied, which cancels the order. Any other order that stands and is not paid keeps its units until it is cancelled.",
		source: `${engine}; a payment's denial registers a cancellation`,
	},
	unpaid_again: null,
	shipped: {
		effect: "leaves",
		words: ["complete"],
		when: "The shipment takes the units from its source and ends their reservation: salable stays as it is. A download does so with its invoice.",
		source: engine,
	},
	units_added: null,
	units_removed: null,
	cancelled: {
		effect: "gives_back",
		words: ["canceled"],
		when: "When it is cancelled: what is neither shipped nor invoiced.",
		source: engine,
	},
	cancelled_kept: null,
	partly_cancelled: {
		effect: "gives_back",
		words: [],
		when: "Cancelling an order that is shipped or invoiced in part: the rest of its units. A credit memo with “Return to Stock” for what did not leave yet.",
		source: engine,
	},
	refunded_restocked: {
		effect: "gives_back",
		words: [],
		when: "A credit memo with “Return to Stock”. No answer tells of the tick, so that it is found in the level.",
		source: engine,
	},
	refunded_kept: {
		effect: "leaves",
		words: ["closed"],
		when: "A credit memo without “Return to Stock”: what was not shipped yet is taken from its source, with its reservation.",
		source: engine,
	},
	returned_elsewhere: null,
	marked_refunded: null,
	trashed: null,
	deleted: null,
} as const satisfies StockMoments;

export const magentoFacts: PlatformFacts = {
	platform: "magento",
	label: "Magento",
	writeMode: "over_reservations",
	largestBatch,
	batchKey: null,
	// PHP source: all rows are validated before one is saved, and the answer names no row.
	oneBadRowFailsAll: true,
	// Writes at once collide in the indexer (inventory #2933, #2835, #2969): one at a time.
	callsInFlight: 1,
	// Ours: the lists read the tables that orders are written to; an order's stamp is taken before its transaction commits,
	// and payment and observers of other modules run inside of it.
	orderListLagMs: 5_000,
	// Ours: a write of source items indexes within the request, which took up to a minute (inventory #2306), and may wait for
	// the lock of another.
	lateWriteMs: 120_000,
	keysRememberedMs: 0,
	// Ours: a consumer that waits for messages takes one up within a second; 100 rows take another.
	appliesAfterMs: 3_000,
	renewsAccessAfterMs: null,
	// Products may be sold on backorder, and a checkout looks at what is salable before it reserves, without a lock.
	hardFloor: false,
	takesBelowZero: false,
	// Ours: deep enough for a commit that took minutes.
	pollOverlapMs: 300_000,
	// Ours: an empty list by an indexed stamp costs 50 to 200 ms of PHP, and a poll reads three (orders, shipments, credit memos).
	pollEveryMs: { busy: 10_000, quiet: 30_000, withWebhooks: 30_000 },
	// Ours: a hundred SKUs are two pages of salable quantities, each product a few look-ups inside the store, and one of
	// source items: one PHP process, for a quarter of the time. 10,000 listings take fourteen minutes.
	rereadEveryMs: 6_000,
	coverage: {
		orders: {
			webhooks: "none",
			stamps: "some",
			words:
				"Magento Open Source sends no news. A partial shipment may leave an order's stamp as it is, so that shipments and credit memos are read by the time of their making as well. Whether a credit memo returned its units to stock is told nowhere.",
			source:
				"PHP source: no webhooks, and a partial shipment saved without its order's stamp; magento2 #10287; ours for credit memos: no field of one says it",
		},
		levels: {
			webhooks: "none",
			stamps: "none",
			words: "Source items and reservations have no stamp, and no change of stock moves a product's.",
			source: "PHP source: their tables; inventory #3444, magento2 #20450",
		},
		listings: {
			webhooks: "none",
			stamps: "some",
			words: "Saving a product moves its stamp; deleting one leaves no trace.",
			source: "PHP source: updated_at is the row's own stamp of its update",
		},
	},
	stockMoments: magentoMoments,
	orderMemoryMs: null,
	unpaidHold: {
		isShown: true,
		minutes: null,
		source:
			"PHP source: an order reserves as it is placed; only pending payments of some methods are cancelled by a cron job, after 8 hours by default",
	},
	cancels: {
		consequence:
			"Magento puts back the units that are neither paid for nor shipped and mails nobody; an order that is paid for can't be cancelled, only refunded there",
		scope: "Magento_Sales::cancel",
	},
	budgetRule: "None of Magento's own for these calls. Hosts, Varnish and Fastly answer 429 or 503, often as a page.",
	dedupeRule: "There is no news to be told apart: Magento is asked.",
	sources: {
		basis:
			"the PHP source of Magento Open Source 2.4.8-p1 and its webapi.xml (PHP source), issues of magento/magento2 and magento/inventory by their numbers, and Adobe's documentation",
		writeMode: "PHP source: source items are written absolutely, and open orders are reservations beside them",
		largestBatch:
			"ours: 2,000 rows took 11 to 15 s and up to a minute (inventory #2306); a version that takes 20 says so in its answer (magento2 #34154)",
		budgetRule: "PHP source: only checkouts are limited; ours for hosts: each has its own",
	},
};
