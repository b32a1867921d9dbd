import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normaliseGtin } from "./gtin";

describe("normaliseGtin", () => {
	test.each([
		["4006381333931", "04006381333931"],
		["036000291452", "00036000291452"],
		["96385074", "00000096385074"],
		["10614141000415", "10614141000415"],
		[" 4006381-333931 ", "04006381333931"],
	])("%s is one number in any of its lengths", (barcode, gtin) => {
		expect(normaliseGtin(barcode)).toBe(gtin);
	});

	test.each([null, undefined, "", "0", "00000000", "4006381333932", "123456789", "SKU-1", "40063813339310000"])(
		"%s is no barcode",
		(barcode) => {
			expect(normaliseGtin(barcode)).toBeNull();
		},
	);

	test("one mistyped digit is always noticed", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 9 }), (at, shift) => {
				const digits = [..."4006381333931"];
				digits[at] = String((Number(digits[at]) + shift) % 10);
				expect(normaliseGtin(digits.join(""))).toBeNull();
			}),
		);
	});
});
