/**
 * Bundles beside what they are made of: two SKUs, and a bundle of both, each listed on stores of several write modes, with
 * everything as late and as often lost as in P4's hard scenes. A bundle that is sold takes of each of its components.
 */
import { type Draw, shareOut } from "@/lib/stock/escrow";
import { slotDefaults } from "@/lib/stock/slot-defaults";
import type { Strategy } from "@/lib/stock/strategy";
import type { WriteMode } from "@/lib/stock/write-mode";
import { Clock } from "./clock";
import { ProductionHub } from "./hub";
import { drawnLuck } from "./luck";
import { seeded } from "./random";
import { openStore } from "./reserving-store";
import { crowd } from "./run";
import { hardHabits } from "./scenes";
import type { Store } from "./store";

export type BundleFigures = {
	/** Units of both SKUs. */
	sold: number;
	/** Of them, those that did not exist. */
	oversold: number;
	/** Bundles among what was sold. */
	bundles: number;
	calls: number;
};

const modes: readonly WriteMode[] = ["compare", "delta", "absolute", "over_reservations"];
const lamp: Draw = { stock: 0, units: 1 };
const runMs = 30 * 60_000;

/** One seed. `leavesBundlesOut`: the naive twin, to whom what a bundle holds of its components is nobody's. */
export function playBundles(seed: number, strategy: Strategy, leavesBundlesOut = false): BundleFigures {
	const random = seeded(seed);
	const clock = new Clock();
	const stock = [random.int(10, 30), random.int(10, 30)];
	const cable: Draw = { stock: 1, units: 1 };
	const set = [
		{ stock: 0, units: random.int(1, 2) },
		{ stock: 1, units: random.int(1, 3) },
	];
	const draws: readonly (readonly Draw[])[] = [[lamp], [lamp], [cable], set, set];
	const whole = (of: readonly Draw[]) =>
		Math.min(...of.map(({ stock: sku, units }) => Math.floor((stock[sku] as number) / units)));
	const shows =
		strategy === "escrow"
			? shareOut(
					stock,
					draws.map((of) => ({ draws: of, holds: 0, demand: 0, most: Number.POSITIVE_INFINITY, outOfStockBelow: 0 })),
				)
			: draws.map(whole);
	let hub: ProductionHub;
	const stores: Store[] = draws.map((_, channel) => {
		const habits = hardHabits(random.pick(modes), random);
		return openStore(
			habits,
			leavesBundlesOut && (draws[channel]?.length ?? 0) > 1 ? whole(set) : (shows[channel] as number),
			clock,
			drawnLuck(habits, random),
			(sale) => hub.hear(channel, sale),
			() => {},
		);
	});
	hub = new ProductionHub(stores, stock, clock, { ...slotDefaults, strategy, draws, leavesBundlesOut });
	hub.start();
	const left = [...stock];
	const figures: BundleFigures = { sold: 0, oversold: 0, bundles: 0, calls: 0 };
	const buyers = crowd(random, {
		from: 0,
		until: runMs - 5 * 60_000,
		meanGapMs: random.pick([1_000, 10_000, 30_000]),
		weights: draws.map(() => 0.2 + random.next()),
	});
	for (const { at, channel, units } of buyers)
		clock.at(at, () => {
			if (!(stores[channel] as Store).sell(units)) return;
			const taken = draws[channel] as readonly Draw[];
			if (taken.length > 1) figures.bundles += units;
			for (const { stock: sku, units: each } of taken) {
				const wanted = units * each;
				figures.sold += wanted;
				figures.oversold += Math.max(0, Math.min(wanted, wanted - (left[sku] as number)));
				left[sku] = (left[sku] as number) - wanted;
			}
		});
	const crashNext = (after: number) => {
		const at = after + random.exponential(10 * 60_000);
		clock.at(at, () => {
			hub.crash();
			crashNext(at);
		});
	};
	crashNext(0);
	clock.runUntil(runMs);
	return { ...figures, calls: hub.calls };
}
