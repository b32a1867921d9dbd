import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { seeded } from "@/lib/simulation/random";
import { callPerChange, type Fan, hotShop, manyChanges, type Urgent, zeroBehind } from "./fan-out/changes";
import { inDatabase } from "./pipeline/in-database";
import { watchLevels } from "./pipeline/level-history";
import { everyPlatform } from "./pipeline/mix";
import type { Proof } from "./proof";

const changes = 1_000;
const overMs = 10_000;
const mostCalls = 12;
const pending = 5_000;
const zeroWithinMs = 2_000;

/** Ours and the twin, each in a database of its own. */
export async function fanOut(seed: number, count: number, ms: number): Promise<{ ours: Fan; twin: Fan }> {
	return {
		ours: await inDatabase((database) => run(database, seed, (shop, random) => manyChanges(shop, count, ms, random))),
		twin: await inDatabase((database) => run(database, seed, (shop, random) => callPerChange(shop, count, ms, random))),
	};
}

/** Ours, in one store of each platform. */
export const fanOutToAll = (seed: number, count: number, ms: number): Promise<Fan> =>
	inDatabase((database) =>
		run(database, seed, (shop, random) => manyChanges(shop, count, ms, random), everyPlatform()),
	);

async function run(
	database: TestDatabase,
	seed: number,
	work: (shop: Awaited<ReturnType<typeof hotShop>>, random: ReturnType<typeof seeded>) => Promise<Fan>,
	platforms?: readonly Platform[],
): Promise<Fan> {
	await watchLevels(database);
	const shop = await hotShop(database, platforms);
	try {
		return await work(shop, seeded(seed));
	} finally {
		await shop.close();
	}
}

export const isOrderly = ({ stores, last }: Fan, most: number): boolean =>
	stores.every(({ calls, oldAfterNew, shows }) => calls <= most && oldAfterNew === 0 && shows === last);

/** As `isOrderly`, where reading is no part of the mark: a platform without a compare needs it for each write. */
export const isOrderlyEverywhere = ({ stores, last }: Fan, most: number): boolean =>
	stores.every(({ writes, oldAfterNew, shows }) => writes > 0 && writes <= most && oldAfterNew === 0 && shows === last);

export const proof: Proof = {
	id: "P9",
	claim: `fan-out: ${changes} changes of one SKU are a dozen calls, the last value is last, and a zero overtakes a queue`,
	async run({ seed }) {
		const { ours, twin } = await fanOut(seed, changes, overMs);
		console.log(`ours: ${JSON.stringify(ours)}`);
		console.log(`twin: a call per change: ${JSON.stringify(twin)}`);
		const mix = await fanOutToAll(seed, changes, overMs);
		console.log(`a store of each platform: ${JSON.stringify(mix)}`);
		const urgent: Urgent = await inDatabase((database) => zeroBehind(database, pending, seeded(seed)));
		console.log(`zero behind ${pending}: ${JSON.stringify(urgent)}`);

		const twinsFail = !isOrderly(twin, mostCalls) && urgent.queueMs > zeroWithinMs;
		const calls = ours.stores.map((store) => store.calls).join(" and ");
		return {
			holds:
				isOrderly(ours, mostCalls) && isOrderlyEverywhere(mix, mostCalls) && urgent.zeroMs <= zeroWithinMs && twinsFail,
			verdict: `${calls} calls for ${changes} changes in ${ours.seconds.toFixed(1)} s (full), last value last, ${ours.stores.reduce((sum, one) => sum + one.oldAfterNew, 0)} old after new; in a store of each platform writes (and calls of any kind) ${mix.stores.map(({ platform, writes, all }) => `${platform} ${writes} (${all})`).join(", ")}, ${mix.stores.reduce((sum, one) => sum + one.oldAfterNew, 0)} old after new, ${mix.stores.filter(({ shows }) => shows !== mix.last).length} show another number; a zero behind ${pending} is shown after ${(urgent.zeroMs / 1_000).toFixed(2)} s, the queue after ${(urgent.queueMs / 1_000).toFixed(1)} s; a call per change makes ${twin.stores[0]?.calls} and shows ${twin.stores[0]?.shows}, not ${twin.last}`,
		};
	},
};
