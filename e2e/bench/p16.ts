import { readFileSync } from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { ensureDatabase, startEmbedded } from "@/db/embedded";
import { freePort } from "@/db/free-port";
import { migrateDatabase } from "@/db/migrate";
import { stateDir } from "@/lib/env";
import type { Bench } from "./bench";
import { type BenchApp, startBenchApp, startEventSink } from "./load/bench-app";
import { type BenchMerchant, seedBenchMerchant, variantOf } from "./load/bench-merchant";
import { median, pairs, percentile, range } from "./load/measure";
import { pgbench } from "./load/pgbench";
import { type Mail, orderMail, sendClosedLoop } from "./load/webhook-load";

const connections = 64;
const skus = 10_000;
const firstMarks = { ingest: 0.7, apply: 1.0 };

export const bench: Bench = {
	id: "P16",
	claim: "webhooks are taken in, and applied, about as fast as Postgres commits the same rows",
	async run({ full, seed }) {
		const seconds = full ? 15 : 6;
		const rounds = full ? 7 : 5;
		const server = await startEmbedded({
			dir: path.join(stateDir(), "bench-postgres"),
			settings: { max_connections: 200, shared_buffers: "512MB" },
		});
		const name = `bench_${Date.now().toString(36)}`;
		await ensureDatabase(server, name);
		const url = server.url(name);
		await migrateDatabase(url);
		const owner = postgres(url, { max: 2, onnotice: () => {} });
		try {
			await owner.unsafe(readFileSync(path.join(import.meta.dirname, "anchor", "schema.sql"), "utf8"));
			const merchant = await seedBenchMerchant(owner, { skus, channels: 4, stock: 1_000_000 });
			const ingest = await measureIngest(url, owner, merchant, { seconds, rounds, seed });
			const apply = await measureApply(url, owner, merchant, { rounds, orders: full ? 60_000 : 20_000, seed });
			return { holds: ingest.holds && apply.holds, figures: [...ingest.figures, ...apply.figures] };
		} finally {
			await owner.end();
			await server.stop();
		}
	},
};

let nextOrder = 1_000_000;
const makeMail = (app: { port: number }, merchant: BenchMerchant, count: number): Mail[] => {
	const channelId = merchant.channelIds[0] as string;
	const target = {
		port: app.port,
		path: `/api/webhooks/shopify/${channelId}`,
		secret: merchant.secret,
		shop: "bench.myshopify.com",
	};
	return Array.from({ length: count }, () => {
		const id = nextOrder++;
		const sku = (id * 7919) % merchant.skus;
		return orderMail(target, { id, variant: variantOf(sku + 1), sku: `B-${sku + 1}`, at: new Date() });
	});
};

const samplePayload = (merchant: BenchMerchant) => {
	const [mail] = makeMail({ port: 1 }, merchant, 1);
	return (mail as Mail).request.toString().split("\r\n\r\n")[1] ?? "";
};

/** The deployed entry point as an ingesting replica (its functions run elsewhere), against one-row inserts. */
async function measureIngest(
	url: string,
	owner: postgres.Sql,
	merchant: BenchMerchant,
	options: { seconds: number; rounds: number; seed: number },
) {
	const sink = await startEventSink();
	const app = await startBenchApp({
		databaseUrl: url,
		sealingKeys: merchant.sealingKeys,
		port: await freePort(),
		eventSink: sink.url,
	});
	const payload = samplePayload(merchant);
	const latencies: number[] = [];
	let lost = 0;
	try {
		await sendClosedLoop(app.port, makeMail(app, merchant, 2_000), { connections });
		const ours = async () => {
			const mail = makeMail(app, merchant, options.seconds * 20_000);
			let acknowledged: string[] = [];
			return {
				async measure() {
					const sent = await sendClosedLoop(app.port, mail, { connections, forMs: options.seconds * 1_000 });
					latencies.push(...sent.latenciesMs);
					acknowledged = sent.acknowledged;
					return (acknowledged.length / sent.ms) * 1_000;
				},
				async check() {
					lost += await countLost(owner, merchant, acknowledged);
				},
			};
		};
		const found = await pairs(options.rounds, ours, () =>
			pgbench(url, "ingest.sql", payload, { clients: 16, seconds: options.seconds }),
		);
		const ratios = found.filter(({ isVoid }) => !isVoid).map(({ ratio }) => ratio);
		const ratio = median(ratios);
		return {
			holds: lost === 0 && ratio >= firstMarks.ingest,
			figures: [
				`ingest ÷ pgbench: ${ratio.toFixed(2)} (${range(ratios)}), ${ratios.length} of ${found.length} pairs; ours ${median(found.map((pair) => pair.ours)).toFixed(0)}/s, pgbench ${median(found.map((pair) => pair.anchor)).toFixed(0)}/s; to reach ${firstMarks.ingest}, then 0.95`,
				`acknowledged and not in the inbox: ${lost}`,
				`answer at ${connections} connections, closed loop: p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms`,
			],
		};
	} finally {
		await app.stop();
		sink.stop();
		await owner`update inbox set state = 1 where state = 0`;
	}
}

async function countLost(
	owner: postgres.Sql,
	merchant: BenchMerchant,
	acknowledged: readonly string[],
): Promise<number> {
	const [row] = await owner<{ kept: number }[]>`
		select count(*)::int as kept from inbox where channel_id = ${merchant.channelIds[0] as string}
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(acknowledged)}::text::jsonb))`;
	return acknowledged.length - (row?.kept ?? 0);
}

/** From the first request to the last order in ledger and offers, engine and functions included. */
async function measureApply(
	url: string,
	owner: postgres.Sql,
	merchant: BenchMerchant,
	options: { rounds: number; orders: number; seed: number },
) {
	const app: BenchApp = await startBenchApp({
		databaseUrl: url,
		sealingKeys: merchant.sealingKeys,
		port: await freePort(),
	});
	const payload = samplePayload(merchant);
	let wrong = 0;
	try {
		const ours = async () => {
			const mail = makeMail(app, merchant, options.orders);
			const before = await movementsOf(owner, merchant);
			return {
				async measure() {
					const began = performance.now();
					await sendClosedLoop(app.port, mail, { connections });
					await untilApplied(owner, merchant);
					return (options.orders / (performance.now() - began)) * 1_000;
				},
				async check() {
					wrong += Math.abs((await movementsOf(owner, merchant)) - before - options.orders);
				},
			};
		};
		await (await ours()).measure();
		const found = await pairs(options.rounds, ours, () =>
			pgbench(url, "apply.sql", payload, { clients: 16, seconds: 6 }),
		);
		const ratios = found.filter(({ isVoid }) => !isVoid).map(({ ratio }) => ratio);
		const ratio = median(ratios);
		return {
			holds: wrong === 0 && ratio >= firstMarks.apply,
			figures: [
				`taken in and applied ÷ pgbench's one statement: ${ratio.toFixed(2)} (${range(ratios)}), ${ratios.length} of ${found.length} pairs; ours ${median(found.map((pair) => pair.ours)).toFixed(0)}/s, pgbench ${median(found.map((pair) => pair.anchor)).toFixed(0)}/s; to reach ${firstMarks.apply}, then 1.5`,
				`orders lost or doubled in the ledger: ${wrong}`,
			],
		};
	} finally {
		await app.stop();
	}
}

async function movementsOf(owner: postgres.Sql, merchant: BenchMerchant): Promise<number> {
	const [row] = await owner<
		{ n: number }[]
	>`select count(*)::int as n from movements where merchant_id = ${merchant.merchantId} and kind = 'order'`;
	return row?.n ?? 0;
}

async function untilApplied(owner: postgres.Sql, merchant: BenchMerchant): Promise<void> {
	for (const end = Date.now() + 120_000; Date.now() < end; ) {
		const waiting =
			await owner`select 1 from inbox where channel_id = ${merchant.channelIds[0] as string} and state = 0 limit 1`;
		if (waiting.length === 0) return;
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
	throw new Error(`mail was still waiting after two minutes`);
}
