/**
 * Escrow: what there is of a SKU is split over its listings, and no listing may ever hold more than was there to give. Pure.
 *
 * The one invariant, kept before a write leaves and held by bound.test.ts, P4 and P25:
 * E1  Σ over listings (ceiling × units) ≤ available, in units of the SKU (on hand − reserved, which have all sales heard of
 *     in them).
 */
import { ceiling, type Sellable } from "./bound";
import type { WriteMode } from "./slot";

/** A listing that holds a part of a SKU. `units`: units of the SKU that one of the listing takes (a six-pack: 6). */
export type Stake = { units: number; sellable: Sellable };

/** Units of the SKU that the listings can sell between them without our having heard of it. */
export const committedUnits = (stakes: readonly Stake[]): number =>
	stakes.reduce((sum, { units, sellable }) => sum + units * ceiling(sellable), 0);

/** Units that nobody holds. Below zero only when something from outside took stock away or raised a listing. */
export const freeUnits = (available: number, stakes: readonly Stake[]): number => available - committedUnits(stakes);

/**
 * The most that a write may bring this listing to without breaking E1, in its own units. One that compares or gives may add
 * what is free to what is expected, which is below zero while a raise that was lost has sold more than we knew of; an
 * absolute one needs all of its number free, since all of the bound may sell before it lands; one over reservations that
 * and its `open` units, which may all ship before it lands. Below zero: none but a zero may leave.
 */
export function mostAllowed(mode: WriteMode, expected: number, free: number, units: number, open = 0): number {
	const spare = Math.max(0, Math.floor(free / units));
	switch (mode) {
		case "compare":
		case "delta":
			return expected + spare;
		case "absolute":
			return spare;
		case "over_reservations":
			return spare - open;
	}
}

/** Units of a SKU that a listing sold lately, fading over hours: by it the shares are dealt. */
export type Demand = { units: number; at: number };

const demandMemoryMs = 6 * 3_600_000;

export const demandOf = ({ units, at }: Demand, now: number): number =>
	units * Math.exp(-Math.max(0, now - at) / demandMemoryMs);

/** What is given back takes nothing away: somebody wanted it. */
export const hearDemand = (demand: Demand, units: number, now: number): Demand =>
	units <= 0 ? demand : { units: demandOf(demand, now) + units, at: now };

/** A listing as it asks for its part. */
export type Claimant = {
	units: number;
	/** What it holds now: its ceiling, in its own units. */
	holds: number;
	/** What it sells, by `demandOf`; only the proportions matter. */
	demand: number;
	/** The most that the merchant lets it show, in its own units. */
	most: number;
};

/** A holder of less than the fair part by this factor is in need. */
const needyBelow = 3;

/**
 * What each listing ought to hold of `available` units, in its own units, in the order of the claimants. Everybody keeps
 * what they hold while nobody is in need; what is free goes to those who hold least of their fair part. Only when one has
 * (nearly) nothing of it is anything taken back from the others. Never more in all than is available.
 */
export function shareOut(available: number, claimants: readonly Claimant[]): number[] {
	const fair = fairShares(Math.max(0, available), claimants);
	const isInNeed = claimants.some(({ holds }, index) => {
		const part = fair[index] as number;
		return holds < part && (holds === 0 || holds * needyBelow < part);
	});
	if (isInNeed) return fair;
	const shares = claimants.map(({ holds, most }) => Math.min(holds, most));
	let left = available - claimants.reduce((sum, { units }, index) => sum + units * (shares[index] as number), 0);
	while (left !== 0) {
		const sign = left > 0 ? 1 : -1;
		const next = furthestOff(claimants, shares, fair, sign, left);
		if (next === null) break;
		const { units, most } = claimants[next] as Claimant;
		const held = shares[next] as number;
		const room = sign > 0 ? Math.min(most - held, Math.floor(left / units)) : held;
		const step = Math.max(1, Math.min(room, Math.floor(Math.abs(left) / (chunks * claimants.length * units))));
		shares[next] = held + sign * step;
		left -= sign * step * units;
	}
	return shares;
}

/** Large stocks are dealt in steps that shrink, so that the work grows with their logarithm. */
const chunks = 4;

/** Whose share is to grow (or to shrink): furthest below (or above) the fair part. */
function furthestOff(
	claimants: readonly Claimant[],
	shares: readonly number[],
	fair: readonly number[],
	sign: 1 | -1,
	left: number,
): number | null {
	let best: number | null = null;
	let bestGap = Number.NEGATIVE_INFINITY;
	claimants.forEach(({ units, most }, index) => {
		const share = shares[index] as number;
		if (sign > 0 ? share >= most || units > left : share <= 0) return;
		const gap = sign * units * ((fair[index] as number) - share);
		if (gap > bestGap) {
			best = index;
			bestGap = gap;
		}
	});
	return best;
}

/** Units that each listing is taken to have sold besides: what has sold little yet may well be the next to sell. */
const presumedUnits = 2;

/** By pace, in whole listings, nobody more than they may show: one after the other to whoever has least for their weight. */
function fairShares(available: number, claimants: readonly Claimant[]): number[] {
	const weights = claimants.map(({ demand }) => demand + presumedUnits);
	const shares = claimants.map(() => 0);
	let left = available;
	for (;;) {
		let best: number | null = null;
		let least = Number.POSITIVE_INFINITY;
		claimants.forEach(({ units, most }, index) => {
			const held = shares[index] as number;
			if (held >= most || units > left) return;
			const load = ((held + 0.5) * units) / (weights[index] as number);
			if (load < least) {
				best = index;
				least = load;
			}
		});
		if (best === null) return shares;
		const { units, most } = claimants[best] as Claimant;
		const room = Math.min(most - (shares[best] as number), Math.floor(left / units));
		const step = Math.max(1, Math.min(room, Math.floor(left / (chunks * claimants.length * units))));
		shares[best] = (shares[best] as number) + step;
		left -= step * units;
	}
}
