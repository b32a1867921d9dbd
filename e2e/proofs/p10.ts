import type { Platform } from "@/db/schema";
import { seeded } from "@/lib/simulation/random";
import { inDatabase } from "./pipeline/in-database";
import { everyPlatform } from "./pipeline/mix";
import type { Proof } from "./proof";
import { changesInStorm, type OtherStore, type Stormy, type Weather } from "./storm/changes";
import { oneQueue } from "./storm/one-queue";
import { fairWeather } from "./storm/weather";

const healsWithinMs = 60_000;
const slowerAtMost = 1.1;
const fullWeather: Weather = { calmMs: 5 * 60_000, stormMs: 30 * 60_000 };
const shareWeather: Weather = { calmMs: 60_000, stormMs: 3 * 60_000 };
const mixWeather: Weather = { calmMs: 20_000, stormMs: 2 * 60_000 };
const twinWeather: Weather = { calmMs: 20_000, stormMs: 60_000 };

/** The worst of the others: how much longer their changes took while it stormed. */
export const slowedBy = ({ others }: Stormy): number =>
	Math.max(...others.map(({ calmMs, stormMs }) => stormMs / calmMs));

export const isIsolated = (run: Stormy, most = slowerAtMost): boolean =>
	run.dead === 0 && run.probes > 0 && run.probesAtOnce <= 1 && run.healedMs <= healsWithinMs && slowedBy(run) <= most;

/**
 * A storm at each platform in turn, since what a store is refused with, and what a refusal costs the others, differs by
 * platform. The others are held against the same minutes of a run without a storm: a store that only accepts a number
 * confirms it in rounds of a minute and longer, of which no short calm beside the storm holds enough.
 */
async function everyStorm(seed: number): Promise<Stormy[]> {
	const firstOf = (platforms: readonly Platform[], upset?: typeof fairWeather) =>
		inDatabase((database) => changesInStorm(database, seeded(seed), mixWeather, platforms, upset));
	// The first of them is a store beside; nothing is asked of it.
	const fair = await firstOf(["shopify", ...everyPlatform()], fairWeather);
	console.log(`no storm: ${JSON.stringify(fair.others)}`);
	const fairMs = new Map(fair.others.map(({ platform, stormMs }) => [platform, stormMs]));
	const heldAgainst = (one: OtherStore) => ({ ...one, calmMs: fairMs.get(one.platform) ?? Number.NaN });
	const mixes: Stormy[] = [];
	for (const first of everyPlatform()) {
		const mix = await firstOf([first, ...everyPlatform().filter((one) => one !== first)]);
		const held = { ...mix, others: mix.others.map(heldAgainst) };
		console.log(`a storm at ${first}, the others beside: ${JSON.stringify(held)}`);
		mixes.push(held);
	}
	return mixes;
}

export const proof: Proof = {
	id: "P10",
	claim:
		"storm: one channel's 429s and 5xx are its own; nothing is given up, one probe at a time, healed within a minute",
	async run({ full, seed }) {
		const weather = full ? fullWeather : shareWeather;
		const mixes = full ? await everyStorm(seed) : [];
		const ours = await inDatabase((database) => changesInStorm(database, seeded(seed), weather));
		console.log(`ours: ${JSON.stringify(ours)}`);
		const twin = await inDatabase((database) => oneQueue(database, seeded(seed), twinWeather));
		console.log(`twin: one queue for all: ${JSON.stringify(twin)}`);
		const twinFails = !isIsolated(twin) && twin.dead > 0 && twin.probesAtOnce > 1;
		const lags = ours.others.map(({ calmMs, stormMs }) => `${stormMs.toFixed(0)} ms (calm ${calmMs.toFixed(0)})`);
		return {
			holds: isIsolated(ours) && mixes.every((mix) => isIsolated(mix)) && twinFails,
			verdict: `${ours.dead} dead of ${ours.changes} changes in ${weather.stormMs / 60_000} minutes of storm ${full ? "(full)" : "(of 30)"}, ${ours.probesAtOnce} of ${ours.probes} probes in flight at once, healed after ${(ours.healedMs / 1_000).toFixed(1)} s; the others' p95 ${lags.join(" and ")}, ×${slowedBy(ours).toFixed(2)}; ${mixes.length > 0 ? `with a storm at each of ${mixes.length} platforms in turn ${mixes.reduce((sum, { dead }) => sum + dead, 0)} dead, the others ×${mixes.map((mix) => slowedBy(mix).toFixed(2)).join(", ×")}; ` : ""}one queue for all gives up ${twin.dead}, asks ${twin.probesAtOnce} at once, and slows the others ×${slowedBy(twin).toFixed(0)}`,
		};
	},
};
