import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { offer } from "./offer";
import {
	disagreementOf,
	type OfferPolicy,
	openPolicy,
	type PolicyFields,
	policyFields,
	policyLevels,
	resolvePolicy,
} from "./offer-policy";

const nothing: PolicyFields = {
	bufferUnits: null,
	bufferSeconds: null,
	sharePercent: null,
	minUnits: null,
	capUnits: null,
	outOfStockBelow: null,
};
const setting = (fields: Partial<PolicyFields>): PolicyFields => ({ ...nothing, ...fields });

describe("a policy", () => {
	it("takes each field from the nearest level that sets it, whatever that level says of the others", () => {
		const fields = fc.record(
			Object.fromEntries(policyFields.map((field) => [field, fc.option(fc.nat(9), { freq: 2 })])),
		) as unknown as fc.Arbitrary<PolicyFields>;
		fc.assert(
			fc.property(fc.tuple(fields, fields, fields, fields), (four) => {
				const levels = Object.fromEntries(policyLevels.map((level, index) => [level, four[index]]));
				const { policy, from } = resolvePolicy(levels);
				for (const field of policyFields) {
					const nearest = four.findIndex((level) => level[field] !== null);
					expect(policy[field]).toBe(nearest < 0 ? openPolicy[field] : four[nearest]?.[field]);
					expect(from[field]).toBe(policyLevels[nearest] ?? null);
				}
			}),
		);
	});

	it("lets a nearer zero undo a farther number", () => {
		const { policy, from } = resolvePolicy({
			listing: setting({ bufferUnits: 0 }),
			channel: setting({ bufferUnits: 3, capUnits: 5 }),
			merchant: setting({ capUnits: 9 }),
		});
		expect(policy).toEqual({ ...openPolicy, bufferUnits: 0, capUnits: 5 });
		expect(from).toMatchObject({ bufferUnits: "listing", capUnits: "channel", sharePercent: null });
	});

	it.each<[Partial<OfferPolicy>, readonly [string, string] | null]>([
		[{ capUnits: 3, outOfStockBelow: 5 }, ["outOfStockBelow", "capUnits"]],
		[{ capUnits: 3, minUnits: 5 }, ["minUnits", "capUnits"]],
		[{ minUnits: 2, outOfStockBelow: 5 }, ["outOfStockBelow", "minUnits"]],
		[{ capUnits: 5, minUnits: 5, outOfStockBelow: 5 }, null],
		[{ outOfStockBelow: 5 }, null],
		[{ capUnits: 0, minUnits: 5, outOfStockBelow: 9 }, null],
	])("%o disagrees with itself in %o", (fields, pair) => {
		expect(disagreementOf({ ...openPolicy, ...fields })).toEqual(pair);
	});

	it("that agrees with itself sells whatever its cap allows, once there is enough", () => {
		const count = fc.nat(12);
		const any = fc.record({
			bufferUnits: count,
			bufferSeconds: count,
			sharePercent: fc.integer({ min: 1, max: 100 }),
			minUnits: count,
			capUnits: fc.option(count),
			outOfStockBelow: count,
		});
		fc.assert(
			fc.property(any, fc.integer({ min: 1, max: 6 }), (policy, units) => {
				fc.pre(disagreementOf(policy) === null && policy.capUnits !== 0);
				const plenty = offer({ available: 100_000, paceUnits: 0, units }, policy).quantity;
				expect(plenty).toBe(policy.capUnits ?? plenty);
				expect(plenty).toBeGreaterThan(0);
			}),
		);
	});
});
