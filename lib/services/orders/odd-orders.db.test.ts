/** An order that the store tells in a form that nobody knows: against a Square sandbox store over HTTP. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChannelError } from "@/lib/channels/errors";
import { adapterFor } from "@/lib/channels/registry";
import { setQuantity } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { openConnection } from "../channels/open-connection";
import { dismissMail } from "../mail/dismiss-mail";
import { retryMail } from "../mail/retry-mail";
import { byHand } from "../testing/by-hand";
import { type LiveStore, liveStore, productsOf } from "../testing/live-store";
import { pollOrders } from "./poll-orders";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let shop: LiveStore;
let hands: ReturnType<typeof byHand>;
beforeEach(async () => {
	shop = await liveStore(database, sandbox, "square", productsOf({ LAMP: 50, ROPE: 50 }));
	hands = byHand(database, sandbox, shop);
	await hands.work();
});

const sql = () => database.ownerClient;
const client = () => database.client("app");

/** Square promises no `uid` of a line; without one its units are nobody's. */
const spoil = (orderId: string) => sql()`
	update sandbox.orders set data = jsonb_set(data, '{lines,0}', jsonb_build_object('lost', data->'lines'->0->'uid') || (data->'lines'->0) - 'uid')
	where store_id = ${shop.storeId} and id = ${orderId}`;
const mend = (orderId: string) => sql()`
	update sandbox.orders set data = jsonb_set(data, '{lines,0,uid}', data->'lines'->0->'lost') where store_id = ${shop.storeId} and id = ${orderId}`;

const counted = async () =>
	(
		await sql()<{ order_ref: string }[]>`
			select order_ref from order_lines where channel_id = ${shop.channelId} and taken = 1 order by order_ref`
	).map(({ order_ref }) => order_ref);
const letters = () => sql()<{ id: number; state: number; error: string | null; body: string }[]>`
	select id::float8 as id, state, error, convert_from(body, 'UTF8') as body from inbox
	where channel_id = ${shop.channelId} and dedupe_key like 'odd:%' order by id`;

it("is kept as it came, once, and the others are counted, and writes go on", async () => {
	const [before, odd, after] = [await hands.buy("LAMP"), await hands.buy("LAMP"), await hands.buy("ROPE")];
	await spoil(odd);
	await hands.poll();
	await hands.poll();
	expect(await counted()).toEqual([before, after].sort());
	const [letter, ...more] = await letters();
	expect(more).toEqual([]);
	expect(letter).toMatchObject({ state: 2, error: expect.stringContaining(odd) });
	expect(JSON.parse(letter?.body ?? "")).toMatchObject({
		orderRef: odd,
		row: { id: odd, line_items: [{ quantity: "1" }] },
	});
	const [health] = await sql()`
		select breaker, failures, orders_quiet_until from channel_health where channel_id = ${shop.channelId}`;
	expect(health).toEqual({ breaker: "closed", failures: 0, orders_quiet_until: null });
});

it("is read once more when a person asks for it: in vain it is a dead letter again, else it is counted", async () => {
	const odd = await hands.buy("LAMP");
	await spoil(odd);
	await hands.poll();
	const [letter] = await letters();
	const inboxId = letter?.id ?? 0;
	await retryMail(shop.ctx, { inboxId });
	await hands.drain();
	expect(await letters()).toMatchObject([{ id: inboxId, state: 2, error: expect.stringContaining(odd) }]);
	await mend(odd);
	await retryMail(shop.ctx, { inboxId });
	await hands.drain();
	expect(await letters()).toMatchObject([{ id: inboxId, state: 1, error: null }]);
	expect(await counted()).toEqual([odd]);
});

async function readAgain(): Promise<void> {
	await retryMail(shop.ctx, { inboxId: (await letters())[0]?.id ?? 0 });
	await hands.drain();
}
const ask = async () => pollOrders(client(), shop.target, await openConnection(client(), shop.target));
const conflictsNow = () => sql()<
	{ state: string; facts: Record<string, unknown>; decision: { choice: string } | null }[]
>`
	select state, facts, decision from conflicts where merchant_id = ${shop.ctx.merchantId} order by created_at`;

describe("a level too low that it may have made", () => {
	it.each(["master_wins", "channel_counts", "ask"] as const)(
		"is asked about, whatever the policy (%s), and settles by itself once the order is read",
		async (policy) => {
			await sql()`update channels set drift_policy = ${policy} where id = ${shop.channelId}`;
			const odd = await hands.buy("LAMP");
			await spoil(odd);
			await hands.sweep();
			expect(await hands.shown()).toEqual({ LAMP: 49, ROPE: 50 });
			expect(await conflictsNow()).toMatchObject([{ state: "open", facts: { base: 50, channel: 49, unread: [odd] } }]);
			await mend(odd);
			await readAgain();
			await hands.sweep();
			expect(await conflictsNow()).toMatchObject([{ state: "decided", decision: { choice: "agreed" } }]);
			expect(await hands.shown()).toEqual({ LAMP: 49, ROPE: 50 });
			expect(await hands.onHand()).toEqual({ LAMP: 49, ROPE: 50 });
		},
	);

	it("stays as it is where the store no longer knows the order, and the letter says so", async () => {
		const odd = await hands.buy("LAMP");
		await spoil(odd);
		await hands.sweep();
		const [kept] = await sql()`
			delete from sandbox.orders where store_id = ${shop.storeId} and id = ${odd} returning id`;
		expect(kept).toBeDefined();
		await readAgain();
		await hands.sweep();
		expect(await letters()).toMatchObject([
			{ state: 2, error: expect.stringContaining("what it took was never told") },
		]);
		expect(await hands.shown()).toEqual({ LAMP: 49, ROPE: 50 });
		expect(await conflictsNow()).toMatchObject([{ state: "open" }]);
	});

	it("waits for a person even when the letter is put aside; what is edited after that is set back", async () => {
		await spoil(await hands.buy("ROPE"));
		await hands.sweep();
		await dismissMail(shop.ctx, { inboxId: (await letters())[0]?.id ?? 0 });
		await setQuantity(sandbox.ctx, shop.storeId, "LAMP", 40);
		await hands.sweep();
		expect(await hands.shown()).toEqual({ LAMP: 50, ROPE: 49 });
		expect(await conflictsNow()).toMatchObject([{ state: "open", facts: { channel: 49 } }]);
	});

	it("goes by policy once the order is read and does not explain it", async () => {
		const odd = await hands.buy("ROPE");
		await spoil(odd);
		await setQuantity(sandbox.ctx, shop.storeId, "LAMP", 40);
		await hands.sweep();
		expect(await conflictsNow()).toHaveLength(2);
		await mend(odd);
		await readAgain();
		await hands.sweep();
		expect(await hands.shown()).toEqual({ LAMP: 50, ROPE: 49 });
		expect((await conflictsNow()).map(({ decision }) => decision?.choice).sort()).toEqual(["agreed", "by_policy"]);
	});
});

describe("the letter of an order that can be read by now is done with", () => {
	it("when both forms come in one batch", async () => {
		const odd = await hands.buy("LAMP");
		await spoil(odd);
		await ask();
		await mend(odd);
		await ask();
		await hands.drain();
		expect(await counted()).toEqual([odd]);
		expect(await letters()).toMatchObject([{ state: 1, error: null }]);
	});

	it("when it is as it was known before; unreadable once more it is a letter once more", async () => {
		const odd = await hands.buy("LAMP");
		await hands.poll();
		for (let round = 0; round < 2; round++) {
			await spoil(odd);
			await hands.poll();
			expect(await letters()).toMatchObject([{ state: 2 }]);
			await mend(odd);
			await hands.poll();
			expect(await letters()).toMatchObject([{ state: 1 }]);
		}
	});
});

it("holds up its channel for three polls at the most where asking for it alone fails in another way", async () => {
	const [odd, good] = [await hands.buy("LAMP"), await hands.buy("ROPE")];
	await spoil(odd);
	const reading = vi
		.spyOn(await adapterFor("square"), "readOrder")
		.mockRejectedValue(new ChannelError("unreachable", "500 for this order"));
	try {
		for (let round = 0; round < 3; round++) {
			expect(await letters()).toEqual([]);
			await sql()`update channel_health set breaker_until = now() where channel_id = ${shop.channelId}`;
			await hands.poll();
		}
		expect(await letters()).toMatchObject([{ state: 2 }]);
		expect(await counted()).toEqual([good]);
		const [health] = await sql()`select breaker, failures from channel_health where channel_id = ${shop.channelId}`;
		expect(health).toEqual({ breaker: "closed", failures: 0 });
	} finally {
		reading.mockRestore();
	}
});
