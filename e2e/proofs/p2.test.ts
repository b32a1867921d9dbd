import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { exactlyOnce, naiveRuns } from "./p2";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

describe("P2", () => {
	it("however often and in whatever order news comes, the balances are those of the last versions", async () => {
		expect((await exactlyOnce(database, 1, 6)).failing).toEqual([]);
	});

	it("reading, adding and writing gets them wrong, and so does counting each change", async () => {
		const failing = await naiveRuns(database, 1, 3);
		expect([...failing.values()].every((runs) => runs > 0)).toBe(true);
	});
});
