import { describe, expect, test } from "vitest";
import { z } from "zod";
import { exactId } from "../exact-json";
import type { HttpReply } from "../http";
import { BigCommerceError, budgetOf, readReply } from "./client";

const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpReply => ({
	status,
	headers: { "content-type": "application/json", ...headers },
	text: typeof body === "string" ? body : JSON.stringify(body),
	ms: 1,
});

const errorOf = (of: HttpReply): BigCommerceError => {
	try {
		readReply(of, z.object({ data: z.unknown() }));
	} catch (error) {
		if (error instanceof BigCommerceError) return error;
	}
	throw new Error("no error");
};

const problem = (status: number, title: string) => ({ status, title, type: "https://…", errors: {} });

describe("what an answer stands for", () => {
	test.each<[string, HttpReply, string, boolean]>([
		["a wrong token, V3", reply(401, problem(401, "Unauthorized")), "access_revoked", false],
		["a wrong token, V2", reply(401, [{ status: 401, message: "No credentials" }]), "access_revoked", false],
		[
			"a missing scope",
			reply(403, problem(403, "You don't have a required scope to access the endpoint")),
			"missing_scope",
			false,
		],
		[
			"a proxy that asks who we are",
			reply(401, "<html>proxy</html>", { "content-type": "text/html" }),
			"not_a_store",
			false,
		],
		["a firewall's page", reply(403, "<!DOCTYPE html><title>Just a moment...</title>"), "not_a_store", false],
		["a firewall's word", reply(403, "Forbidden", { "content-type": "text/plain" }), "not_a_store", false],
		["gone, V3", reply(404, problem(404, "Not found")), "gone", false],
		["gone, V2", reply(404, [{ status: 404, message: "The requested resource was not found." }]), "gone", false],
		["a page where nothing is", reply(404, "<html>", { "content-type": "text/html" }), "not_a_store", false],
		[
			"a page where an answer should be",
			reply(200, "<!doctype html>", { "content-type": "text/html" }),
			"not_a_store",
			true,
		],
		["a redirect", reply(302, ""), "not_a_store", false],
		["a refusal", reply(422, problem(422, "No")), "refused", false],
		["a conflict", reply(409, problem(409, "No")), "refused", false],
		["too large", reply(413, problem(413, "The request payload is too large.")), "refused", false],
		["a spent budget", reply(429, {}), "throttled", false],
		["an error", reply(500, "oops"), "unreachable", true],
		["load", reply(503, problem(503, "Service Unavailable")), "unreachable", true],
		["full", reply(507, ""), "unreachable", true],
		["no JSON", reply(200, "hello"), "unreadable", true],
		["another shape", reply(200, []), "unreadable", true],
		["nothing", reply(200, ""), "unreadable", true],
	])("%s", (_, of, reason, landed) => {
		expect(errorOf(of)).toMatchObject({ reason, mayHaveLanded: landed });
	});

	test("the platform's own words are told, and kept as they are for reading them", () => {
		const title = "[Item with variant_id 106 is tracked by product, please update stock by product id]";
		expect(errorOf(reply(422, problem(422, title)))).toMatchObject({ code: title, status: 422 });
		expect(errorOf(reply(400, [{ status: 400, message: "Bad sort" }])).message).toContain("Bad sort");
	});

	test("what is said of single fields is told, too, and V2's error by itself like one in a list", () => {
		const errors = { "items.1.quantity": "is too large", items: [{ location_id: ["does not exist"] }], note: "" };
		const said =
			"Payload contains invalid fields (items.1.quantity: is too large; items.0.location_id.0: does not exist)";
		expect(errorOf(reply(422, { ...problem(422, "Payload contains invalid fields"), errors }))).toMatchObject({ said });
		expect(errorOf(reply(400, { status: 400, message: "Bad sort" })).message).toContain("Bad sort");
	});

	test("a spent budget is waited for as long as it says, and a while where it doesn't", () => {
		const headers = { "x-rate-limit-time-reset-ms": "15000" };
		expect(errorOf(reply(429, {}, headers)).retryAfterMs).toBe(15_000);
		expect(errorOf(reply(429, {})).retryAfterMs).toBe(5_000);
		expect(errorOf(reply(429, {}, { "x-rate-limit-time-reset-ms": "x" })).retryAfterMs).toBe(5_000);
	});

	test("no content is an empty list, and ids beyond 2^53 keep their digits", () => {
		expect(readReply(reply(204, ""), z.array(z.unknown())).data).toEqual([]);
		expect(readReply(reply(200, '{"id":9007199254740993}'), z.object({ id: exactId })).data.id).toBe(
			"9007199254740993",
		);
	});
});

test("the budget is read whole or not at all", () => {
	const headers = {
		"x-rate-limit-requests-left": "0",
		"x-rate-limit-requests-quota": "450",
		"x-rate-limit-time-window-ms": "30000",
	};
	expect(budgetOf(headers)).toEqual({ available: 0, maximum: 450, restorePerSecond: 15 });
	for (const name of Object.keys(headers)) expect(budgetOf({ ...headers, [name]: "" })).toBeNull();
	expect(budgetOf({ ...headers, "x-rate-limit-requests-left": "many" })).toBeNull();
});
