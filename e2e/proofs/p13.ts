import type { TestDatabase } from "@/db/testing";
import { seeded } from "@/lib/simulation/random";
import { inDatabase } from "./pipeline/in-database";
import { watchLevels } from "./pipeline/level-history";
import type { Proof } from "./proof";
import { isSafe, type Newcomer, ours, syncAtOnce, type TwinStart, troubles } from "./safe-start/newcomer";
import { type Paused, pauseAmidChanges, pauseOfQueue } from "./safe-start/pause";

export const stopsWithinMs = 2_000;
const changesMs = 3_000;
const fullPauses = 5;

/** In a database of its own, in which every change of a level is noted. */
export function inShop<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
	return inDatabase(async (database) => {
		await watchLevels(database);
		return work(database);
	});
}

export const isStopped = ({ before, changes, lastMs, wrong }: Paused): boolean =>
	before > 0 && changes > 0 && lastMs <= stopsWithinMs && wrong === 0;

export const proof: Proof = {
	id: "P13",
	claim: "safe start: nothing is written to a new store before a person agreed to it, and a pause stops every write",
	async run({ full, seed }) {
		const newcomers: Newcomer[] = [];
		for (const platform of full ? (["shopify", "woocommerce"] as const) : (["shopify"] as const))
			for (const trouble of troubles) {
				const one = await inShop((database) => ours(database, trouble, platform));
				console.log(`${platform}, ${trouble}: ${JSON.stringify(one)}`);
				newcomers.push(one);
			}
		const twins: TwinStart[] = [];
		for (const trouble of troubles) {
			const twin = await inShop((database) => syncAtOnce(database, trouble, "shopify"));
			console.log(`twin: in step at once, ${trouble}: ${JSON.stringify(twin)}`);
			twins.push(twin);
		}
		const pauses: Paused[] = [];
		for (let run = 0; run < (full ? fullPauses : 1); run++) {
			const one = await inShop((database) => pauseAmidChanges(database, seeded(seed + run), changesMs));
			console.log(`pause: ${JSON.stringify(one)}`);
			pauses.push(one);
		}
		const queue = await inShop((database) => pauseOfQueue(database, seeded(seed), changesMs));
		console.log(`twin: writes are messages: ${JSON.stringify(queue)}`);

		const unsafe = newcomers.filter((one) => !isSafe(one));
		const twinsFail = twins.every(({ writes, changed }) => writes > 0 && changed > 0) && queue.lastMs > stopsWithinMs;
		const sum = (of: (one: Newcomer) => number) => newcomers.reduce((total, one) => total + of(one), 0);
		const slowest = Math.max(...pauses.map(({ lastMs }) => lastMs));
		return {
			holds: unsafe.length === 0 && pauses.every(isStopped) && twinsFail,
			verdict: `${sum((one) => one.writes)} writes to ${newcomers.length} new stores (${troubles.join(", ")}) and ${sum((one) => one.changed)} numbers changed before a person agreed, each mass change stopped, ${sum((one) => one.wrongAfterwards)} wrong afterwards; the last write lands ${(slowest / 1_000).toFixed(2)} s after a pause amid ${pauses.reduce((total, one) => total + one.changes, 0)} changes ${full ? "(full)" : "(a share)"}; in step at once changes ${twins.map(({ changed }) => changed).join(", ")} numbers, ${twins.reduce((total, one) => total + one.zeroed, 0)} of them to zero, and a queue of writes goes on for ${(queue.lastMs / 1_000).toFixed(1)} s`,
		};
	},
};
