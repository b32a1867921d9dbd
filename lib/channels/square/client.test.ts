import { describe, expect, test } from "vitest";
import { z } from "zod";
import { accessEnded, ChannelError } from "../errors";
import { mayHaveLanded, readReply, SquareError } from "./client";

const reply = (status: number, body: unknown, type = "application/json") => ({
	status,
	headers: { "content-type": type },
	text: typeof body === "string" ? body : JSON.stringify(body),
	ms: 1,
});
const fault = (code: string, more: object = {}) => ({ errors: [{ category: "X", code, ...more }] });
const errorOf = (status: number, body: unknown, type?: string): ChannelError => {
	try {
		readReply(reply(status, body, type), z.object({ counts: z.array(z.unknown()) }));
	} catch (error) {
		if (error instanceof ChannelError) return error;
	}
	throw new Error("It was read.");
};

describe("every answer is data or a known error", () => {
	test.each([
		[429, fault("RATE_LIMITED"), "throttled", true],
		[401, fault("ACCESS_TOKEN_EXPIRED"), "access_revoked", false],
		[401, fault("ACCESS_TOKEN_REVOKED"), "access_revoked", false],
		[401, fault("UNAUTHORIZED"), "access_revoked", false],
		[403, fault("INSUFFICIENT_SCOPES"), "missing_scope", false],
		[404, fault("NOT_FOUND"), "gone", false],
		[400, fault("INVALID_VALUE", { detail: "no" }), "refused", false],
		[409, fault("CONFLICT"), "refused", false],
		[500, fault("INTERNAL_SERVER_ERROR"), "unreachable", true],
		[503, "upstream", "unreachable", true],
		[200, "<html></html>", "not_a_store", true],
		[302, "", "not_a_store", true],
		[404, "Not Found", "not_a_store", true],
		[401, "<html>proxy</html>", "not_a_store", true],
		[403, "Forbidden", "not_a_store", true],
		[200, "", "unreadable", true],
		[200, { counts: 3 }, "unreadable", true],
	] as const)("%s %j is %s", (status, body, reason, landed) => {
		const error = errorOf(status, body);
		expect([error.reason, mayHaveLanded(error)]).toEqual([reason, landed]);
		expect(error.message).not.toBe("");
	});

	test("a token that has run out is not taken back where what renews it is at hand", () => {
		const ended = reply(401, fault("ACCESS_TOKEN_EXPIRED"));
		const read = () => readReply(ended, z.unknown(), true);
		expect(read).toThrow(expect.objectContaining({ reason: "unreachable", code: accessEnded, mayHaveLanded: false }));
		const revoked = () => readReply(reply(401, fault("ACCESS_TOKEN_REVOKED")), z.unknown(), true);
		expect(revoked).toThrow(expect.objectContaining({ reason: "access_revoked" }));
	});

	test("what Square names as wrong is kept", () => {
		const error = errorOf(400, fault("INVALID_VALUE", { field: "changes[3].adjustment.quantity" }));
		expect(error).toBeInstanceOf(SquareError);
		expect((error as SquareError).field).toBe("changes[3].adjustment.quantity");
	});

	test("no wait is named, so that one is ours", () => {
		expect(errorOf(429, fault("RATE_LIMITED")).retryAfterMs).toBeGreaterThan(0);
	});
});
