import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connected } from "./connected";

/** By the definition: whoever can be reached from one. */
function reached(items: readonly string[][]): string[][][] {
	const groups: string[][][] = [];
	const left = new Set(items);
	for (const item of items) {
		if (!left.delete(item)) continue;
		const group = [item];
		for (const one of group)
			for (const other of left) if (other.some((key) => one.includes(key)) && left.delete(other)) group.push(other);
		groups.push(items.filter((one) => group.includes(one)));
	}
	return groups;
}

describe("connected", () => {
	it("puts together what shares a key, be it by way of others, and keeps the order", () => {
		const keys = fc.array(fc.constantFrom(..."abcdefghij"), { maxLength: 3 });
		fc.assert(
			fc.property(fc.array(keys, { maxLength: 14 }), (items) => {
				expect(connected(items, (item) => item)).toEqual(reached(items));
			}),
			{ numRuns: 1_000 },
		);
	});

	it("takes a moment for a large catalogue, whose items have nothing to do with each other", () => {
		const items = Array.from({ length: 60_000 }, (_, n) => [`${n % 20_000}`]);
		const began = performance.now();
		expect(connected(items, (item) => item)).toHaveLength(20_000);
		expect(performance.now() - began).toBeLessThan(2_000);
	});
});
