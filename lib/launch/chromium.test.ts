import { describe, expect, it } from "vitest";
import { chooseChromium } from "./chromium";

const playwrights = "/home/me/.cache/ms-playwright/chromium/chrome";
const only =
	(...programs: string[]) =>
	(program: string) =>
		programs.includes(program);

describe("the browser for the tests", () => {
	it("is the one that was asked for, before all others", () => {
		expect(chooseChromium("/opt/chrome", playwrights, () => true)).toBe("/opt/chrome");
	});

	it("is not quietly another when the one that was asked for does not start", () => {
		expect(() => chooseChromium("/opt/chrome", playwrights, only(playwrights))).toThrow("CHROMIUM_PATH");
	});

	it("is Playwright's own before the system's", () => {
		expect(chooseChromium(undefined, playwrights, () => true)).toBe(playwrights);
	});

	it("is the system's when Playwright's is missing or does not start", () => {
		expect(chooseChromium(undefined, playwrights, only("/usr/bin/chromium"))).toBe("/usr/bin/chromium");
		expect(chooseChromium(undefined, playwrights, only("/usr/bin/google-chrome"))).toBe("/usr/bin/google-chrome");
	});

	it("is none when none starts", () => {
		expect(chooseChromium("", playwrights, () => false)).toBeNull();
	});
});
