/** A slot walked at random through all that can happen to it, in every write mode: what it comes to is what the table says. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { believed, emptySlot, type Slot, type SlotFacts } from "./slot";
import { slotDefaults } from "./slot-defaults";
import { acceptShown, hearLevel, hearSale, reoffer } from "./slot-news";
import { planWrite } from "./slot-plan";
import { type SlotSignal, type SlotState, slotSignals, slotState, slotStates, slotTable } from "./slot-table";
import { claim, hearOrdersRead, settle } from "./slot-writes";
import type { WriteMode } from "./write-mode";

const walks = 3_000;

const anyStep = fc.record({
	signal: fc.constantFrom(...slotSignals),
	waitMs: fc.constantFrom(10, 500, 3_000, 40_000),
	/** Of what is offered, of what was read or is free. */
	units: fc.integer({ min: -2, max: 12 }),
	isUsual: fc.boolean(),
	isLate: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;
const anyWalk = fc.record({
	writeMode: fc.constantFrom<WriteMode>("compare", "delta", "absolute", "over_reservations"),
	accepts: fc.boolean(),
	steps: fc.array(anyStep, { minLength: 200, maxLength: 300, size: "max" }),
});

type At = { now: number; ordersReadAt: number | null; facts: SlotFacts; accepts: boolean };

/** Null: it does not come now. */
function after(slot: Slot, { signal, units, isUsual, isLate }: Step, at: At): Slot | null {
	const { now, facts, accepts } = at;
	switch (signal) {
		case "offered":
			return reoffer(slot, units < 0 ? null : units, 0, now);
		case "sold": {
			const from = isLate ? now - 20_000 : now - 500;
			return hearSale(slot, isUsual ? 1 : Math.sign(units), { from, to: from + 300 }, now, 1_500);
		}
		case "level_read":
			return hearLevel(slot, levelOf(slot, { units, isUsual, isLate }, at), facts).slot;
		case "orders_read":
			at.ordersReadAt = now;
			return hearOrdersRead(slot, now, facts);
		case "drift_decided":
			return slot.unexplained === 0 ? null : acceptShown(slot);
		case "claimed": {
			if (!isLate) at.ordersReadAt = now;
			const plan = planWrite(slot, facts, now, at.ordersReadAt, isUsual ? null : { free: units, units: 1 });
			return plan.act === "write" ? claim(slot, plan, { pushId: `at ${now}`, now, leaseMs: 60_000 }, facts) : null;
		}
		case "sent_again":
			return slot.heldReason === null ? null : { ...slot, heldReason: null, unapplied: 0 };
		case "refused":
			return slot.flight && settle(slot, { result: "refused", reason: "the store refuses it" }, now, facts);
		case "not_sent":
			return slot.flight && settle(slot, { result: "not_sent", nextTryAt: null }, now, facts);
		default: {
			const isTold =
				signal === "unknown" ||
				(signal === "stale" ? ["compare", "delta"].includes(facts.writeMode) : (signal === "accepted") === accepts);
			return slot.flight && isTold ? settle(slot, { result: signal }, now, facts) : null;
		}
	}
}

function levelOf(slot: Slot, { units, isUsual, isLate }: Pick<Step, "units" | "isUsual" | "isLate">, at: At) {
	const shows = believed(slot) ?? 5;
	const quantity = isUsual ? shows + (isLate ? (slot.maybe ?? 0) : 0) : units;
	return {
		quantity,
		reservations:
			at.facts.writeMode === "over_reservations" ? { source: Math.max(0, quantity) + 1, open: 1 } : undefined,
		readAt: at.now - 200,
		answeredAt: at.now,
		ordersReadAt: units % 3 === 0 ? at.ordersReadAt : at.now,
		expectedVersion: slot.expectedVersion - (units === 11 ? 1 : 0),
	};
}

it("what each signal makes of each state is what the table says, and all of that comes about", () => {
	const met = new Map<string, Set<SlotState>>();
	for (const { writeMode, accepts, steps } of fc.sample(anyWalk, { numRuns: walks, seed: 20_261_130 })) {
		const facts = { writeMode, orderListLagMs: 10_000, lateWriteMs: 30_000, appliesAfterMs: accepts ? 5_000 : null };
		const at: At = { now: 1_000_000, ordersReadAt: null, facts: { ...facts, ...slotDefaults }, accepts };
		let slot = emptySlot;
		for (const step of steps) {
			at.now += step.waitMs;
			const next = after(slot, step, at);
			if (!next) continue;
			const key = `${slotState(slot)} ${step.signal}`;
			met.set(key, (met.get(key) ?? new Set()).add(slotState(next)));
			slot = next;
		}
	}
	const found = (state: SlotState, signal: SlotSignal) =>
		slotStates.filter((next) => met.get(`${state} ${signal}`)?.has(next));
	const told = (state: SlotState, signal: SlotSignal) =>
		slotStates.filter((next) => slotTable[state][signal].includes(next));
	for (const state of slotStates)
		for (const signal of slotSignals) expect(found(state, signal), `${state}, ${signal}`).toEqual(told(state, signal));
});
