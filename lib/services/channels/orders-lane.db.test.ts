/** A store that counts the lists of orders apart from all other calls: against an Amazon sandbox account over HTTP. */
import { beforeEach, describe, expect, it } from "vitest";
import { ChannelError } from "@/lib/channels/errors";
import { countWireRequests } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { openConnection } from "./open-connection";
import { workChannel } from "./work-channel";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let shop: LiveStore;
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "amazon", productsOf({ LAMP: 50, ROPE: 50, MUG: 50 }));
	await work();
});

const sql = () => database.ownerClient;
const client = () => database.client("app");
const work = () => workChannel(shop.target, { maxMs: 3_000, lingerMs: 200, client: client() });
const searches = async () => (await countWireRequests(sandbox.ctx, shop.storeId)).orders ?? 0;
const slot = async (sku: string) => {
	const [row] = await sql()<Record<string, unknown>[]>`
		select s.offered, s.expected, s.unexplained, s.is_pending, s.push_id, s.read_due_at <= now() as is_due
		from slots s join listings l on l.id = s.listing_id where s.channel_id = ${shop.channelId} and l.sku = ${sku}`;
	return row;
};
const change = (sku: string, quantity: number) => sql()`
	update sandbox.items set quantity = ${quantity} where store_id = ${shop.storeId} and sku = ${sku} and quantity is not null`;
const isTold = (sku: string) => sql()`
	update slots set read_due_at = now() where listing_id = (select id from listings where channel_id = ${shop.channelId} and sku = ${sku})`;
/** The difference was first seen ten minutes ago; whatever was ordered before it is on the list by now. */
const hasWaited = (sku: string) => sql()`
	update slots set unexplained_since = now() - interval '10 min', read_due_at = now() - interval '7 min'
	where listing_id = (select id from listings where channel_id = ${shop.channelId} and sku = ${sku})`;
const ordersReadAgo = (seconds: number) => sql()`
	update channel_health set orders_read_at = now() - ${seconds} * interval '1 s' where channel_id = ${shop.channelId}`;

describe("once the list of orders is refused for minutes", () => {
	beforeEach(async () => {
		const open = await openConnection(client(), shop.target);
		const spend = async () => {
			for (;;) await open.adapter.listOrders(open.connection(), new Date(), null);
		};
		await expect(spend()).rejects.toBeInstanceOf(ChannelError);
		await sql()`update channel_health set next_poll_at = now() where channel_id = ${shop.channelId}`;
	});

	it("patches and levels go on, and it is asked no more until then", async () => {
		const before = await searches();
		await change("LAMP", 44);
		await isTold("LAMP");
		await sql()`update slots set offered = 49 where listing_id = (select id from listings where channel_id = ${shop.channelId} and sku = 'ROPE')`;
		const { nextDueAt } = await work();
		expect(await slot("LAMP")).toMatchObject({ unexplained: -6, is_due: false });
		const pushed = await sql()`select outcome from push_items where channel_id = ${shop.channelId} and quantity = 49`;
		expect(pushed).toHaveLength(1);
		const [health] = await sql()`
			select quiet_until is null as is_free, orders_quiet_until > now() + interval '2 min' as waits, next_poll_at >= orders_quiet_until as polls_then
			from channel_health where channel_id = ${shop.channelId}`;
		expect(health).toEqual({ is_free: true, waits: true, polls_then: true });
		expect(nextDueAt).toBeGreaterThan(Date.now());
		await work();
		const told = await sql()`
			select data->>'lane' as lane from sync_log where channel_id = ${shop.channelId} and kind = 'channel.throttled'`;
		expect(told).toEqual([{ lane: "orders" }]);
		expect(await searches()).toBe(before);
	});

	it("a store that was down is found again by another call", async () => {
		await sql()`
			update channel_health set orders_quiet_until = now() + interval '3 min', next_poll_at = now() + interval '3 min',
				breaker = 'open', failures = 2, breaker_until = now() - interval '1 s' where channel_id = ${shop.channelId}`;
		const { calls } = await work();
		const [health] = await sql()`select breaker from channel_health where channel_id = ${shop.channelId}`;
		expect([health?.breaker, calls]).toEqual(["closed", 1]);
	});

	it("what only newer orders settle waits for them, without a call in between", async () => {
		await work();
		await change("LAMP", 44);
		await isTold("LAMP");
		await work();
		await hasWaited("LAMP");
		await ordersReadAgo(30 * 60);
		await sql()`update slots set offered = 47 where listing_id = (select id from listings where channel_id = ${shop.channelId} and sku = 'MUG')`;
		const { calls, nextDueAt } = await work();
		expect(calls).toBe(0);
		expect(await slot("LAMP")).toMatchObject({ unexplained: -6, is_due: true });
		expect(await slot("MUG")).toMatchObject({ is_pending: true, push_id: null });
		expect((nextDueAt ?? 0) - Date.now()).toBeGreaterThan(60_000);
	});
});

describe("levels that differ", () => {
	it("do with the orders read for the polls when they are first looked at", async () => {
		const before = await searches();
		for (const sku of ["LAMP", "ROPE", "MUG"]) {
			await change(sku, 44);
			await isTold(sku);
			await work();
			expect(await slot(sku)).toMatchObject({ unexplained: -6 });
		}
		expect(await searches()).toBe(before);
	});

	it("share one read of the orders once only that can settle them, and wait for the next a minute", async () => {
		for (const sku of ["LAMP", "ROPE", "MUG"]) {
			await change(sku, 44);
			await isTold(sku);
		}
		await work();
		const before = await searches();
		for (const sku of ["LAMP", "ROPE"]) await hasWaited(sku);
		await ordersReadAgo(8 * 60);
		await work();
		expect(await searches()).toBe(before + 1);
		for (const sku of ["LAMP", "ROPE"]) expect(await slot(sku)).toMatchObject({ unexplained: 0 });

		await sql()`update slots set unexplained_since = now() - interval '190 s', read_due_at = now() - interval '10 s'
			where listing_id = (select id from listings where channel_id = ${shop.channelId} and sku = 'MUG')`;
		await ordersReadAgo(30);
		const { nextDueAt } = await work();
		expect(await searches()).toBe(before + 1);
		expect(nextDueAt).toBeLessThan(Date.now() + 31_000);
		await ordersReadAgo(61);
		await work();
		expect(await searches()).toBe(before + 2);
		expect(await slot("MUG")).toMatchObject({ unexplained: 0 });
	});
});
