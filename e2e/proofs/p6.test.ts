import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { receiveWebhook } from "@/lib/services/webhooks/receive-webhook";
import { seeded } from "@/lib/simulation/random";
import { kindsOf, type Mail, makeAttacks } from "./forgery/attacks";
import { mailOf, openTarget, orderBodies } from "./forgery/shop";
import { awkwardBody, isRepelled, platforms, siege, twinVerdicts } from "./p6";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const verb = {
	name: "verb",
	send: (target: { platform: string; channelId: string }, mail: Mail) =>
		receiveWebhook({ platform: target.platform, channelId: target.channelId, ...mail }),
};

describe("P6", () => {
	it.each(platforms)("%s mail that is not theirs is refused and counted", async (platform) => {
		const one = await siege(database, verb, platform, 1, 10 * kindsOf(mailOf(platform).scheme));
		expect(isRepelled(one), JSON.stringify(one)).toBe(true);
	});

	it("each verifier as one finds them takes forged mail or refuses genuine mail", async () => {
		const target = await openTarget(database, "shopify");
		const bodies = [...orderBodies("shopify", seeded(1), 20), awkwardBody];
		const attacks = makeAttacks(target, bodies, seeded(2), 10 * kindsOf(target.scheme));
		for (const { name, taken, refused } of twinVerdicts(target, attacks, bodies))
			expect(taken + refused, name).toBeGreaterThan(0);
	});
});
