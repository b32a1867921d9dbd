import path from "node:path";
import postgres from "postgres";
import { startEmbedded } from "@/db/embedded";
import { freePort } from "@/db/free-port";
import { migrateDatabase } from "@/db/migrate";
import { stateDir } from "@/lib/env";
import type { Bench } from "./bench";
import { startBenchApp } from "./load/bench-app";
import { seedBenchMerchant, variantOf } from "./load/bench-merchant";
import { startFastStore } from "./load/fast-store";
import { percentile, withIdle } from "./load/measure";
import { orderMail, sendOpenLoop } from "./load/webhook-load";

const skus = 10_000;
const stock = 1_000_000;
const channels = 3;
/** Orders a second → the mark for p99 lag ÷ round trip: first, then. */
const cells = [
	{ rate: 200, first: 1.7, goal: 1.4 },
	{ rate: 1_000, first: 2.1, goal: 1.8 },
	{ rate: 3_000, first: 2.9, goal: 2.3 },
];

const itemOf = (n: number) => `gid://shopify/InventoryItem/${variantOf(n)}`;

export const bench: Bench = {
	id: "P17",
	claim: "from an order's arrival to the last channel's acknowledgement in little more than the channel's round trip",
	async run({ full }) {
		const seconds = full ? 30 : 10;
		const server = await startEmbedded({
			dir: path.join(stateDir(), "bench-postgres"),
			settings: { max_connections: 200, shared_buffers: "512MB" },
		});
		const figures: string[] = [];
		let holds = true;
		try {
			for (const rttMs of [50, 200]) {
				for (const cell of cells) {
					const found = await measure(server.url, { ...cell, rttMs, seconds });
					holds &&= found.holds;
					figures.push(found.figure);
					console.log(`  ${found.figure}`);
				}
			}
		} finally {
			await server.stop();
		}
		return { holds, figures };
	},
};

async function measure(
	urlOf: (database: string) => string,
	cell: { rate: number; first: number; goal: number; rttMs: number; seconds: number },
) {
	const name = `bench_${Date.now().toString(36)}`;
	const admin = postgres(urlOf("postgres"), { max: 1, onnotice: () => {} });
	await admin.unsafe(`create database ${name}`);
	await admin.end();
	const url = urlOf(name);
	await migrateDatabase(url);
	const owner = postgres(url, { max: 2, onnotice: () => {} });
	const store = await startFastStore({ channels, stock, rttMs: cell.rttMs });
	const merchant = await seedBenchMerchant(owner, { skus, channels, stock, baseUrl: store.baseUrl, isLive: true });
	const app = await startBenchApp({ databaseUrl: url, sealingKeys: merchant.sealingKeys, port: await freePort() });
	try {
		const target = {
			port: app.port,
			path: `/api/webhooks/shopify/${merchant.channelIds[0]}`,
			secret: merchant.secret,
			shop: "bench.myshopify.com",
		};
		const count = cell.rate * cell.seconds;
		// Long enough that the app's hot paths are compiled, as they are wherever it has run for a minute.
		const warmUp = 4_000;
		const orders = Array.from({ length: warmUp + count }, (_, n) => {
			const sku = ((n * 7919) % skus) + 1;
			return {
				sku,
				mail: orderMail(target, { id: 5_000_000 + n, variant: variantOf(sku), sku: `B-${sku}`, at: new Date() }),
			};
		});
		const send = (part: typeof orders, rate: number) =>
			sendOpenLoop(
				app.port,
				part.map(({ mail }) => mail),
				{ rate, connections: 64, onSend: (index) => store.sell(0, itemOf((part[index] as (typeof orders)[0]).sku)) },
			);
		await send(orders.slice(0, warmUp), 400);
		await new Promise((resolve) => setTimeout(resolve, 2_000));
		const measured = orders.slice(warmUp);
		const { value: sent, idleShare } = await withIdle(() => send(measured, cell.rate));
		await untilQuiet(owner, merchant.merchantId);

		const lags = lagsOf(
			orders.map(({ sku }) => itemOf(sku)),
			warmUp,
			sent.scheduledAt,
			store.acknowledged.slice(1),
		);
		const ratio = percentile(lags.known, 0.99) / cell.rttMs;
		const isWhole = sent.refused === 0 && lags.missing === 0 && store.raised === 0;
		const calls = store.calls.slice(1).reduce((sum, n) => sum + n, 0);
		return {
			holds: isWhole && ratio <= cell.first,
			figure: `${cell.rate} orders/s, round trip ${cell.rttMs} ms: lag p99 ${percentile(lags.known, 0.99).toFixed(0)} ms = ${ratio.toFixed(2)} round trips (first ${cell.first}, then ${cell.goal}), p50 ${percentile(lags.known, 0.5).toFixed(0)} ms; ${sent.refused} refused, ${lags.missing} lost, ${store.raised} raised, ${store.stale} stale calls; ${(calls / count / (channels - 1)).toFixed(2)} calls an order and channel; idle ${(100 * idleShare).toFixed(0)} %`,
		};
	} finally {
		await app.stop();
		store.stop();
		await owner.end();
	}
}

/** For each order: from when it was to arrive to when the last channel acknowledged a number at least as new. */
function lagsOf(
	items: readonly string[],
	skip: number,
	scheduledAt: readonly number[],
	acknowledged: readonly (readonly { item: string; quantity: number; at: number }[])[],
) {
	const byItem = acknowledged.map((list) => {
		const map = new Map<string, { quantity: number; at: number }[]>();
		for (const one of list) (map.get(one.item) ?? map.set(one.item, []).get(one.item))?.push(one);
		return map;
	});
	const sold = new Map<string, number>();
	const known: number[] = [];
	let missing = 0;
	items.forEach((item, index) => {
		const left = stock - (sold.get(item) ?? 0) - 1;
		sold.set(item, stock - left);
		if (index < skip) return;
		const times = byItem.map((map) => map.get(item)?.find(({ quantity }) => quantity <= left)?.at);
		if (times.some((time) => time === undefined)) missing++;
		else known.push(Math.max(...(times as number[])) - (scheduledAt[index - skip] as number));
	});
	return { known, missing };
}

async function untilQuiet(owner: postgres.Sql, merchantId: string): Promise<void> {
	for (const end = Date.now() + 120_000; Date.now() < end; ) {
		const [row] = await owner<{ busy: boolean }[]>`
			select exists (select 1 from inbox where merchant_id = ${merchantId} and state = 0)
				or exists (select 1 from slots where merchant_id = ${merchantId} and (is_pending or push_id is not null)) as busy`;
		if (!row?.busy) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
