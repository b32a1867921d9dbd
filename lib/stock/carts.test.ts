import { describe, expect, it } from "vitest";
import { givenUpWithinMs, keptForCarts } from "./carts";
import type { SlotFacts } from "./slot";
import { slotDefaults } from "./slot-defaults";

describe("what is kept for carts", () => {
	it("is all that one was refused, however much", () => {
		expect(keptForCarts(0, 1, 90, 3)).toBe(1);
		expect(keptForCarts(0, 80, 90, 3)).toBe(80);
		expect(keptForCarts(80, 1, 90, 3)).toBe(80);
	});

	it("grows with those who ask, up to what each of the stores has", () => {
		let kept = 0;
		for (let asked = 0; asked < 200; asked++) kept = keptForCarts(kept, 1, 90, 3);
		expect(kept).toBe(22);
		expect(keptForCarts(4, 3, 90, 3)).toBe(7);
	});
});

it("a store whose answer proves nothing has given up later: once its number was read, and its orders after that", () => {
	const facts: Omit<SlotFacts, "writeMode"> = {
		...slotDefaults,
		orderListLagMs: 4_000,
		lateWriteMs: 60_000,
		appliesAfterMs: null,
	};
	const compares: SlotFacts = { ...facts, writeMode: "compare" };
	const sets: SlotFacts = { ...facts, writeMode: "absolute" };
	expect(givenUpWithinMs([compares])).toBe(5_000);
	expect(givenUpWithinMs([compares, sets])).toBe(34_000);
	const accepts = { ...sets, appliesAfterMs: 300_000 };
	expect(givenUpWithinMs([accepts, sets, compares])).toBe(60_000 + facts.ordersFreshMs + 4_000);
});
