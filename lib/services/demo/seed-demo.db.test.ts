import { afterAll, beforeAll, expect, test } from "vitest";
import { takeSignInLink } from "@/lib/auth/sign-in-links";
import { adapterFor, isConnectable } from "@/lib/channels/registry";
import { sandboxPlatforms } from "@/lib/sandbox/platforms";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { type Runner, startRunner } from "../testing/runner";
import { seedDemo } from "./seed-demo";

const sandbox = sandboxForTests();
const { database } = sandbox;
let runner: Runner;

beforeAll(async () => {
	runner = await startRunner(database);
});
afterAll(() => runner?.stop());

const counts = async () => {
	const [row] = await database.ownerClient<Record<string, number>[]>`
		select (select count(*)::int from channels where state = 'live') as live, (select count(*)::int from skus) as skus,
			(select count(*)::int from mappings where state = 'linked') as linked,
			(select count(*)::int from listings l where not exists (select from mappings m where m.listing_id = l.id)) as unlinked,
			(select count(*)::int from sandbox.stores) as stores, (select count(*)::int from merchants) as merchants,
			(select count(distinct platform)::int from channels) as platforms`;
	return row;
};

/** Channels that nobody tells of sales, although their platform would. */
async function deaf(): Promise<string[]> {
	const rows = await database.ownerClient<{ platform: string }[]>`
		select c.platform from channels c join channel_health h on h.channel_id = c.id where h.webhook_state <> 'registered'`;
	const tells = await Promise.all(
		rows.map(async ({ platform }) => (await adapterFor(platform)).facts.coverage.orders.webhooks !== "none"),
	);
	return rows.filter((_, index) => tells[index]).map(({ platform }) => platform);
}

test("the demo is a shop whose stores are in step, with something left to do, and seeding it again adds nothing", async () => {
	const first = await seedDemo({ origin: "http://onecount.test", storesOrigin: sandbox.origin });
	expect((await counts())?.live).toBeGreaterThanOrEqual(2);
	expect(await first.others).toEqual([]);
	const seeded = await counts();
	const platforms = sandboxPlatforms().filter(({ platform }) => isConnectable(platform)).length;
	expect(seeded).toMatchObject({ merchants: 1, live: platforms, platforms });
	expect(await deaf()).toEqual([]);
	// One more SKU occurs twice in the store, and is left for a person.
	expect(seeded?.skus).toBe(40);
	expect(seeded?.linked).toBeGreaterThanOrEqual(40);
	expect(seeded?.unlinked).toBeGreaterThanOrEqual(3);
	expect(seeded?.stores).toBeGreaterThan(seeded?.live ?? 0);

	const second = await seedDemo({ origin: "http://onecount.test", storesOrigin: sandbox.origin });
	expect(await second.others).toEqual([]);
	expect(await counts()).toEqual(seeded);

	const tokens = [first, second].map(({ signInUrl }) => new URL(signInUrl).searchParams.get("token") ?? "");
	expect(new Set(tokens).size).toBe(2);
	for (const token of tokens) expect(await takeSignInLink(database.db("auth"), token)).not.toBeNull();
	expect(runner.errors).toEqual([]);
}, 120_000);
