import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { lastUnitRaces, twinRaces } from "./p3";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

describe("P3", () => {
	it("of 200 concurrent orders for the last unit one gets it, and each other one becomes one conflict", async () => {
		expect(await lastUnitRaces(database, 2)).toEqual([]);
	});

	it("looking first and recording then sells it more than once", async () => {
		for (const allocated of await twinRaces(database, 2)) expect(allocated).toBeGreaterThan(1);
	});
});
