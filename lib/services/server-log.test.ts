import { expect, test } from "vitest";
import { plainLine } from "./server-log";

test("at a terminal an error is a sentence with the id that its merchant quotes, and where it happened", () => {
	const line = plainLine(
		JSON.stringify({
			level: 50,
			time: 1_796_020_097_639,
			pid: 1,
			hostname: "vm",
			name: "http",
			err: {
				type: "Error",
				message: "no room",
				stack: "Error: no room\n    at one\n    at two\n    at three\n    at four",
			},
			requestId: "6ac2779a",
			where: "POST /api/skus",
			msg: "A request failed",
		}),
	);
	expect(line).toMatch(
		/^\d\d:\d\d:\d\d A request failed \(POST \/api\/skus, request 6ac2779a\): no room\n {4}at one\n/,
	);
	expect(line).not.toContain("at four");
	expect(line).not.toContain("{");
});
