import { expect, test } from "vitest";
import { meantBy } from "../paste-reading";
import { problemCodes } from "../testing/problem-codes";
import { pasteForm, squareSandboxUrl, squareUrl } from "./paste-form";

const token = `EAAA${"x".repeat(60)}`;
const address = (text: string) => pasteForm.readAddress(text);
const codes = (typed: Record<string, string>) => problemCodes(pasteForm.readKeys(typed));

test("a blank environment is Square itself, and its test accounts and sandbox stores are known", () => {
	expect(meantBy(address(" "))).toBe(squareUrl);
	expect(meantBy(address("Sandbox"))).toBe(squareSandboxUrl);
	expect(meantBy(address(`${squareUrl}/`))).toBe(squareUrl);
	expect(meantBy(address("http://127.0.0.1:3000/sandbox/square/shop-1"))).toContain("/sandbox/square/shop-1");
	expect(problemCodes(address("https://evil.example/"))).toEqual({ address: "ENVIRONMENT" });
});

test("each thing that stands beside the token is told from it, in either field", () => {
	expect(meantBy(pasteForm.readKeys({ accessToken: token }))).toEqual({
		access: { accessToken: token },
		expiresAt: null,
	});
	expect(codes({ accessToken: "sq0idp-abc" })).toEqual({ accessToken: "APPLICATION_ID" });
	expect(codes({ accessToken: "sq0csp-abc" })).toEqual({ accessToken: "APPLICATION_SECRET" });
	expect(codes({ accessToken: "" })).toEqual({ accessToken: "keys_missing" });
	expect(codes({ accessToken: token, personalToken: "no token" })).toEqual({ personalToken: "TOKEN" });
	expect(codes({ accessToken: "EAAA", personalToken: "sq0idp-abc" })).toEqual({
		accessToken: "TOKEN",
		personalToken: "APPLICATION_ID",
	});
});
