/** One sale, found in a level and told by news that can't say whether it was in there: it is counted once, and nobody's edit. */
import { describe, expect, it } from "vitest";
import { sellableOf } from "./bound";
import { emptySlot, type Slot, type SlotFacts } from "./slot";
import { hearLevel, hearSale } from "./slot-news";
import { planWrite } from "./slot-plan";
import { claim, settle } from "./slot-writes";
import type { WriteMode } from "./write-mode";

const factsOf = (writeMode: WriteMode): SlotFacts => ({
	writeMode,
	orderListLagMs: 5_000,
	lateWriteMs: 60_000,
	appliesAfterMs: null,
	scarceUnits: 3,
	paceMs: 0,
	ordersFreshMs: 60_000,
});

function read(slot: Slot, quantity: number, readAt: number, facts: SlotFacts) {
	const answeredAt = readAt + 200;
	const reservations = { source: quantity, open: 0 };
	const report = { quantity, reservations, readAt, answeredAt, ordersReadAt: readAt };
	return hearLevel(slot, { ...report, expectedVersion: slot.expectedVersion }, facts);
}

/** Thirty-three shown instead of 34, a sale while that was read, and a lowering of what is offered. */
function toldTwice(facts: SlotFacts, offered: number): Slot {
	const inStep: Slot = { ...emptySlot, offered: 34, expected: 34, shown: 34, shownAt: 0, sellable: sellableOf(34) };
	const { slot, verdict } = read(inStep, 33, 10_000, facts);
	expect([verdict, slot.unexplained]).toEqual(["waiting", -1]);
	const told = hearSale(slot, 1, { from: 10_100, to: 10_100 }, 11_000, 0);
	expect(told).toMatchObject({ expected: 33, unexplained: -1, readDueAt: 11_000 });
	return { ...told, offered, offeredVersion: 2 };
}

describe.each(["absolute", "over_reservations"] as const)("a sale that may be told twice, written %s", (writeMode) => {
	const facts = factsOf(writeMode);

	it.each([20, 0])("is read before anything is written over it, though it be a lowering: to %i", (offered) => {
		const slot = toldTwice(facts, offered);
		expect(planWrite(slot, facts, 11_100, 11_100)).toEqual({ act: "read_level" });
		const { slot: known, verdict } = read(slot, 33, 11_200, facts);
		expect([verdict, known.expected, known.unexplained]).toEqual(["echo", 33, 0]);
		const plan = planWrite(known, facts, 11_500, 11_500);
		if (plan.act !== "write") throw new Error(`expected a write, got ${JSON.stringify(plan)}`);
		expect(plan).toMatchObject({ quantity: offered, expected: 33 });
		const sent = claim(known, plan, { pushId: "p", now: 11_500, leaseMs: 60_000 }, facts);
		const written = settle(sent, { result: "applied" }, 11_700, facts);
		expect(read(written, offered, 17_000, facts).verdict).toBe("echo");
	});

	it("does not keep a lowering where nothing was told since", () => {
		const inStep: Slot = { ...emptySlot, offered: 34, expected: 34, shown: 34, shownAt: 0, sellable: sellableOf(34) };
		const { slot } = read(inStep, 33, 10_000, facts);
		expect(planWrite({ ...slot, offered: 20 }, facts, 10_300, 10_300)).toMatchObject({ act: "write", quantity: 19 });
	});
});

it("a sale that may be told twice keeps no lowering where the platform adds or compares: it can't be gone over", () => {
	for (const writeMode of ["delta", "compare"] as const) {
		const facts = factsOf(writeMode);
		expect(planWrite(toldTwice(facts, 20), facts, 11_100, 11_100)).toMatchObject({ act: "write", quantity: 19 });
	}
});
