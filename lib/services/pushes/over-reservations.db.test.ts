/** A channel that takes its open orders off by itself, on real Postgres: its level is read before anything is written over it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopify } from "@/lib/channels/shopify";
import type { OpenConnection } from "../channels/open-connection";
import { takeTurn } from "../channels/take-turn";
import { readDueLevels } from "../levels/read-levels";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import type { ClaimedPush } from "./claim-push";
import { orphanedPushes } from "./send-push";
import { settlePush } from "./settle-push";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const facts: PlatformFacts = { ...shopify.facts, writeMode: "over_reservations", orderListLagMs: 0 };

/** Ten lie there, three of them sold and not shipped; seven ought to be sold, and soon `offered`. */
async function store(offered: number) {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const skuId = await makeSku(database, merchant, "LAMP", offered);
	await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 7 });
	await database.ownerClient`update slots set offered = ${offered} where channel_id = ${channelId}`;
	const lies = { source: 10, open: 3 };
	const adapter: ChannelAdapter = {
		...shopify,
		facts,
		listOrders: async () => ({ items: [], next: null, total: null }),
		readLevels: async (_, listings) =>
			listings.map(({ externalKey }) => ({
				externalKey,
				quantity: lies.source - lies.open,
				readAt: new Date(),
				reservations: { ...lies },
			})),
	};
	const open: OpenConnection = { adapter, connection: () => ({ http: {} }) as never };
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	const client = database.client("app");
	return {
		lies,
		turn: () => takeTurn(client, target, facts, { now: Date.now(), mayClaim: true, only: null }),
		read: async () => (await readDueLevels(client, target, open)).read,
		orphans: () => orphanedPushes(client, target),
		async settle(push: ClaimedPush) {
			const rows = push.rows.map(({ externalKey }) => ({ externalKey, result: "applied" as const, shown: null }));
			await settlePush(client, target, facts, push, { rows, exchanges: [], trouble: null, budget: null }, Date.now());
		},
		async slot() {
			const [slot] = await database.ownerClient`
				select expected, reserved_source, reserved_open, push_open, is_pending, read_due_at is not null as is_due, bound, doubt
				from slots where channel_id = ${channelId}`;
			return slot;
		},
	};
}

it("S8 reads the level first, and then writes the offer on top of what open orders have to ship", async () => {
	const shop = await store(5);
	const first = await shop.turn();
	expect([first.push, first.needsLevels]).toEqual([null, true]);
	expect(first.readsDueAt).toBeLessThanOrEqual(Date.now());
	expect(await shop.read()).toBe(1);
	expect(await shop.slot()).toMatchObject({ reserved_source: 10, reserved_open: 3, is_due: false });

	const { push } = await shop.turn();
	if (!push || push === "orders_first") throw new Error("nothing was claimed");
	expect(push.rows).toMatchObject([{ quantity: 5, expected: 7, open: 3 }]);
	expect(await shop.slot()).toMatchObject({ push_open: 3, bound: 7, doubt: 8 });
	expect((await shop.orphans()).flatMap(({ rows }) => rows)).toMatchObject([{ quantity: 5, open: 3 }]);

	await shop.settle(push);
	expect(await shop.slot()).toMatchObject({ expected: 5, reserved_source: 8, push_open: null, is_due: true });
});

it("a shipment that crossed the write is taken off again as soon as it is read back", async () => {
	const shop = await store(5);
	await shop.turn();
	await shop.read();
	const { push } = await shop.turn();
	if (!push || push === "orders_first") throw new Error("nothing was claimed");
	Object.assign(shop.lies, { source: 8, open: 2 });
	await shop.settle(push);
	await shop.read();
	expect(await shop.slot()).toMatchObject({ expected: 6, reserved_source: 8, reserved_open: 2, is_pending: true });
	const again = await shop.turn();
	if (!again.push || again.push === "orders_first") throw new Error("nothing was claimed");
	expect(again.push.rows).toMatchObject([{ quantity: 5, expected: 6, open: 2 }]);
});

it("sold out elsewhere, it is closed at once and what lies there is left to its open orders", async () => {
	const shop = await store(0);
	await shop.turn();
	await shop.read();
	const { push } = await shop.turn();
	if (!push || push === "orders_first") throw new Error("nothing was claimed");
	expect(push.rows).toMatchObject([{ quantity: 0, expected: 7, open: 10 }]);
});
