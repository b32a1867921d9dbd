/** Transactions of a merchant that meet another's locks, and what they ask of the disk. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asMerchant } from "./client";
import { asMerchantPrepared, type Statement, statementsOf } from "./statement";
import { type TestDatabase, testDatabase } from "./testing";

let database: TestDatabase;
let merchantId: string;
beforeAll(async () => {
	database = await testDatabase();
	await database.ownerClient`
		create function fail(code text) returns int language plpgsql as $$ begin raise exception using errcode = code; end $$`;
	await database.ownerClient`grant execute on function fail(text) to public`;
});
afterAll(() => database.close());
beforeEach(async () => {
	merchantId = randomUUID();
	await database.ownerClient`insert into merchants (id, name, slug) values (${merchantId}, 'Nordlicht Outdoor', ${merchantId})`;
});

const ways: [name: string, transact: <T>(work: (run: Statement) => Promise<T>) => Promise<T>][] = [
	["asMerchant", (work) => asMerchant(database.db("app"), merchantId, (tx) => work(statementsOf(tx)))],
	["asMerchantPrepared", (work) => asMerchantPrepared(database.client("app"), merchantId, work)],
];

describe.each(ways)("%s", (_, transact) => {
	it("two transactions that wait for each other both happen, each once", async () => {
		const tries = { a: 0, b: 0 };
		let arrived = 0;
		let meet = () => {};
		const met = new Promise<void>((resolve) => {
			meet = resolve;
		});
		const lock = (run: Statement, name: string) =>
			run`select pg_advisory_xact_lock(hashtextextended(${`${merchantId}:${name}`}, 0))`;
		const crossing = (own: "a" | "b", other: "a" | "b") =>
			transact(async (run) => {
				tries[own] += 1;
				await lock(run, own);
				arrived += 1;
				if (arrived === 2) meet();
				await met;
				await lock(run, other);
				await run`update merchants set buffer_units = buffer_units + 1 where id = ${merchantId}::uuid`;
			});
		await Promise.all([crossing("a", "b"), crossing("b", "a")]);
		const [merchant] = await database.ownerClient`select buffer_units from merchants where id = ${merchantId}`;
		expect(merchant?.buffer_units).toBe(2);
		expect(tries.a + tries.b).toBeGreaterThan(2);
	});

	it.each([
		["40P01", 4],
		["40001", 4],
		["23505", 1],
	])("an error of the kind %s is met %i times and then told", async (code, times) => {
		let tries = 0;
		const failing = transact(async (run) => {
			tries += 1;
			await run`select fail(${code})`;
		});
		await expect(failing).rejects.toThrow();
		expect(tries).toBe(times);
	});
});

it("what a failed transaction still wanted to do is not done on its connection", async () => {
	let late: Promise<unknown> = Promise.resolve();
	const failing = asMerchantPrepared(database.client("app"), merchantId, async (run) => {
		const branch = async () => {
			await new Promise((resolve) => setTimeout(resolve, 50));
			return run`select 1 as done`;
		};
		late = branch();
		late.catch(() => {});
		await run`select 1 / 0`;
	});
	await expect(failing).rejects.toMatchObject({ code: "22012" });
	await expect(late).rejects.toThrow("the transaction is over");
});

it.each(["remote_apply", "on", "local"])(
	"a commit waits for the disk as the server is told to (%s), unless what it does is redone",
	async (told) => {
		const client = postgres(database.url, { max: 1, onnotice: () => {}, connection: { synchronous_commit: told } });
		const waits = (isRedone: boolean) =>
			asMerchantPrepared(
				client,
				merchantId,
				async (run) => (await run<{ waits: string }>`select current_setting('synchronous_commit') as waits`)[0]?.waits,
				{ isRedone },
			);
		expect([await waits(false), await waits(true)]).toEqual([told, "off"]);
		await client.end();
	},
);
