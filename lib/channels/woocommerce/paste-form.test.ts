import { expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { pasteForm } from "./paste-form";

test("key and secret pasted the other way round are put right", () => {
	expect(meantBy(pasteForm.readKeys({ consumerKey: "cs_1", consumerSecret: "ck_1" }))).toEqual({
		access: { consumerKey: "ck_1", consumerSecret: "cs_1" },
		expiresAt: null,
	});
});

test.each([
	[{ consumerKey: "abc", consumerSecret: "cs_1" }, { consumerKey: "not_a_key" }],
	[{ consumerKey: "ck_1", consumerSecret: "abc" }, { consumerSecret: "not_a_secret" }],
	[
		{ consumerKey: "abc", consumerSecret: "abc" },
		{ consumerKey: "not_a_key", consumerSecret: "not_a_secret" },
	],
	[{ consumerKey: "cs_1" }, { consumerKey: "not_a_key", consumerSecret: "keys_missing" }],
])("%o: %o", (typed, problems) => {
	expect(problemCodes(pasteForm.readKeys(typed))).toEqual(problems);
});

test.each([
	["nordlicht", "not_an_address"],
	["", "address_missing"],
])("the address %j is told what to type instead", (text, code) => {
	expect(problemCodes(pasteForm.readAddress(text))).toEqual({ address: code });
});
