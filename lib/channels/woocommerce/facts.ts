/**
 * What WooCommerce is like, as data, by what `sources.basis` names. There is no vendor's server: each shop has its own version,
 * plugins, host and firewall. Figures that nobody states are marked as ours.
 */
import type { PlatformFacts, StockMoments } from "../platform-facts";

/** Entries of one batch, also the largest `per_page`. */
export const largestBatch = 100;

/** Stamps are to the second and `modified_after` is strictly later (seen: asking with the second of a change misses it). */
export const stampMs = 1_000;

/** When WooCommerce lowers stock_quantity for an order and when it gives it back; `words` are its statuses. */
export const wooMoments = {
	placed_unpaid: {
		effect: "leaves",
		words: ["checkout-draft", "auto-draft"],
		when: "A pending order takes nothing. A checkout keeps its units from other buyers for the hold-stock minutes, and no number shows it; an order made by REST keeps nothing.",
		source: "seen, order lifecycle and races: pending, no change; wc_reserved_stock",
	},
	payment_awaited: {
		effect: "takes",
		words: ["on-hold"],
		when: "When the order is put on hold to await its payment. Nothing ends it by itself.",
		source: "seen, order lifecycle: stock goes down on entering on-hold",
	},
	paid: {
		effect: "takes",
		words: ["processing", "completed"],
		when: "When the order first becomes processing or completed, once for each order, below zero too.",
		source: "seen, order lifecycle: stock goes down on entering processing or completed, first time only",
	},
	payment_failed: {
		effect: "leaves",
		words: ["failed"],
		when: "What was taken stays taken; what was not is not.",
		source: "seen, order lifecycle: processing to failed, 94 stays 94",
	},
	unpaid_again: {
		effect: "gives_back",
		words: ["pending"],
		when: "When an order that took is set back to pending.",
		source: "seen, order lifecycle: comes back on entering pending",
	},
	shipped: { effect: "leaves", words: [], when: "Completed orders took before.", source: "seen, order lifecycle" },
	units_added: {
		effect: "takes",
		words: [],
		when: "When a line is added, or its quantity raised, on an order that has taken.",
		source: "seen, order lifecycle: qty 2 to 4, 96 to 94; adding a line, 98 to 97",
	},
	units_removed: {
		effect: "gives_back",
		words: [],
		when: "When a quantity is lowered or a line removed on an order that has taken.",
		source: "seen, order lifecycle: quantity 0 removes the line and gives back 4",
	},
	cancelled: {
		effect: "gives_back",
		words: ["cancelled"],
		when: "When the order becomes cancelled: whatever it still holds.",
		source: "seen, order lifecycle: comes back on entering cancelled",
	},
	cancelled_kept: null,
	partly_cancelled: {
		effect: "gives_back",
		words: [],
		when: "By an edit of the line or a refund of some of its units.",
		source: "seen, order lifecycle: edits and refunds",
	},
	refunded_restocked: {
		effect: "gives_back",
		words: [],
		when: "When a refund names lines and does not say api_restock false: those units.",
		source: "seen, order lifecycle: refund with line_items restocks by default, 95 to 96",
	},
	refunded_kept: {
		effect: "leaves",
		words: [],
		when: "A refund of an amount, or with api_restock false. A later cancellation gives those units back.",
		source: "seen, order lifecycle: no change; then cancelled, 99 to 100",
	},
	returned_elsewhere: null,
	marked_refunded: {
		effect: "leaves",
		words: ["refunded"],
		when: "Setting the status to refunded gives back money alone.",
		source: "seen, order lifecycle: PUT status refunded, 96 stays 96",
	},
	trashed: {
		effect: "leaves",
		words: ["trash"],
		when: "A trashed order keeps what it took, and can be brought back.",
		source: "seen, order lifecycle: not on trash",
	},
	deleted: {
		effect: "leaves",
		words: [],
		when: "Deleting past the trash gives nothing back and tells nobody.",
		source: "seen, order lifecycle: force delete, 98 stays 98",
	},
} as const satisfies StockMoments;

export const wooFacts: PlatformFacts = {
	platform: "woocommerce",
	label: "WooCommerce",
	writeMode: "absolute",
	largestBatch,
	// Variations are written under their parent, products by themselves.
	batchKey: (ids) => (ids.variationId ? `parent ${ids.productId}` : "products"),
	// Seen: bad rows answer in place, the good ones are applied.
	oneBadRowFailsAll: false,
	// Ours: shops run on small hosts; two calls were served side by side without slowing each other.
	callsInFlight: 2,
	// The list reads the tables that orders are written to. A second for a slow commit.
	orderListLagMs: 1_000,
	// PHP's usual limit on a shared host is 30 s, and 60 s are common; a batch of 100 took 2 s on a good machine and
	// 5 to 20 times that on small ones. Past this nothing of it can be at work still.
	lateWriteMs: 60_000,
	keysRememberedMs: 0,
	appliesAfterMs: null,
	renewsAccessAfterMs: null,
	// Seen: two of three checkout races sold 2 of 1, and orders made by REST never look at stock.
	hardFloor: false,
	takesBelowZero: false,
	// Ours: deep enough for a shop whose clock stutters or whose commit took minutes.
	pollOverlapMs: 600_000,
	// Ours: a list of orders took 0.1 s. News is sent once and never again, so the poll stays frequent beside it, and each
	// call also wakes WP-Cron, which sends the shop's pending webhooks.
	pollEveryMs: { busy: 3_000, quiet: 15_000, withWebhooks: 3_000 },
	// Ours: a hundred products by id are the work of two or three shop pages. 10,000 listings take twelve minutes; a shop
	// that answers slowly is given longer.
	rereadEveryMs: 7_000,
	coverage: {
		orders: {
			webhooks: "some",
			stamps: "all",
			words:
				"order.created and order.updated carry the order as it is when the webhook leaves; an order brought back from the trash fires none. Polling by modified_after sees every change but notes, to the second.",
			source: "seen: webhooks, and orders by modified_after",
		},
		levels: {
			webhooks: "some",
			stamps: "some",
			words:
				"product.updated names the product or variation whose stock moved, our own writes included; the number is the one at delivery. Changes by other plugins straight in the database fire nothing and move no stamp.",
			source: "seen: webhooks, and stamps of products, each with a save; ours for plugins that go past one",
		},
		listings: {
			webhooks: "some",
			stamps: "some",
			words:
				"Every save of a product moves its stamp, and a variation's save its parent's. Deleting past the trash fires nothing.",
			source: "seen: stamps of products and variations; plugin's source: product.deleted hangs on the trash",
		},
	},
	stockMoments: wooMoments,
	orderMemoryMs: null,
	unpaidHold: {
		isShown: false,
		// woocommerce_hold_stock_minutes; an order made by REST holds nothing.
		minutes: 60,
		source: "seen, races: a checkout left pending is kept in wc_reserved_stock for 60 minutes, stock_quantity stays",
	},
	cancels: {
		// Seen: what was taken comes back on entering "cancelled"; no payment is touched.
		consequence:
			"WooCommerce puts its units back and mails as the shop is set to; what was paid is not paid back by this, refund it there",
		scope: null,
	},
	budgetRule: "None of WooCommerce's own. Hosts and firewalls answer 429 or 503, with Retry-After at best.",
	dedupeRule:
		"A digest of topic and body. X-WC-Webhook-Delivery-ID is made of webhook and second: different deliveries share it.",
	sources: {
		basis:
			"experiments on a shop with WooCommerce 10.5.0 on WordPress 6.9.7, autumn 2026 (seen), the REST documentation, and the plugin's source",
		writeMode:
			"seen: the last absolute write wins and nobody is told; inventory_delta, which is in no documentation, reads in PHP and then writes absolutely, and lost 6 of 10 parallel steps",
		largestBatch: "seen: 101 entries are refused whole with 413",
		budgetRule: "plugin's source: no limit; ours for hosts: each has its own, and none is WooCommerce's to document",
	},
};
