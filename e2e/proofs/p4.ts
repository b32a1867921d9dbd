import { testDatabase } from "@/db/testing";
import type { HubOptions } from "@/lib/simulation/hub";
import { ours as contender, type Figures, reservingTwins, run, type Twin, twins } from "@/lib/simulation/run";
import {
	acceptingMixes,
	type DayName,
	dayNames,
	dayScene,
	days,
	type HardScene,
	hardScene,
	hardScenes,
	type Mix,
	reservingMixes,
	usualMixes,
} from "@/lib/simulation/scenes";
import type { Strategy } from "@/lib/stock/strategy";
import { type Race, type RaceOptions, race } from "./never-oversold/race";
import type { Proof } from "./proof";
import { record } from "./stories/script";
import { alsoOver, overName, print, replay, type Stage, type Story, shortest } from "./stories/story";

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
const fullDaySeeds = 200;
const shortDaySeeds = 75;

export type Sums = {
	seeds: number;
	sold: number;
	oversold: number;
	failing: number;
	/** The first few that failed. */
	failingSeeds: number[];
	clairvoyant: number;
	calls: number;
	events: number;
	/** Shipments for which too little lay there. */
	blocked: number;
};

const nothing = (): Sums => ({
	seeds: 0,
	sold: 0,
	oversold: 0,
	failing: 0,
	failingSeeds: [],
	clairvoyant: 0,
	calls: 0,
	events: 0,
	blocked: 0,
});

const counted = ["sold", "oversold", "clairvoyant", "calls", "events", "blocked"] as const;

/** Of each scene; to cut one down takes seconds. */
const toldSeeds = 1;

function add(sums: Sums, seed: number, one: Figures): void {
	sums.seeds++;
	if (isOversold(one)) {
		sums.failing++;
		if (sums.failingSeeds.length < toldSeeds) sums.failingSeeds.push(seed);
	}
	for (const key of counted) sums[key] += one[key];
}

const isOversold = ({ oversold }: Figures): boolean => oversold > 0;

/** A twin's mistake is made with escrow, or is to share. */
const contenderOf = (twin: Twin | null) => contender(twin === "shared" ? "shared" : "escrow", {}, twin);

export const stage: Stage = {
	id: "P4",
	contenders: alsoOver({
		escrow: contenderOf(null),
		...Object.fromEntries(reservingTwins.map((twin) => [twin, contenderOf(twin)])),
	}),
	isWrong: isOversold,
	outcome: ({ oversold, sold }) => `${oversold} of ${sold} sold did not exist`,
};

/** A seed of a hard scene as it was drawn. */
export function drawn(scene: HardScene, seed: number, twin: Twin | null, mixes: readonly Mix[] = usualMixes): Story {
	const of = hardScene(scene, seed, mixes);
	const script = record((witness) => {
		run(seed, of, contenderOf(twin), witness);
		return of;
	});
	const name = twin ?? "escrow";
	return { contender: of.stores.includes("over_reservations") ? overName(name) : name, seed, script };
}

/** Of the first that failed in each scene, the one that is told soonest. */
export function storyOf(
	sums: readonly { scene: HardScene; sums: Sums }[],
	twin: Twin | null,
	mixes: readonly Mix[] = usualMixes,
): Story | null {
	return shortest(
		stage,
		sums.flatMap(({ scene, sums }) => sums.failingSeeds.map((seed) => drawn(scene, seed, twin, mixes))),
	);
}

/** Of what a clairvoyant sells; units that did not exist don't count. */
export const shareOf = ({ sold, oversold, clairvoyant }: Sums): number => (sold - oversold) / clairvoyant;

/** `seeds` seeds of one hard scene. */
export function hard(
	scene: HardScene,
	from: number,
	seeds: number,
	twin: Twin | null = null,
	mixes: readonly Mix[] = usualMixes,
): Sums {
	const sums = nothing();
	for (let seed = from; seed < from + seeds; seed++)
		add(sums, seed, run(seed, hardScene(scene, seed, mixes), contenderOf(twin)));
	return sums;
}

export function day(
	name: DayName,
	from: number,
	seeds: number,
	strategy: Strategy,
	options: Partial<HubOptions> = {},
	modes?: Mix,
): Sums {
	const sums = nothing();
	for (let seed = from; seed < from + seeds; seed++)
		add(sums, seed, run(seed, dayScene(days[name], seed, modes), contender(strategy, options)));
	return sums;
}

/** Of what shared oversells, adaptive may oversell this much: a burst that nobody announced is over before its news came. */
const allowance: Partial<Record<DayName, number>> = { "flash sale of 20": 1 / 5, "a marked launch of 20": 0 };
const usualAllowance = 1 / 10;
const leastShare: Record<HardScene, number> = {
	"slow sales": 0.95,
	"busy sales": 0.95,
	"moving crowds": 0.95,
	"flash sale": 0.98,
};
const leastAdaptiveShare = 0.995;
/**
 * Over reservations, beside other stores and alone. A store whose open orders outnumber what is free keeps the share that it
 * has until they ship: that is what it costs there to sell nothing that does not exist.
 */
const leastShareOver = { mixed: 0.9, alone: 0.85 };
/** Of the shipments that are blocked where open orders are forgotten. */
const mostBlocked = 1 / 100;

const perThousand = (sums: Sums, stock: number) => ((1_000 * sums.oversold) / (sums.seeds * stock)).toFixed(1);
const leastPerSecond = 100_000;
const cell = (sums: Sums, stock: number) =>
	`${perThousand(sums, stock)} / ${shareOf(sums).toFixed(3)} / ${(sums.calls / sums.seeds).toFixed(0)}`;

/** The days for which adaptive has marks; large baskets, which no share of a small stock can serve, have none. */
const markedDays = dayNames.filter((name) => name !== "large baskets");

function compareDays(seed: number, seeds: number): string[] {
	const short: string[] = [];
	console.log("oversold units of a thousand that exist / share of a clairvoyant's sales / calls a run");
	for (const name of markedDays) {
		const { stock } = days[name];
		const shared = day(name, seed, seeds, "shared");
		const held = day(name, seed, seeds, "shared", { bufferUnits: 2 });
		const adaptive = day(name, seed, seeds, "adaptive");
		const escrow = day(name, seed, seeds, "escrow");
		console.log(
			`  ${name.padEnd(28)} shared ${cell(shared, stock)} | shared − 2 ${cell(held, stock)} | adaptive ${cell(adaptive, stock)} | escrow ${cell(escrow, stock)}`,
		);
		const most = shared.oversold * (allowance[name] ?? usualAllowance);
		if (adaptive.oversold > most) short.push(`${name}: ${adaptive.oversold} of shared's ${shared.oversold} oversold`);
		if (shareOf(adaptive) < leastAdaptiveShare) short.push(`${name}: ${shareOf(adaptive).toFixed(3)} of a clairvoyant`);
		if (escrow.oversold > 0) short.push(`${name}: escrow oversold ${escrow.oversold}`);
	}
	return short;
}

const summed = (all: readonly Sums[]): Sums =>
	all.reduce((total, one) => {
		for (const key of ["seeds", "failing", ...counted] as const) total[key] += one[key];
		return total;
	}, nothing());

const isUsual = (twin: Twin): boolean => twins.some((one) => one === twin);

export const isAlone = (mix: Mix): boolean => new Set(mix).size === 1;

/** Every hard scene over reservations: each mix of stores, and each twin on all of them. */
export function overReservations(from: number, seeds: number, ofTwins: number) {
	const ours = reservingMixes.map((mix) => ({
		mix,
		scenes: hardScenes.map((scene) => ({ scene, sums: hard(scene, from, seeds, null, [mix]) })),
	}));
	const naive = reservingTwins.map((twin) => ({
		twin,
		scenes: hardScenes.map((scene) => ({ scene, sums: hard(scene, from, ofTwins, twin, reservingMixes) })),
	}));
	return { ours, naive };
}

/** Adaptive on a day on which shared oversells, with each mix of stores over reservations. */
export function adaptiveOver(from: number, seeds: number): { mix: Mix; shared: Sums; adaptive: Sums }[] {
	const of = (strategy: Strategy, mix: Mix) => day("Black Friday, 300 units", from, seeds, strategy, {}, mix);
	return reservingMixes.map((mix) => ({ mix, shared: of("shared", mix), adaptive: of("adaptive", mix) }));
}

function proveOver(from: number, seeds: number, ofTwins: number): { short: string[]; verdict: string } {
	const { ours, naive } = overReservations(from, seeds, ofTwins);
	const short: string[] = [];
	for (const { mix, scenes } of ours) {
		const broken = storyOf(scenes, null, [mix]);
		if (broken) print(stage, broken);
		for (const { scene, sums } of scenes) {
			const least = leastShareOver[isAlone(mix) ? "alone" : "mixed"];
			console.log(
				`${mix.join(" + ")}, ${scene}: ${sums.oversold} oversold in ${sums.seeds} seeds, ${shareOf(sums).toFixed(3)} of a clairvoyant, ${(sums.calls / sums.seeds).toFixed(0)} calls a run, ${sums.blocked} shipments blocked`,
			);
			if (sums.oversold > 0) short.push(`${mix.join(" + ")}, ${scene}: ${sums.oversold} oversold`);
			if (shareOf(sums) < least)
				short.push(`${mix.join(" + ")}, ${scene}: ${shareOf(sums).toFixed(3)} of a clairvoyant`);
		}
	}
	const twinSums = naive.map(({ twin, scenes }) => ({ twin, scenes, sums: summed(scenes.map((one) => one.sums)) }));
	for (const { twin, scenes, sums } of twinSums) {
		// The mistakes that can be made anywhere are told above.
		const story = isUsual(twin) ? null : storyOf(scenes, twin, reservingMixes);
		if (story) print(stage, story);
		const failing = `${sums.oversold} oversold, in ${sums.failing} of ${sums.seeds} seeds, ${sums.blocked} shipments blocked`;
		console.log(`twin over reservations: ${twin}: ${failing}`);
		// What is written too low oversells nothing, and leaves open orders that can't be shipped.
		if (twin === "open orders forgotten" ? sums.blocked === 0 : sums.oversold === 0)
			short.push(`${twin} does not fail`);
	}
	const adaptive = adaptiveOver(from, shortDaySeeds);
	for (const one of adaptive) {
		console.log(
			`${one.mix.join(" + ")}, Black Friday: shared ${one.shared.oversold} oversold, adaptive ${one.adaptive.oversold}, ${shareOf(one.adaptive).toFixed(3)} of a clairvoyant`,
		);
		if (one.adaptive.oversold > one.shared.oversold * usualAllowance)
			short.push(`${one.mix.join(" + ")}: adaptive oversold ${one.adaptive.oversold}`);
	}
	const all = summed(ours.flatMap(({ scenes }) => scenes.map(({ sums }) => sums)));
	const forgotten = twinSums.find(({ twin }) => twin === "open orders forgotten")?.sums ?? nothing();
	if (all.blocked / all.seeds > (mostBlocked * forgotten.blocked) / forgotten.seeds)
		short.push(`${all.blocked} shipments blocked`);
	const shares = ours.map(({ mix, scenes }) => {
		const of = scenes.map(({ sums }) => shareOf(sums).toFixed(3)).sort();
		return `${of[0]}–${of.at(-1)} ${isAlone(mix) ? "alone" : `beside ${mix.slice(0, 2).join(" and ")}`}`;
	});
	return {
		short,
		verdict: `over reservations ${all.oversold} oversold in ${all.seeds} seeds, ${shares.join(", ")}, adaptive ${summed(adaptive.map((one) => one.adaptive)).oversold} of shared's ${summed(adaptive.map((one) => one.shared)).oversold} oversold on Black Friday, ${all.blocked} shipments blocked (open orders forgotten: ${forgotten.blocked} in ${forgotten.seeds} seeds)`,
	};
}

/** What is accepted lands up to a quarter of an hour late, and until then its units are nobody else's. */
export const leastShareAccepting = 0.9;

/** Every hard scene with stores that only say that they have accepted a write; and the twin that takes that for done. */
export function accepting(from: number, seeds: number, ofTwin: number) {
	const ours = acceptingMixes.map((mix) => ({
		mix,
		scenes: hardScenes.map((scene) => ({ scene, sums: hard(scene, from, seeds, null, [mix]) })),
	}));
	const naive = summed(hardScenes.map((scene) => hard(scene, from, ofTwin, "accepted is applied", acceptingMixes)));
	return { ours, naive };
}

function proveAccepting(from: number, seeds: number, ofTwin: number): { short: string[]; verdict: string } {
	const { ours, naive } = accepting(from, seeds, ofTwin);
	const short: string[] = [];
	for (const { mix, scenes } of ours) {
		const broken = storyOf(scenes, null, [mix]);
		if (broken) print(stage, broken);
		for (const { scene, sums } of scenes) {
			const figures = `${sums.oversold} oversold in ${sums.seeds} seeds, ${shareOf(sums).toFixed(3)} of a clairvoyant`;
			console.log(`${mix.join(" + ")}, ${scene}: ${figures}, ${(sums.calls / sums.seeds).toFixed(0)} calls a run`);
			if (sums.oversold > 0 || shareOf(sums) < leastShareAccepting)
				short.push(`${mix.join(" + ")}, ${scene}: ${figures}`);
		}
	}
	if (naive.oversold === 0) short.push("accepted is applied does not fail");
	const all = ours.flatMap(({ scenes }) => scenes.map(({ sums }) => sums));
	const shares = all.map((sums) => shareOf(sums).toFixed(3)).sort();
	return {
		short,
		verdict: `where writes are only accepted ${summed(all).oversold} oversold in ${summed(all).seeds} seeds, ${shares[0]}–${shares.at(-1)} of a clairvoyant (taken for applied: ${naive.oversold} in ${naive.seeds})`,
	};
}

/** In a database of its own. */
export async function raceOf(options: RaceOptions): Promise<Race> {
	const database = await testDatabase();
	try {
		return await race(database, options);
	} finally {
		await database.close();
	}
}

/** Stores that compare and one that can only be written blindly, on the whole pipeline; and the same, shared. */
async function overHttp(full: boolean, seed: number): Promise<{ ours: Race[]; twin: Race }> {
	const crowd = { platforms: ["shopify", "shopify", "woocommerce"] as const, stock: 30, buyers: 75 };
	const ours: Race[] = [];
	for (let run = 0; run < (full ? 5 : 1); run++)
		ours.push(await raceOf({ ...crowd, platforms: [...crowd.platforms], strategy: "escrow", seed: seed + run }));
	return { ours, twin: await raceOf({ ...crowd, platforms: ["shopify", "shopify"], strategy: "shared", seed }) };
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
		const over = proveOver(seed, full ? fullOverSeeds : shortOverSeeds, overTwinSeeds);
		for (const line of over.short) console.log(`  short: ${line}`);
		const late = proveAccepting(seed, full ? fullAcceptingSeeds : shortAcceptingSeeds, acceptingTwinSeeds);
		for (const line of late.short) console.log(`  short: ${line}`);
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
				over.short.length === 0 &&
				late.short.length === 0 &&
				short.length === 0,
			verdict: `${oversold} oversold in ${each * hardScenes.length} seeds from ${seed} ${full ? "(full)" : `(of ${fullSeeds})`}, ${shares} of what a clairvoyant sells, at ${Math.round(perSecond / 1_000)},000 events a second; twins oversell: ${naive.map(({ twin, failing }) => `${twin} in ${((100 * failing) / (hardScenes.length * twinSeeds)).toFixed(0)} %`).join(", ")}; ${over.verdict}; ${late.verdict}; adaptive on ${markedDays.length} days: ${short.length === 0 ? "within its marks" : short.join("; ")}; over HTTP on Postgres ${inAll((one) => one.oversold)} oversold of ${inAll((one) => one.stock)}, ${inAll((one) => one.sold)} sold, never more held than there was; shared oversells ${http.twin.oversold} of ${http.twin.stock}`,
		};
	},
};
