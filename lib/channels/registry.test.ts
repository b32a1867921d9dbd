/** What every platform's folder must bring for the wizard and the verbs above it. */
import { describe, expect, test } from "vitest";
import { addressField, longestPaste, meantBy } from "./paste-reading";
import { connectablePlatforms, platformFor } from "./registry";
import { problemCodes } from "./testing/problem-codes";

describe.each(connectablePlatforms)("%s", (platform) => {
	test("brings an adapter of its own name", async () => {
		const { adapter } = await platformFor(platform);
		expect(adapter.facts.platform).toBe(platform);
	});

	test("reads an address that it has read as the same again, for connecting a store anew", async () => {
		const { pasteForm } = await platformFor(platform);
		const read = (text: string) => meantBy(pasteForm.readAddress(text));
		const once = read(pasteForm.address.placeholder);
		expect(once).toMatch(/^https:\/\/[^/]+(\/.*[^/])?$/);
		expect(read(once)).toBe(once);
	});

	test("asks for each key once, under a name of its own, and says where to find them", async () => {
		const { fields, help } = (await platformFor(platform)).pasteForm;
		expect(fields.length).toBeGreaterThan(0);
		expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
		expect(new Set(fields.map(({ label }) => label)).size).toBe(fields.length);
		expect(help.length).toBeGreaterThan(0);
		expect(fields.some(({ isSecret }) => isSecret)).toBe(true);
		expect(fields.map(({ name }) => name)).not.toContain(addressField);
	});

	test("says of every field at once that it is empty, or can't be right", async () => {
		const { fields, readAddress, readKeys } = (await platformFor(platform)).pasteForm;
		const all = (code: string, of = fields) => Object.fromEntries(of.map(({ name }) => [name, code]));
		const needed = fields.filter(({ isOptional }) => !isOptional);
		expect(problemCodes(readKeys({}))).toEqual(all("keys_missing", needed));
		const endless = Object.fromEntries(fields.map(({ name }) => [name, "x".repeat(longestPaste + 1)]));
		expect(problemCodes(readKeys(endless))).toEqual(all("too_long"));
		expect(Object.keys(problemCodes(readAddress("https://no address")))).toEqual([addressField]);
	});

	test("has an app to be made for where it has OAuth, and says no where the way back brings nothing", async () => {
		const { consent } = await platformFor(platform);
		if (!consent) return;
		expect(consent.appHelp).not.toBe("");
		const back = consent.readReturn(new URLSearchParams({ error: "access_denied", state: "s" }));
		expect(back.result).toBe("denied");
	});
});
