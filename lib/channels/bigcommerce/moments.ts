/**
 * When BigCommerce takes stock for an order and when it gives it back. The store decides (GET /v3/settings/inventory):
 * `update_stock_behavior`, whether edits move stock, and whether cancellations and refunds do. `connect` keeps the answers.
 */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import type { OrderStep, StockMoment, StockMoments } from "../platform-facts";

export type StockRules = {
	takesWhen: "order_placed" | "order_completed_or_shipped";
	editsMoveStock: boolean;
	/** Whether a cancellation gives back. Refunds too, in the control panel; those by API never. */
	cancellationsGiveBack: boolean;
};

/** Where the store did not say: what lowers the count most (R4). */
export const carefulRules: StockRules = {
	takesWhen: "order_placed",
	editsMoveStock: true,
	cancellationsGiveBack: false,
};

/** What the settings are by the names under which `connect` keeps them. */
const kept = z.object({
	takesWhen: z.enum(["order_placed", "order_completed_or_shipped"]).catch(carefulRules.takesWhen),
	editsMoveStock: z.boolean().catch(carefulRules.editsMoveStock),
	cancellationsGiveBack: z.boolean().catch(carefulRules.cancellationsGiveBack),
});

export const rulesOf = ({ facts }: Pick<Connection, "facts">): StockRules => kept.parse(facts.stockRules ?? {});

/** Status ids of V2 ("Order statuses"). */
export const orderStatus = {
	incomplete: 0,
	pending: 1,
	shipped: 2,
	partiallyShipped: 3,
	refunded: 4,
	cancelled: 5,
	declined: 6,
	awaitingPayment: 7,
	awaitingPickup: 8,
	awaitingShipment: 9,
	completed: 10,
	awaitingFulfillment: 11,
	manualVerification: 12,
	disputed: 13,
	partiallyRefunded: 14,
} as const;

const words = (...names: (keyof typeof orderStatus)[]) => names.map((name) => String(orderStatus[name]));

const settings = "settings.v3: update_stock_behavior";
const refundSetting = "settings.v3: refund_order_stock_adjustment, “when you refund or cancel an order”";

/** The table for one store. `words` are status ids. */
export function momentsFor(rules: StockRules): StockMoments {
	const isAtOnce = rules.takesWhen === "order_placed";
	const takes = isAtOnce ? "takes" : "leaves";
	const givesBack = rules.cancellationsGiveBack ? "gives_back" : "leaves";
	const placed = isAtOnce
		? "When the order is placed, paid or not."
		: "Not yet: this store takes stock when an order is shipped or completed. Until then it sells the same units again.";
	return {
		placed_unpaid: {
			effect: takes,
			words: words("pending"),
			when: `${placed} A payment that was given up leaves it Incomplete (0), which takes nothing.`,
			source: settings,
		},
		payment_awaited: {
			effect: takes,
			words: words("awaitingPayment", "manualVerification"),
			when: placed,
			source: settings,
		},
		paid: {
			effect: "leaves",
			words: words("awaitingFulfillment", "awaitingShipment", "awaitingPickup", "partiallyShipped"),
			when: isAtOnce ? "It was taken when the order was placed." : placed,
			source: settings,
		},
		payment_failed: {
			effect: givesBack,
			words: words("declined"),
			when: rules.cancellationsGiveBack
				? "When the order is declined, as when it is cancelled."
				: "What was taken stays taken, as when it is cancelled.",
			source: "ours: nobody states it for declined orders",
		},
		unpaid_again: {
			effect: "leaves",
			words: [],
			when: "Set back to Awaiting Payment it keeps what it took.",
			source: "ours, by update_stock_behavior",
		},
		shipped: {
			effect: isAtOnce ? "leaves" : "takes",
			words: words("shipped", "completed"),
			when: isAtOnce
				? "It was taken when the order was placed."
				: "When the order becomes Shipped or Completed, once. A shipment of a part takes nothing yet.",
			source: settings,
		},
		units_added: edited(rules, "takes"),
		units_removed: edited(rules, "gives_back"),
		cancelled: {
			effect: givesBack,
			words: words("cancelled"),
			when: rules.cancellationsGiveBack
				? "When the order becomes Cancelled: what it took."
				: "This store's settings say that a cancellation leaves the stock alone.",
			source: refundSetting,
		},
		cancelled_kept: {
			effect: "leaves",
			words: [],
			when: "Where the store's settings say that cancellations leave the stock alone.",
			source: refundSetting,
		},
		partly_cancelled: edited(rules, "gives_back"),
		refunded_restocked: {
			effect: givesBack,
			words: [],
			when: "A refund in the control panel, where the settings say so. The order does not tell it from one by API, so it shows only as a level.",
			source: refundSetting,
		},
		refunded_kept: {
			effect: "leaves",
			words: words("partiallyRefunded", "disputed"),
			when: "A refund by API gives back money alone, whatever the settings say.",
			source: "orders.v3: refunds don't restock",
		},
		returned_elsewhere: null,
		marked_refunded: {
			effect: "leaves",
			words: words("refunded"),
			when: "The status Refunded gives back nothing by itself.",
			source: "orders.v3: refunds don't restock; for the bare status ours",
		},
		trashed: {
			effect: "leaves",
			words: [],
			when: "An archived order keeps what it took, and is out of the lists.",
			source: "webhooks: store/order/archived; that nothing comes back is ours, and the careful reading (R4)",
		},
		// Orders are archived, and not deleted.
		deleted: null,
	} satisfies Record<OrderStep, StockMoment | null>;
}

const edited = ({ editsMoveStock }: StockRules, effect: "takes" | "gives_back"): StockMoment => ({
	effect: editsMoveStock ? effect : "leaves",
	words: [],
	when: editsMoveStock
		? "When a line of an order that took is edited: the difference."
		: "This store's settings say that edits leave the stock alone. The order tells only its new lines, so the level shows the difference.",
	source: "settings.v3: edit_order_stock_adjustment",
});
