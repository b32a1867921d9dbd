import { expect, test } from "vitest";
import { PasteProblem } from "../paste-form";
import { pasteForm, squareSandboxUrl, squareUrl } from "./paste-form";

const token = `EAAA${"x".repeat(60)}`;
const codeOf = (work: () => unknown) => {
	try {
		work();
	} catch (error) {
		if (error instanceof PasteProblem) return error.code;
	}
	return null;
};

test("a blank environment is Square itself, and its test accounts and sandbox stores are known", () => {
	expect(pasteForm.readAddress(" ")).toBe(squareUrl);
	expect(pasteForm.readAddress("Sandbox")).toBe(squareSandboxUrl);
	expect(pasteForm.readAddress(`${squareUrl}/`)).toBe(squareUrl);
	expect(pasteForm.readAddress("http://127.0.0.1:3000/sandbox/square/shop-1")).toContain("/sandbox/square/shop-1");
	expect(codeOf(() => pasteForm.readAddress("https://evil.example/"))).toBe("ENVIRONMENT");
});

test("each thing that stands beside the token is told from it", () => {
	expect(pasteForm.readKeys({ accessToken: token })).toEqual({ access: { accessToken: token }, expiresAt: null });
	expect(codeOf(() => pasteForm.readKeys({ accessToken: "sq0idp-abc" }))).toBe("APPLICATION_ID");
	expect(codeOf(() => pasteForm.readKeys({ accessToken: "sq0csp-abc" }))).toBe("APPLICATION_SECRET");
	expect(codeOf(() => pasteForm.readKeys({ accessToken: "" }))).toBe("TOKEN");
	expect(codeOf(() => pasteForm.readKeys({ accessToken: token, personalToken: "no token" }))).toBe("TOKEN");
});
