import { twins } from "@/lib/simulation/run";
import { type HardScene, hardScenes } from "@/lib/simulation/scenes";
import { proveAccepting } from "./never-oversold/accepting";
import { proveChanged } from "./never-oversold/changed-orders";
import { compareDays, markedDays } from "./never-oversold/days";
import { proveOver } from "./never-oversold/over-reservations";
import { type Race, raceOf } from "./never-oversold/race";
import { hard, hardFor, naiveHubs, shareOf, stage, storyOf } from "./never-oversold/seeds";
import { hastenLostAnswers } from "./pipeline/mix";
import type { Proof } from "./proof";
import { print, replay } from "./stories/story";

const fullSeeds = 10_000;
const shortSeeds = 600;
const twinSeeds = 150;
/** Of each mix of stores over reservations, in each hard scene. */
const fullOverSeeds = 400;
const shortOverSeeds = 40;
/** Of each twin, the mixes in turns: the one that doesn't wait for late writes fails in few. */
const overTwinSeeds = 200;
/** Of each mix with stores that only accept, in each hard scene. */
const fullAcceptingSeeds = 200;
const shortAcceptingSeeds = 20;
const acceptingTwinSeeds = 100;
/** Of each circumstance in each hard scene, the mixes in turns. */
const fullChangedSeeds = 500;
const shortChangedSeeds = 50;
const changedTwinSeeds = 100;
const fullDaySeeds = 200;
const shortDaySeeds = 75;

const leastShare: Record<HardScene, number> = {
	"slow sales": 0.95,
	"busy sales": 0.95,
	"moving crowds": 0.95,
	"flash sale": 0.98,
};
const leastPerSecond = 100_000;
/** On the whole pipeline: stores that compare and one that can only be written blindly; one of each other platform; and two that share. */
async function overHttp(full: boolean, seed: number): Promise<{ ours: Race[]; twin: Race }> {
	const crowd = { stock: 30, buyers: 75 };
	const ours: Race[] = [];
	for (let run = 0; run < (full ? 5 : 1); run++)
		ours.push(
			await raceOf({
				...crowd,
				platforms: ["shopify", "shopify", "woocommerce"],
				strategy: "escrow",
				seed: seed + run,
			}),
		);
	const twin = await raceOf({ ...crowd, platforms: ["shopify", "shopify"], strategy: "shared", seed });
	const others = ["square", "bigcommerce", "magento", "api2cart", "amazon"] as const;
	if (full) await hastenLostAnswers(others);
	for (let run = 0; run < (full ? 5 : 0); run++)
		ours.push(await raceOf({ platforms: [...others], stock: 50, buyers: 125, strategy: "escrow", seed: seed + run }));
	return { ours, twin };
}

const isKept = ({ oversold, overheld, wrong }: Race): boolean => oversold === 0 && overheld <= 0 && wrong.length === 0;

export const proof: Proof = {
	id: "P4",
	replay: (story) => replay(stage, story),
	claim: "escrow sells nothing that does not exist, however late news, answers, writes and lists are",
	async run({ full, seed }) {
		const each = Math.ceil((full ? fullSeeds : shortSeeds) / hardScenes.length);
		const startedAt = process.cpuUsage();
		const ours = hardScenes.map((scene) => ({ scene, sums: hard(scene, seed, each) }));
		const { user, system } = process.cpuUsage(startedAt);
		const perSecond = (1e6 * ours.reduce((total, { sums }) => total + sums.events, 0)) / (user + system);
		for (const { scene, sums } of ours)
			console.log(
				`${scene}: ${sums.oversold} oversold in ${sums.seeds} seeds, ${shareOf(sums).toFixed(3)} of a clairvoyant, ${(sums.calls / sums.seeds).toFixed(0)} calls a run`,
			);
		console.log(`the simulation itself: ${Math.round(perSecond).toLocaleString("en")} events a second of one core`);
		const broken = storyOf(ours, null);
		if (broken) print(stage, broken);
		const naive = twins.map((twin) => {
			const runs = hardScenes.map((scene) => ({ scene, sums: hard(scene, seed, twinSeeds, twin) }));
			const sums = runs.map((one) => one.sums);
			const failing = sums.reduce((total, one) => total + one.failing, 0);
			const oversold = sums.reduce((total, one) => total + one.oversold, 0);
			const story = storyOf(runs, twin);
			if (story) print(stage, story);
			console.log(`twin: ${twin}: ${oversold} oversold, in ${failing} of ${sums.length * twinSeeds} seeds`);
			return { twin, failing };
		});
		const field = (Object.keys(naiveHubs) as (keyof typeof naiveHubs)[]).map((hub) => {
			const sums = hardFor(hub, seed, twinSeeds);
			console.log(`twin: ${hub}: ${sums.oversold} oversold, in ${sums.failing} of ${sums.seeds} seeds`);
			return { hub, ...sums };
		});
		const over = proveOver(seed, full ? fullOverSeeds : shortOverSeeds, overTwinSeeds, shortDaySeeds);
		for (const line of over.short) console.log(`  short: ${line}`);
		const late = proveAccepting(seed, full ? fullAcceptingSeeds : shortAcceptingSeeds, acceptingTwinSeeds);
		for (const line of late.short) console.log(`  short: ${line}`);
		const changed = proveChanged(seed, full ? fullChangedSeeds : shortChangedSeeds, changedTwinSeeds);
		for (const line of changed.short) console.log(`  short: ${line}`);
		const short = compareDays(seed, full ? fullDaySeeds : shortDaySeeds);
		for (const line of short) console.log(`  short: ${line}`);

		const http = await overHttp(full, seed);
		for (const one of http.ours) console.log(`over HTTP on Postgres: ${JSON.stringify(one)}`);
		console.log(`twin over HTTP: shared: ${JSON.stringify(http.twin)}`);
		const isKeptByAll = http.ours.every(isKept) && http.twin.oversold > 0;
		const inAll = (of: (one: Race) => number) => http.ours.reduce((total, one) => total + of(one), 0);

		const oversold = ours.reduce((total, { sums }) => total + sums.oversold, 0);
		const isEnough = ours.every(({ scene, sums }) => shareOf(sums) >= leastShare[scene]);
		const shares = ours.map(({ scene, sums }) => `${shareOf(sums).toFixed(3)} in ${scene}`).join(", ");
		return {
			holds:
				isKeptByAll &&
				oversold === 0 &&
				isEnough &&
				perSecond >= leastPerSecond &&
				naive.every(({ failing }) => failing > 0) &&
				field.every(({ failing }) => failing > 0) &&
				over.short.length === 0 &&
				late.short.length === 0 &&
				changed.short.length === 0 &&
				short.length === 0,
			verdict: `${oversold} oversold in ${each * hardScenes.length} seeds from ${seed} ${full ? "(full)" : `(of ${fullSeeds})`}, ${shares} of what a clairvoyant sells, at ${Math.round(perSecond / 1_000)},000 events a second; twins oversell: ${naive.map(({ twin, failing }) => `${twin} in ${((100 * failing) / (hardScenes.length * twinSeeds)).toFixed(0)} %`).join(", ")}, ${field.map(({ hub, failing, seeds }) => `${hub} in ${((100 * failing) / seeds).toFixed(0)} %`).join(", ")}; ${over.verdict}; ${late.verdict}; ${changed.verdict}; adaptive on ${markedDays.length} days: ${short.length === 0 ? "within its marks" : short.join("; ")}; over HTTP on Postgres ${inAll((one) => one.oversold)} oversold of ${inAll((one) => one.stock)}, ${inAll((one) => one.sold)} sold, never more held than there was; shared oversells ${http.twin.oversold} of ${http.twin.stock}`,
		};
	},
};
