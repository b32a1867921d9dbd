/** For tests: a database for as long as the tests of the file, or of the `describe`, that asks for it. */
import { afterAll, beforeAll } from "vitest";
import { type TestDatabase, testDatabase } from "./testing";

/** Filled in `beforeAll`; until then nothing may be read of it. */
export function databaseForTests(): TestDatabase {
	const database = {} as TestDatabase;
	beforeAll(async () => {
		Object.assign(database, await testDatabase());
	});
	afterAll(() => database.close?.());
	return database;
}
