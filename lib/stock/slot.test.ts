import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { believed, emptySlot, type Slot, type SlotFacts } from "./slot";
import { acceptShown, hearLevel, hearSale, reoffer } from "./slot-news";
import { planWrite } from "./slot-plan";
import { claim, settle } from "./slot-writes";

const compare: SlotFacts = {
	writeMode: "compare",
	orderListLagMs: 10_000,
	lateWriteMs: 30_000,
	appliesAfterMs: null,
	scarceUnits: 3,
	paceMs: 1_000,
	ordersFreshMs: 5_000,
};
const absolute: SlotFacts = { ...compare, writeMode: "absolute" };
const delta: SlotFacts = { ...compare, writeMode: "delta" };
const slackMs = 1_000;

const slotAt = (offered: number, expected: number, more: Partial<Slot> = {}): Slot => ({
	...emptySlot,
	offered,
	offeredVersion: 1,
	expected,
	shown: expected,
	shownAt: 0,
	...more,
});

/** A level read that was answered at once. */
const report = (quantity: number, readAt: number, ordersReadAt: number, expectedVersion: number, tookMs = 0) => ({
	quantity,
	readAt,
	answeredAt: readAt + tookMs,
	ordersReadAt,
	expectedVersion,
});

function write(slot: Slot, facts: SlotFacts, now: number): Slot {
	const plan = planWrite(slot, facts, now, now);
	if (plan.act !== "write") throw new Error(`expected a write, got ${JSON.stringify(plan)}`);
	return claim(slot, plan, { pushId: `p${now}`, now, leaseMs: 60_000 }, facts);
}

describe("a slot", () => {
	it("S1 compares with what we expect, not with what was read", () => {
		const plan = planWrite(slotAt(4, 6), compare, 1, 1);
		expect(plan).toEqual({ act: "write", kind: "compare", quantity: 4, expected: 6 });
	});

	it("S2 lowers at once but raises only when nothing is unexplained", () => {
		const unsure = { unexplained: -1, unexplainedSince: 5, shown: 5, shownAt: 5 };
		expect(planWrite(slotAt(8, 6, unsure), compare, 10, 10)).toMatchObject({ act: "wait", why: "unexplained" });
		expect(planWrite(slotAt(3, 6, unsure), compare, 10, 10)).toMatchObject({
			act: "write",
			quantity: 2,
			expected: 5,
		});
		expect(planWrite(slotAt(8, 6, { readDueAt: 99 }), compare, 10, 10)).toMatchObject({ act: "wait", until: 99 });
	});

	it("below zero by what was heard, adds nothing before its level was read, and then only what is there", () => {
		// One unit, sold twice: it was given back in between, of which nobody has told us yet.
		const twice = hearSale(hearSale(slotAt(0, 1), 1, { from: 10, to: 10 }, 11, 0), 1, { from: 20, to: 20 }, 21, 0);
		expect(believed(twice)).toBe(-1);
		expect(planWrite(twice, delta, 2_000, 2_000)).toEqual({ act: "read_level" });
		expect(planWrite({ ...twice, offered: 4 }, delta, 2_000, 2_000)).toEqual({ act: "read_level" });
		const seen = hearLevel(twice, report(0, 2_100, 2_050, twice.expectedVersion), delta).slot;
		expect(believed(seen)).toBe(0);
		expect(planWrite(seen, delta, 2_200, 2_050).act).not.toBe("write");
		// In escrow a raise from there takes nothing that isn't free.
		expect(planWrite({ ...twice, shown: -1 }, delta, 2_000, 2_000, { free: -1, units: 1 }).act).toBe("wait");
		// A platform that compares is asked whether it is so.
		expect(planWrite(twice, compare, 2_000, 2_000)).toMatchObject({ act: "write", kind: "compare", expected: -1 });
	});

	it("S3 has one write in flight", () => {
		const flying = write(slotAt(4, 6), compare, 1);
		expect(planWrite({ ...flying, offered: 2 }, compare, 2, 2)).toMatchObject({ act: "wait", why: "in_flight" });
		expect(() =>
			claim(
				flying,
				{ act: "write", kind: "compare", quantity: 1, expected: 6 },
				{ pushId: "x", now: 2, leaseMs: 1 },
				compare,
			),
		).toThrow("S3");
	});

	it("S4 keeps a sale that was heard while the write was in flight", () => {
		const flying = write(slotAt(4, 6), compare, 1);
		const sold = hearSale(flying, 1, { from: 2, to: 2 }, 3, slackMs);
		expect(believed(settle(sold, { result: "applied" }, 4, compare))).toBe(3);
	});

	it("S5 takes a level that it expects as an echo", () => {
		const { slot, verdict } = hearLevel(slotAt(6, 6), report(6, 9, 8, 0), compare);
		expect(verdict).toBe("echo");
		expect(planWrite(slot, compare, 10, 10)).toEqual({ act: "nothing" });
	});

	it("takes a genuine edit back to an earlier value as an edit", () => {
		const wrote = settle(write(slotAt(5, 4), compare, 1), { result: "applied" }, 2, compare);
		const first = hearLevel(wrote, report(4, 20, 19, wrote.expectedVersion), compare);
		expect(first.verdict).toBe("waiting");
		const again = hearLevel(first.slot, report(4, 40_000, 39_000, first.slot.expectedVersion), compare);
		expect(again.verdict).toBe("drift");
		expect(planWrite(acceptShown(again.slot), compare, 50_000, 50_000)).toMatchObject({
			act: "write",
			quantity: 5,
			expected: 4,
		});
	});

	it("lets a late sale explain what a read had already shown, once", () => {
		const read = hearLevel(slotAt(6, 6), report(5, 10_000, 9_000, 0), compare).slot;
		expect(read.unexplained).toBe(-1);
		const heard = hearSale(read, 1, { from: 5_000, to: 5_000 }, 12_000, slackMs);
		expect(heard).toMatchObject({ expected: 5, unexplained: 0 });
		expect(believed(heard)).toBe(5);
	});

	it("reads again when the stamps can't tell whether a read had the sale in it", () => {
		const read = hearLevel(slotAt(6, 6), report(6, 10_000, 9_000, 0), compare).slot;
		const heard = hearSale(read, 1, { from: 9_500, to: 9_500 }, 12_000, slackMs);
		expect(heard).toMatchObject({ expected: 5, readDueAt: 12_000 });
	});

	it("S6 raises nothing after a lost answer until two reads agree past the last moment it could land", () => {
		const lost = settle(write(slotAt(8, 6), { ...absolute, scarceUnits: 0 }, 1), { result: "unknown" }, 2, absolute);
		expect(planWrite(lost, absolute, 3, 3)).toMatchObject({ act: "wait", why: "lost_answer" });
		expect(lost.readDueAt).toBe(30_002);
		const version = lost.expectedVersion;
		const once = hearLevel(lost, report(8, 30_010, 30_005, version), absolute);
		expect(once).toMatchObject({ verdict: "waiting", slot: { readDueAt: 40_010 } });
		expect(hearLevel(once.slot, report(8, 30_020, 30_005, version), absolute).verdict).toBe("waiting");
		const twice = hearLevel(once.slot, report(8, 40_020, 40_015, version), absolute);
		expect(twice.verdict).toBe("settled");
		expect(believed(twice.slot)).toBe(8);
	});

	it("reads the channel's orders before an absolute write, unless they were read just now", () => {
		expect(planWrite(slotAt(20, 30), absolute, 10_000, null)).toEqual({ act: "read_orders" });
		expect(planWrite(slotAt(20, 30), absolute, 10_000, 4_000)).toEqual({ act: "read_orders" });
		expect(planWrite(slotAt(20, 30), absolute, 10_000, 6_000)).toMatchObject({ act: "write", kind: "set" });
	});

	it("R8 lowers blindly only after a read that is due, where the first write wins; a lowering elsewhere goes at once", () => {
		const due = slotAt(20, 30, { readDueAt: 9_000 });
		const plan = (facts: SlotFacts, slot = due) => planWrite(slot, facts, 10_000, 9_500).act;
		expect(plan({ ...absolute, looksFirst: true })).toBe("read_level");
		expect(plan(absolute)).toBe("write");
		expect(plan({ ...compare, looksFirst: true })).toBe("write");
		expect(plan({ ...absolute, looksFirst: true }, { ...due, readDueAt: 11_000 })).toBe("write");
		expect(plan({ ...absolute, looksFirst: true }, { ...due, maybe: 3 })).toBe("wait");
	});

	it("S7 puts zero before a scarce absolute raise or lowering, then reads, then writes", () => {
		const fencing = write(slotAt(2, 3), absolute, 1);
		expect(fencing.flight).toMatchObject({ kind: "fence", quantity: 0 });
		const fenced = settle(fencing, { result: "applied" }, 2, absolute);
		expect(planWrite(fenced, absolute, 3, 3)).toMatchObject({ act: "wait", why: "fenced" });
		const early = hearLevel(fenced, report(0, 5, 4, fenced.expectedVersion), absolute);
		expect(early).toMatchObject({ verdict: "void", slot: { readDueAt: 10_002 } });
		const read = hearLevel(early.slot, report(0, 10_005, 10_003, fenced.expectedVersion), absolute);
		expect(planWrite(read.slot, absolute, 10_006, 10_003)).toMatchObject({
			act: "write",
			kind: "set",
			quantity: 2,
			expected: 0,
		});
	});

	it("S7 takes what a fence hid for sales, not for an edit, however many it hid", () => {
		let fenced = write(slotAt(2, 5), absolute, 10_000);
		for (const at of [10_010, 10_020, 10_030]) fenced = hearSale(fenced, 1, { from: at, to: at }, at, slackMs);
		fenced = hearSale(
			settle(fenced, { result: "applied" }, 10_100, absolute),
			1,
			{ from: 10_040, to: 10_040 },
			10_200,
			slackMs,
		);
		expect(believed(fenced)).toBe(-4);
		const { slot, verdict } = hearLevel(fenced, report(0, 20_200, 20_150, fenced.expectedVersion), absolute);
		expect(verdict).toBe("settled");
		expect(slot).toMatchObject({ expected: 0, unexplained: 0, isFenced: true });
	});

	it("S7 ignores the late news of a sale that the fence hid", () => {
		const fenced = settle(write(slotAt(2, 3), absolute, 10_000), { result: "applied" }, 10_100, absolute);
		const read = hearLevel(fenced, report(0, 20_200, 20_150, fenced.expectedVersion), absolute).slot;
		expect(believed(hearSale(read, 1, { from: 9_000, to: 9_000 }, 21_000, slackMs))).toBe(0);
	});

	it("adopts what a read-back shows when an absolute write hid a sale", () => {
		const wrote = settle(write(slotAt(20, 30), absolute, 1), { result: "applied" }, 2, absolute);
		const heard = hearSale(wrote, 1, { from: 1, to: 1 }, 3, 0);
		const { slot, verdict } = hearLevel(heard, report(20, 5, 4, heard.expectedVersion), absolute);
		expect(verdict).toBe("settled");
		expect(believed(slot)).toBe(20);
	});

	it("R7 calls units too many drift, though they were taken off at once, and a sale meanwhile doesn't make them younger", () => {
		for (const facts of [compare, absolute]) {
			const found = hearLevel(slotAt(12, 12), report(30, 10_000, 9_000, 0), facts).slot;
			const lowered = settle(write(found, facts, 10_100), { result: "applied" }, 10_200, facts);
			expect(believed(lowered)).toBe(12);
			const readBack = hearLevel(lowered, report(12, 10_300, 10_300, lowered.expectedVersion), facts);
			expect(readBack, facts.writeMode).toMatchObject({
				verdict: "waiting",
				slot: { unexplained: 18, unexplainedSince: 10_000, readDueAt: 20_000 },
			});
			const sold = hearSale(readBack.slot, 1, { from: 10_500, to: 10_500 }, 11_000, 0);
			const judged = hearLevel(sold, report(11, 20_100, 20_000, sold.expectedVersion), facts);
			expect([judged.verdict, judged.slot.unexplained]).toEqual(["drift", 18]);
			expect(believed(acceptShown(judged.slot))).toBe(11);
		}
	});

	it("tells a sale that an absolute write hid from the units too many that it took off", () => {
		const found = hearLevel(slotAt(12, 12), report(30, 10_000, 9_000, 0), absolute).slot;
		const lowered = settle(write(found, absolute, 10_100), { result: "applied" }, 10_200, absolute);
		const heard = hearSale(lowered, 1, { from: 10_150, to: 10_150 }, 10_250, 0);
		const { slot, verdict } = hearLevel(heard, report(12, 10_300, 10_300, heard.expectedVersion), absolute);
		expect([verdict, believed(slot), slot.unexplained]).toEqual(["settled", 12, 18]);
	});

	it("can't tell whether a sale between a read's request and its answer is in the value, and reads again", () => {
		const read = hearLevel(slotAt(6, 6), report(6, 10_000, 9_000, 0, 400), compare).slot;
		expect(hearSale(read, 1, { from: 10_300, to: 10_300 }, 12_000, 0).readDueAt).toBe(12_000);
		expect(hearSale(read, 1, { from: 10_500, to: 10_500 }, 12_000, 0).readDueAt).toBeNull();
	});

	it("R7 calls it drift only when the list of orders reaches past the answer that showed it", () => {
		const seen = hearLevel(slotAt(6, 6), report(5, 10_000, 9_000, 0, 400), compare).slot;
		expect(seen).toMatchObject({ unexplained: -1, unexplainedSince: 10_400, readDueAt: 20_400 });
		const again = (ordersReadAt: number) =>
			hearLevel(seen, report(5, 20_500, ordersReadAt, seen.expectedVersion), compare).verdict;
		expect(again(20_399)).toBe("waiting");
		expect(again(20_400)).toBe("drift");
	});

	/** A raise from 6 to 8, its answer lost at 2. */
	const lostRaise = (facts: SlotFacts) =>
		settle(write(slotAt(8, 6), { ...facts, scarceUnits: 0 }, 1), { result: "unknown" }, 2, facts);

	it("S6 begins its reading anew when a sale may or may not be in the first one", () => {
		const lost = lostRaise(delta);
		const once = hearLevel(lost, report(8, 40_000, 39_000, lost.expectedVersion, 400), delta).slot;
		expect(once).toMatchObject({ shown: 8, readDueAt: 50_400 });
		const between = hearSale(once, 1, { from: 40_300, to: 40_300 }, 41_000, 0);
		expect(between).toMatchObject({ shown: null, shownAt: null, readDueAt: 41_000 });
		const after = hearSale(once, 1, { from: 40_500, to: 40_500 }, 41_000, 0);
		expect(after).toMatchObject({ shown: 7, shownAt: 40_000, readDueAt: 50_400 });
		const settled = hearLevel(after, report(7, 50_500, 50_400, after.expectedVersion), delta);
		expect([settled.verdict, believed(settled.slot)]).toEqual(["settled", 7]);
	});

	it("S6 counts no reading from before the last moment at which the lost write can land", () => {
		const lost = lostRaise(delta);
		const early = hearLevel(lost, report(6, 20_000, 19_000, lost.expectedVersion), delta);
		expect(early).toMatchObject({ verdict: "void", slot: { shownAt: null, readDueAt: 30_002 } });
		const begunBefore = hearLevel(lost, report(6, 40_000, 39_000, lost.expectedVersion - 1), delta);
		expect(begunBefore).toMatchObject({ verdict: "void", slot: { shownAt: null } });
	});

	it("S6 lowers meanwhile by a delta, from the most that the lost write can have left", () => {
		const lost = { ...lostRaise(delta), offered: 4 };
		expect(planWrite(lost, delta, 1_500, 1_500)).toEqual({ act: "write", kind: "delta", quantity: 2, expected: 6 });
		expect(planWrite({ ...lost, offered: 7 }, delta, 1_500, 1_500)).toMatchObject({
			act: "write",
			quantity: 5,
			expected: 6,
		});
		expect(planWrite({ ...lost, offered: 9 }, delta, 1_500, 1_500)).toMatchObject({ act: "wait", why: "lost_answer" });
	});

	it("S6 moves the first reading along with a delta, and forgets it at an absolute write", () => {
		const read = (facts: SlotFacts): Slot => {
			const lost = lostRaise(facts);
			const slot = hearLevel(lost, report(8, 40_000, 39_000, lost.expectedVersion), facts).slot;
			return { ...slot, offered: 2, pacedUntil: null };
		};
		const lowered = settle(write(read(delta), delta, 41_000), { result: "applied" }, 41_100, delta);
		expect(lowered).toMatchObject({ maybe: 2, shown: 2, shownAt: 40_000 });
		const fenced = settle(write(read(absolute), absolute, 41_000), { result: "applied" }, 41_100, absolute);
		expect(fenced).toMatchObject({ maybe: 2, isFenced: true, shown: null, shownAt: null, readDueAt: 41_100 });
	});

	it("S7 raises behind a fence only when the orders from before it must be in the list, whatever comes in between", () => {
		const fenced = settle(write(slotAt(2, 3), absolute, 1), { result: "applied" }, 2, absolute);
		const begunBefore = hearLevel(fenced, report(1, 1, 0, fenced.expectedVersion - 1), absolute).slot;
		expect(begunBefore.readDueAt).toBe(10_002);
		const unsure = { ...fenced, unexplained: -1, unexplainedSince: 0 };
		expect(hearSale(unsure, 2, { from: 0, to: 0 }, 500, 0).readDueAt).toBe(10_002);
	});

	it("S6 writes only zero beside a lost absolute write", () => {
		const lost = { ...lostRaise(absolute), pacedUntil: null };
		expect(planWrite({ ...lost, offered: 3 }, absolute, 3, 3)).toMatchObject({
			act: "write",
			kind: "fence",
			quantity: 0,
		});
		const plenty = { ...lost, offered: 200, expected: 300 };
		expect(planWrite(plenty, absolute, 3, 3)).toMatchObject({ act: "wait", why: "lost_answer" });
	});

	it("mends what a blind write hid without waiting for its pace", () => {
		const paced = { ...slotAt(20, 30), pacedUntil: 99_000 };
		const wrote = settle(write({ ...paced, pacedUntil: null }, absolute, 1), { result: "applied" }, 2, absolute);
		const unheard = hearLevel({ ...wrote, pacedUntil: 99_000 }, report(20, 5, 4, wrote.expectedVersion), absolute).slot;
		expect(unheard.pacedUntil).toBe(99_000);
		const late = reoffer(hearSale(unheard, 1, { from: 1, to: 1 }, 50, 0), 19, 1, 50);
		expect(late).toMatchObject({ expected: 20, pacedUntil: null });
		const heard = hearSale({ ...wrote, pacedUntil: 99_000 }, 1, { from: 1, to: 1 }, 3, 0);
		const read = hearLevel(heard, report(20, 5, 4, heard.expectedVersion), absolute);
		expect(read).toMatchObject({ verdict: "settled", slot: { expected: 20, pacedUntil: null } });
	});

	it("S7 takes any fall of the offer for its pace, so that a burst elsewhere fences too", () => {
		const calm = slotAt(20, 30, { shownAt: 0 });
		expect(planWrite(calm, absolute, 1_000, 1_000)).toMatchObject({ kind: "set" });
		const burst = reoffer(reoffer(calm, 14, 0, 900), 13, 1, 950);
		expect(burst.soldUnits).toBeCloseTo(7, 1);
		expect(planWrite(burst, absolute, 1_000, 1_000)).toMatchObject({ kind: "fence", quantity: 0 });
		expect(planWrite({ ...burst, offered: 200 }, absolute, 1_000, 1_000)).toMatchObject({ kind: "set" });
	});

	it("paces unhurried writes to a burst of two, then one per pace, but never a fall to scarce", () => {
		let slot = slotAt(50, 60);
		let writes = 0;
		for (let now = 0; now <= 10_000; now += 10) {
			slot = { ...slot, offered: 50 - (now % 20) / 10, offeredVersion: now };
			const plan = planWrite(slot, compare, now, now);
			if (plan.act !== "write") continue;
			writes++;
			slot = settle(claim(slot, plan, { pushId: "p", now, leaseMs: 1 }, compare), { result: "applied" }, now, compare);
		}
		expect(writes).toBeLessThanOrEqual(12);
		expect(planWrite({ ...slot, offered: 0 }, compare, 10_001, 10_001)).toMatchObject({ act: "write", quantity: 0 });
	});

	it("S4 believes what a comparing channel shows, whatever the order of sales, writes and news", () => {
		const step = fc.oneof(
			fc.record({ do: fc.constant("sell" as const), units: fc.integer({ min: 1, max: 3 }) }),
			fc.record({ do: fc.constant("hear" as const) }),
			fc.record({ do: fc.constant("offer" as const), quantity: fc.nat(20) }),
			fc.record({ do: fc.constant("send" as const) }),
			fc.record({ do: fc.constant("land" as const) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				let truth = 10;
				let slot = slotAt(10, 10);
				let now = 1;
				const unheard: { units: number; at: number }[] = [];
				for (const next of steps) {
					now += 10;
					if (next.do === "sell") {
						truth -= next.units;
						unheard.push({ units: next.units, at: now });
					} else if (next.do === "hear") {
						const sale = unheard.shift();
						if (sale) slot = hearSale(slot, sale.units, { from: sale.at, to: sale.at }, now, 0);
					} else if (next.do === "offer") slot = { ...slot, offered: next.quantity, pacedUntil: null };
					else if (next.do === "send") {
						const plan = planWrite(slot, compare, now, now);
						if (plan.act === "write") slot = claim(slot, plan, { pushId: "p", now, leaseMs: 1 }, compare);
					} else if (slot.flight) {
						const lands = slot.flight.expected === truth;
						if (lands) truth = slot.flight.quantity;
						slot = settle(slot, { result: lands ? "applied" : "stale" }, now, compare);
						if (!lands) slot = { ...slot, readDueAt: null };
					}
				}
				if (slot.flight) return;
				for (const sale of unheard) slot = hearSale(slot, sale.units, { from: sale.at, to: sale.at }, now, 0);
				expect(believed(slot)).toBe(truth);
			}),
		);
	});
});
