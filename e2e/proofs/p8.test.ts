import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { days } from "./drift/day";
import { isQuietDay, isWholeAndRight, silentChanges } from "./p8";

describe("P8", () => {
	let database: TestDatabase;
	beforeAll(async () => {
		database = await testDatabase();
	});
	afterAll(() => database.close());

	// One of each way to say what a level is; the proof itself goes through all platforms.
	it.each(["shopify", "woocommerce", "magento"] as const)(
		"every silent change of a %s store is found, classified and healed by policy, and nothing else",
		async (platform) => {
			// Of each class that the platform can have one at least, and more than one call reads.
			const run = await silentChanges(database, { platform, listings: 104, changes: 10, seed: 1 });
			expect(isWholeAndRight(run), JSON.stringify(run)).toBe(true);
		},
		120_000,
	);

	it("a day of sales, lost news, lost answers and late writes is no drift, and an edit is found within minutes", () => {
		const day = days(1, 60, 4);
		expect(isQuietDay(day), JSON.stringify(day)).toBe(true);
		expect(day.right).toBeGreaterThan(10);
		expect(day.slowestMinutes).toBeLessThan(15);
	});
});
