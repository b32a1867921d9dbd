/** S9: what a look at the level may make of a write that was only accepted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasLanded, neverApplied } from "./accepted";
import { ceiling, sellableOf } from "./bound";
import { believed, emptySlot, type Slot, type SlotFacts } from "./slot";
import { hearLevel, hearSale } from "./slot-news";
import { planWrite } from "./slot-plan";
import { claim, settle } from "./slot-writes";

const absolute: SlotFacts = {
	writeMode: "absolute",
	orderListLagMs: 10_000,
	lateWriteMs: 900_000,
	appliesAfterMs: 60_000,
	scarceUnits: 3,
	paceMs: 1_000,
	ordersFreshMs: 5_000,
};
const delta: SlotFacts = { ...absolute, writeMode: "delta" };

const slotAt = (offered: number, expected: number): Slot => ({
	...emptySlot,
	offered,
	offeredVersion: 7,
	skuVersion: 9,
	expected,
	shown: expected,
	shownAt: 0,
	sellable: sellableOf(expected),
});

function sent(slot: Slot, facts: SlotFacts, now: number): Slot {
	const plan = planWrite(slot, facts, now, now);
	if (plan.act !== "write") throw new Error(`expected a write, got ${JSON.stringify(plan)}`);
	return claim(slot, plan, { pushId: `p${now}`, now, leaseMs: 60_000 }, facts);
}
const accepted = (slot: Slot, facts: SlotFacts, now = 100) =>
	settle(sent(slot, facts, now - 100), { result: "accepted" }, now, facts);

/** A look, its orders read as late as the look or `ordersAt`. */
const look = (slot: Slot, quantity: number, at: number, facts: SlotFacts, ordersAt = at) =>
	hearLevel(
		slot,
		{ quantity, readAt: at, answeredAt: at, ordersReadAt: ordersAt, expectedVersion: slot.expectedVersion },
		facts,
	);
const ceilingOf = ({ sellable }: Slot) => sellable && ceiling(sellable);

describe("S9 a write that was accepted", () => {
	it("holds its doubt, raises nothing, and is looked at once it has most often landed", () => {
		const slot = accepted(slotAt(30, 20), absolute);
		expect(slot).toMatchObject({ maybe: 10, readDueAt: 60_100, accepted: { quantity: 30, until: 900_100 } });
		expect(ceilingOf(slot)).toBe(50);
		expect(planWrite({ ...slot, offered: 35 }, absolute, 200, 200)).toMatchObject({ act: "wait", why: "lost_answer" });
		expect(look(slot, 30, 59_000, absolute).verdict).toBe("void");
	});

	it("is settled by a look once the orders are read past it, without waiting for the last moment", () => {
		const first = look(accepted(slotAt(30, 20), absolute), 30, 60_100, absolute);
		expect(first).toMatchObject({ verdict: "waiting", slot: { readDueAt: 70_100 } });
		const { slot, verdict, write } = look(first.slot, 30, 70_200, absolute);
		expect([verdict, write?.fate, write?.pushId]).toEqual(["settled", "applied", "p0"]);
		expect(slot).toMatchObject({
			accepted: null,
			maybe: null,
			expected: 30,
			confirmedVersion: 7,
			confirmedSkuVersion: 9,
		});
		expect(ceilingOf(slot)).toBe(30);
	});

	it("that hid a sale is seen to have landed all the same: the number less any of what was sold since", () => {
		const sold = hearSale(accepted(slotAt(30, 20), absolute), 2, { from: 30_000, to: 30_000 }, 31_000, 0);
		const first = look(sold, 29, 60_100, absolute);
		const { slot, write } = look(first.slot, 29, 70_200, absolute);
		expect(write?.fate).toBe("applied");
		expect([believed(slot), ceilingOf(slot)]).toEqual([29, 29]);
	});

	it("that has moved nothing yet is looked at again after as long, and at last when it can no longer land", () => {
		let slot = accepted(slotAt(30, 20), absolute);
		const looks: number[] = [];
		while (slot.readDueAt !== null && looks.length < 9) {
			looks.push(slot.readDueAt);
			if (slot.readDueAt >= 900_100) break;
			slot = look(slot, 20, slot.readDueAt, absolute).slot;
		}
		expect(looks).toEqual([60_100, 120_100, 240_100, 480_100, 900_100]);
		expect(slot).toMatchObject({ maybe: 10, expected: 20 });
	});

	it("is no wiser for a sale that its orders have not told yet", () => {
		const first = look(accepted(slotAt(8, 10), { ...absolute, scarceUnits: 0 }), 8, 60_100, absolute);
		const told = hearSale(first.slot, 2, { from: 50_000, to: 50_000 }, 65_000, 0);
		const { slot, verdict } = look(told, 8, 70_200, absolute);
		expect([verdict, slot.maybe]).toEqual(["waiting", -2]);
		expect(slot.accepted).not.toBeNull();
	});

	it("never applied is sent again once, then it is held for a person, in words", () => {
		const isNeverApplied = (slot: Slot, now: number) => {
			const first = look(slot, 20, now + 900_000, absolute);
			return look(first.slot, 20, now + 911_000, absolute);
		};
		const once = isNeverApplied(accepted(slotAt(30, 20), absolute), 100);
		expect([once.write?.fate, once.slot.unapplied, once.slot.heldReason]).toEqual(["not_applied", 1, null]);
		expect(ceilingOf(once.slot)).toBe(20);
		const again = accepted(once.slot, absolute, 1_000_000);
		const twice = isNeverApplied(again, 1_000_000);
		expect([twice.write?.fate, twice.slot.heldReason]).toEqual(["not_applied", neverApplied]);
		expect(planWrite(twice.slot, absolute, 2_000_000, 2_000_000)).toEqual({ act: "nothing" });
	});

	it("beside which another leaves waits for the last moment: which of them a look shows nobody can tell", () => {
		const raised = accepted(slotAt(30, 20), delta);
		const lowering = sent({ ...raised, offered: 12 }, delta, 10_000);
		expect(lowering.flight).toMatchObject({ kind: "delta", quantity: 2, expected: 20 });
		const both = settle(lowering, { result: "accepted" }, 10_100, delta);
		expect(both).toMatchObject({ readDueAt: 910_100, accepted: { isAlone: false, taken: 18 } });
		expect(look(both, 12, 100_000, delta).verdict).toBe("void");
		const first = look(both, 12, 910_200, delta);
		const { slot, write } = look(first.slot, 12, 921_000, delta);
		expect([write?.fate, slot.expected, slot.accepted]).toEqual(["unclear", 12, null]);
	});

	it("beside which another leaves is not believed before that moment, though news has put the look forward", () => {
		const raised = accepted(slotAt(415, 45), delta);
		const both = settle(sent({ ...raised, offered: 414 }, delta, 2_000), { result: "accepted" }, 2_100, delta);
		const hinted: Slot = { ...both, readDueAt: 4_000 };
		for (const [shown, at] of [
			[45, 4_100],
			[415, 20_000],
			[414, 40_000],
		] as const) {
			const { slot, verdict } = look(hinted, shown, at, delta);
			expect([verdict, slot.maybe, slot.expected, slot.readDueAt]).toEqual(["waiting", 370, 45, 902_100]);
		}
		const first = look(hinted, 414, 902_200, delta);
		expect(look(first.slot, 414, 913_000, delta)).toMatchObject({
			verdict: "settled",
			slot: { expected: 414, unexplained: 0, maybe: null },
		});
	});

	it("of which no answer came is not believed before that moment either", () => {
		const lost = settle(sent(slotAt(415, 45), delta, 0), { result: "unknown" }, 100, delta);
		const { slot, verdict } = look({ ...lost, readDueAt: null }, 45, 5_000, delta);
		expect([verdict, slot.maybe, slot.readDueAt]).toEqual(["waiting", 370, 900_100]);
	});

	it("is not taken twice while it is on its way, and what is to be lowered further is taken from there", () => {
		const lowered = accepted(slotAt(8, 10), delta);
		expect(planWrite(lowered, delta, 5_000, 5_000)).toMatchObject({ act: "wait", why: "lost_answer" });
		expect(planWrite({ ...lowered, offered: 7 }, delta, 5_000, 5_000)).toEqual({
			act: "write",
			kind: "delta",
			quantity: 9,
			expected: 10,
		});
		const fenced = accepted(slotAt(2, 3), absolute);
		expect(planWrite(fenced, absolute, 5_000, 5_000)).toMatchObject({ act: "wait", why: "lost_answer" });
	});

	it.each([absolute, delta])(
		"R7 leaves units too many to be explained that it took off ($writeMode), less what was given back",
		(facts) => {
			const found = look(slotAt(140, 140), 148, 50_000, facts, 40_000);
			expect(found).toMatchObject({ verdict: "waiting", slot: { unexplained: 8 } });
			const lowered = accepted({ ...found.slot, readDueAt: null }, facts, 51_000);
			const settled = (slot: Slot, shows: number) => {
				const first = look(slot, shows, 960_000, facts).slot;
				return look(first, shows, 980_000, facts).slot;
			};
			const slot = settled(lowered, 140);
			expect(slot).toMatchObject({ maybe: null, unexplained: 8, expected: 132, readDueAt: 980_000 });
			expect(believed(slot)).toBe(140);
			expect(look(slot, 140, 990_000, facts).verdict).toBe("drift");

			const returned = hearSale(lowered, -3, { from: 10_000, to: 10_000 }, 52_000, 0);
			expect(settled({ ...returned, sellable: lowered.sellable }, 140)).toMatchObject({
				unexplained: 5,
				expected: 135,
			});
		},
	);
});

it("S9 no sales alone look like a landing, and a raise that landed always does, whatever was sold before and after it", () => {
	fc.assert(
		fc.property(
			fc.constantFrom("delta" as const, "set" as const),
			fc.nat(40),
			fc.nat(40),
			fc.nat(20),
			fc.nat(20),
			(kind, from, quantity, before, after) => {
				const write = { kind, quantity, expected: from };
				const unlanded = from - before - after;
				expect(hasLanded(write, unlanded, unlanded)).toBe(false);
				const shown = (kind === "set" ? quantity : from - before + quantity - from) - after;
				if (quantity > from) expect(hasLanded(write, shown, unlanded)).toBe(true);
			},
		),
	);
});
