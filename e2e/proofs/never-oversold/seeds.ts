/** Seeds of a scene, summed up; and a seed that failed, as a story. */
import type { HubOptions } from "@/lib/simulation/hub";
import {
	ours as contender,
	type Figures,
	naivePush,
	pollEveryFiveMinutes,
	readThenCompare,
	reservingTwins,
	run,
	type Twin,
} from "@/lib/simulation/run";
import {
	type DayName,
	dayScene,
	days,
	type HardScene,
	hardScene,
	hardScenes,
	type Mix,
	usualMixes,
} from "@/lib/simulation/scenes";
import type { Strategy } from "@/lib/stock/strategy";
import { record } from "../stories/script";
import { alsoOver, overName, type Stage, type Story, shortest } from "../stories/story";

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

export const nothing = (): Sums => ({
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

export function add(sums: Sums, seed: number, one: Figures): void {
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

/** What the field does, in every hard scene. */
export const naiveHubs = {
	"plain push": naivePush,
	"read, then compare": readThenCompare,
	"five-minute poll": pollEveryFiveMinutes,
};

export const hardFor = (hub: keyof typeof naiveHubs, from: number, seeds: number): Sums =>
	summed(
		hardScenes.map((scene) => {
			const sums = nothing();
			for (let seed = from; seed < from + seeds; seed++)
				add(sums, seed, run(seed, hardScene(scene, seed), naiveHubs[hub]));
			return sums;
		}),
	);

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

/** All together. */
export const summed = (all: readonly Sums[]): Sums =>
	all.reduce((total, one) => {
		for (const key of ["seeds", "failing", ...counted] as const) total[key] += one[key];
		return total;
	}, nothing());
