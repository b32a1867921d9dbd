import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeError, errorResponse } from "./describe-error";
import { ChangedMeanwhile, Forbidden, NotFound, SignedOut, TooOften, Unacceptable, WrongFields } from "./errors";

const request = new Request("http://onecount.test/api/skus");

describe("an error on its way out", () => {
	it.each([
		[new SignedOut(), 401, "signed_out"],
		[new Forbidden("manager"), 403, "forbidden"],
		[new NotFound("SKU"), 404, "not_found"],
		[new ChangedMeanwhile("Jana linked it a moment ago. Look again."), 409, "changed_meanwhile"],
		[new Unacceptable("A buffer can't be negative.", "negative_buffer"), 422, "negative_buffer"],
		[new TooOften(61_000), 429, "too_often"],
	])("%s keeps its reason and sentence", async (error, status, reason) => {
		const response = errorResponse(error, request);
		expect(response.status).toBe(status);
		expect(await response.json()).toEqual({ reason, sentence: error.message });
		expect(response.headers.get("cache-control")).toBe("private, no-store");
	});

	it("of a form says beside which field, and all of it as one text", async () => {
		const error = new WrongFields([
			{ field: "address", sentence: "This is no address.", code: "no_address" },
			{ field: "token", sentence: "Paste the token.", code: "no_token" },
		]);
		const response = errorResponse(error, request);
		expect(response.status).toBe(422);
		expect(await response.json()).toEqual({
			reason: "no_address",
			sentence: "This is no address. Paste the token.",
			fields: { address: "This is no address.", token: "Paste the token." },
		});
	});

	it("says when to come back", () => {
		expect(errorResponse(new TooOften(61_000), request).headers.get("retry-after")).toBe("61");
	});

	it("takes the schema's own sentences for a bad input, each by its field", () => {
		const units = z.number("Units are a number.");
		const share = z.number().max(100, "A share is at most 100 %.").int("A share is a whole number.");
		const { error } = z.object({ units, share }).safeParse({ units: "x", share: 100.5 });
		expect(describeError(error, "test")).toEqual({
			status: 422,
			body: {
				reason: "unacceptable",
				sentence: "Units are a number.",
				fields: { units: "Units are a number.", share: expect.stringMatching(/^A share is /) },
			},
		});
		expect(describeError(units.safeParse("x").error, "test").body).toEqual({
			reason: "unacceptable",
			sentence: "Units are a number.",
		});
	});

	it("is none of ours when the browser left before it had said everything", () => {
		const error = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
		// What is logged has an id to find it by.
		expect(describeError(error, "test")).toEqual({
			status: 400,
			body: { reason: "broken_off", sentence: "The request broke off before all of it was here." },
		});
	});

	it("tells nothing of what nobody expected but an id", async () => {
		const response = errorResponse(new Error("password=hunter2"), request);
		expect(response.status).toBe(500);
		const text = await response.text();
		expect(text).not.toContain("hunter2");
		expect(JSON.parse(text)).toMatchObject({ reason: "failed", requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
	});
});
