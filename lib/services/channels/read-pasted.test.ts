import { expect, test } from "vitest";
import { PasteProblem } from "@/lib/channels/paste-form";
import { Unacceptable } from "../errors";
import { cleanPaste, orUnacceptable, readForm } from "./read-pasted";

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

test("a mistake that the form knows is said to the person, and a fault of ours is not", () => {
	const swapped = () => {
		throw new PasteProblem("Key and secret are swapped.", "swapped");
	};
	expect(() => orUnacceptable(swapped)).toThrow(Unacceptable);
	expect(() => orUnacceptable(() => JSON.parse("{"))).toThrow(SyntaxError);
});
