/** The way of one fact, end to end: two stores that speak the real protocol over HTTP, real Postgres, the real loops. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout, createSandboxStore, quantities, sandboxKeys, setKnobs, setQuantity } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { connectStore } from "./channels/connect-store";
import { dryRun } from "./channels/dry-run";
import { switchPushingOn } from "./channels/switch-pushing";
import { type Context, systemContext } from "./context";
import { startFromCatalogue } from "./imports/start-from-catalogue";
import { acceptProposals } from "./mappings/accept-proposals";
import { makeMerchant } from "./testing/fixtures";
import { type Runner, startRunner } from "./testing/runner";

const sandbox = sandboxForTests();
const { database } = sandbox;
let runner: Runner;
beforeAll(async () => {
	runner = await startRunner(database);
});
afterAll(() => runner?.stop());

const variant = (sku: string, quantity: number) => ({ sku, gtin: null, options: null, price: "12.00", quantity });

async function until<T>(what: string, look: () => Promise<T | false | null | undefined>, ms = 15_000): Promise<T> {
	const end = Date.now() + ms;
	for (;;) {
		const found = await look();
		if (found) return found;
		if (Date.now() > end) throw new Error(`waited in vain for ${what}; ${runner.errors.map(String).join("; ")}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

const shows = async (storeId: string, sku: string) =>
	(await quantities(sandbox.ctx, storeId)).find((row) => row.sku === sku)?.quantity;

/** Delays of a real clock made short; no rule changed. */
const settings = {
	shopify: {},
	woocommerce: { cronEveryMs: 1_000 },
	bigcommerce: { hookStartsAfterMs: 0, adjustmentDelayMs: 100, adjustmentJitterMs: 200 },
	magento: { salabilityLagMs: 0, bulkDelayMs: 0 },
};
type Platform = keyof typeof settings;
const sendsNews = (platform: Platform) => platform !== "magento";

/** A merchant with one store of each platform, same SKUs, linked, live. */
async function linkedStores(platforms: readonly Platform[], stock: Record<string, number>) {
	const { merchantId } = await makeMerchant(database);
	const ctx: Context = systemContext(merchantId, database.db("app"));
	const stores: { storeId: string; channelId: string }[] = [];
	for (const platform of platforms) {
		const products = Object.entries(stock).map(([sku, quantity]) => ({
			title: sku,
			variants: [variant(sku, quantity)],
		}));
		const { id: storeId } = await createSandboxStore(sandbox.ctx, {
			platform,
			name: `a ${platform} store`,
			products,
			settings: settings[platform],
		});
		const keys = await sandboxKeys(sandbox.ctx, storeId);
		const webhookSecret = keys.webhookSecret ?? undefined;
		const connected = await connectStore(ctx, { platform, ...keys, webhookSecret, isSandbox: true });
		if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
		const { channelId } = connected;
		await until("the import", async () => {
			const [row] = await database.ownerClient`select 1 from channels where id = ${channelId} and state = 'read_only'`;
			return row;
		});
		if (stores.length === 0) await startFromCatalogue(ctx, channelId, { isDryRun: false });
		else {
			await until(
				"proposals",
				async () => (await database.ownerClient`select 1 from proposals where merchant_id = ${merchantId}`).length > 0,
			);
			await acceptProposals(ctx, { threshold: 0.95, filter: {} });
		}
		stores.push({ storeId, channelId });
	}
	for (const { channelId } of stores) {
		await dryRun(ctx, channelId, { markSeen: true });
		await switchPushingOn(ctx, channelId);
	}
	return { ctx, merchantId, stores };
}

/** In place of the wait for the next poll. */
async function pollNow(channelId: string): Promise<void> {
	await database.ownerClient`update channel_health set next_poll_at = now() where channel_id = ${channelId}`;
	await runner.sweep();
}

const pairs: [Platform[]][] = [
	[["shopify", "shopify"]],
	[["shopify", "woocommerce"]],
	[["woocommerce", "shopify"]],
	[["bigcommerce", "magento"]],
];

describe.each(pairs)("%j", (platforms) => {
	it("a sale in one store is in the other within seconds, and in the log with its reason", async () => {
		const { merchantId, stores } = await linkedStores(platforms, { LAMP: 14, ROPE: 9 });
		const [a, b] = stores as [(typeof stores)[0], (typeof stores)[0]];
		const began = Date.now();
		const sold = await checkout(sandbox.ctx, a.storeId, [{ sku: "LAMP", quantity: 1 }]);
		expect(sold.result).toBe("placed");
		if (!platforms.every(sendsNews)) await pollNow(a.channelId);
		await until("the other store to show 13", async () => (await shows(b.storeId, "LAMP")) === 13);
		const ms = Date.now() - began;
		console.log(`${platforms.join(" → ")}: ${ms} ms`);
		expect(await shows(a.storeId, "LAMP")).toBe(13);
		const lines = await until("the log", async () => {
			const rows = await database.ownerClient<{ kind: string; data: Record<string, unknown> }[]>`
				select kind, data from sync_log where merchant_id = ${merchantId} and kind in ('stock.changed', 'push.applied') order by id`;
			return rows.some(({ kind }) => kind === "push.applied") && rows;
		});
		expect(lines.find(({ data }) => data.cause === "order")?.data).toMatchObject({ from: 14, to: 13 });
		expect(runner.errors).toEqual([]);
	});

	it("without a single webhook, polling brings the sale all the same", async () => {
		const { stores } = await linkedStores(platforms, { LAMP: 14 });
		const [a, b] = stores as [(typeof stores)[0], (typeof stores)[0]];
		await setKnobs(sandbox.ctx, a.storeId, { webhookLossRate: 1 });
		await checkout(sandbox.ctx, a.storeId, [{ sku: "LAMP", quantity: 2 }]);
		await database.ownerClient`update channel_health set next_poll_at = now() where channel_id = ${a.channelId}`;
		await until(
			"the other store to show 12",
			async () => {
				await runner.sweep();
				return (await shows(b.storeId, "LAMP")) === 12;
			},
			40_000,
		);
	}, 60_000);
});

/** Where a write is only accepted, rest comes no sooner than it can land no more, a minute later: adapters' own tests hold that. */
const soonAtRest = pairs.filter(([platforms]) => !platforms.includes("bigcommerce"));

// They wait for little else than time.
describe.concurrent.each(soonAtRest)("%j", (platforms) => {
	it("settles down: after a burst of sales in both, both show what is left and no call follows", async () => {
		const { merchantId, stores } = await linkedStores(platforms, { LAMP: 60 });
		// Where sales outrun writes, a store that can't compare stands behind a zero for a moment and refuses buyers.
		let left = 60;
		for (let n = 0; n < 20; n++) {
			const { storeId } = stores[n % 2] as (typeof stores)[0];
			const { result } = await checkout(sandbox.ctx, storeId, [{ sku: "LAMP", quantity: 1 }]);
			if (result === "placed") left--;
		}
		expect(left).toBeLessThanOrEqual(50);
		await until(
			`both to show ${left}`,
			async () => (await Promise.all(stores.map(({ storeId }) => shows(storeId, "LAMP")))).every((n) => n === left),
			90_000,
		);
		const [sum] = await database.ownerClient<{ on_hand: number; sum: number }[]>`
			select l.on_hand, (select sum(delta)::int from movements m where m.merchant_id = l.merchant_id) as sum from levels l where merchant_id = ${merchantId}`;
		expect(sum).toEqual({ on_hand: left, sum: left });
		await until(
			"rest",
			async () =>
				(
					await database.ownerClient`select 1 from slots where merchant_id = ${merchantId} and (is_pending or push_id is not null or read_due_at is not null)`
				).length === 0,
			90_000,
		);
		expect(runner.errors).toEqual([]);
	}, 200_000);

	it("heals what somebody typed in a store at once, and tells both numbers: the master wins", async () => {
		const { merchantId, stores } = await linkedStores(platforms, { LAMP: 20 });
		const [a] = stores as [(typeof stores)[0]];
		await setQuantity(sandbox.ctx, a.storeId, "LAMP", 99);
		await until("the store to show 20 again", async () => (await shows(a.storeId, "LAMP")) === 20, 60_000);
		const told = await until(
			"the log to tell of it",
			async () => {
				const rows = await database.ownerClient<{ kind: string; data: Record<string, unknown> }[]>`
						select kind, data from sync_log where merchant_id = ${merchantId} and kind like 'level.%' order by id`;
				return rows.length > 1 && rows;
			},
			30_000,
		);
		expect(told).toMatchObject([
			{ kind: "level.drift", data: { shown: 99, expected: 20, class: "manual_edit" } },
			{ kind: "level.healed", data: { shown: 99, offered: 20 } },
		]);
		expect(runner.errors).toEqual([]);
	}, 90_000);
});
