import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences, newestSnapshot, type OrderSnapshot } from "./order";

const snapshot = (at: number, taken: Record<string, number>): OrderSnapshot => ({
	orderRef: "1",
	number: "#1",
	status: "open",
	placedAt: new Date(0).toISOString(),
	version: { at, step: 0 },
	lines: Object.entries(taken).map(([lineRef, n]) => ({
		lineRef,
		listingRef: lineRef,
		sku: null,
		title: lineRef,
		taken: n,
	})),
});

describe("orders as snapshots", () => {
	it("R1 moves the same in total, however snapshots are repeated, shuffled or missed", () => {
		const history = fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(5)), { minLength: 1, maxLength: 6 });
		fc.assert(
			fc.property(history, fc.array(fc.nat(5), { maxLength: 20 }), (states, deliveries) => {
				const snapshots = states.map((taken, index) => snapshot(index, taken));
				const heard = [...deliveries.map((i) => snapshots[i % snapshots.length]), snapshots.at(-1)] as OrderSnapshot[];
				let known: { version: OrderSnapshot["version"]; taken: Map<string, number> } | null = null;
				const total = new Map<string, number>();
				for (const next of heard) {
					const moved = differences(known, next);
					const taken: Map<string, number> = known ? new Map(known.taken) : new Map();
					for (const { lineRef, taken: now, difference } of moved) {
						taken.set(lineRef, now);
						total.set(lineRef, (total.get(lineRef) ?? 0) + difference);
					}
					if (!known || next.version.at > known.version.at) known = { version: next.version, taken };
				}
				for (const line of ["a", "b", "c"]) expect(total.get(line) ?? 0).toBe(states.at(-1)?.[line] ?? 0);
			}),
		);
	});

	it("gives back a line that a newer snapshot no longer has", () => {
		expect(differences({ version: { at: 1, step: 0 }, taken: new Map([["a", 2]]) }, snapshot(2, {}))).toEqual([
			{ lineRef: "a", taken: 0, difference: -2 },
		]);
	});

	it("breaks a tie within one stamp by the step", () => {
		const early = snapshot(1, { a: 1 });
		const late = { ...snapshot(1, { a: 0 }), version: { at: 1, step: 1 } };
		expect(newestSnapshot([late, early])).toBe(late);
	});
});
