import { expect, test } from "vitest";
import { jobResult } from "./api-types";
import { codeError } from "./codes";
import { jobOutcome, rowOutcome, singleOutcome, stockField } from "./outcomes";
import recorded from "./testing/recorded.json";

const row = { externalKey: "product:1", ids: { productId: "1" }, quantity: 3, expected: 5 };

test("a difference is given or taken, never both and never a level", () => {
	expect(stockField(4)).toEqual({ increase_quantity: 4 });
	expect(stockField(-2)).toEqual({ reduce_quantity: 2 });
});

test("a single call's answer", () => {
	expect(singleOutcome(row, 1, "at_once")).toEqual({ externalKey: "product:1", result: "applied", shown: null });
	expect(singleOutcome(row, 1, "later")).toEqual({ externalKey: "product:1", result: "accepted" });
	expect(singleOutcome(row, 0, "at_once")).toMatchObject({ result: "refused", error: { code: "IGNORED" } });
});

test("errors about the row are the row's, the others everybody's", () => {
	expect(rowOutcome(row, codeError(109, "Final quantity cannot be less than 0"))).toMatchObject({ result: "stale" });
	expect(rowOutcome(row, codeError(112, "Product with id 1 not found"))).toMatchObject({ result: "refused" });
	expect(rowOutcome(row, codeError(113, "Exists"))).toMatchObject({ result: "refused" });
	expect(rowOutcome(row, codeError(107, "The listing has ended."))).toMatchObject({ result: "refused" });
	for (const code of [1, 2, 4, 7, 9, 10, 100, 107, 110]) expect(rowOutcome(row, codeError(code, "x"))).toBeNull();
});

test("a recorded batch with every kind of row, by its place", () => {
	const { items } = jobResult.parse(recorded.amazonJob.result);
	const results = [0, 1, 2, 3, 4, 5].map(
		(index) =>
			jobOutcome(
				row,
				items.find(({ id }) => id === index),
				"at_once",
			).result,
	);
	expect(results).toEqual(["applied", "applied", "refused", "stale", "applied", "accepted"]);
	const ebay = jobResult.parse(recorded.ebayJob.result).items;
	expect(jobOutcome(row, ebay[1], "later")).toMatchObject({ result: "refused", error: { reason: "gone" } });
	expect(jobOutcome(row, ebay[0], "later")).toMatchObject({ result: "accepted" });
});

test("what a batch does not tell of a row is for the level to tell, and never goes alone under another key", () => {
	const failed = (error: string) => ({ id: 0, status: "failed", errors: [error], warnings: [] });
	for (const item of [
		failed("504 Gateway Time-out"),
		failed("Item is on a promotion"),
		failed(""),
		{ id: 0, status: "partial", errors: [], warnings: ["Something else was not updated."] },
		{ id: 0, status: "in_progress", errors: [], warnings: [] },
		undefined,
	])
		expect(jobOutcome(row, item, "at_once")).toEqual({ externalKey: "product:1", result: "accepted" });
	expect(jobOutcome(row, failed("Invalid quantity"), "at_once")).toMatchObject({ result: "refused" });
});
