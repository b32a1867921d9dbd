/** Each step of an order's life that the adapter's table names: what it does to the store's number, and what the order says. */
import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import type { OrderStep } from "../platform-facts";
import { orderSteps } from "./checks";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

const start = 40;
const sku = "CUP";
const bought = 4;
const one = [{ sku, quantity: 1 }];

type Life = { shop: Shop; orderRef: string };

export function checkLife({ adapter, facts, options, check, open, sandbox }: Suite): void {
	const { stockMoments: moments } = facts;
	const basket = [{ sku, quantity: bought }];

	/** `begin`: where the step starts; null: it is the step that makes the order. */
	const steps: Record<
		OrderStep,
		{ begin: (shop: Shop) => Promise<string | null>; work: (life: Life) => Promise<unknown> }
	> = {
		placed_unpaid: { begin: async () => null, work: ({ shop }) => shop.buy(basket, "unpaid") },
		payment_awaited: { begin: async () => null, work: ({ shop }) => shop.buy(basket, "awaited") },
		paid: {
			begin: (shop) => shop.buy(basket, moments.placed_unpaid ? "unpaid" : "awaited"),
			work: ({ shop, orderRef }) => shop.take(orderRef, "pay"),
		},
		payment_failed: {
			// From where it has taken its units.
			begin: (shop) => shop.buyOpen(basket),
			work: ({ shop, orderRef }) => shop.take(orderRef, "fail_payment"),
		},
		unpaid_again: {
			begin: (shop) => shop.buy(basket),
			work: ({ shop, orderRef }) => shop.take(orderRef, "set_unpaid"),
		},
		shipped: { begin: (shop) => shop.buy(basket), work: ({ shop, orderRef }) => shop.take(orderRef, "ship") },
		units_added: {
			begin: (shop) => shop.buy(basket),
			work: ({ shop, orderRef }) => shop.edit(orderRef, sku, bought + 2),
		},
		units_removed: {
			begin: (shop) => shop.buy(basket),
			work: ({ shop, orderRef }) => shop.edit(orderRef, sku, bought - 1),
		},
		cancelled: { begin: (shop) => shop.buyOpen(basket), work: ({ shop, orderRef }) => shop.cancel(orderRef, true) },
		cancelled_kept: {
			begin: (shop) => shop.buyOpen(basket),
			work: ({ shop, orderRef }) => shop.cancel(orderRef, false),
		},
		partly_cancelled: {
			begin: (shop) => shop.buy(basket),
			work: ({ shop, orderRef }) => shop.refund(orderRef, one, true),
		},
		refunded_restocked: { begin: shippedOrder, work: ({ shop, orderRef }) => shop.refund(orderRef, one, true) },
		refunded_kept: { begin: shippedOrder, work: ({ shop, orderRef }) => shop.refund(orderRef, one, false) },
		returned_elsewhere: { begin: shippedOrder, work: ({ shop, orderRef }) => shop.refund(orderRef, one, "elsewhere") },
		marked_refunded: {
			begin: (shop) => shop.buy(basket),
			work: ({ shop, orderRef }) => shop.take(orderRef, "mark_refunded"),
		},
		trashed: { begin: (shop) => shop.buy(basket), work: ({ shop, orderRef }) => shop.take(orderRef, "trash") },
		deleted: { begin: shippedOrder, work: ({ shop, orderRef }) => shop.take(orderRef, "delete") },
	};

	const read = (shop: Shop, orderRef: string) => shop.patiently(() => adapter.readOrder(shop.connection, orderRef));

	async function shippedOrder(shop: Shop): Promise<string> {
		const orderRef = await shop.buy(basket);
		if (moments.shipped) await shop.take(orderRef, "ship");
		return orderRef;
	}

	for (const step of orderSteps) {
		const moment = moments[step];
		check(
			`life: ${step}`,
			async () => {
				const shop = await open(products({ [sku]: start }));
				const { begin, work } = steps[step];
				const begun = await begin(shop);
				const before = await stateOf(shop, begun);
				sandbox.putForward(2_000);
				const made = await work({ shop, orderRef: begun ?? "" });
				const orderRef = begun ?? String(made);
				const after = await stateOf(shop, orderRef);

				const lowered = before.shown - after.shown;
				if (moment?.effect === "takes") expect(lowered).toBeGreaterThan(0);
				if (moment?.effect === "gives_back") expect(lowered).toBeLessThan(0);
				if (moment?.effect === "leaves") expect(lowered).toBe(0);
				expect(await shop.shows(sku)).toBe(after.shown + (step === "returned_elsewhere" ? 1 : 0));
				if (step === "deleted") {
					expect(after.taken).toBeNull();
					return;
				}
				// What the order says, and what the store is short of, are one.
				if (options.untold?.[step]) expect(after.taken).toBeGreaterThanOrEqual(start - after.shown);
				else expect(after.taken).toBe(start - after.shown);
				if (step === "cancelled") expect((await shop.order(orderRef)).status).toBe("cancelled");
				if (step === "cancelled_kept") expect((await shop.order(orderRef)).status).not.toBe("open");
				if (step === "trashed") expect((await read(shop, orderRef))?.status ?? "deleted").toBe("deleted");
			},
			moment ? null : "it knows no such step",
		);
	}

	/** `taken`: of what is sold here; null: the store no longer knows the order, or there is none yet. */
	async function stateOf(shop: Shop, orderRef: string | null): Promise<{ shown: number; taken: number | null }> {
		// Where it is sold from: the store's own sum is of all its locations.
		const shown = (await shop.level(sku))?.quantity ?? Number.NaN;
		const order = orderRef === null ? null : await read(shop, orderRef);
		if (!order) return { shown, taken: null };
		const taken = order.lines.map(
			(line) =>
				line.taken +
				Object.entries(line.givenBackAt ?? {}).reduce(
					(sum, [ref, units]) => sum + (ref === shop.connection.locationRef ? 0 : units),
					0,
				),
		);
		return { shown, taken: taken.reduce((sum, units) => sum + units, 0) };
	}
}
