/** The stock of SKUs, and of bundles of them, and what of it each store ought to show. */
import { ceiling, sellableOf } from "@/lib/stock/bound";
import { type Demand, type Draw, demandOf, freeUnits, hearDemand, type Stake, shareOut } from "@/lib/stock/escrow";
import { offer } from "@/lib/stock/offer";
import { openPolicy } from "@/lib/stock/offer-policy";
import type { Slot } from "@/lib/stock/slot";
import {
	type AdaptiveSettings,
	defaultAdaptive,
	hearPace,
	noPace,
	type Pace,
	type Strategy,
	stand,
} from "@/lib/stock/strategy";
import type { Clock } from "./clock";

export type DealOptions = {
	/** Shared unless said otherwise. */
	strategy?: Strategy;
	/** A launch is marked: adaptive begins in escrow. */
	isLaunch?: boolean;
	/** Held back from every store. */
	bufferUnits?: number;
	/** What one that each store sells takes, of which SKUs; a bundle of several. Left out: one of the only SKU. */
	draws?: readonly (readonly Draw[])[];
	/** A twin's mistake: what a bundle holds of its components is nobody's. */
	leavesBundlesOut?: boolean;
	/** A twin's mistake: what writes may add while they are under way is not held back. */
	doubtsNothing?: boolean;
};

export class DealtStock {
	private readonly draws: readonly (readonly Draw[])[];
	/** By SKU. */
	private readonly paces: Pace[];
	/** By store. */
	private readonly demand: Demand[];
	/** By SKU: its stock is split. */
	private splits: boolean[];

	constructor(
		/** By SKU. */
		private readonly onHand: number[],
		stores: number,
		private readonly clock: Clock,
		private readonly options: DealOptions,
		private readonly adaptive: AdaptiveSettings = defaultAdaptive,
	) {
		const each = Array.from({ length: stores });
		this.draws = options.draws ?? each.map(() => [{ stock: 0, units: 1 }]);
		this.paces = onHand.map(() => noPace);
		this.splits = onHand.map(() => false);
		this.demand = each.map(() => ({ units: 0, at: clock.now }));
	}

	/** Signed units; `soldOn` null: of the first SKU, and no store sold them. */
	move(units: number, soldOn: number | null): void {
		for (const { stock, units: each } of soldOn === null ? [{ stock: 0, units: 1 }] : this.drawsOf(soldOn)) {
			this.onHand[stock] = (this.onHand[stock] as number) + units * each;
			if (soldOn !== null) this.paces[stock] = hearPace(this.paces[stock] as Pace, -units * each, this.clock.now);
		}
		if (soldOn !== null) this.demand[soldOn] = hearDemand(this.demand[soldOn] as Demand, -units, this.clock.now);
	}

	/** What a store shows that shares: of a bundle as many as its scarcest component allows. */
	formula(channel: number): number {
		const paceUnits = this.options.bufferUnits ?? 0;
		const allowed = this.drawsOf(channel).map(
			({ stock, units }) => offer({ available: this.onHand[stock] as number, paceUnits, units }, openPolicy).quantity,
		);
		return Math.min(...allowed);
	}

	private drawsOf = (channel: number) => this.draws[channel] as readonly Draw[];

	private isLeftOut = (channel: number) => this.options.leavesBundlesOut === true && this.drawsOf(channel).length > 1;

	/** Whether a store has a share of its own: a bundle as soon as one of its components is split. */
	isEscrow = (channel: number) =>
		!this.isLeftOut(channel) && this.drawsOf(channel).some(({ stock }) => this.splits[stock]);

	/** What each store ought to show. */
	offers(slots: readonly Slot[]): number[] {
		const { now } = this.clock;
		const { strategy = "shared", isLaunch = false } = this.options;
		this.splits = this.onHand.map((available, sku) => {
			const [pace, wasEscrow] = [this.paces[sku] as Pace, this.splits[sku] as boolean];
			return stand(strategy, { available, pace, now, wasEscrow, isLaunch }, this.adaptive).isEscrow;
		});
		const sharers = slots.flatMap((slot, channel) => (this.isEscrow(channel) ? [{ slot, channel }] : []));
		const shares = shareOut(
			this.onHand,
			sharers.map(({ slot, channel }) => ({
				draws: this.drawsOf(channel),
				holds: slot.sellable ? ceiling(slot.sellable) : 0,
				demand: demandOf(this.demand[channel] as Demand, now),
				most: Number.POSITIVE_INFINITY,
				outOfStockBelow: 0,
			})),
		);
		const offers = slots.map((_, channel) => this.formula(channel));
		sharers.forEach(({ channel }, at) => {
			offers[channel] = shares[at] as number;
		});
		return offers;
	}

	/** What the stores hold of a SKU. */
	private stakesOf(sku: number, slots: readonly Slot[]): Stake[] {
		return slots.flatMap(({ sellable, expected }, channel) => {
			const units = this.drawsOf(channel).find(({ stock }) => stock === sku)?.units;
			if (!sellable || units === undefined || this.isLeftOut(channel)) return [];
			return [{ units, sellable: this.options.doubtsNothing ? sellableOf(expected ?? 0) : sellable }];
		});
	}

	/** As often as nobody holds what one takes. */
	freeFor(channel: number, slots: readonly Slot[]): number {
		const split = this.drawsOf(channel).filter(({ stock }) => this.splits[stock]);
		return Math.min(
			...split.map(({ stock, units }) =>
				Math.floor(freeUnits(this.onHand[stock] as number, this.stakesOf(stock, slots)) / units),
			),
		);
	}
}
