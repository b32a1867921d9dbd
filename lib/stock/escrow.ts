/**
 * Escrow: what there is of a SKU is split over its listings, and no listing may ever hold more than was there to give. Pure.
 *
 * The one invariant, kept before a write leaves and held by bound.test.ts, P4 and P25:
 * E1  Σ over listings (ceiling × units) ≤ available, in units of the SKU (on hand − reserved, which have all sales heard of
 *     in them). A bundle holds of each of its components, so many units each; where stock lies at several locations, it
 *     holds for every pool of them (places.ts, L1). So each of those is a stock, and a listing draws on several at once.
 */
import { ceiling, type Sellable } from "./bound";
import type { WriteMode } from "./write-mode";

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

/** What a listing takes of a stock when one of it is sold: units of that SKU. `stock`: its place among the stocks. */
export type Draw = { stock: number; units: number };

/** A listing as it asks for its part. */
export type Claimant = {
	/** Never empty. More than one where it is a bundle, or where stock lies at several locations (places.ts). */
	draws: readonly Draw[];
	/** What it holds now: its ceiling, in its own units. */
	holds: number;
	/** What it sells, by `demandOf`; only the proportions matter. */
	demand: number;
	/** The most that the merchant lets it show, in its own units: what it would be offered, were the stock shared (offer.ts). */
	most: number;
	/** In its own units: a share of fewer is shown as none. Zero and one: it sells to the last. */
	outOfStockBelow: number;
};

/** A holder of less than the fair part by this factor is in need; so is one of too few to show any, where its part suffices. */
const needyBelow = 3;

/**
 * What each listing ought to hold, in its own units, in the order of the claimants, of so many units of each stock. Everybody
 * keeps what they hold while nobody is in need; what is free goes to those who hold least of their fair part. Only when one
 * has (nearly) nothing of it is anything taken back from the others. Never more in all of a stock than is available.
 * Whose share would be shown as none gets none: the others split it, and only what none of them may show is its own again.
 */
export function shareOut(available: readonly number[], claimants: readonly Claimant[]): number[] {
	const shares = deal(available, claimants);
	const left = furthestBelow(claimants, shares);
	if (left === null) return shares;
	const { outOfStockBelow } = claimants[left] as Claimant;
	const others = shareOut(
		available,
		claimants.map((claimant, index) => (index === left ? { ...claimant, most: 0 } : claimant)),
	);
	const room = new Dealt(available, claimants, others).roomOf(left);
	return room < outOfStockBelow ? others : others.map((share, index) => (index === left ? room : share));
}

/** Who lacks most of what would be shown; of two that lack as much, who holds less. Null: every share can be shown. */
function furthestBelow(claimants: readonly Claimant[], shares: readonly number[]): number | null {
	const lacking = claimants.flatMap(({ outOfStockBelow, holds }, index) => {
		const share = shares[index] as number;
		return share > 0 && share < outOfStockBelow ? [{ index, units: outOfStockBelow - share, holds }] : [];
	});
	lacking.sort((a, b) => b.units - a.units || a.holds - b.holds);
	return lacking[0]?.index ?? null;
}

function deal(available: readonly number[], claimants: readonly Claimant[]): number[] {
	const fair = fairShares(available, claimants);
	const isInNeed = claimants.some(({ holds, outOfStockBelow }, index) => {
		const part = fair[index] as number;
		return (
			holds < part && (holds === 0 || holds * needyBelow < part || (holds < outOfStockBelow && outOfStockBelow <= part))
		);
	});
	if (isInNeed) return fair;
	const dealt = new Dealt(
		available,
		claimants,
		claimants.map(({ holds, most }) => Math.min(holds, most)),
	);
	for (let over = dealt.overdrawn(); over !== null; over = dealt.overdrawn()) {
		const { stock, units } = over;
		const next = furthestOff(dealt, fair, -1, (index) => dealt.holdsOf(index, stock)) as number;
		dealt.change(next, -dealt.step(dealt.shares[next] as number, units / dealt.takesOf(next, stock)));
	}
	for (;;) {
		const next = furthestOff(dealt, fair, 1, (index) => dealt.roomOf(index) > 0);
		if (next === null) return dealt.shares;
		dealt.change(next, dealt.step(dealt.roomOf(next), dealt.leftFor(next)));
	}
}

/** Large stocks are dealt in steps that shrink, so that the work grows with their logarithm. */
const chunks = 4;

/** Shares, and what they leave of each stock. */
class Dealt {
	private readonly left: number[];

	constructor(
		available: readonly number[],
		readonly claimants: readonly Claimant[],
		readonly shares: number[],
	) {
		this.left = [...available];
		claimants.forEach((_, index) => {
			this.take(index, shares[index] as number);
		});
	}

	private take(index: number, units: number): void {
		for (const draw of this.draws(index))
			this.left[draw.stock] = (this.left[draw.stock] as number) - units * draw.units;
	}

	private draws = (index: number) => (this.claimants[index] as Claimant).draws;

	change(index: number, units: number): void {
		this.shares[index] = (this.shares[index] as number) + units;
		this.take(index, units);
	}

	/** As often as what is left of its stocks suffices; below zero where one is overdrawn. */
	leftFor = (index: number): number =>
		Math.min(...this.draws(index).map(({ stock, units }) => Math.floor((this.left[stock] as number) / units)));

	roomOf = (index: number): number =>
		Math.min((this.claimants[index] as Claimant).most - (this.shares[index] as number), this.leftFor(index));

	takesOf = (index: number, stock: number): number =>
		this.draws(index).find((draw) => draw.stock === stock)?.units ?? 0;

	holdsOf = (index: number, stock: number): boolean =>
		(this.shares[index] as number) > 0 && this.takesOf(index, stock) > 0;

	/** The stock of which most is given that is not there, and can be taken back. */
	overdrawn(): { stock: number; units: number } | null {
		let most: { stock: number; units: number } | null = null;
		this.left.forEach((left, stock) => {
			const isWorse = left < 0 && -left > (most?.units ?? 0);
			if (isWorse && this.claimants.some((_, index) => this.holdsOf(index, stock))) most = { stock, units: -left };
		});
		return most;
	}

	step = (room: number, of: number): number =>
		Math.max(1, Math.min(room, Math.floor(of / (chunks * this.claimants.length))));
}

/** The units by which listings compare: those of the stock of which they take most. */
const weightOf = ({ draws }: Claimant): number => Math.max(...draws.map(({ units }) => units));

/** Whose share is to grow (or to shrink): furthest below (or above) the fair part. */
function furthestOff(
	{ claimants, shares }: Dealt,
	fair: readonly number[],
	sign: 1 | -1,
	mayChange: (index: number) => boolean,
): number | null {
	let best: number | null = null;
	let bestGap = Number.NEGATIVE_INFINITY;
	claimants.forEach((claimant, index) => {
		if (!mayChange(index)) return;
		const gap = sign * weightOf(claimant) * ((fair[index] as number) - (shares[index] as number));
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
function fairShares(available: readonly number[], claimants: readonly Claimant[]): number[] {
	const dealt = new Dealt(
		available,
		claimants,
		claimants.map(() => 0),
	);
	for (;;) {
		let best: number | null = null;
		let least = Number.POSITIVE_INFINITY;
		claimants.forEach((claimant, index) => {
			if (dealt.roomOf(index) <= 0) return;
			const load = (((dealt.shares[index] as number) + 0.5) * weightOf(claimant)) / (claimant.demand + presumedUnits);
			if (load < least) {
				best = index;
				least = load;
			}
		});
		if (best === null) return dealt.shares;
		dealt.change(best, dealt.step(dealt.roomOf(best), dealt.leftFor(best)));
	}
}
