/** The real functions under the real engine, against sandbox stores over HTTP: what a lost event costs, and what runs by itself. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "inngest/edge";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { inProcessTransport, startEngine } from "@/lib/engine";
import { checkout } from "@/lib/sandbox/stores";
import { cancelHeldMs } from "@/lib/services/conflicts/choices";
import { decideConflict } from "@/lib/services/conflicts/decide-conflict";
import { systemContext } from "@/lib/services/context";
import { findDueEndpoints } from "@/lib/services/endpoints/find-endpoint";
import { makeEndpoint } from "@/lib/services/endpoints/make-endpoint";
import { findDueCancels } from "@/lib/services/orders/find-due-cancels";
import { appendMovements } from "@/lib/services/stock/append-movements";
import { askForComparison } from "@/lib/services/strategies/ask-for-comparison";
import { readComparison } from "@/lib/services/strategies/read-comparison";
import { setWakeSender } from "@/lib/services/sync/wake";
import { makeMerchant, makeSku } from "@/lib/services/testing/fixtures";
import { connectedStore, liveStore, productsOf } from "@/lib/services/testing/live-store";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";

process.env.ONECOUNT_ALLOW_PRIVATE_ADDRESSES = "on";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let engine: { stop(): Promise<void> };
let inngest: typeof import("./client").inngest;
let events: typeof import("./events");
let connectWakes: typeof import("./wake").connectWakes;
beforeAll(async () => {
	({ inngest } = await import("./client"));
	events = await import("./events");
	({ connectWakes } = await import("./wake"));
	const { functions } = await import("./index");
	const transport = inProcessTransport(serve({ client: inngest, functions }));
	engine = await startEngine({ origin: sandbox.origin, transport, handleSignals: false, settings: { pollMs: 100 } });
});
afterAll(() => engine?.stop());

async function until(what: string, holds: () => Promise<boolean>, ms = 20_000): Promise<void> {
	for (const end = Date.now() + ms; !(await holds()); ) {
		if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
}

it("a store whose import event was killed is read all the same, by the sweep of the next start", async () => {
	setWakeSender(() => Promise.reject(new Error("the event is lost")));
	const { channelId } = await connectedStore(database, sandbox, "shopify", productsOf({ LAMP: 5, ROPE: 7 }));
	setWakeSender(null);
	await inngest.send(events.started.create({ at: new Date().toISOString() }));
	await until("the listings", async () => {
		const rows = await database.ownerClient`
			select from channels c join channel_jobs j on j.channel_id = c.id and j.state = 'done'
			where c.id = ${channelId} and c.state = 'read_only' and (select count(*) from listings where channel_id = c.id) = 2`;
		return rows.length === 1;
	});
});

it("levels are verified call by call with a pause between, one run a channel, however often it is asked for", async () => {
	const skus = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`SKU-${n}`, n]));
	const { channelId } = await liveStore(database, sandbox, "woocommerce", productsOf(skus));
	await database.ownerClient`update slots set shown_at = now() - interval '1 hour', verified_at = now() - interval '1 hour' where channel_id = ${channelId}`;
	const stale = async () =>
		(
			await database.ownerClient`
				select from slots where channel_id = ${channelId} and shown_at < now() - interval '10 min'`
		).length;
	await inngest.send([events.levelsDue.create({ channelId }), events.levelsDue.create({ channelId })]);
	await until("the first call", async () => (await stale()) === 20);
	const began = Date.now();
	await inngest.send(events.levelsDue.create({ channelId }));
	await until("the second call", async () => (await stale()) === 0);
	expect(Date.now() - began).toBeGreaterThan(5_000);
	await until("the run's end", async () => {
		const [row] = await database.ownerClient<{ open: number; all: number }[]>`
			select count(*) filter (where finished_at is null)::int as open, count(*)::int as all from engine.runs where fn_id like '%verify-levels'`;
		return row?.open === 0 && row.all === 1;
	});
}, 60_000);

it("a change of stock is told to an endpoint within seconds, again after a refusal, and by the sweep when the wake-up is lost", async () => {
	const heard: string[] = [];
	const receiver = createServer(async (incoming, outgoing) => {
		let body = "";
		for await (const chunk of incoming) body += chunk;
		heard.push(body);
		outgoing.writeHead(heard.length === 1 ? 500 : 200).end();
	});
	await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
	const merchant = await makeMerchant(database);
	const skuId = await makeSku(database, merchant, "LAMP", 5);
	const ctx = { ...systemContext(merchant.merchantId), userId: randomUUID() };
	const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
	await makeEndpoint(ctx, { url, events: ["level.changed"] });
	const change = (delta: number) =>
		asMerchant(ctx.db, merchant.merchantId, (tx) =>
			appendMovements(tx, merchant.merchantId, [
				{ skuId, locationId: merchant.locationId, delta, kind: "adjustment", causeKey: randomUUID(), actor: "test" },
			]),
		);
	await connectWakes();
	await change(1);
	await until("the second try", async () => heard.length === 2);
	expect(heard[1]).toBe(heard[0]);
	await until("the run's end", async () => {
		const open = await database.ownerClient`
			select from engine.runs where fn_id like '%deliver-webhooks' and finished_at is null`;
		return open.length === 0;
	});
	setWakeSender(() => Promise.reject(new Error("the event is lost")));
	await change(1);
	// The sweep takes a wake-up for lost after two seconds.
	await until("a message that nobody sends", async () => (await findDueEndpoints()).length === 1);
	await inngest.send(events.started.create({ at: new Date().toISOString() }));
	await until("the third", async () => heard.length === 3);
	setWakeSender(null);
	receiver.closeAllConnections();
	receiver.close();
}, 60_000);

it("an order that was decided about is cancelled by its store after the hold, and by the sweep when the wake-up is lost", async () => {
	const { ctx, storeId, channelId } = await liveStore(database, sandbox, "woocommerce", productsOf({ LAMP: 5 }));
	/** Decided so long ago; an order of the store that has lost its unit. */
	const decided = async (msAgo: number) => {
		const sold = await checkout(sandbox.ctx, storeId, [{ sku: "LAMP", quantity: 1 }]);
		if (sold.result !== "placed") throw new Error(sold.message);
		const [conflict] = await database.ownerClient<{ id: string }[]>`
			insert into conflicts (merchant_id, kind, dedupe_key, channel_id, order_ref, units, facts)
			values (${ctx.merchantId}, 'oversold', ${sold.orderId}, ${channelId}, ${sold.orderId}, 1, '{"orderNumber": "#1"}') returning id`;
		const then = { ...ctx, now: () => new Date(Date.now() - msAgo) };
		await decideConflict(then, { ids: [conflict?.id ?? ""], choice: "cancel" });
		return async () => {
			const [row] = await database.ownerClient`
				select from order_cancels where channel_id = ${channelId} and order_ref = ${sold.orderId} and state = 'done'`;
			return row !== undefined;
		};
	};
	await connectWakes();
	await until("the store to cancel it", await decided(cancelHeldMs - 1_500));
	setWakeSender(() => Promise.reject(new Error("the event is lost")));
	const isDone = await decided(cancelHeldMs);
	// The sweep takes a wake-up for lost after two seconds.
	await until("an order that nobody cancels", async () => (await findDueCancels()).includes(channelId));
	await inngest.send(events.started.create({ at: new Date().toISOString() }));
	await until("the store to cancel that one, too", isDone);
});

it("strategies are compared a cell a step, and a comparison that lost its event can be asked for again", async () => {
	const ctx = systemContext((await makeMerchant(database)).merchantId);
	await connectWakes();
	await askForComparison(ctx, { day: "flash sale of 20", seed: 3, seeds: 2 });
	await until("the figures", async () => (await readComparison(ctx))?.state === "done");
	const comparison = await readComparison(ctx);
	expect(comparison).toMatchObject({ day: "flash sale of 20", seed: 3, seeds: 2, done: 6, total: 6 });
	const oversold = (name: string) =>
		comparison?.days[0]?.rows.find(({ contender }) => contender === name)?.cell?.oversold ?? Number.NaN;
	expect(oversold("escrow")).toBe(0);
	expect(oversold("naive push")).toBeGreaterThan(oversold("shared"));
	expect(oversold("shared")).toBeGreaterThan(0);

	setWakeSender(() => Promise.reject(new Error("the event is lost")));
	const { id } = await askForComparison(ctx, { day: "flash sale of 20", seed: 4, seeds: 1 });
	await database.ownerClient`update comparisons set beat_at = now() - interval '3 minutes' where id = ${id}`;
	expect((await readComparison(ctx))?.state).toBe("interrupted");
	await connectWakes();
	await askForComparison(ctx, { day: "flash sale of 20", seed: 4, seeds: 1 });
	await until("the figures", async () => (await readComparison(ctx))?.state === "done");
	expect((await readComparison(ctx))?.seed).toBe(4);
	setWakeSender(null);
}, 60_000);
