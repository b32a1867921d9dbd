import { expect, test } from "vitest";
import { pasteForm } from "./paste-form";

test("key and secret pasted the other way round are put right", () => {
	expect(pasteForm.readKeys({ consumerKey: "cs_1", consumerSecret: "ck_1" })).toEqual({
		access: { consumerKey: "ck_1", consumerSecret: "cs_1" },
		expiresAt: null,
	});
});

test.each([
	[() => pasteForm.readKeys({ consumerKey: "abc", consumerSecret: "cs_1" }), "begins with ck_"],
	[() => pasteForm.readKeys({ consumerKey: "ck_1", consumerSecret: "abc" }), "begins with cs_"],
	[() => pasteForm.readKeys({ consumerKey: "ck_1" }), "both"],
	[() => pasteForm.readAddress("nordlicht"), "no web address"],
	[() => pasteForm.readAddress(""), "Type the address"],
])("a mistake that is known is named (%#)", (read, words) => {
	expect(read).toThrow(words);
});
