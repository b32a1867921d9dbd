import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

it("every statement and transaction is answered although the connections are cut again and again", async () => {
	const sql = database.client("engine");
	const failures: string[] = [];
	let isCutting = true;
	const work = async (inTransaction: boolean) => {
		while (isCutting) {
			const statement = inTransaction
				? sql.begin(async (tx) => {
						await tx`select 1`;
						await tx`select pg_sleep(0.003)`;
					})
				: sql`select pg_sleep(0.003)`.execute();
			await Promise.resolve(statement).catch((error: Error) => failures.push(error.message));
		}
	};
	const workers = Promise.all([true, true, true, false, false].map(work));
	for (let cut = 0; cut < 12; cut++) {
		await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 40));
		await database.ownerClient`
			select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and application_name = 'onecount-engine'`;
	}
	isCutting = false;
	await workers;
	expect(failures.length).toBeGreaterThan(0);
	await expect.poll(() => sql`select 1 as one`.catch(() => null)).toEqual([{ one: 1 }]);
});
