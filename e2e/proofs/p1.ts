import { testDatabase } from "@/db/testing";
import type { WriteMode } from "@/lib/stock/slot";
import type { Proof } from "./proof";
import { type Storm, type StormOptions, storm } from "./reinflation/storm";
import { reinflationRun, reservingModes, type Strategy, usualModes } from "./simulation/reinflation";
import { mean, quantile } from "./simulation/statistics";

const fullSeeds = 10_000;
const shortSeeds = 2_000;
/** The naive twins fail in nearly every seed; more of them would tell no more. */
const twinSeeds = 2_000;

/** Two to read back (its orders, then the level), and half for the correcting write to arrive. */
const mendedWithinTrips = 2.5;
/** Over reservations a level is two calls: what is salable, and then what lies there. */
const mendedOverWithinTrips = 3.5;
/**
 * Of all units sold over reservations while the stock is shared. A shipment that crosses a write, and late writes above all,
 * can't be covered there: what is written must leave open orders shippable. Escrow covers them.
 */
const mostUncoveredOfThousand = 4;

const fullOverSeeds = 2_000;
const shortOverSeeds = 400;

export type Reinflations = {
	seeds: number;
	/** Seeds with at least one. */
	failing: number;
	exact: number;
	hidden: number;
	uncovered: number;
	wrongMs: number;
	longestLostMs: number;
	mendedTrips: number[];
	loweringMs: number[];
	calls: number;
	sold: number;
	oversold: number;
};

/** `from` seeds on, one strategy. */
export function reinflations(
	strategy: Strategy,
	from: number,
	seeds: number,
	modes: readonly WriteMode[] = usualModes,
): Reinflations {
	const sums: Reinflations = {
		seeds,
		failing: 0,
		exact: 0,
		hidden: 0,
		uncovered: 0,
		wrongMs: 0,
		longestLostMs: 0,
		mendedTrips: [],
		loweringMs: [],
		calls: 0,
		sold: 0,
		oversold: 0,
	};
	for (let seed = from; seed < from + seeds; seed++) {
		const run = reinflationRun(seed, strategy, modes);
		if (run.exact + run.hidden > 0) sums.failing++;
		for (const key of ["exact", "hidden", "uncovered", "wrongMs", "calls", "sold", "oversold"] as const)
			sums[key] += run[key];
		sums.longestLostMs = Math.max(sums.longestLostMs, run.longestLostMs);
		for (const trips of run.mendedTrips) sums.mendedTrips.push(trips);
		for (const ms of run.loweringMs) sums.loweringMs.push(ms);
	}
	return sums;
}

/** Lowering compared as lowering.ts counts it: for good, by median and by mean. */
export const isLoweringSlower = (ours: Reinflations, naive: Reinflations): boolean =>
	quantile(ours.loweringMs, 0.5) > quantile(naive.loweringMs, 0.5) || mean(ours.loweringMs) > mean(naive.loweringMs);

export const isMendedInTime = ({ mendedTrips }: Reinflations, withinTrips = mendedWithinTrips): boolean =>
	mendedTrips.length > 0 && quantile(mendedTrips, 1) <= withinTrips;

/** Where open orders are reservations: beside other stores, and alone. */
export const overReservations = (strategy: Strategy, from: number, seeds: number): Reinflations[] =>
	reservingModes.map((modes) => reinflations(strategy, from, seeds, modes));

/** No sale is ever hidden; a shipment in between can be, and is seen and mended as soon as two calls tell of it. */
export const holdsOver = (sums: Reinflations): boolean =>
	sums.exact === 0 &&
	isMendedInTime(sums, mendedOverWithinTrips) &&
	1_000 * sums.uncovered <= mostUncoveredOfThousand * sums.sold;

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const share = ({ failing, seeds }: Reinflations) => `${((100 * failing) / seeds).toFixed(0)} %`;
const total = (all: readonly Reinflations[], key: "exact" | "hidden" | "uncovered" | "sold") =>
	all.reduce((sum, one) => sum + one[key], 0);
const lowered = ({ loweringMs }: Reinflations) =>
	`${quantile(loweringMs, 0.5).toFixed(0)} ms, mean ${mean(loweringMs).toFixed(0)}`;

function print(strategy: string, sums: Reinflations): void {
	const { exact, hidden, uncovered, mendedTrips: trips } = sums;
	console.log(`${strategy}: ${sums.seeds} seeds, ${share(sums)} with a re-inflation`);
	console.log(
		`  compare and delta ${exact}; written blindly ${hidden}, of them ${uncovered} units sold that did not exist`,
	);
	console.log(
		`  these shown wrong ${seconds(sums.wrongMs)} in all; once known, mended after ${quantile(trips, 0.5).toFixed(2)} round trips (99 %: ${quantile(trips, 0.99).toFixed(2)}, longest ${quantile(trips, 1).toFixed(2)}); with a lost answer ${seconds(sums.longestLostMs)} at the longest`,
	);
	console.log(
		`  other channels lowered for good after ${lowered(sums)}; oversold ${sums.oversold} of ${sums.sold}; ${(sums.calls / sums.seeds).toFixed(0)} calls a run`,
	);
}

/** In a database of its own: a judge listens there to every change of a level. */
export async function stormOf(options: StormOptions): Promise<Storm> {
	const database = await testDatabase();
	try {
		return await storm(database, options);
	} finally {
		await database.close();
	}
}

export const isWeathered = ({ reinflations, wrong }: Storm): boolean => reinflations === 0 && wrong.length === 0;

/** The same on the whole pipeline: two stores that compare and one that can only be written blindly. */
async function weather(full: boolean, seed: number): Promise<{ ours: Storm[]; twin: Storm }> {
	const ours: Storm[] = [];
	for (let run = 0; run < (full ? 3 : 1); run++)
		ours.push(
			await stormOf({
				platforms: ["shopify", "shopify", "woocommerce"],
				orders: full ? 200 : 80,
				seed: seed + run,
			}),
		);
	return { ours, twin: await stormOf({ platforms: ["shopify", "shopify"], orders: 60, seed, readsFirst: true }) };
}

export const proof: Proof = {
	id: "P1",
	claim: "never re-inflate: no write puts a sold unit back on sale",
	async run({ full, seed }) {
		const seeds = full ? fullSeeds : shortSeeds;
		const ours = reinflations("ours", seed, seeds);
		print("ours", ours);
		const plain = reinflations("plain push", seed, twinSeeds);
		print("twin: plain push", plain);
		const reading = reinflations("read, then compare", seed, twinSeeds);
		print("twin: read, then compare", reading);
		const twinsFail = [plain, reading].every((twin) => twin.failing / twin.seeds > 0.01 && twin.exact > 0);
		const isSlower = isLoweringSlower(ours, plain);

		const over = overReservations("ours", seed, full ? fullOverSeeds : shortOverSeeds);
		const overTwins = [
			...overReservations("plain push", seed, shortOverSeeds),
			...overReservations("read, then compare", seed, shortOverSeeds),
		];
		over.forEach((sums, index) => {
			print(`ours, ${reservingModes[index]?.join(" + ")}`, sums);
		});
		const overFails = overTwins.every((twin) => twin.failing / twin.seeds > 0.01 && twin.exact + twin.hidden > 0);

		const weathered = await weather(full, seed);
		for (const one of weathered.ours) console.log(`over HTTP on Postgres: ${JSON.stringify(one)}`);
		console.log(`twin over HTTP: read, then compare: ${JSON.stringify(weathered.twin)}`);
		const sum = (of: (one: Storm) => number) => weathered.ours.reduce((total, one) => total + of(one), 0);
		const isWeatheredByAll = weathered.ours.every(isWeathered) && weathered.twin.reinflations > 0;

		const holds =
			over.every(holdsOver) &&
			overFails &&
			isWeatheredByAll &&
			ours.exact === 0 &&
			ours.uncovered === 0 &&
			isMendedInTime(ours) &&
			twinsFail &&
			!isSlower;
		return {
			holds,
			verdict: [
				`${ours.exact} on compare and delta, ${ours.uncovered} uncovered of ${ours.hidden} on absolute (${seconds(ours.wrongMs)} wrong in all, mended ≤ ${quantile(ours.mendedTrips, 1).toFixed(2)} round trips once known) in ${seeds} seeds from ${seed} ${full ? "(full)" : `(of ${fullSeeds})`}`,
				`lowered for good after ${lowered(ours)} against the plain push's ${lowered(plain)}`,
				`twins fail in ${share(plain)} and ${share(reading)} of theirs`,
				`over reservations ${total(over, "exact")} sales hidden, ${total(over, "hidden")} shipments, ${total(over, "uncovered")} of ${total(over, "sold")} units sold by those that did not exist (twins fail in ${overTwins.map(share).join(", ")})`,
				`over HTTP on Postgres ${sum((one) => one.reinflations)} in ${sum((one) => one.writes)} writes (${sum((one) => one.crossings)} crossed a sale) and ${sum((one) => one.placed)} orders, the ledger and every store right in the end; the twin ${weathered.twin.reinflations} in ${weathered.twin.writes}`,
			].join("; "),
		};
	},
};
