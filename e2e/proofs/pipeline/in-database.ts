import { type TestDatabase, testDatabase } from "@/db/testing";

/** A run in a database of its own. */
export async function inDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
	const database = await testDatabase();
	try {
		return await work(database);
	} finally {
		await database.close();
	}
}
