import { describe, expect, test } from "vitest";
import type { OrderStep, StockEffect } from "../platform-facts";
import { statusList } from "./api-types";
import { a2cMoments } from "./facts";
import { knownEffect, standingOf, statusFacts, wordOf } from "./statuses";
import recorded from "./testing/recorded.json";

const facts = { cartId: "", overrides: {} };
const status = (id: string, history: [string, number][] = []) => ({
	id,
	name: id,
	history: history.map(([step, at]) => ({ id: step, name: step, modified_time: at })),
});
const isTaken = (id: string, history: [string, number][] = [], given = facts) =>
	standingOf(status(id, history), given).isTaken;

describe("what a status means for the stock", () => {
	const steps = Object.entries(a2cMoments).flatMap(([step, moment]) =>
		moment === null ? [] : moment.words.map((word) => [step as OrderStep, word] as const),
	);
	/** Reached only by way of taking the units; what a refund put back is not told. */
	const seen: Partial<Record<OrderStep, StockEffect>> = {
		paid: "takes",
		shipped: "takes",
		refunded_restocked: "leaves",
	};
	test.each(steps)("%s: %s, however it is written", (step, word) => {
		const upper = word.replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase());
		for (const form of [word, upper, upper.replaceAll(" ", "_")])
			expect(knownEffect({ id: form, name: null }, facts)).toBe(seen[step] ?? a2cMoments[step]?.effect);
	});

	test("each of Amazon's recorded statuses but one is known; that one counts as sold", () => {
		const { cart_order_statuses: list } = statusList.parse(recorded.amazonStatuses.result);
		expect(list.filter((one) => knownEffect(one, facts) === null).map(({ id }) => id)).toEqual(["PendingAvailability"]);
		expect(isTaken("PendingAvailability")).toBe(true);
	});

	test("no two steps claim one word", () => {
		const words = steps.map(([, word]) => word);
		expect(new Set(words).size).toBe(words.length);
		for (const word of words) expect(wordOf(word)).toBe(word);
	});

	test("a failed payment took nothing, unless an earlier status did", () => {
		expect(isTaken("failed")).toBe(false);
		expect(isTaken("failed", [["processing", 1]])).toBe(true);
		expect(
			isTaken("failed", [
				["processing", 2],
				["cancelled", 3],
				["pending", 1],
			]),
		).toBe(false);
	});

	test("money that was given back was paid for units", () => {
		expect(isTaken("refunded")).toBe(true);
		expect(isTaken("refunded", [["cancelled", 1]])).toBe(false);
	});

	test("WooCommerce's pending orders hold and take nothing; elsewhere they take", () => {
		const woo = { cartId: "WoocommerceApi", overrides: {} };
		expect(standingOf(status("pending"), woo)).toEqual({ isTaken: false, isHeld: true });
		expect(standingOf(status("pending"), facts)).toEqual({ isTaken: true, isHeld: false });
	});

	test("the merchant's word is over every table", () => {
		const own = statusFacts({ cartId: "Shopify", statusEffects: { open: "gives_back", "7": "leaves" } });
		expect(knownEffect({ id: "open", name: "Open" }, own)).toBe("gives_back");
		expect(knownEffect({ id: "7", name: "Shipped" }, own)).toBe("leaves");
		expect(knownEffect({ id: "8", name: "Shipped" }, own)).toBe("takes");
	});
});
