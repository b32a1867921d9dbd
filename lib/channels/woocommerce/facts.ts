/**
 * What WooCommerce is like, as data. Sources: seen by experiment on a shop with WooCommerce 10.5.0 on WordPress 6.9.7
 * (autumn 2026; "seen" below), the REST documentation, and the plugin's source where named. There is no vendor's
 * server: each shop has its own version, plugins, host and firewall. Figures that nobody states are marked as ours.
 */
import type { PlatformFacts } from "../channel-adapter";

/** Seen: 101 entries are refused whole with 413. Also the largest `per_page`. */
export const largestBatch = 100;

/** Stamps are to the second and `modified_after` is strictly later (seen: asking with the second of a change misses it). */
export const stampMs = 1_000;

export const wooFacts: PlatformFacts = {
	platform: "woocommerce",
	label: "WooCommerce",
	// Seen: the last absolute write wins and nobody is told. `inventory_delta` reads in PHP and then writes absolutely: it
	// lost 6 of 10 parallel steps, and is in no documentation.
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
	// Seen: two of three checkout races sold 2 of 1, and orders made by REST never look at stock.
	hardFloor: false,
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
		},
		levels: {
			webhooks: "some",
			stamps: "some",
			words:
				"product.updated names the product or variation whose stock moved, our own writes included; the number is the one at delivery. Changes by other plugins straight in the database fire nothing.",
		},
		listings: {
			webhooks: "some",
			stamps: "some",
			words:
				"Every save of a product moves its stamp, and a variation's save its parent's. Deleting past the trash fires nothing.",
		},
	},
	stockMoments: {
		takes:
			"When the order first becomes processing, on-hold or completed. A checkout that is still pending holds units that no number shows.",
		restores:
			"When the order becomes cancelled or pending, when a refund names lines (unless it says otherwise), and when an edit takes units off. Not when its status is set to refunded or failed, and not when it is trashed.",
	},
	cancels: {
		// Seen: what was taken comes back on entering "cancelled"; no payment is touched.
		consequence:
			"WooCommerce puts its units back and mails as the shop is set to; what was paid is not paid back by this, refund it there",
		scope: null,
	},
	budgetRule: "WooCommerce has none. Hosts and firewalls answer 429 or 503, with Retry-After at best.",
	dedupeRule:
		"A digest of topic and body. X-WC-Webhook-Delivery-ID is made of webhook and second: different deliveries share it.",
};
