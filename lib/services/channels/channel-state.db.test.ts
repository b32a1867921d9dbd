/** What a worker writes of a channel beside what others write, and whose refusal revokes it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { ChannelError } from "@/lib/channels/errors";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { type ChannelState, leaseChannel, noteSuccess, noteTrouble, releaseChannel } from "./channel-state";
import type { WorkTarget } from "./work-target";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

let target: WorkTarget;
beforeEach(async () => {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	target = { channelId, merchantId: merchant.merchantId, platform: "shopify" };
	await database.ownerClient`
		insert into credentials (merchant_id, channel_id, purpose, sealed) values (${merchant.merchantId}, ${channelId}, 'access', 'old')`;
});

const client = () => database.client("app");
const lease = (id: string) => leaseChannel(client(), target, id, 5_000);
async function leased(id: string = randomUUID()): Promise<ChannelState> {
	const state = await lease(id);
	if (!state) throw new Error("the lease was not free");
	return state;
}

describe("until when a channel is left alone", () => {
	const quiet = async () => {
		const [row] = await database.ownerClient<{ seconds: number | null }[]>`
			select round(extract(epoch from quiet_until - now()))::int as seconds from channel_health where channel_id = ${target.channelId}`;
		return row?.seconds;
	};
	const quieten = (seconds: number) => database.ownerClient`
		update channel_health set quiet_until = now() + ${seconds} * interval '1 s' where channel_id = ${target.channelId}`;
	const budget = { available: 1_000, maximum: 1_000, restorePerSecond: 50 };

	it("stays as somebody beside the worker was told, whatever the worker hears", async () => {
		const state = await leased();
		await quieten(60);
		await noteSuccess(client(), target, state, budget);
		expect(await quiet()).toBe(60);
		await noteTrouble(client(), target, state, new ChannelError("throttled", "too many", { retryAfterMs: 5_000 }), 0);
		expect(await quiet()).toBe(60);
	});

	it("is never further than an hour away, whatever a store asks for", async () => {
		const state = await leased();
		const moment = Math.round(Date.now() / 1_000);
		for (const seconds of [moment, 9_999_999_999_999]) {
			const trouble = new ChannelError("throttled", "too many", { retryAfterMs: seconds * 1_000 });
			await noteTrouble(client(), target, state, trouble, 0);
			expect(await quiet()).toBe(3_600);
		}
	});

	it("grows with what the worker is told, and is forgotten when it is past", async () => {
		const state = await leased();
		await quieten(3);
		await noteTrouble(client(), target, state, new ChannelError("throttled", "too many", { retryAfterMs: 30_000 }), 0);
		expect(await quiet()).toBe(30);
		await quieten(-1);
		state.quietUntil = 0;
		await noteSuccess(client(), target, state, { ...budget, available: 999 });
		expect(await quiet()).toBe(-1);
		state.rememberedAt = 0;
		await noteSuccess(client(), target, state, budget);
		expect(await quiet()).toBeNull();
	});
});

it("where only the list of orders is refused, only that waits, and the next worker knows", async () => {
	const id = randomUUID();
	const state = await leased(id);
	const refused = new ChannelError("throttled", "no more lists", { retryAfterMs: 180_000, lane: "orders" });
	const soonest = Date.now() + 180_000;
	await noteTrouble(client(), target, state, refused, 0);
	await noteSuccess(client(), target, state, { available: 1_000, maximum: 1_000, restorePerSecond: 50 });
	await releaseChannel(client(), target, id);
	const next = await leased();
	expect(next.quietUntil).toBe(0);
	expect(next.ordersQuietUntil).toBeGreaterThanOrEqual(soonest);
	expect(next.nextPollAt).toBeGreaterThanOrEqual(soonest);
});

it("where only the list of orders can't be read, only that waits", async () => {
	const state = await leased();
	for (let times = 0; times < 3; times++)
		await noteTrouble(client(), target, state, new ChannelError("unreadable", "no list"), 0, "orders");
	expect(state.breaker.state).toBe("closed");
	expect(state.nextPollAt).toBe(state.ordersQuietUntil);
	expect(state.ordersQuietUntil).toBeGreaterThan(Date.now());
	expect(state.quietUntil).toBe(0);
});

describe("a call that the store refuses as one without access", () => {
	const refused = new ChannelError("access_revoked", "The token is not valid any more.");
	const reconnect = () => database.ownerClient`
		update credentials set sealed = 'new', rotated_at = now() where channel_id = ${target.channelId} and purpose = 'access'`;
	const channelNow = async () =>
		(
			await database.ownerClient`
				select c.state, h.breaker, h.last_error is not null as has_error,
					exists (select from sync_log l where l.channel_id = c.id and l.kind = 'channel.revoked') as is_told
				from channels c join channel_health h on h.channel_id = c.id where c.id = ${target.channelId}`
		)[0];
	const untouched = { state: "live", breaker: "closed", has_error: false, is_told: false };

	it("revokes the channel", async () => {
		await noteTrouble(client(), target, await leased(), refused, 0);
		expect(await channelNow()).toEqual({ state: "revoked", breaker: "open", has_error: true, is_told: true });
	});

	it("says nothing of the connection that was made while it was under way, and ends its worker's lease", async () => {
		const state = await leased();
		await reconnect();
		await noteTrouble(client(), target, state, refused, 0);
		expect(await channelNow()).toEqual(untouched);
		expect(await lease(state.lease)).toBeNull();
		await releaseChannel(client(), target, state.lease);
		const next = await leased();
		expect((await lease(next.lease))?.lease).toBe(next.lease);
	});

	it("waits for whoever is reconnecting at the moment", async () => {
		const state = await leased();
		let refusal: Promise<void> = Promise.resolve();
		await database.ownerClient.begin(async (tx) => {
			await tx`update channels set base_url = base_url where id = ${target.channelId}`;
			refusal = noteTrouble(client(), target, state, refused, 0);
			await expect
				.poll(
					async () =>
						(await tx`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
							.length,
				)
				.toBe(1);
			await tx`update credentials set rotated_at = now() where channel_id = ${target.channelId}`;
		});
		await refusal;
		expect(await channelNow()).toEqual(untouched);
	});

	it("of a worker that has lost its lease, says nothing", async () => {
		const state = await leased();
		await database.ownerClient`
			update channel_health set push_lease = ${randomUUID()} where channel_id = ${target.channelId}`;
		await noteTrouble(client(), target, state, refused, 0);
		expect(await channelNow()).toEqual(untouched);
	});
});
