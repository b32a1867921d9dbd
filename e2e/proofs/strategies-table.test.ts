import { expect, it } from "vitest";
import { naivePush, ours } from "@/lib/simulation/run";
import { cell } from "./strategies-table";

it("a flash sale: escrow oversells nothing, and what the field does oversells most", () => {
	const [naive, shared, escrow] = [naivePush, ours("shared"), ours("escrow")].map((one) =>
		cell("flash sale of 20", one, 1, 20),
	);
	expect(escrow).toMatchObject({ oversold: 0, reinflations: 0, lost: 0 });
	expect(shared?.oversold).toBeGreaterThan(100);
	expect(naive?.oversold).toBeGreaterThan(shared?.oversold ?? 0);
	expect(naive?.reinflations).toBeGreaterThan(10);
});

it("a large basket is what a share costs", () => {
	expect(cell("large baskets", ours("escrow"), 1, 10).lost).toBeGreaterThan(0);
	expect(cell("large baskets", ours("shared"), 1, 10).lost).toBe(0);
});
