import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seal, unseal } from "./seal";

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

	it("open under an older key for as long as it is held, and are made under the current one", () => {
		const sealed = seal("secret", "r", [older]);
		expect(unseal(sealed, "r", [current, older])).toBe("secret");
		expect(seal("secret", "r", [current, older]).split(".")[1]).toBe(current.id);
		expect(() => unseal(sealed, "r", [current])).toThrow("k1");
	});
});
