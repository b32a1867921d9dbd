/**
 * P1's judge. A re-inflation: a write that lands on a channel after a sale of its own that the hub had not heard of when
 * it decided, and leaves more shown than the offer less that sale.
 */

import { slotDefaults } from "@/lib/stock/slot-defaults";
import { acceptingHabits } from "./accepting";
import { Clock } from "./clock";
import { type Hub, ProductionHub } from "./hub";
import { watchLowering } from "./lowering";
import { drawnLuck } from "./luck";
import { NaiveHub } from "./naive-hub";
import { seeded } from "./random";
import { openStore, ReservingStore } from "./reserving-store";
import { type Landing, modeOf, type Sale, type Store, type StoreKind } from "./store";
import type { StoreHabits } from "./store-habits";

export type Strategy = "ours" | "plain push" | "read, then compare";

export type RunFigures = {
	stock: number;
	/** Re-inflations on comparing and delta channels, and sales that were hidden over reservations. */
	exact: number;
	/** On absolute channels sales that a write hid, and over reservations shipments, … */
	hidden: number;
	/** … how long the number was wrong, in sum, from the landing of the write on, … */
	wrongMs: number;
	/** … how many round trips that was after the write's answer and every sale of the channel were known, … */
	mendedTrips: number[];
	/** … the longest time of those whose answer, or that of a write after it, was lost, … */
	longestLostMs: number;
	/** … and units sold by it that did not exist. */
	uncovered: number;
	/** See lowering.ts. */
	loweringMs: number[];
	sold: number;
	oversold: number;
	calls: number;
	events: number;
};

export const runMs = 20 * 60_000;

export const usualModes: readonly StoreKind[] = ["compare", "delta", "absolute"];

/** Stores that take their open orders off by themselves: beside others, and alone. */
export const reservingModes: readonly (readonly StoreKind[])[] = [
	["compare", "delta", "over_reservations"],
	["over_reservations", "over_reservations", "over_reservations"],
];

/** Stores that only say that they have accepted a write: by deltas, and absolutely. */
export const acceptingModes: readonly (readonly StoreKind[])[] = [
	["compare", "delta", "accepting delta"],
	["compare", "delta", "accepting absolute"],
];

export function reinflationRun(
	seed: number,
	strategy: Strategy,
	kinds: readonly StoreKind[] = usualModes,
	/** Looks on from before the start. */
	witness?: (stores: readonly Store[], hub: Hub, clock: Clock) => void,
): RunFigures {
	const random = seeded(seed);
	const clock = new Clock();
	const stock = random.int(2, 40);
	let hub: Hub;
	const judge = new Judge(clock, () => hub);
	const stores = kinds.map((kind, channel) => {
		const mode = modeOf(kind);
		const habits: StoreHabits = {
			mode,
			latencyMs: 50 + random.next() * 450,
			newsDelayMs: random.pick([2_000, 30_000, 300_000]),
			newsLossRate: 0.05,
			lostAnswerRate: 0.07,
			lateWriteMs: 30_000,
			orderListLagMs: random.next() * 10_000,
			// What is sold ships within minutes or hours, some of it at once.
			ships:
				mode === "over_reservations"
					? { atOnceRate: 0.1, meanMs: random.pick([60_000, 600_000, 3_600_000]) }
					: undefined,
			...acceptingHabits(kind),
		};
		const onNews = (sale: Sale) => hub.hear(channel, sale);
		const store = openStore(habits, stock, clock, drawnLuck(habits, random), onNews, (landing) =>
			judge.landed(channel, landing),
		);
		judge.watch(store);
		return store;
	});
	hub =
		strategy === "ours"
			? new ProductionHub(stores, stock, clock, slotDefaults)
			: new NaiveHub(stores, stock, clock, strategy === "read, then compare");
	const lowering = watchLowering(stores, hub, clock, stock);
	judge.listen(hub);
	witness?.(stores, hub, clock);
	hub.start();

	let existing = stock;
	const meanGapMs = random.pick([2_000, 10_000, 40_000]);
	const buy = () => {
		const channel = random.int(0, stores.length - 1);
		const units = random.chance(0.8) ? 1 : 2;
		const shownBefore = (stores[channel] as Store).shows;
		if ((stores[channel] as Store).sell(units)) {
			existing -= units;
			judge.sold(channel, units, shownBefore, existing);
		}
		clock.after(random.exponential(meanGapMs), buy);
	};
	clock.after(random.exponential(meanGapMs), buy);
	const events = clock.runUntil(runMs);
	return { stock, ...judge.figures(), loweringMs: lowering.loweringMs(), calls: hub.calls, events };
}

const isBlind = ({ mode }: StoreHabits): boolean => mode === "absolute" || mode === "over_reservations";

/** What the hub knew when it sent a write. */
type Known = { heard: Pick<ReadonlySet<number>, "has">; offer: number };

/** A number made wrong by a write that hid sales. */
type Lie = {
	units: number;
	since: number;
	hides: ReadonlySet<number>;
	/** When the answer of the write came. */
	answeredAt: number | null;
	/** Since when also every sale of the channel is known: with one on its way nobody can tell it from a hidden one. */
	knownAt: number | null;
	/** An answer was lost since: nobody can tell what is shown until the lost write can no longer land. */
	isLost: boolean;
};

/** Watches the writes that land. */
export class Judge {
	private readonly stores: Store[] = [];
	private readonly known = new Map<string, Known>();
	private readonly lies: (Lie | null)[] = [];
	private readonly sums = {
		exact: 0,
		hidden: 0,
		wrongMs: 0,
		mendedTrips: [] as number[],
		longestLostMs: 0,
		uncovered: 0,
		sold: 0,
		oversold: 0,
	};

	constructor(
		private readonly clock: Clock,
		private readonly hub: () => Hub,
	) {}

	watch(store: Store): void {
		const channel = this.stores.push(store) - 1;
		this.lies.push(null);
		const send = store.write.bind(store);
		store.write = (write, answer) => {
			const key = `${channel}:${write.key}`;
			const { heard, offer } = this.hub();
			if (!this.known.has(key)) this.known.set(key, { heard: new Set(heard[channel]?.keys()), offer });
			send(write, (result, shown) => {
				const lie = this.lies[channel];
				if (lie && result === "lost") lie.isLost = true;
				else if (lie) lie.answeredAt ??= this.clock.now;
				this.noteKnown(channel);
				answer(result, shown);
			});
		};
	}

	listen(hub: Hub): void {
		const hear = hub.hear.bind(hub);
		hub.hear = (channel, sale) => {
			hear(channel, sale);
			this.noteKnown(channel);
			this.checkMended(channel);
		};
	}

	private noteKnown(channel: number): void {
		const lie = this.lies[channel];
		const heard = this.hub().heard[channel];
		if (lie?.answeredAt && this.stores[channel]?.sales.every(({ id }) => heard?.has(id)))
			lie.knownAt ??= this.clock.now;
	}

	landed(channel: number, { write, before, after, isAnswerLost }: Landing): void {
		const known = this.known.get(`${channel}:${write.key}`);
		if (!known) throw new Error("a write landed that nobody sent");
		const { sales, habits } = this.stores[channel] as Store;
		const unheard = sales.filter(({ id }) => !known.heard.has(id));
		// A delta that lowers is taken from whatever the sales have left: it puts nothing back, even where a raise that was
		// lost and landed has left more than it takes. A set or a compare vouches for its number, also when it lowers.
		const putsBack = write.kind !== "delta" || after > before;
		// Over reservations also what was heard can be put back on sale: by its shipment.
		const mayPutBack = unheard.length > 0 || habits.mode === "over_reservations";
		const excess = mayPutBack && putsBack ? this.excess(channel, known) : 0;
		const lie = this.lies[channel];
		if (lie && isAnswerLost) lie.isLost = true;
		if (lie && excess <= 0 && [...lie.hides].every((id) => known.heard.has(id))) this.mend(channel, lie);
		else this.checkMended(channel);
		if (excess <= 0) return;
		// Over reservations no sale can be hidden, only a shipment; which hides the next sale as well until it is read back.
		const store = this.stores[channel];
		const isExact =
			store instanceof ReservingStore
				? !lie && !isAnswerLost && excess > store.shippedSince(write)
				: habits.mode !== "absolute";
		this.sums[isExact ? "exact" : "hidden"]++;
		this.lies[channel] = {
			units: excess,
			since: this.lies[channel]?.since ?? this.clock.now,
			hides: new Set(unheard.map(({ id }) => id)),
			answeredAt: null,
			knownAt: null,
			isLost: isAnswerLost || (this.lies[channel]?.isLost ?? false),
		};
	}

	sold(channel: number, units: number, shownBefore: number, existing: number): void {
		const missing = Math.max(0, Math.min(units, -existing));
		this.sums.sold += units;
		this.sums.oversold += missing;
		// Without the excess the store would have refused this buyer, and the unit is not there.
		const lie = this.lies[channel];
		if (lie && shownBefore - lie.units < units) this.sums.uncovered += missing;
		if (lie) lie.knownAt = null;
		this.checkMended(channel);
	}

	figures() {
		this.lies.forEach((lie, channel) => {
			if (lie) this.mend(channel, lie);
		});
		return this.sums;
	}

	/** What the channel shows beyond the offer less its own sales that nobody had heard of. */
	private excess(channel: number, { heard, offer }: Known): number {
		const { sales, shows } = this.stores[channel] as Store;
		const unheard = sales.reduce((sum, sale) => (heard.has(sale.id) ? sum : sum + sale.units), 0);
		return shows - Math.max(0, offer - unheard);
	}

	/** Also right again: it shows no more than what the hub knows now allows. */
	private checkMended(channel: number): void {
		const lie = this.lies[channel];
		const { heard, offer } = this.hub();
		if (lie && this.excess(channel, { heard: heard[channel] as Known["heard"], offer }) <= 0) this.mend(channel, lie);
	}

	private mend(channel: number, lie: Lie): void {
		const { now } = this.clock;
		this.lies[channel] = null;
		this.sums.wrongMs += now - lie.since;
		if (lie.isLost) this.sums.longestLostMs = Math.max(this.sums.longestLostMs, now - lie.since);
		else {
			const { habits } = this.stores[channel] as Store;
			if (isBlind(habits)) this.sums.mendedTrips.push((now - (lie.knownAt ?? now)) / (2 * habits.latencyMs));
		}
	}
}
