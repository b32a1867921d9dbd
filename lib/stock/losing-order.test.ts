import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contender, type LosingPolicy, type Loss, losersOf, losingRules } from "./losing-order";

const contender = (orderRef: string, more: Partial<Contender> = {}): Contender => ({
	channelId: "a",
	orderRef,
	units: 1,
	orderUnits: 1,
	placedAt: 0,
	version: 0,
	...more,
});

const refs = (losses: Loss<Contender>[]) => losses.map(({ order, units }) => `${order.orderRef} ${units}`);
const policyOf = (rule: LosingPolicy["rule"]): LosingPolicy => ({ rule, channelId: "b" });

/** Few values for each, so that there are ties. */
const contenders = fc
	.array(
		fc.record({
			channelId: fc.constantFrom("a", "b", "c"),
			units: fc.integer({ min: 1, max: 4 }),
			orderUnits: fc.integer({ min: 1, max: 3 }),
			placedAt: fc.integer({ min: 0, max: 2 }),
		}),
		{ minLength: 1, maxLength: 7 },
	)
	.map((rows) => rows.map((row, n): Contender => ({ ...row, orderRef: `o${n}`, version: n })));
const policies = fc.constantFrom(...losingRules).map(policyOf);

describe("the losing order", () => {
	it("is the last in the ledger, the latest placed, the smallest, or one of the channel that the merchant named", () => {
		const orders = [
			contender("early", { version: 3, placedAt: 10, orderUnits: 5 }),
			contender("small", { version: 1, placedAt: 20, orderUnits: 1 }),
			contender("late", { version: 2, placedAt: 30, orderUnits: 2 }),
			contender("lowest", { version: 0, placedAt: 5, orderUnits: 9, channelId: "b" }),
		];
		const loser = (rule: LosingPolicy["rule"]) => losersOf(orders, 1, policyOf(rule))[0]?.order.orderRef;
		expect(losingRules.map(loser)).toEqual(["early", "late", "small", "lowest"]);
	});

	it("loses what it holds and no more; the next one loses the rest", () => {
		const orders = [contender("two", { units: 2, version: 2 }), contender("three", { units: 3, version: 1 })];
		expect(refs(losersOf(orders, 3, policyOf("last_in_ledger")))).toEqual(["two 2", "three 1"]);
		expect(refs(losersOf(orders, 9, policyOf("last_in_ledger")))).toEqual(["two 2", "three 3"]);
		expect(losersOf(orders, 0, policyOf("last_in_ledger"))).toEqual([]);
	});

	it("is the same however the contenders are told", () => {
		fc.assert(
			fc.property(
				contenders.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
				fc.integer({ min: 1, max: 12 }),
				policies,
				([rows, shuffled], short, policy) => {
					expect(losersOf(shuffled, short, policy)).toEqual(losersOf(rows, short, policy));
				},
			),
		);
	});

	it("covers the shortage, unless all of them hold fewer", () => {
		fc.assert(
			fc.property(contenders, fc.integer({ min: 0, max: 40 }), policies, (rows, short, policy) => {
				const held = rows.reduce((sum, { units }) => sum + units, 0);
				const lost = losersOf(rows, short, policy).reduce((sum, { units }) => sum + units, 0);
				expect(lost).toBe(Math.min(short, held));
			}),
		);
	});

	it("R8 is the same whichever order was heard of first, by every rule but the ledger's own", () => {
		const others = fc.constantFrom(...losingRules.filter((rule) => rule !== "last_in_ledger")).map(policyOf);
		fc.assert(
			fc.property(
				contenders.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
				fc.integer({ min: 0, max: 12 }),
				others,
				([rows, shuffled], stock, policy) => {
					expect(lostAsTheyCome(shuffled, stock, policy)).toEqual(lostAsTheyCome(rows, stock, policy));
				},
			),
		);
	});

	it("depends on who was heard of first, where the ledger decides", () => {
		const [a, b] = [contender("a"), contender("b")];
		expect(lostAsTheyCome([a, b], 1, policyOf("last_in_ledger"))).toEqual({ b: 1 });
		expect(lostAsTheyCome([b, a], 1, policyOf("last_in_ledger"))).toEqual({ a: 1 });
	});
});

/** Orders come one by one, and each shortage is settled when it is found. */
function lostAsTheyCome(arrivals: readonly Contender[], stock: number, policy: LosingPolicy): Record<string, number> {
	const lost: Record<string, number> = {};
	const heard: Contender[] = [];
	let left = stock;
	for (const [version, order] of arrivals.entries()) {
		heard.push({ ...order, version });
		const short = Math.min(order.units, Math.max(0, order.units - left));
		left -= order.units;
		const holding = heard.map((one) => ({ ...one, units: one.units - (lost[one.orderRef] ?? 0) }));
		for (const { order: loser, units } of losersOf(holding, short, policy))
			lost[loser.orderRef] = (lost[loser.orderRef] ?? 0) + units;
	}
	return lost;
}
