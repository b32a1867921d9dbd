import { describe, expect, it } from "vitest";
import type { PolicyFields } from "@/lib/stock/offer-policy";
import { inheritedOf, inheritedWord, stepWords } from "./offer-policy";

const setting = (fields: Partial<PolicyFields>): PolicyFields => ({
	bufferUnits: null,
	bufferSeconds: null,
	sharePercent: null,
	minUnits: null,
	capUnits: null,
	outOfStockBelow: null,
	...fields,
});

describe("what a field inherits", () => {
	it("is the nearest number with its level, and what holds by itself where nobody sets one", () => {
		const { bufferUnits, sharePercent, capUnits } = inheritedOf([
			{ channel: setting({ bufferUnits: 3 }), merchant: setting({ bufferUnits: 1, capUnits: 1_200 }) },
		]);
		expect(inheritedWord("bufferUnits", bufferUnits)).toBe("3 from the channel");
		expect(inheritedWord("capUnits", capUnits)).toBe("1,200 from Settings");
		expect(inheritedWord("sharePercent", sharePercent)).toBe("100, all of it");
		expect(inheritedWord("capUnits", inheritedOf([{}]).capUnits)).toBe("no limit");
	});

	it("is one number only where all channels agree", () => {
		const one = { channel: setting({ bufferUnits: 3, capUnits: 5 }) };
		const other = { channel: setting({ bufferUnits: 4, capUnits: 5 }) };
		const { bufferUnits, capUnits } = inheritedOf([one, other]);
		expect(inheritedWord("bufferUnits", bufferUnits)).toBe("differs by channel");
		expect(inheritedWord("capUnits", capUnits)).toBe("5 from the channel");
		const elsewhere = inheritedOf([one, { merchant: setting({ bufferUnits: 3 }) }]);
		expect(inheritedWord("bufferUnits", elsewhere.bufferUnits)).toBe("3");
	});
});

it("a step reads as a sentence with its number", () => {
	expect(stepWords({ by: "bufferUnits", value: 1 })).toBe("Holds 1 unit back");
	expect(stepWords({ by: "bufferSeconds", value: 20 })).toBe("Holds 20 units back for the recent pace");
	expect(stepWords({ by: "sharePercent", value: 50 })).toBe("50 % of what is left");
	expect(stepWords({ by: "units", value: 6 })).toBe("Each takes 6");
	expect(stepWords({ by: "capUnits", value: 0 })).toBe("Never shows more than 0");
	expect(stepWords({ by: "split", value: 5 })).toBe("Its share while the stores split the stock");
});
