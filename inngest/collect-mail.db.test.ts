/** The functions that read queues, and what they bring of client secrets, under the real engine and against a sandbox account over HTTP. */
import { serve } from "inngest/edge";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inProcessTransport, startEngine } from "@/lib/engine";
import { promptSettings } from "@/lib/sandbox/amazon/testing";
import { checkout, createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import { connectStore } from "@/lib/services/channels/connect-store";
import { readChannel } from "@/lib/services/channels/read-channels";
import { systemContext } from "@/lib/services/context";
import { readStore } from "@/lib/services/imports/read-store";
import { makeMerchant } from "@/lib/services/testing/fixtures";
import { productsOf } from "@/lib/services/testing/live-store";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";

process.env.ONECOUNT_ALLOW_PRIVATE_ADDRESSES = "on";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let engine: { stop(): Promise<void> };
let inngest: typeof import("./client").inngest;
let events: typeof import("./events");
beforeAll(async () => {
	({ inngest } = await import("./client"));
	events = await import("./events");
	const { functions } = await import("./index");
	const { connectWakes } = await import("./wake");
	const transport = inProcessTransport(serve({ client: inngest, functions }));
	engine = await startEngine({ origin: sandbox.origin, transport, handleSignals: false, settings: { pollMs: 100 } });
	await connectWakes();
}, 60_000);
afterAll(async () => {
	await engine?.stop();
}, 60_000);

async function until(what: string, holds: () => Promise<boolean>, ms = 45_000): Promise<void> {
	for (const end = Date.now() + ms; !(await holds()); ) {
		if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

async function openReaders(): Promise<number | undefined> {
	const [runs] = await database.ownerClient<{ open: number }[]>`
		select count(*) filter (where finished_at is null)::int as open from engine.runs where fn_id like '%collect-mail'`;
	return runs?.open;
}

it("a sale that lies in a queue is counted without a poll and at once after connecting, by one reader a channel, however often it is asked for", async () => {
	const ctx = systemContext((await makeMerchant(database)).merchantId, database.db("app"));
	const { id: storeId } = await createSandboxStore(sandbox.ctx, {
		platform: "amazon",
		name: "an account",
		products: productsOf({ LAMP: 9 }),
		settings: { ...promptSettings, ordersLagMs: 3_600_000 },
	});
	const keys = await sandboxKeys(sandbox.ctx, storeId);
	const connected = await connectStore(ctx, { platform: "amazon", ...keys, webhookSecret: undefined, isSandbox: true });
	if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
	const { channelId } = connected;
	await readStore(database.client("app"), { channelId, merchantId: ctx.merchantId, platform: "amazon" });
	await until("the reader", async () => (await openReaders()) === 1, 5_000);
	const due = events.queueDue.create({ channelId });
	await inngest.send([due, due]);
	const sold = await checkout(sandbox.ctx, storeId, [{ sku: "LAMP", quantity: 2 }]);
	if (sold.result !== "placed") throw new Error(sold.message);
	await until("the order", async () => {
		const rows = await database.ownerClient`
			select from order_lines where channel_id = ${channelId} and order_ref = ${sold.orderId} and taken = 2`;
		return rows.length === 1;
	});
	await inngest.send(due);
	expect(await openReaders()).toBe(1);
}, 120_000);

it("a client secret that ends is asked for and comes by the queue, with nobody there", async () => {
	const ctx = systemContext((await makeMerchant(database)).merchantId, database.db("app"));
	const { id: storeId } = await createSandboxStore(sandbox.ctx, {
		platform: "amazon",
		name: "an account",
		products: [],
		settings: { ...promptSettings, secretExpiresAt: new Date(Date.now() + 12 * 86_400_000).toISOString() },
	});
	const keys = await sandboxKeys(sandbox.ctx, storeId);
	const connected = await connectStore(ctx, { platform: "amazon", ...keys, webhookSecret: undefined, isSandbox: true });
	if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
	const { channelId } = connected;
	const endsAt = async () => Date.parse((await readChannel(ctx, channelId)).secret?.endsAt ?? "");
	await inngest.send(events.queueDue.create({ channelId }));
	await until("when it ends", async () => (await endsAt()) < Date.now() + 13 * 86_400_000);
	await inngest.send(events.secretDue.create({ channelId }));
	await until("the one that follows", async () => (await endsAt()) > Date.now() + 170 * 86_400_000);
	expect((await sandboxKeys(sandbox.ctx, storeId)).access.clientSecret).not.toBe(keys.access.clientSecret);
}, 120_000);
