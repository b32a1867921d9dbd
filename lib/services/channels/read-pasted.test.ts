import { expect, test } from "vitest";
import { longestPaste, meant, mistake, wrongAddress, wrongField } from "@/lib/channels/paste-reading";
import { WrongFields } from "../errors";
import { cleanPaste, orWrongFields, readForm } from "./read-pasted";

test("what comes along when text is copied is taken off", () => {
	expect(cleanPaste(" “shpat_ab\u200Bc” \n")).toBe("shpat_abc");
	expect(cleanPaste("<https://shop.example.com>")).toBe("https://shop.example.com");
	expect(readForm({ platform: "woocommerce", address: "", fields: { consumerKey: " ck_1\n" } }).fields).toEqual({
		consumerKey: "ck_1",
	});
});

test("a platform that can't be connected is none, whatever its name is", () => {
	for (const platform of ["myspace", "toString"])
		expect(() => readForm({ platform, address: "", fields: {} })).toThrow("not here");
});

test("what is too long to be right stays so, however much of it is blank", () => {
	expect(cleanPaste(` ${"x".repeat(longestPaste - 2)} `)).toHaveLength(longestPaste - 2);
	for (const text of [" ".repeat(longestPaste + 1), "x".repeat(1_000_000)])
		expect(cleanPaste(text)).toHaveLength(longestPaste + 1);
});

test("all parts are what was meant, or all that is wrong in any of them is said", () => {
	expect(orWrongFields(meant("address"), meant(2))).toEqual(["address", 2]);
	const wrong = () =>
		orWrongFields(
			wrongAddress("Type it.", "address_missing"),
			meant(2),
			wrongField("token", mistake("Paste it.", "no_token")),
			wrongField("secret", mistake("Paste it.", "no_secret")),
		);
	expect(wrong).toThrow(WrongFields);
	expect(wrong).toThrow(
		expect.objectContaining({
			reason: "address_missing",
			message: "Type it. Paste it.",
			fields: { address: "Type it.", token: "Paste it.", secret: "Paste it." },
		}),
	);
});
