import { expect, it } from "vitest";
import { firstOpenStep } from "./setup-step";

it("a store with several locations goes on with the question whose stock it sells, whatever else is done", () => {
	for (const state of ["importing", "read_only"] as const)
		for (const linked of [0, 7]) expect(firstOpenStep({ state, linked, needsLocation: true })).toBe("location");
});

it("an answered one goes on where it stopped", () => {
	expect(firstOpenStep({ state: "importing", linked: 0, needsLocation: false })).toBe("read");
	expect(firstOpenStep({ state: "read_only", linked: 0, needsLocation: false })).toBe("match");
	expect(firstOpenStep({ state: "read_only", linked: 7, needsLocation: false })).toBe("dry-run");
});
