import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { HttpReply } from "../http";
import { updated } from "./api-types";
import { readReply } from "./client";
import { type A2cError, codeError } from "./codes";
import recorded from "./testing/recorded.json";
import { readMoment, writeMoment } from "./times";

const replyOf = (body: unknown, more: Partial<HttpReply> = {}): HttpReply => ({
	status: 200,
	headers: {},
	text: typeof body === "string" ? body : JSON.stringify(body),
	ms: 1,
	...more,
});
function errorOf(reply: HttpReply, shape: z.ZodType = z.unknown()): A2cError {
	try {
		readReply(reply, shape);
	} catch (error) {
		return error as A2cError;
	}
	throw new Error("It was read.");
}

describe("an answer", () => {
	test("is one by its code, whatever the HTTP status", () => {
		expect(readReply(replyOf(recorded.updated), updated).result).toEqual({ updated_items: 1 });
		expect(readReply(replyOf(recorded.updated, { status: 500 }), updated).result).toEqual({ updated_items: 1 });
		expect(errorOf(replyOf(recorded.notFound)).reason).toBe("gone");
		const unknownKey = { return_code: 4, return_message: "Store access denied", result: {} };
		expect(errorOf(replyOf(unknownKey, { status: 403 })).reason).toBe("access_revoked");
	});

	test("of an error is not looked into: {} or [], both were recorded", () => {
		expect(errorOf(replyOf(recorded.rangeTooWide), updated)).toMatchObject({ reason: "refused", code: "109" });
		expect(errorOf(replyOf(recorded.reportNotReady), updated)).toMatchObject({
			reason: "throttled",
			code: "REPORT_NOT_READY",
			reportId: "ATVPDKIKX0DER171122020671",
		});
		expect(errorOf(replyOf(recorded.tooOld))).toMatchObject({
			reason: "refused",
			message: expect.stringContaining("90 days"),
		});
	});

	test("keeps the digits of ids that come as numbers", () => {
		const shape = z.object({ id: z.unknown().transform(String) });
		const text = '{"return_code":0,"return_message":"","result":{"id":9007199254740993123}}';
		expect(readReply(replyOf(text), shape).result.id).toBe("9007199254740993123");
	});

	test.each<[string, unknown, Partial<HttpReply>, string, boolean]>([
		["a page with status 200", "<html>hello</html>", {}, "not_a_store", true],
		["a gateway's page", "<html>502</html>", { status: 502 }, "unreachable", true],
		[
			"a gateway that has had enough",
			"slow down",
			{ status: 429, headers: { "retry-after": "7" } },
			"throttled",
			false,
		],
		["a firewall's page", "<!DOCTYPE html><title>Just a moment...</title>", { status: 403 }, "not_a_store", false],
		["a proxy that asks who we are", "Unauthorized", { status: 401 }, "not_a_store", false],
		["another server", { hello: 1 }, {}, "unreadable", true],
		["half an answer", '{"return_code":0,"res', {}, "unreadable", true],
		["nothing", "", {}, "unreadable", true],
		["another form of result", { return_code: 0, return_message: "", result: [] }, {}, "unreadable", true],
	])("%s", (_, body, more, reason, mayHaveLanded) => {
		expect(errorOf(replyOf(body, more), updated)).toMatchObject({ reason, mayHaveLanded });
	});
});

describe("each return code stands for something", () => {
	test.each<[number, string, boolean]>([
		[1, "unreachable", true],
		[2, "access_revoked", false],
		[3, "refused", false],
		[4, "access_revoked", false],
		[5, "access_revoked", false],
		[6, "access_revoked", false],
		[7, "throttled", false],
		[8, "refused", false],
		[9, "unreachable", true],
		[10, "throttled", false],
		[12, "throttled", true],
		[100, "unreachable", true],
		[101, "unreachable", false],
		[102, "unreachable", false],
		[104, "unreachable", false],
		[105, "unreachable", true],
		[106, "unreachable", true],
		[109, "refused", false],
		[110, "throttled", false],
		[111, "refused", false],
		[112, "gone", false],
		[113, "refused", false],
		[114, "refused", false],
		[115, "refused", false],
		[116, "refused", false],
		[999, "refused", false],
	])("%i", (code, reason, mayHaveLanded) => {
		const error = codeError(code, "Words of the store");
		expect(error).toMatchObject({ reason, mayHaveLanded, code: String(code) });
		expect(error.message).toMatch(/[a-z]\.$/);
	});

	test.each([
		"Service temporarily unavailable",
		"Operation timed out after 30000 milliseconds",
		"504 Gateway Time-out",
		"Bad Gateway",
		"cURL error 56: Connection reset by peer",
		"Could not connect to the store",
		"Empty reply from server",
		"Invalid response from the store",
		"Request is not valid: upstream request timeout",
	])("of the store's own words %j are no refusal, and it may have been done", (said) => {
		expect(codeError(107, said)).toMatchObject({ reason: "unreachable", mayHaveLanded: true, code: "107" });
	});

	test.each(["Item is on a promotion", ""])("%j is nothing that is known, and it may have been done", (said) => {
		expect(codeError(107, said)).toMatchObject({ reason: "unreachable", mayHaveLanded: true, code: "UNCLEAR" });
	});

	test.each([
		"EBay error message: Invalid dates in your CreateTimeFrom filters.",
		"The listing has ended.",
		"Quantity must be a whole number",
		"Field 'sku' is required",
		"Status of order 7 can't be changed to 'x'.",
		"You are not allowed to revise this item",
	])("%j is what is wrong with the request, and nothing was done", (said) => {
		expect(codeError(107, said)).toMatchObject({ reason: "refused", mayHaveLanded: false, code: "107" });
	});
});

test.each([
	[{ value: "2026-08-06T12:13:35+0000", format: "x" }, "2026-08-06T12:13:35Z"],
	[{ value: "2026-08-06T12:13:35-0530", format: "x" }, "2026-08-06T17:43:35Z"],
	["2026-01-08 17:41:22", "2026-01-08T17:41:22Z"],
	["2026-01-08T17:41:22Z", "2026-01-08T17:41:22Z"],
	[{ value: null }, null],
	["yesterday", null],
	[null, null],
])("the moment %j", (given, moment) => {
	expect(readMoment(given)).toBe(moment === null ? null : Date.parse(moment));
});

test("a moment is sent in the form that the error text demands", () => {
	expect(writeMoment(Date.UTC(2026, 10, 23, 10, 0, 0, 999))).toBe("2026-11-23T10:00:00+0000");
});
