/** Slots in escrow: what they may write, and the ledger that rides along with them (bound.ts, escrow.ts). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { begin, ceiling, type Sellable, sellableOf } from "./bound";
import { emptySlot, type Slot, type SlotFacts } from "./slot";
import { hearLevel, hearSale } from "./slot-news";
import { planWrite } from "./slot-plan";
import { claim, settle } from "./slot-writes";
import type { WriteMode } from "./write-mode";

const facts = (writeMode: WriteMode): SlotFacts => ({
	writeMode,
	orderListLagMs: 10_000,
	lateWriteMs: 30_000,
	appliesAfterMs: null,
	scarceUnits: 0,
	paceMs: 1_000,
	ordersFreshMs: 5_000,
});

const slotAt = (offered: number, expected: number, more: Partial<Slot> = {}): Slot => ({
	...emptySlot,
	offered,
	offeredVersion: 1,
	expected,
	shown: expected,
	shownAt: 0,
	sellable: sellableOf(expected),
	...more,
});

const plan = (slot: Slot, mode: WriteMode, free: number, now = 1) =>
	planWrite(slot, facts(mode), now, now, { free, units: 1 });

function sent(slot: Slot, mode: WriteMode, free: number, now: number): Slot {
	const planned = plan(slot, mode, free, now);
	if (planned.act !== "write") throw new Error(`expected a write, got ${JSON.stringify(planned)}`);
	return claim(slot, planned, { pushId: `p${now}`, now, leaseMs: 60_000 }, facts(mode));
}

const ceilingOf = (slot: Slot) => ceiling(slot.sellable as Sellable);

describe("in escrow", () => {
	it("E1 a raise takes no more than is free, and waits when nothing is", () => {
		expect(plan(slotAt(8, 3), "compare", 2)).toMatchObject({ kind: "compare", quantity: 5, expected: 3 });
		expect(plan(slotAt(8, 3), "compare", 0)).toEqual({ act: "wait", until: null, why: "none_free" });
		expect(plan(slotAt(2, 3), "delta", -4)).toMatchObject({ kind: "delta", quantity: 2 });
	});

	it.each(["compare", "delta", "absolute"] as const)(
		"E1 no write of a %s channel puts more on sale than is free, whatever it showed, expects and was offered",
		(mode) => {
			const around = fc.integer({ min: -3, max: 8 });
			fc.assert(
				fc.property(
					fc.nat(8),
					around,
					around,
					fc.integer({ min: -5, max: 8 }),
					fc.integer({ min: 1, max: 3 }),
					(...of) => {
						const [offered, expected, shown, free, units] = of;
						const sellable = { ...sellableOf(0), bound: expected };
						const slot = slotAt(offered, expected, { shown, sellable });
						const planned = planWrite(slot, facts(mode), 1, 1, { free, units });
						if (planned.act !== "write") return;
						const more = ceiling(begin(sellable, planned)) - ceiling(sellable);
						expect(more).toBeLessThanOrEqual(Math.max(0, Math.floor(free / units)));
						// A delta is added to whatever is there, which may be more than was heard.
						if (mode === "delta" && expected < 0 && shown !== expected)
							expect(planned.quantity).toBeLessThanOrEqual(expected);
					},
				),
				{ numRuns: 3_000 },
			);
		},
	);

	it("E1 an absolute write leaves only if all of its number is free; else zero goes first, and then what is free", () => {
		expect(plan(slotAt(6, 3), "absolute", 6)).toMatchObject({ kind: "set", quantity: 6 });
		expect(plan(slotAt(6, 3), "absolute", 5)).toMatchObject({ kind: "fence", quantity: 0 });
		expect(plan(slotAt(2, 3), "absolute", 1)).toMatchObject({ kind: "fence", quantity: 0 });
		const emptied = slotAt(6, 0, { isFenced: true });
		expect(plan(emptied, "absolute", 4)).toMatchObject({ kind: "set", quantity: 4 });
		expect(plan(emptied, "absolute", 0)).toMatchObject({ act: "wait", why: "none_free" });
	});

	it("B2 holds a write's doubt from the claim to its answer", () => {
		const flying = sent(slotAt(8, 3), "compare", 5, 1);
		expect(ceilingOf(flying)).toBe(8);
		expect(ceilingOf(settle(flying, { result: "stale" }, 2, facts("compare")))).toBe(3);
		expect(ceilingOf(settle(flying, { result: "not_sent", nextTryAt: 9 }, 2, facts("compare")))).toBe(3);
		expect(ceilingOf(settle(flying, { result: "applied" }, 2, facts("compare")))).toBe(8);
	});

	it("B3 gives what a fence freed only once the orders from before it were read", () => {
		const fenced = settle(sent(slotAt(2, 5), "absolute", 0, 1), { result: "applied" }, 100, facts("absolute"));
		expect(ceilingOf(fenced)).toBe(5);
		const heard = hearSale(fenced, 2, { from: 50, to: 50 }, 5_000, 0);
		expect(ceilingOf(heard)).toBe(3);
		const read = { quantity: 0, readAt: 10_100, answeredAt: 10_200, ordersReadAt: 10_100 };
		const { slot } = hearLevel(heard, { ...read, expectedVersion: heard.expectedVersion }, facts("absolute"));
		expect(ceilingOf(slot)).toBe(0);
	});

	it("a level that news has crossed proves nothing of what is sellable", () => {
		const slot = slotAt(5, 5);
		const sold = hearSale(slot, 1, { from: 20, to: 20 }, 30, 0);
		const read = { quantity: 5, readAt: 10, answeredAt: 40, ordersReadAt: null };
		const { slot: after, verdict } = hearLevel(
			sold,
			{ ...read, expectedVersion: slot.expectedVersion },
			facts("compare"),
		);
		expect(verdict).toBe("void");
		expect(after.sellable).toEqual(sellableOf(4));
	});
});

describe("a delta", () => {
	it("that is refused beside a lost one is not sent again before the lost one is settled", () => {
		const lost = settle(sent(slotAt(2, 3), "delta", 0, 1), { result: "unknown" }, 1_000, facts("delta"));
		const again = sent(lost, "delta", 0, 2_000);
		const refused = settle(again, { result: "stale" }, 2_100, facts("delta"));
		expect(plan(refused, "delta", 0, 30_000)).toMatchObject({ act: "wait", why: "backing_off" });
		const read = (readAt: number, ordersReadAt: number) => ({ quantity: 2, readAt, answeredAt: readAt, ordersReadAt });
		let { slot } = hearLevel(
			refused,
			{ ...read(31_000, 31_000), expectedVersion: refused.expectedVersion },
			facts("delta"),
		);
		({ slot } = hearLevel(slot, { ...read(41_000, 41_000), expectedVersion: slot.expectedVersion }, facts("delta")));
		expect(slot).toMatchObject({ maybe: null, expected: 2 });
		expect(plan(slot, "delta", 0, 41_000)).toEqual({ act: "nothing" });
	});
});
