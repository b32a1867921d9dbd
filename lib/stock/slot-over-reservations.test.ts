/** S8: a platform that takes its open orders off by itself (Magento). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Sellable, sellableOf } from "./bound";
import { believed, emptySlot, type Slot, type SlotFacts } from "./slot";
import { acceptShown, hearLevel, hearSale } from "./slot-news";
import { type Escrow, planWrite } from "./slot-plan";
import { claim, settle } from "./slot-writes";

const facts: SlotFacts = {
	writeMode: "over_reservations",
	orderListLagMs: 10_000,
	lateWriteMs: 30_000,
	appliesAfterMs: null,
	scarceUnits: 3,
	paceMs: 1_000,
	ordersFreshMs: 5_000,
};

/** Offered `offered`; read at 1,000 to sell `salable` of the `source` units that lie there. */
const slotAt = (offered: number, salable: number, source: number, more: Partial<Slot> = {}): Slot => ({
	...emptySlot,
	offered,
	offeredVersion: 1,
	expected: salable,
	shown: salable,
	shownAt: 1_000,
	shownUntil: 1_000,
	reservations: { source, open: source - salable },
	sellable: sellableOf(salable),
	...more,
});

const plan = (slot: Slot, now = 2_000, escrow: Escrow | null = null) => planWrite(slot, facts, now, now, escrow);

function sent(slot: Slot, now: number, escrow: Escrow | null = null): Slot {
	const planned = plan(slot, now, escrow);
	if (planned.act !== "write") throw new Error(`expected a write, got ${JSON.stringify(planned)}`);
	return claim(slot, planned, { pushId: `p${now}`, now, leaseMs: 60_000 }, facts);
}

const report = (salable: number, source: number, readAt: number, expectedVersion: number, ordersReadAt = readAt) => ({
	quantity: salable,
	reservations: { source, open: source - salable },
	readAt,
	answeredAt: readAt,
	ordersReadAt,
	expectedVersion,
});

describe("shared", () => {
	it("S8 writes the offer on top of what open orders still have to ship, as of a level read just before", () => {
		expect(plan(slotAt(4, 6, 9))).toEqual({ act: "write", kind: "over", quantity: 4, expected: 6, open: 3 });
		expect(plan(slotAt(8, 6, 9))).toEqual({ act: "write", kind: "over", quantity: 8, expected: 6, open: 3 });
		expect(plan(slotAt(4, 6, 9, { reservations: null }))).toEqual({ act: "read_level" });
		expect(plan(slotAt(4, 6, 9), 6_001)).toEqual({ act: "read_level" });
		expect(plan(slotAt(4, 6, 9, { readDueAt: 2_000 }))).toEqual({ act: "read_level" });
	});

	it("S8 takes no level that leaves out what is reserved", () => {
		const { reservations: _, ...bare } = report(6, 9, 3_000, 0);
		expect(() => hearLevel(slotAt(6, 6, 9), bare, facts)).toThrow("S8");
	});

	it("S8 counts a sale that was heard since the level was read to the open orders", () => {
		const sold = hearSale(slotAt(4, 6, 9), 1, { from: 1_500, to: 1_500 }, 1_600, 0);
		expect(plan(sold)).toMatchObject({ kind: "over", quantity: 4, expected: 5, open: 4 });
	});

	// P1 found it: two units were sold and shipped between the reading of the salable units and that of what lies there.
	it("S8 takes off what was sold and shipped between the two readings of a level", () => {
		const read = slotAt(19, 20, 18);
		expect(read.reservations?.open).toBe(-2);
		expect(plan(read)).toMatchObject({ kind: "over", quantity: 19, open: -2 });
	});

	it("R4 a sale that nobody told us of lowers what it shows by itself, whatever is written", () => {
		const few = fc.nat(8);
		fc.assert(
			fc.property(few, few, few, few, (offered, salable, open, sold) => {
				const planned = plan(slotAt(offered, salable, salable + open));
				if (planned.act !== "write" || planned.kind !== "over") return;
				const written = planned.quantity + (planned.open ?? 0);
				expect(written).toBeGreaterThanOrEqual(open);
				expect(written - (open + sold)).toBe(offered - sold);
			}),
		);
	});

	it("closes at zero, and leaves what lies there to the open orders", () => {
		const closing = sent(slotAt(0, 2, 5), 2_000);
		expect(closing.flight).toMatchObject({ kind: "fence", quantity: 0, open: 5 });
		const closed = settle(closing, { result: "applied" }, 2_100, facts);
		expect(believed(closed)).toBe(0);
		expect(closed.reservations).toEqual({ source: 5, open: 3 });
		expect(plan(closed)).toEqual({ act: "nothing" });
	});

	// P4 found it: more was sold while a lowering was under way than that left, and closing left them unshippable.
	it("S8 leaves no less than open orders have to ship when it closes a listing that sold below zero", () => {
		expect(plan(slotAt(0, -2, 3))).toMatchObject({ kind: "fence", open: 5 });
		expect(plan(slotAt(1, -2, 3))).toMatchObject({ kind: "over", quantity: 1, open: 5 });
	});

	it("S4 keeps a sale that was heard while the write was in flight", () => {
		const sold = hearSale(sent(slotAt(4, 6, 9), 2_000), 1, { from: 2_050, to: 2_050 }, 2_060, 0);
		expect(believed(settle(sold, { result: "applied" }, 2_100, facts))).toBe(3);
	});

	it("reads back, and takes off at once what a shipment in between has added", () => {
		const wrote = settle(sent(slotAt(4, 6, 9), 2_000), { result: "applied" }, 2_100, facts);
		expect(wrote).toMatchObject({ readDueAt: 2_100, reservations: { source: 7, open: 3 } });
		const { slot, verdict } = hearLevel(wrote, report(5, 7, 2_200, wrote.expectedVersion), facts);
		expect([verdict, believed(slot)]).toEqual(["settled", 5]);
		expect(plan(slot, 2_300)).toMatchObject({ kind: "over", quantity: 4, expected: 5, open: 2 });
	});

	it("S5 takes a shipment that no write has crossed for nothing at all", () => {
		const { slot, verdict } = hearLevel(slotAt(6, 6, 9), report(6, 7, 3_000, 0), facts);
		expect(verdict).toBe("echo");
		expect(slot.reservations).toEqual({ source: 7, open: 1 });
		expect(plan(slot, 3_100)).toEqual({ act: "nothing" });
	});

	it("R7 corrects an edit of what lies there", () => {
		const first = hearLevel(slotAt(6, 6, 9), report(8, 11, 3_000, 0), facts).slot;
		const { slot, verdict } = hearLevel(first, report(8, 11, 14_000, first.expectedVersion), facts);
		expect(verdict).toBe("drift");
		expect(plan(acceptShown(slot), 14_100)).toMatchObject({ kind: "over", quantity: 6, expected: 8, open: 3 });
	});

	it("S6 after a lost answer raises nothing until it was read past the last moment at which it could land", () => {
		const lost = settle(sent(slotAt(9, 6, 9), 2_000), { result: "unknown" }, 2_100, facts);
		expect(plan(lost, 3_000)).toMatchObject({ act: "wait", why: "lost_answer" });
		expect(plan({ ...lost, offered: 2, pacedUntil: null }, 3_000)).toMatchObject({ kind: "fence", open: 9 });
		const once = hearLevel(lost, report(9, 12, 40_000, lost.expectedVersion), facts).slot;
		const { slot, verdict } = hearLevel(once, report(9, 12, 51_000, once.expectedVersion), facts);
		expect([verdict, believed(slot)]).toEqual(["settled", 9]);
	});
});

describe("in escrow", () => {
	const free = (units: number): Escrow => ({ free: units, units: 1 });

	it("E1 raises by what is free beyond what its open orders have to ship", () => {
		expect(plan(slotAt(8, 2, 3), 2_000, free(9))).toMatchObject({ kind: "over", quantity: 8, open: 1 });
		expect(plan(slotAt(8, 2, 3), 2_000, free(6))).toMatchObject({ kind: "over", quantity: 5, open: 1 });
	});

	it("E1 lowers behind a closed listing when its number isn't free, and opens it with what that has freed", () => {
		expect(plan(slotAt(3, 8, 10), 2_000, free(0))).toMatchObject({ kind: "fence", open: 10 });
		const emptied = slotAt(3, 0, 2, { isFenced: true });
		expect(plan(emptied, 2_000, free(8))).toMatchObject({ kind: "over", quantity: 3, open: 2 });
		expect(plan(emptied, 2_000, free(4))).toMatchObject({ kind: "over", quantity: 2, open: 2 });
	});

	it("keeps what it shows when it could not be opened again", () => {
		const full = slotAt(3, 8, 18);
		expect(plan(full, 2_000, free(1))).toEqual({ act: "wait", until: null, why: "none_free" });
		expect(plan({ ...full, offered: 9 }, 2_000, free(1))).toEqual({ act: "wait", until: null, why: "none_free" });
		expect(plan({ ...full, offered: 0 }, 2_000, free(0))).toMatchObject({ kind: "fence" });
	});

	it("lowers at once, behind nothing, where more is held than there is and it could not be opened again", () => {
		expect(plan(slotAt(3, 8, 18), 2_000, free(-16))).toMatchObject({ kind: "over", quantity: 3, open: 10 });
		expect(plan(slotAt(3, 8, 8), 2_000, free(-1))).toMatchObject({ kind: "fence" });
	});

	it("B2 holds the number and what may ship from the claim until it was read and the orders past that", () => {
		const ceilingOf = ({ sellable }: Slot) => (sellable as Sellable).bound + (sellable as Sellable).doubt;
		const flying = sent(slotAt(3, 1, 3), 2_000, free(9));
		expect(ceilingOf(flying)).toBe(6);
		const wrote = settle(flying, { result: "applied" }, 2_100, facts);
		const read = hearLevel(wrote, report(4, 5, 2_200, wrote.expectedVersion), facts).slot;
		expect(ceilingOf(read)).toBe(6);
		const again = hearLevel(read, report(4, 5, 12_300, read.expectedVersion, 12_200), facts).slot;
		expect(ceilingOf(again)).toBe(4);
	});
});
