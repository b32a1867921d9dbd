import { expect, test } from "vitest";
import { limits } from "@/lib/channels/amazon/buckets";
import { amazonFacts } from "@/lib/channels/amazon/facts";
import { adapterFor, connectablePlatforms } from "@/lib/channels/registry";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { mayAskFrom } from "./ask-pace";

const minute = 60_000;
const asked = (facts: typeof amazonFacts, isNeeded: boolean) => {
	const at: number[] = [];
	for (let now = 0; now < 12 * 60 * minute; now += 1_000)
		if (mayAskFrom(facts, { readAt: at.at(-1) ?? null, quietUntil: null }, isNeeded) <= now) at.push(now);
	return at;
};

test("levels that differ without a break spend Amazon's saved searches in no less than twenty minutes", () => {
	const { burst, rate } = limits.searchOrders;
	const spentAt = asked(amazonFacts, true).find((at, index) => index + 1 > burst + (at / 1_000) * rate);
	expect(spentAt).toBeGreaterThan(20 * minute);
});

test("levels that are looked at the first time ask for Amazon's orders no more often than they come back", () => {
	const { rate } = limits.searchOrders;
	const all = asked(amazonFacts, false);
	expect(all.length).toBeLessThanOrEqual(12 * 60 * 60 * rate);
});

test("where orders can be asked for at any time they are, and nowhere before the platform allows it", async () => {
	const lately = { readAt: 1_000, quietUntil: null };
	expect(mayAskFrom(shopifyFacts, lately, false)).toBe(0);
	for (const platform of connectablePlatforms)
		for (const isNeeded of [true, false])
			expect(
				mayAskFrom((await adapterFor(platform)).facts, { ...lately, quietUntil: 9_000_000 }, isNeeded),
			).toBeGreaterThanOrEqual(9_000_000);
});
