/** What Amazon's Selling Partner API is like, as data, by what `sources.basis` names. Figures that nobody states are marked as ours. */
import type { PlatformFacts, StockMoments } from "../platform-facts";
import { limits } from "./buckets";

/** The most identifiers in one search, and the most items on its page. */
export const searchSize = 20;

/** API document: "the maximum number of items (SKUs) that can be returned and paged through is 1000". */
export const mostSearchable = 1_000;

/**
 * Up to this many rows a push goes row by row. At five a second that is twenty seconds, in which each row gets an answer of its
 * own and lands within minutes; that is as long as one push may keep others waiting. Beyond it a feed takes any number in three
 * calls, and lands in minutes on good days. (Staff advise row by row up to some 1,500 SKUs a round; such a round takes five
 * minutes, and sales in between would wait for it.)
 */
export const mostPatches = 4 * 5 * limits.patchListingsItem.rate;

const seller = "seller help: orders pending and inventory";

/** When Amazon lowers the available quantity for an order and when it gives it back; `words` are its statuses. */
export const amazonMoments = {
	placed_unpaid: {
		effect: "takes",
		words: ["PENDING", "PENDING_AVAILABILITY"],
		when: "The moment that an order is placed, while its payment is still being checked; mostly for half an hour, up to 21 days.",
		source: `${seller}: units are subtracted from the listing at once`,
	},
	payment_awaited: null,
	paid: {
		effect: "leaves",
		words: ["UNSHIPPED", "INVOICE_UNCONFIRMED"],
		when: "What was taken at placing stays taken.",
		source: seller,
	},
	payment_failed: {
		effect: "gives_back",
		words: [],
		when: "Amazon cancels the order, and the units come back.",
		source: `${seller}; a seller-support answer of 2011`,
	},
	unpaid_again: null,
	shipped: {
		effect: "leaves",
		words: ["PARTIALLY_SHIPPED", "SHIPPED", "UNFULFILLABLE"],
		when: "No further change.",
		source: seller,
	},
	units_added: null,
	units_removed: {
		effect: "gives_back",
		words: [],
		when: "An item, or units of it, cancelled before it ships.",
		source: "ours: as for whole orders; nothing says otherwise",
	},
	cancelled: {
		effect: "gives_back",
		words: ["CANCELLED", "CANCELED"],
		when: "Cancelled by the buyer, by Amazon, or by the merchant for any reason but that there is none left. A buyer's request alone changes nothing.",
		source: "a seller-support answer of 2011, stated nowhere else",
	},
	cancelled_kept: {
		effect: "leaves",
		words: ["No inventory", "NO_INVENTORY", "NoInventory", "Out of stock"],
		when: "Cancelled by the merchant because there is none left: Amazon puts nothing back.",
		source: "a seller-support answer of 2011, stated nowhere else",
	},
	partly_cancelled: {
		effect: "gives_back",
		words: [],
		when: "Items of an order can be cancelled singly; their units come back as for the whole.",
		source: "ours: nothing says otherwise",
	},
	refunded_restocked: null,
	refunded_kept: {
		effect: "leaves",
		words: [],
		when: "Refunds and returns of what the merchant shipped put nothing back.",
		source: "ours: no rule is documented",
	},
	returned_elsewhere: null,
	marked_refunded: null,
	trashed: null,
	deleted: null,
} as const satisfies StockMoments;

const minutes = 60_000;

export const amazonFacts: PlatformFacts = {
	platform: "amazon",
	label: "Amazon",
	writeMode: "absolute",
	largestBatch: 1_000,
	batchKey: null,
	oneBadRowFailsAll: false,
	// Ours: a push takes its time, and reads and polls have buckets of their own.
	callsInFlight: 3,
	// API document: lists end two minutes ago. A minute more for what it says nothing of.
	orderListLagMs: 3 * minutes,
	// Ours: "seconds to a few minutes, no promise". Feeds have hung for hours: while one does, its rows are not written again.
	lateWriteMs: 15 * minutes,
	keysRememberedMs: 0,
	// Ours, from what sellers saw: most patches have landed after a minute.
	appliesAfterMs: minutes,
	renewsAccessAfterMs: null,
	// Seller help: the last unit sold leaves 0, and the offer is gone.
	hardFloor: true,
	takesBelowZero: false,
	pollOverlapMs: 15 * minutes,
	// One search in three minutes, twenty saved up. A little slower, so that those stay saved up for levels that differ.
	pollEveryMs: { busy: 3.5 * minutes, quiet: 5 * minutes, withWebhooks: 5 * minutes },
	// A hundred levels are five searches, one after the other: less than one a second, of five that are granted. 10,000 listings
	// take ten minutes and what the searches take.
	rereadEveryMs: 5_000,
	coverage: {
		orders: {
			webhooks: "some",
			stamps: "all",
			words:
				"ORDER_CHANGE names the order, which is read by its id; whether the first comes while it is pending is disputed, and there is no promise that any comes. Searching by lastUpdatedAfter sees every change, two minutes late, once in three minutes.",
			source:
				"API document: lastUpdatedAfter takes in any change by Amazon or the seller; developer guide: no promise, and polling as a backup; issue 3278 of selling-partner-api-docs: whether pending is told",
		},
		levels: {
			webhooks: "some",
			stamps: "none",
			words:
				"LISTINGS_ITEM_MFN_QUANTITY_CHANGE tells of sales, cancellations, other tools' edits and our own writes, without promise of order or arrival. Nothing says that a listing's stamp moves with its quantity.",
			source:
				"notification schema: when the quantity of a seller-fulfilled listing changes; developer guide: no promise; ours for stamps: the careful reading",
		},
		listings: {
			webhooks: "some",
			stamps: "some",
			words:
				"LISTINGS_ITEM_STATUS_CHANGE tells when an item becomes buyable, unbuyable or is deleted. Searching by lastUpdatedAfter sees edits, and no deletion.",
			source: "notification schema; API document: lastUpdatedAfter; ours for deletion: a search finds what there is",
		},
	},
	stockMoments: amazonMoments,
	// Ours: two years, as long as the older interface gave orders.
	orderMemoryMs: 730 * 24 * 60 * minutes,
	unpaidHold: {
		isShown: true,
		minutes: null,
		source: `${seller}: pending mostly 30 minutes, up to 21 days; its units are out of the listing's number meanwhile`,
	},
	cancels: null,
	budgetRule:
		"A token bucket for each operation, seller and app: 5 quantities a second, one search of orders in 3 minutes. Over it 429 QuotaExceeded, without Retry-After; x-amzn-RateLimit-Limit says the rate, on some answers.",
	dedupeRule: "NotificationId; the same news may also come under another, so it is only ever a reason to look.",
	sources: {
		basis:
			"its API documents and notification schemas (models of August 2026), its developer guides, seller help, and issues that its staff answered",
		writeMode: "API document: a patch sets; nothing compares and no key is remembered",
		largestBatch:
			"ours: a feed takes 25,000 messages; a thousand is what five feeds in five minutes need to outpace patches, and small enough to be claimed in one go",
		budgetRule: "API documents: the rates; developer guide: buckets and the header",
	},
};
