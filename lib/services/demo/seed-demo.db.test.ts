import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { takeSignInLink } from "@/lib/auth/sign-in-links";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { type Runner, startRunner } from "../testing/runner";
import { seedDemo } from "./seed-demo";

let database: TestDatabase;
let sandbox: SandboxServer;
let runner: Runner;

beforeAll(async () => {
	database = await testDatabase();
	runner = await startRunner(database);
	sandbox = await startSandboxServer({ databaseUrl: database.url });
});
afterAll(async () => {
	await sandbox?.stop();
	await runner?.stop();
	await database?.close();
});

const counts = async () => {
	const [row] = await database.ownerClient<Record<string, number>[]>`
		select (select count(*)::int from channels where state = 'live') as live, (select count(*)::int from skus) as skus,
			(select count(*)::int from mappings where state = 'linked') as linked,
			(select count(*)::int from listings l where not exists (select from mappings m where m.listing_id = l.id)) as unlinked,
			(select count(*)::int from sandbox.stores) as stores, (select count(*)::int from merchants) as merchants,
			(select count(*)::int from channel_health where webhook_state = 'registered') as hearing`;
	return row;
};

test("the demo is a shop whose stores are in step, with something left to do, and seeding it again adds nothing", async () => {
	const first = await seedDemo({ origin: "http://onecount.test", storesOrigin: sandbox.origin });
	const seeded = await counts();
	expect(seeded).toMatchObject({ merchants: 1 });
	expect(seeded?.live).toBeGreaterThanOrEqual(1);
	expect(seeded?.hearing).toBe(seeded?.live);
	// One more SKU occurs twice in the store, and is left for a person.
	expect(seeded?.skus).toBe(40);
	expect(seeded?.linked).toBeGreaterThanOrEqual(40);
	expect(seeded?.unlinked).toBeGreaterThanOrEqual(3);
	expect(seeded?.stores).toBeGreaterThan(seeded?.live ?? 0);

	const second = await seedDemo({ origin: "http://onecount.test", storesOrigin: sandbox.origin });
	expect(await counts()).toEqual(seeded);

	const tokens = [first, second].map(({ signInUrl }) => new URL(signInUrl).searchParams.get("token") ?? "");
	expect(new Set(tokens).size).toBe(2);
	for (const token of tokens) expect(await takeSignInLink(database.db("auth"), token)).not.toBeNull();
	expect(runner.errors).toEqual([]);
}, 60_000);
