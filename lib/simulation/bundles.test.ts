import { expect, it } from "vitest";
import type { Strategy } from "@/lib/stock/strategy";
import { type BundleFigures, playBundles } from "./bundles";

const seeds = 100;

function sumOf(strategy: Strategy, leavesBundlesOut = false): BundleFigures {
	const sum: BundleFigures = { sold: 0, oversold: 0, bundles: 0, calls: 0 };
	for (let seed = 1; seed <= seeds; seed++) {
		const one = playBundles(seed, strategy, leavesBundlesOut);
		for (const key of ["sold", "oversold", "bundles", "calls"] as const) sum[key] += one[key];
	}
	return sum;
}

it("E1 escrow oversells no component, be it sold alone or in a bundle, whatever is late, lost or crashes", () => {
	const escrow = sumOf("escrow");
	expect(escrow.oversold).toBe(0);
	expect(escrow.bundles).toBeGreaterThan(seeds);
	expect(escrow.sold).toBeGreaterThan(20 * seeds);
});

it("the twin that leaves bundles out oversells, and so does who shares", () => {
	expect(sumOf("escrow", true).oversold).toBeGreaterThan(seeds);
	expect(sumOf("shared").oversold).toBeGreaterThan(seeds);
});

it("adaptive oversells a fraction of what sharing does", () => {
	const [adaptive, shared] = [sumOf("adaptive"), sumOf("shared")];
	expect(adaptive.oversold).toBeLessThan(shared.oversold / 3);
});
