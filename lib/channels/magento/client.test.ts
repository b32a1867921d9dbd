import { expect, test } from "vitest";
import { z } from "zod";
import type { HttpReply } from "../http";
import { MagentoError, readReply, rendered } from "./client";

const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpReply => ({
	status,
	headers: { "content-type": typeof body === "string" ? "text/html" : "application/json", ...headers },
	text: typeof body === "string" ? body : JSON.stringify(body),
	ms: 1,
});

function errorOf(given: HttpReply, as?: Parameters<typeof readReply>[2]): MagentoError {
	try {
		readReply(given, z.object({ ok: z.literal(true) }), as);
	} catch (error) {
		if (error instanceof MagentoError) return error;
	}
	throw new Error("no error");
}

const unauthorised = (resources: string) => ({
	message: "The consumer isn't authorized to access %resources.",
	parameters: { resources },
});

test("placeholders are filled by name and by place, the longer name first", () => {
	expect(rendered('"%fieldName" of %field', { field: "x", fieldName: "y" })).toBe('"y" of x');
	expect(rendered("%1 and %10", ["a", 2, 3, 4, 5, 6, 7, 8, 9, "j"])).toBe("a and j");
	expect(rendered("plain", undefined)).toBe("plain");
});

test("a validation says which field, and saves nothing", () => {
	const error = errorOf(
		reply(400, {
			message: 'Validation Failed: "sku" can not be empty.',
			errors: [
				{ message: '"%field" can not be empty.', parameters: { field: "sku" } },
				{ message: '"%field" should be numeric.', parameters: { field: "quantity" } },
			],
		}),
	);
	expect([error.reason, error.mayHaveLanded]).toEqual(["refused", false]);
	expect(error.message).toContain('"quantity" should be numeric.');
});

test.each([
	["Could not save Source Item", true],
	["Lagerartikel konnte nicht gespeichert werden", true],
	["Validation Failed", false],
	["Input data is empty", false],
])("400 %s may have stored a part: %s", (message, mayHaveLanded) => {
	expect(errorOf(reply(400, { message }))).toMatchObject({ reason: "refused", mayHaveLanded });
});

test("the store's own limit is read by its form, in whatever language", () => {
	const rows = { message: 'Höchstens %max Einträge vom Typ "%type"', parameters: { type: "\\Magento\\X", max: 20 } };
	expect(errorOf(reply(400, rows))).toMatchObject({ limit: 20, code: "LIMIT", mayHaveLanded: false });
	expect(
		errorOf(reply(400, { message: "Maximum SearchCriteria pageSize is %max", parameters: { max: 300 } })).limit,
	).toBe(300);
	expect(errorOf(reply(400, { message: "%max %sku", parameters: { max: 3, sku: "A" } })).limit).toBeNull();
});

test("a missing right is named with its box; behind a bearer that had it, the token is gone", () => {
	const orders = "Magento_Sales::actions_view";
	const signed = errorOf(reply(401, unauthorised(orders)));
	expect([signed.reason, signed.code]).toEqual(["missing_scope", orders]);
	expect(signed.fix).toContain("Sales → Operations → Orders → Actions → View");
	expect(errorOf(reply(401, unauthorised(orders)), { scheme: "bearer", scopes: [] }).reason).toBe("missing_scope");
	expect(errorOf(reply(401, unauthorised(orders)), { scheme: "bearer", scopes: [orders] }).reason).toBe(
		"access_revoked",
	);
});

test.each([
	["Access token has been revoked", "access_revoked", "TOKEN"],
	["Specified token does not exist", "access_revoked", "TOKEN"],
	["The signature is invalid. Verify and try again.", "access_revoked", "SIGNATURE"],
	["The nonce is already being used by the consumer with ID %1", "unreachable", "NONCE"],
])("401 %s is %s", (message, reason, code) => {
	expect(errorOf(reply(401, { message }))).toMatchObject({ reason, code });
});

test.each([
	[404, { message: "Request does not match any route." }, "not_a_store", "NO_ROUTE"],
	[
		404,
		{ message: "The entity that was requested doesn't exist. Verify the entity and try again." },
		"gone",
		"NOT_FOUND",
	],
	[404, "<html>nginx</html>", "not_a_store", "HTTP_404"],
	[401, "<html>401 Authorization Required</html>", "not_a_store", "HTTP_401"],
	[403, "<html>Forbidden</html>", "not_a_store", "HTTP_403"],
	[413, "<html>Request Entity Too Large</html>", "refused", "HTTP_413"],
	[429, "<html>Too Many Requests</html>", "throttled", "HTTP_429"],
	[429, { message: "Too Many Requests" }, "throttled", "HTTP_429"],
	[302, "", "not_a_store", "MOVED"],
])("%i %o is %s", (status, body, reason, code) => {
	expect(errorOf(reply(status, body))).toMatchObject({ reason, code });
});

test("maintenance leaves nothing behind; any other trouble may come after the work was done", () => {
	expect(errorOf(reply(503, "<h1>Service Temporarily Unavailable</h1>"))).toMatchObject({
		reason: "unreachable",
		mayHaveLanded: false,
	});
	expect(errorOf(reply(503, "<h1>Error 503 Backend fetch failed</h1>")).mayHaveLanded).toBe(true);
	const reported = errorOf(
		reply(500, { message: "Internal Error. Details are available in Magento log file. Report ID: webapi-5f1d" }),
	);
	expect(reported).toMatchObject({ reason: "unreachable", code: "webapi-5f1d", mayHaveLanded: true });
	const fatal = errorOf(reply(500, { messages: { error: [{ code: 500, message: "Server internal error." }] } }));
	expect(fatal.message).toContain("Server internal error.");
});

test("a page, nothing and another form with status 200 are no answer, and may follow a write that was done", () => {
	expect(errorOf(reply(200, "<!doctype html><title>Shop</title>"))).toMatchObject({
		reason: "not_a_store",
		mayHaveLanded: true,
	});
	expect(errorOf(reply(200, "", { "content-type": "application/json" }))).toMatchObject({
		code: "NOT_JSON",
		mayHaveLanded: true,
	});
	expect(errorOf(reply(200, { ok: "no" }))).toMatchObject({ reason: "unreadable", mayHaveLanded: true });
});
