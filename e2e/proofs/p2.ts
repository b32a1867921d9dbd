import { type TestDatabase, testDatabase } from "@/db/testing";
import { seeded } from "@/lib/simulation/random";
import { makeTwinTables, type NaiveTwin, naiveTwins, runNaive } from "./exactly-once/naive";
import { runPipeline } from "./exactly-once/pipeline";
import { type Everywhere, everywhere } from "./exactly-once/platforms";
import { makeWorld } from "./exactly-once/world";
import { manyConnections } from "./pipeline/connections";
import type { Proof } from "./proof";

const fullRuns = 1_000;
const shortRuns = 150;
const twinRuns = 25;
const workers = 50;
const fullOrdersEach = 100;
const shortOrdersEach = 10;

export type ExactlyOnce = {
	runs: number;
	deliveries: number;
	deadlocks: number;
	/** Seeds whose end differs from the reference model, with what differs. */
	failing: { seed: number; wrong: string[] }[];
};

/** Runs from `seed` on, each in its own shop. */
export async function exactlyOnce(database: TestDatabase, seed: number, runs: number): Promise<ExactlyOnce> {
	const client = await manyConnections(database, workers, "app");
	const sums: ExactlyOnce = { runs, deliveries: 0, deadlocks: 0, failing: [] };
	try {
		for (let run = seed; run < seed + runs; run++) {
			const { wrong, deliveries, deadlocks } = await runPipeline(
				database,
				client,
				makeWorld(seeded(run), Date.now()),
				workers,
			);
			sums.deliveries += deliveries;
			sums.deadlocks += deadlocks;
			if (wrong.length > 0) sums.failing.push({ seed: run, wrong });
		}
	} finally {
		await client.end({ timeout: 5 });
	}
	return sums;
}

/** How many of the same runs each naive twin gets wrong. */
export async function naiveRuns(database: TestDatabase, seed: number, runs: number): Promise<Map<NaiveTwin, number>> {
	const client = await manyConnections(database, workers, "owner");
	try {
		await makeTwinTables(client);
		const failing = new Map<NaiveTwin, number>();
		for (const [index, twin] of naiveTwins.entries())
			for (let run = seed; run < seed + runs; run++) {
				const wrong = await runNaive(client, index * runs + run, twin, makeWorld(seeded(run), Date.now()), workers);
				failing.set(twin, (failing.get(twin) ?? 0) + (wrong.length > 0 ? 1 : 0));
			}
		return failing;
	} finally {
		await client.end({ timeout: 5 });
	}
}

/** As the stores have it, where both naive readers are off. */
export const isExact = ({ wrong, naive }: Everywhere): boolean =>
	wrong.length === 0 && naive.countsEach > 0 && naive.believesTheLast > 0;

export async function everyStore(seed: number, ordersEach: number): Promise<Everywhere> {
	const database = await testDatabase();
	try {
		return await everywhere(database, seeded(seed), { ordersEach, workers });
	} finally {
		await database.close();
	}
}

export const proof: Proof = {
	id: "P2",
	claim: "exactly-once: every event 1–5 times, shuffled, by webhook and poll, and the balances are those of the model",
	async run({ full, seed }) {
		// Before anything reads the environment: the sandbox's address must be one that may be called.
		const mix = await everyStore(seed, full ? fullOrdersEach : shortOrdersEach);
		console.log(`stores of every platform: ${JSON.stringify(mix)}`);
		const database = await testDatabase();
		try {
			const runs = full ? fullRuns : shortRuns;
			const began = performance.now();
			const ours = await exactlyOnce(database, seed, runs);
			const seconds = (performance.now() - began) / 1000;
			console.log(
				`ours: ${ours.deliveries} deliveries by ${workers} workers in ${seconds.toFixed(0)} s, ${ours.deadlocks} deadlocks; ${ours.failing.length} runs differ`,
			);
			for (const { seed: failed, wrong } of ours.failing.slice(0, 5))
				console.log(`  seed ${failed}: ${wrong.join("; ")}`);
			const naive = await naiveRuns(database, seed, twinRuns);
			for (const [twin, failing] of naive) console.log(`twin: ${twin}: ${failing} of ${twinRuns} runs differ`);
			const twinsFail = naiveTwins.every((twin) => (naive.get(twin) ?? 0) > 0);
			return {
				holds: ours.failing.length === 0 && isExact(mix) && twinsFail,
				verdict: `${ours.failing.length} of ${runs} runs from ${seed} differ from the model or their rebuild ${full ? "(full)" : `(of ${fullRuns})`}, ${ours.deliveries} deliveries; of ${mix.orders} orders in a store of each platform, told of ${mix.deliveries} times, ${mix.wrong.length} numbers differ (counting each: ${mix.naive.countsEach} units, believing the last: ${mix.naive.believesTheLast}); ${[...naive].map(([twin, failing]) => `“${twin}” gets ${failing} of ${twinRuns} wrong`).join(", ")}`,
			};
		} finally {
			await database.close();
		}
	},
};
