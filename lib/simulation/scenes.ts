/** The scenes of P4: hard ones, in which everything is late and much is lost, and the days of a merchant. */
import { acceptingHabits } from "./accepting";
import { type Random, seeded } from "./random";
import { type Buyer, crowd, type Scene } from "./run";
import { modeOf, type StoreKind, takesBelowZero } from "./store";
import type { StoreHabits } from "./store-habits";

const minute = 60_000;
const hour = 60 * minute;

export type Mix = readonly StoreKind[];

const eachMode: Mix = ["compare", "delta", "absolute"];
const onlyAbsolute: Mix = ["absolute", "absolute", "absolute"];

export const usualMixes: readonly Mix[] = [eachMode, onlyAbsolute];

/** Stores that take their open orders off by themselves, alone and beside the others. */
export const reservingMixes: readonly Mix[] = [
	["compare", "delta", "over_reservations"],
	["compare", "absolute", "over_reservations"],
	["over_reservations", "over_reservations", "over_reservations"],
];

/** Stores that only say that they have accepted a write, beside others and alone. */
export const acceptingMixes: readonly Mix[] = [
	["compare", "delta", "accepting delta"],
	["compare", "delta", "accepting absolute"],
	["accepting delta", "accepting absolute", "accepting over_reservations"],
];

/** A store that takes a difference whatever is there, beside others and alone. */
export const belowZeroMixes: readonly Mix[] = [
	["compare", "delta below zero", "absolute"],
	["delta below zero", "delta below zero", "delta below zero"],
];

/** News without a bound, lost answers, writes that land half a minute late, lists of orders two minutes behind. */
export const hardHabits = (kind: StoreKind, random: Random): StoreHabits => ({
	mode: modeOf(kind),
	takesBelowZero: takesBelowZero(kind),
	latencyMs: 50 + random.next() * 450,
	newsDelayMs: random.pick([2_000, 30_000, 300_000]),
	newsLossRate: 0.05,
	lostAnswerRate: 0.07,
	lateWriteMs: 30_000,
	orderListLagMs: random.next() * 120_000,
	// Of one in three what is sold ships within minutes, of the others within hours; some of it always at once.
	ships:
		modeOf(kind) === "over_reservations"
			? { atOnceRate: 0.1, meanMs: random.pick([5 * minute, hour, 10 * hour]) }
			: undefined,
	...acceptingHabits(kind),
});

export const hardScenes = ["slow sales", "busy sales", "moving crowds", "flash sale"] as const;
export type HardScene = (typeof hardScenes)[number];

/** `cancels`: of all orders, and how long they stand at the most. `clocksAheadMs`: stores' clocks, at the most. */
export type HardSceneOptions = { cancels?: { rate: number; withinMs: number }; clocksAheadMs?: number };

/** The mixes take turns: of the usual ones every second seed has stores that can only be written absolutely. */
export function hardScene(
	kind: HardScene,
	seed: number,
	mixes: readonly Mix[] = usualMixes,
	{ cancels, clocksAheadMs = 0 }: HardSceneOptions = {},
): Scene {
	const random = seeded(seed * 7 + 1);
	const stock = kind === "slow sales" ? random.int(3, 30) : random.int(20, 60);
	const weights = kind === "moving crowds" ? [8, 1, 1] : eachMode.map(() => 0.2 + random.next());
	const runMs = kind === "slow sales" ? 10 * hour : kind === "moving crowds" ? hour : hour / 2;
	const meanGapMs = {
		// A fifth more than there is, over the day.
		"slow sales": runMs / (stock * 1.2),
		"busy sales": random.pick([2_000, 10_000, 40_000]),
		"moving crowds": runMs / (stock * 2),
		"flash sale": 300,
	}[kind];
	const turnsMs = kind === "moving crowds" ? 4 * minute : undefined;
	return {
		stores: mixes[seed % mixes.length] as Mix,
		stock,
		habits: (kind, draw) => {
			const habits = hardHabits(kind, draw);
			return clocksAheadMs > 0 ? { ...habits, clockAheadMs: draw.next() * clocksAheadMs } : habits;
		},
		runMs,
		crashEveryMs: 20 * minute,
		buyers: (draw) => crowd(draw, { from: 0, until: runMs - 5 * minute, meanGapMs, weights, turnsMs, cancels }),
	};
}

/** News as from Shopify: 2 s in the mean, one in a hundred lost until the next poll. */
const usualHabits =
	(newsMs: number, lossRate: number) =>
	(kind: StoreKind, random: Random): StoreHabits => ({
		mode: modeOf(kind),
		latencyMs: 50 + random.next() * 250,
		newsDelayMs: 2 * newsMs,
		newsLossRate: lossRate,
		lostAnswerRate: 0.005,
		lateWriteMs: 10_000,
		orderListLagMs: random.next() * 5_000,
	});

export type Day = {
	stock: number;
	runMs: number;
	newsMs?: number;
	lossRate?: number;
	isLaunch?: boolean;
	/** Other than one of each usual mode. */
	stores?: Mix;
	/** One of the stores answers nobody in that time. */
	outage?: { from: number; until: number };
	buyers: (random: Random, weights: readonly number[]) => Buyer[];
};

/** A marketplace that only accepts what is written, and applies it within a minute or a quarter of an hour. */
const withMarketplace: Mix = ["compare", "delta", "accepting absolute"];

/** The days of design: what a merchant meets, announced or not. */
export const days = {
	"slow week": {
		stock: 60,
		runMs: 7 * 24 * hour,
		buyers: (random, weights) =>
			crowd(random, { from: 0, until: 7 * 24 * hour, meanGapMs: (7 * 24 * hour) / 60, weights }),
	},
	"busy day": {
		stock: 100,
		runMs: 8 * hour,
		buyers: (random, weights) => crowd(random, { from: 0, until: 6 * hour, meanGapMs: (6 * hour) / 120, weights }),
	},
	"Black Friday, 300 units": {
		stock: 300,
		runMs: hour,
		buyers: (random, weights) => crowd(random, { from: 0, until: hour / 2, meanGapMs: 400, weights }),
	},
	"flash sale of 20": {
		stock: 20,
		runMs: hour / 2,
		buyers: (random, weights) => crowd(random, { from: 10 * minute, until: 12 * minute, meanGapMs: 150, weights }),
	},
	"goes viral (×60)": {
		stock: 150,
		runMs: 2 * hour,
		buyers: (random, weights) => [
			...crowd(random, { from: 0, until: hour, meanGapMs: 20_000, weights }),
			...crowd(random, { from: hour, until: 1.5 * hour, meanGapMs: 333, weights }),
		],
	},
	"late news (60 s, 5 % lost)": {
		stock: 60,
		runMs: 8 * hour,
		newsMs: 60_000,
		lossRate: 0.05,
		buyers: (random, weights) => crowd(random, { from: 0, until: 6 * hour, meanGapMs: (6 * hour) / 75, weights }),
	},
	"large baskets": {
		stock: 120,
		runMs: 8 * hour,
		buyers: (random, weights) =>
			crowd(random, {
				from: 0,
				until: 6 * hour,
				meanGapMs: (6 * hour) / 50,
				weights,
				basket: (draw) => draw.int(1, 6),
			}),
	},
	"a store is down for 10 min": {
		stock: 80,
		runMs: 2 * hour,
		outage: { from: hour / 2, until: hour / 2 + 10 * minute },
		buyers: (random, weights) => crowd(random, { from: 0, until: hour, meanGapMs: hour / 100, weights }),
	},
	"a busy day with a marketplace": {
		stock: 100,
		runMs: 8 * hour,
		stores: withMarketplace,
		buyers: (random, weights) => crowd(random, { from: 0, until: 6 * hour, meanGapMs: (6 * hour) / 120, weights }),
	},
	"Black Friday with a marketplace": {
		stock: 300,
		runMs: 2 * hour,
		stores: withMarketplace,
		buyers: (random, weights) => crowd(random, { from: 0, until: hour, meanGapMs: 10_000, weights }),
	},
	"a marked launch of 20": {
		stock: 20,
		runMs: hour / 2,
		isLaunch: true,
		buyers: (random, weights) => crowd(random, { from: 10 * minute, until: 12 * minute, meanGapMs: 150, weights }),
	},
} as const satisfies Record<string, Day>;

export type DayName = keyof typeof days;
export const dayNames = Object.keys(days) as DayName[];

export function dayScene(day: Day, seed: number, stores: Mix = day.stores ?? eachMode): Scene {
	const random = seeded(seed * 7 + 1);
	const weights = stores.map(() => 0.3 + random.next());
	return {
		stores,
		stock: day.stock,
		habits: (kind, random) => ({
			...usualHabits(day.newsMs ?? 2_000, day.lossRate ?? 0.01)(kind, random),
			...(kind === "delta" ? { outage: day.outage } : {}),
			...acceptingHabits(kind),
		}),
		runMs: day.runMs,
		crashEveryMs: null,
		isLaunch: day.isLaunch,
		buyers: (draw) => day.buyers(draw, weights),
	};
}
