/**
 * What API2Cart is like, as data, by what `sources.basis` names. Behind it stand some seventy carts and marketplaces that differ
 * in what follows; figures that nobody states are marked as ours. Which platform it is, whether it applies at once, its methods,
 * events and order statuses are asked for at connect.
 */
import type { PlatformFacts, StockMoments } from "../platform-facts";
import { mostCalls } from "./gate";

/** Rows of one batch, also the largest `count` of a list. */
export const largestBatch = 250;

const byStore = "ours: carts differ and API2Cart says nothing of stock; the safe side, mended by the levels";

/** `words` are order statuses as stores name them, in the spelling by which statuses.ts compares; what a cart has otherwise is in statuses.ts. */
export const a2cMoments = {
	placed_unpaid: {
		effect: "takes",
		words: ["pending", "pending payment", "awaiting payment", "unpaid", "new", "created", "open", "order received"],
		when: "When the order is placed. Where the cart takes nothing before it is paid (WooCommerce), the units are held.",
		source: byStore,
	},
	payment_awaited: {
		effect: "takes",
		words: [
			"on hold",
			"holded",
			"payment review",
			"awaiting check payment",
			"awaiting bank wire payment",
			"manual verification required",
		],
		when: "While a payment is waited for or looked at.",
		source: byStore,
	},
	paid: {
		effect: "leaves",
		words: [
			"paid",
			"processing",
			"processed",
			"in process",
			"payment accepted",
			"authorized",
			"awaiting fulfillment",
			"awaiting shipment",
			"awaiting pickup",
			"unshipped",
			"confirmed",
			"approved",
			"accepted",
			"active",
			"invoice unconfirmed",
		],
		when: "Taken at placing; where the cart takes nothing before it is paid (WooCommerce), now.",
		source: "recorded: Amazon's Unshipped; the rest ours",
	},
	payment_failed: {
		effect: "leaves",
		words: ["failed", "payment error", "payment failed", "declined", "denied", "expired", "abandoned", "incomplete"],
		when: "What an earlier status took stays taken; what none took is not.",
		source: byStore,
	},
	unpaid_again: null,
	shipped: {
		effect: "leaves",
		words: [
			"shipped",
			"partially shipped",
			"partiallyshipped",
			"completed",
			"complete",
			"closed",
			"fulfilled",
			"delivered",
			"delivered to carrier",
			"in transit",
			"sent",
			"finished",
			"done",
		],
		when: "Taken before.",
		source: "recorded: Amazon's Shipped and PartiallyShipped; the rest ours",
	},
	units_added: { effect: "takes", words: [], when: "When the order's lines show them.", source: byStore },
	units_removed: {
		effect: "gives_back",
		words: [],
		when: "When the order's lines no longer show them.",
		source: byStore,
	},
	cancelled: {
		effect: "gives_back",
		words: ["cancelled", "canceled", "void", "voided", "reversed", "unfulfillable", "deleted", "trash"],
		when: "When the order is cancelled. Whether the cart puts the units back by itself differs; the level tells.",
		source: "recorded: Amazon's Canceled and Unfulfillable; the rest ours",
	},
	cancelled_kept: null,
	partly_cancelled: null,
	refunded_restocked: {
		effect: "gives_back",
		words: ["partially refunded"],
		when: "At the store. API2Cart does not say whether a refund restocked: for Onecount its units stay sold, until the level shows them.",
		source: "spec: refunds carry units and money, and nothing of stock",
	},
	refunded_kept: { effect: "leaves", words: [], when: "As every refund.", source: "spec: refunds" },
	returned_elsewhere: null,
	marked_refunded: {
		effect: "leaves",
		words: ["refunded", "returned", "chargeback", "disputed"],
		when: "Money alone; what was taken stays taken.",
		source: byStore,
	},
	trashed: null,
	deleted: null,
} as const satisfies StockMoments;

const minute = 60_000;

export const a2cFacts: PlatformFacts = {
	platform: "api2cart",
	label: "API2Cart",
	// On some carts API2Cart may read and then write; what that loses, the read-back finds.
	writeMode: "delta",
	largestBatch,
	batchKey: null,
	// Each row is answered by itself; a batch that is refused whole is sent row by row (write.ts).
	oneBadRowFailsAll: false,
	callsInFlight: mostCalls.store,
	// Spec: order.list reads live unless enable_cache is set; marketplaces' own lists are minutes behind. Ours.
	orderListLagMs: 2 * minute,
	// Recorded: batches took up to 21 minutes; marketplaces' feeds take minutes, too. Past half an hour nothing of it can be
	// at work. For shops that apply at once this is too careful, and the fact is one for all of API2Cart.
	lateWriteMs: 30 * minute,
	// API document: "cache lifetime 15 minutes". Less, for clocks and the time on the way.
	keysRememberedMs: 10 * 60_000,
	// Recorded: the fastest batch took 27 s; a marketplace's feed some minutes. Ours.
	appliesAfterMs: 5 * minute,
	renewsAccessAfterMs: null,
	// A shop that oversells by itself does so behind API2Cart as well.
	hardFloor: false,
	// Docs: "Final quantity cannot be less than 0".
	takesBelowZero: false,
	// Ours: whether modified_from takes its own second in is not stated, and marketplaces' stamps come late.
	pollOverlapMs: 10 * minute,
	// Ours: calls are paid for by the month, and each is passed on to the store.
	pollEveryMs: { busy: 15_000, quiet: minute, withWebhooks: 30_000 },
	// Ours: a hundred levels are one or two calls, which the store behind is asked no more often than a shop that is connected
	// by itself. 10,000 listings take twelve minutes.
	rereadEveryMs: 7_000,
	coverage: {
		orders: {
			webhooks: "some",
			stamps: "some",
			words:
				"order.add and order.update where the store has such events, seconds to many minutes late and perhaps twice; the order is read anew each time. Polling by modified_from sees what the cart stamps; marketplaces limit how far back.",
			source:
				"spec: webhook.events lists what a store has; recorded: eBay's list reaches 90 days back; ours for how late and how often: nobody states it",
		},
		levels: {
			webhooks: "some",
			stamps: "none",
			words:
				"product.update and variant.update where the store has such events; whether a change of stock alone fires one or moves a stamp differs by cart.",
			source: "spec: webhook.events lists what a store has; ours for stamps: nobody states which carts move one",
		},
		listings: {
			webhooks: "some",
			stamps: "some",
			words:
				"product.add, product.update and product.delete where the store has such events; modified_from where the cart keeps a stamp.",
			source: "spec: webhook.events and modified_from; recorded: variants without a stamp",
		},
	},
	stockMoments: a2cMoments,
	// eBay 90 days, Amazon's returns 60: for the others nobody states any.
	orderMemoryMs: 89 * 24 * 60 * minute,
	unpaidHold: {
		isShown: true,
		minutes: null,
		source:
			"ours: most carts take stock when the order is placed; WooCommerce's pending orders hold theirs, which are told as held",
	},
	cancels: {
		consequence:
			"the store sets the order to cancelled and does as it does by itself: most put the units back; what was paid is not paid back by this, refund it there",
		scope: null,
	},
	budgetRule:
		"Ten calls at once for an account and five for a store. Beyond: codes 10 and 7. The cart's own limit is code 110. No Retry-After.",
	dedupeRule:
		"Deliveries carry no id and equal bodies are no repetition: each is a reason to read, and they are put together by what they are about.",
	sources: {
		basis:
			"the official OpenAPI description of v1.1 (spec), the vendor's set of recorded replies (recorded), and its pages of recommendations and return codes (docs)",
		writeMode:
			"spec: increase_quantity and reduce_quantity are recommended to avoid unexpected overwrites on heavily loaded stores; nothing in it compares",
		largestBatch: "spec: the payload of product.update.batch has 1 to 250 rows",
		budgetRule: "docs: recommendations for developers, response status codes",
	},
};
