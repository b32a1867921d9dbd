import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { seeded } from "@/lib/simulation/random";
import { isUnmoved, siegeOfQueue } from "./forgery/queue";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

it("P6 a queue that holds forged news moves nothing, and a sale behind it is heard of", async () => {
	const one = await siegeOfQueue(database, 65, seeded(1));
	expect(isUnmoved(one), JSON.stringify(one)).toBe(true);
	expect(one.believed).toBeGreaterThan(0);
}, 120_000);
