/** What every platform's folder must bring for the wizard and the verbs above it. */
import { describe, expect, test } from "vitest";
import { PasteProblem } from "./paste-form";
import { connectablePlatforms, platformFor } from "./registry";

describe.each(connectablePlatforms)("%s", (platform) => {
	test("brings an adapter of its own name", async () => {
		const { adapter } = await platformFor(platform);
		expect(adapter.facts.platform).toBe(platform);
	});

	test("reads an address that it has read as the same again, for connecting a store anew", async () => {
		const { pasteForm } = await platformFor(platform);
		const once = pasteForm.readAddress(pasteForm.address.placeholder);
		expect(once).toMatch(/^https:\/\/[^/]+(\/.*[^/])?$/);
		expect(pasteForm.readAddress(once)).toBe(once);
	});

	test("asks for each key once, under a name of its own, and says where to find them", async () => {
		const { fields, help, readKeys } = (await platformFor(platform)).pasteForm;
		expect(fields.length).toBeGreaterThan(0);
		expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
		expect(new Set(fields.map(({ label }) => label)).size).toBe(fields.length);
		expect(help.length).toBeGreaterThan(0);
		expect(fields.some(({ isSecret }) => isSecret)).toBe(true);
		expect(() => readKeys({})).toThrow(PasteProblem);
	});

	test("has an app to be made for where it has OAuth, and says no where the way back brings nothing", async () => {
		const { consent } = await platformFor(platform);
		if (!consent) return;
		expect(consent.appHelp).not.toBe("");
		const back = consent.readReturn(new URLSearchParams({ error: "access_denied", state: "s" }));
		expect(back.result).toBe("denied");
	});
});
