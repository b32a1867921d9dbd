import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import { ChannelError } from "../errors";
import { anotherId, expectReason } from "./expectations";
import type { Suite } from "./suite";

/** Looks again so often, a second apart, until a job of the store's own is done. */
const looks = 60;

export function checkCancel({ adapter, check, open, sandbox }: Suite): void {
	const { cancelOrder } = adapter;
	const notHere = cancelOrder ? null : "the platform lets nobody else cancel";

	check(
		"an order is cancelled and its units come back once",
		async () => {
			if (!cancelOrder) return;
			const shop = await open(products({ CUP: 9 }));
			const orderRef = await shop.buyOpen([{ sku: "CUP", quantity: 3 }]);
			expect(await shop.shows("CUP")).toBe(6);
			expect(["cancelled", "accepted"]).toContain((await cancelOrder(shop.connection, orderRef)).result);
			let order = await shop.order(orderRef);
			for (let look = 0; order.status !== "cancelled" && look < looks; look++) {
				sandbox.putForward(1_000);
				order = await shop.order(orderRef);
			}
			expect(order).toMatchObject({ status: "cancelled", lines: [{ taken: 0 }] });
			expect(await shop.shows("CUP")).toBe(9);

			// Again: done already, or refused, and no second time given back.
			await cancelOrder(shop.connection, orderRef).catch((error) => expect(error).toBeInstanceOf(ChannelError));
			expect(await shop.shows("CUP")).toBe(9);
		},
		notHere,
	);

	check(
		"an order that nobody knows is not cancelled",
		async () => {
			if (!cancelOrder) return;
			const shop = await open(products({ CUP: 9 }));
			const unknown = anotherId(await shop.buy("CUP"));
			const error = await cancelOrder(shop.connection, unknown).then(
				(outcome) => (outcome.result === "refused" ? outcome.error : null),
				(thrown) => thrown,
			);
			expect(error).toBeInstanceOf(ChannelError);
			expectReason("cancelOrder", error, "gone", "refused");
			expect(await shop.shows("CUP")).toBe(8);
		},
		notHere,
	);
}
