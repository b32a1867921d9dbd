import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { reseal, seal, unseal } from "./seal";

const older = { id: "k1", key: randomBytes(32) };
const current = { id: "k2", key: randomBytes(32) };

describe("sealed credentials", () => {
	it("open under the row that they were sealed for, and no other", () => {
		const sealed = seal("shpat_secret", "credentials:a:access", [current]);
		expect(sealed).not.toContain("secret");
		expect(unseal(sealed, "credentials:a:access", [current])).toBe("shpat_secret");
		expect(() => unseal(sealed, "credentials:b:access", [current])).toThrow();
	});

	it("do not open once a single character was changed", () => {
		const sealed = seal("x".repeat(40), "r", [current]);
		for (let at = sealed.lastIndexOf(".") + 1; at < sealed.length - 1; at += 7) {
			const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
			expect(() => unseal(changed, "r", [current])).toThrow();
		}
	});

	it("open while keys rotate, and move to the current key", () => {
		const sealed = seal("secret", "r", [older]);
		const moved = reseal(sealed, "r", [current, older]);
		expect(moved && unseal(moved, "r", [current])).toBe("secret");
		expect(moved && reseal(moved, "r", [current, older])).toBeNull();
		expect(() => unseal(sealed, "r", [current])).toThrow("k1");
	});
});
