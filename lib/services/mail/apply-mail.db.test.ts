/** News that is a reason to look, and the order in which it takes its locks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { beginLoop } from "../sync/wake";
import { makeChannel, makeListing, makeMerchant } from "../testing/fixtures";
import { applyMailBatch } from "./apply-mail";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

async function shop() {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	return {
		...target,
		merchant,
		async apply(topic: string, ...bodies: object[]) {
			for (const body of bodies)
				await database.ownerClient`
					insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
					values (${merchant.merchantId}, ${channelId}, 'webhook', ${topic}, ${crypto.randomUUID()}, ${Buffer.from(JSON.stringify(body))})`;
			return applyMailBatch(target, database.client("app"));
		},
	};
}

describe("mail that says that the app was removed", () => {
	const channelNow = async (channelId: string) =>
		(
			await database.ownerClient`
				select c.state, h.next_poll_at <= now() as is_asked from channels c join channel_health h on h.channel_id = c.id where c.id = ${channelId}`
		)[0];
	const later = (channelId: string) => database.ownerClient`
		update channel_health set next_poll_at = now() + interval '1 h' where channel_id = ${channelId}`;

	it.each([
		["from the channel's own store makes its worker ask at once, and revokes nothing by itself", "mine.example", true],
		["from another store is no news of this one", "other.example", false],
	])("%s", async (_, domain, isAsked) => {
		const { channelId, apply } = await shop();
		await database.ownerClient`update channels set store_key = 'mine.example' where id = ${channelId}`;
		await later(channelId);
		const worker = beginLoop("work", channelId);
		await apply("app/uninstalled", { id: 1, myshopify_domain: domain });
		expect(worker?.end()).toBe(isAsked);
		expect(await channelNow(channelId)).toEqual({ state: "live", is_asked: isAsked });
	});

	it("and is an order's body is nothing that could be read", async () => {
		const { channelId, apply } = await shop();
		await later(channelId);
		await apply("app/uninstalled", { id: 1, name: "#1", line_items: [] });
		expect(await channelNow(channelId)).toEqual({ state: "live", is_asked: false });
		const [mail] = await database.ownerClient`select state from inbox where channel_id = ${channelId}`;
		expect(mail?.state).toBe(2);
	});
});

it("level reports lock their slots in the order in which everybody does", async () => {
	const { merchant, channelId, apply } = await shop();
	const keys = Array.from({ length: 40 }, (_, n) => `gid://shopify/InventoryItem/${n + 1}`);
	for (const key of keys) await makeListing(database, merchant, channelId, key, { shown: 5 });
	const slots = await database.ownerClient<{ id: string }[]>`
		select id from slots where channel_id = ${channelId} order by id`;
	let applying: Promise<unknown> = Promise.resolve();
	await database.ownerClient.begin(async (tx) => {
		// As settling a push does: the first, and then the others.
		await tx`select from slots where id = ${slots[0]?.id ?? ""} for update`;
		applying = apply(
			"inventory_levels/update",
			...keys.map((_, n) => ({ inventory_item_id: keys.length - n, available: 3 })),
		);
		await expect
			.poll(
				async () =>
					(await tx`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
						.length,
			)
			.toBe(1);
		await tx`select from slots where channel_id = ${channelId} order by id for update nowait`;
	});
	await applying;
	const [told] = await database.ownerClient`
		select count(*)::int as n from slots where channel_id = ${channelId} and hint = 3 and read_due_at is not null`;
	expect(told?.n).toBe(keys.length);
});

it.each([
	["is looked at the sooner for a level report where it is the only open write", true],
	["is not where another is open beside it: a look would prove nothing yet", false],
])("S9 what was only accepted %s", async (_, isAlone) => {
	const { merchant, channelId, apply } = await shop();
	await makeListing(database, merchant, channelId, "gid://shopify/InventoryItem/1", { shown: 5 });
	await database.ownerClient`
		update slots set maybe = 3, accepted = jsonb_build_object('isAlone', ${isAlone}::boolean), read_due_at = now() + interval '60 s',
			shown = null, shown_at = null, shown_until = null where channel_id = ${channelId}`;
	await apply("inventory_levels/update", { inventory_item_id: 1, available: 8 });
	const [slot] = await database.ownerClient`
		select read_due_at < now() + interval '10 s' as is_sooner from slots where channel_id = ${channelId}`;
	expect(slot).toEqual({ is_sooner: isAlone });
});

describe("mail that the database refuses", () => {
	const signalOf = (orderRef: string, title: string) => {
		const at = Date.now() + 60_000;
		const line = { lineRef: "1", listingRef: "lamp", sku: "LAMP", title, taken: 1 };
		const placedAt = new Date(at).toISOString();
		const order = { orderRef, number: "#1", status: "open", placedAt, version: { at, step: 0 }, lines: [line] };
		return Buffer.from(JSON.stringify({ kind: "order", order }));
	};

	it("R11 R2 is put aside alone, though earlier mail becomes visible at that moment", async () => {
		const { channelId, merchantId, platform } = await shop();
		const sql = database.ownerClient;
		const keep = (id: number, orderRef: string, title: string) => sql`
			insert into inbox (id, merchant_id, channel_id, source, topic, dedupe_key, body) overriding system value
			values (${id}, ${merchantId}, ${channelId}, 'webhook', 'signal', ${orderRef}, ${signalOf(orderRef, title)})`;
		const [last] = await sql<{ id: number }[]>`select coalesce(max(id), 0)::float8 + 1000 as id from inbox`;
		const id = last?.id ?? 0;
		await keep(id + 1, "poison", "no text holds \u0000");
		const client = database.client("app");
		let refused = 0;
		const begin = async (work: () => Promise<unknown>) => {
			try {
				return await client.begin(work);
			} catch (error) {
				// Of 500, of 50, of 5, and alone: now a statement commits that was given its numbers before.
				if (++refused === 4) await keep(id, "good", "Lamp");
				throw error;
			}
		};
		const target = { channelId, merchantId, platform };
		while ((await applyMailBatch(target, { begin } as unknown as typeof client)).rows > 0);
		const kept = await sql`select dedupe_key, state from inbox where channel_id = ${channelId} order by id`;
		expect(refused).toBeGreaterThanOrEqual(4);
		expect([...kept]).toEqual([
			{ dedupe_key: "good", state: 1 },
			{ dedupe_key: "poison", state: 2 },
		]);
	});
});
