/**
 * P4's world: one SKU on stores of given write modes, whose news, answers, writes and lists of orders are as late as the
 * habits say; buyers who come on a schedule that the seed draws; a process that crashes. Judged against a clairvoyant, who
 * sells to each buyer as long as there is anything anywhere.
 */
import { slotDefaults } from "@/lib/stock/slot-defaults";
import type { Strategy } from "@/lib/stock/strategy";
import { Clock } from "./clock";
import { type Hub, type HubOptions, ProductionHub } from "./hub";
import { watchLowering } from "./lowering";
import { drawnLuck, type Luck } from "./luck";
import { NaiveHub } from "./naive-hub";
import { type Random, seeded } from "./random";
import { Judge } from "./reinflation";
import { openStore, ReservingStore } from "./reserving-store";
import type { Store, StoreKind } from "./store";
import type { StoreHabits } from "./store-habits";

export const twins = ["shared", "no doubt", "blind retry", "no wait for late writes"] as const;
/** Of stores that take their open orders off by themselves. */
export const reservingTwins = [...twins, "no doubt for shipments", "open orders forgotten"] as const;
/** Of stores that only say that they have accepted a write. */
export type Twin = (typeof reservingTwins)[number] | "accepted is applied";

/** `newsMs`: as in Store.sell. `keepsMs`: after this the order is cancelled; absent: it stands. */
export type Buyer = { at: number; channel: number; units: number; newsMs?: number | null; keepsMs?: number };

export type Scene = {
	stores: readonly StoreKind[];
	stock: number;
	habits: (kind: StoreKind, random: Random) => StoreHabits;
	/** In the order in which they come. */
	buyers: (random: Random) => Buyer[];
	runMs: number;
	/** Mean time between two crashes; null: it never crashes. */
	crashEveryMs: number | null;
	isLaunch?: boolean;
};

export type Figures = {
	sold: number;
	/** Units sold that did not exist. */
	oversold: number;
	/** Units that a clairvoyant sells to the same buyers. */
	clairvoyant: number;
	calls: number;
	/** Writes that put a sold unit back on sale, where writes are compared or deltas; units sold by such a write elsewhere. */
	exact: number;
	uncovered: number;
	/** All of the writes that put a sold unit back on sale. */
	reinflations: number;
	/** See simulation/lowering.ts: of use where all show the same. */
	loweringMs: number[];
	events: number;
	/** Shipments for which too little lay there, of stores that take their open orders off by themselves. */
	blocked: number;
};

/** What keeps the stores in step: ours with a strategy, or a naive one. */
export type Contender = {
	/** Stores begin with equal shares, or with all of the stock. */
	isSplit: (scene: Scene) => boolean;
	/** It never hears a webhook. */
	isDeaf?: boolean;
	hub: (stores: readonly Store[], setting: Pick<Scene, "stock" | "isLaunch">, clock: Clock) => RunningHub;
};

export const ours = (strategy: Strategy, options: Partial<HubOptions> = {}, twin: Twin | null = null): Contender => ({
	isSplit: ({ isLaunch }) => strategy === "escrow" || (strategy === "adaptive" && isLaunch === true),
	hub: (stores, { stock, isLaunch }, clock) =>
		new ProductionHub(stores, stock, clock, { ...slotDefaults, strategy, isLaunch, ...options, ...mistakes(twin) }),
});

/** Writes its number to every store as often as it hears of a sale. */
export const naivePush: Contender = {
	isSplit: () => false,
	hub: (stores, { stock }, clock) => new NaiveHub(stores, stock, clock, false),
};

/** The same, compared with what it read a moment before. */
export const readThenCompare: Contender = {
	isSplit: () => false,
	hub: (stores, { stock }, clock) => new NaiveHub(stores, stock, clock, true),
};

/** Asks every store for its orders now and then, and writes its number to all when there were any. */
export const pollEveryFiveMinutes: Contender = {
	isSplit: () => false,
	isDeaf: true,
	hub: (stores, { stock }, clock) => new NaiveHub(stores, stock, clock, false, 5 * 60_000),
};

/** What a run is made of: drawn by a seed, or written in a script. */
export type Setting = Pick<Scene, "stock" | "runMs" | "isLaunch"> & {
	/** `shows`: at the start. */
	stores: readonly { habits: StoreHabits; shows: number; luck: (clock: Clock) => Luck }[];
	/** Asked for once all has started. */
	buyers: () => readonly Buyer[];
	/** When it crashes next after this moment; null: never again. */
	crashAfter: (at: number) => number | null;
};

/** Looks on from before the start, to write down or to tell what happens. */
export type Witness = (stores: readonly Store[], hub: RunningHub, clock: Clock) => void;
export type RunningHub = Hub & { crash?: () => void };

export const run = (seed: number, scene: Scene, contender: Contender, witness?: Witness): Figures =>
	play(drawn(seed, scene, contender), contender, witness);

/** As a seed has it. The draws are made as the run goes, so it can be played once. */
export function drawn(seed: number, scene: Scene, contender: Contender): Setting {
	const random = seeded(seed);
	const { crashEveryMs, stock, stores } = scene;
	return {
		...scene,
		stores: stores.map((kind, channel) => {
			const habits = scene.habits(kind, random);
			const even = Math.floor(stock / stores.length) + (channel < stock % stores.length ? 1 : 0);
			return { habits, shows: contender.isSplit(scene) ? even : stock, luck: () => drawnLuck(habits, random) };
		}),
		buyers: () => scene.buyers(random),
		crashAfter: (at) => (crashEveryMs === null ? null : at + random.exponential(crashEveryMs)),
	};
}

export function play(setting: Setting, contender: Contender, witness?: Witness): Figures {
	const begun = begin(setting, contender, witness);
	begun.runUntil(setting.runMs);
	return begun.figures();
}

const slices = 100;

/** The same, for a process that has other things to do: it may do them between two slices of the run. */
export async function playGently(setting: Setting, contender: Contender): Promise<Figures> {
	const begun = begin(setting, contender);
	for (let slice = 1; slice <= slices; slice++) {
		begun.runUntil((setting.runMs * slice) / slices);
		await new Promise<void>((resolve) => setImmediate(resolve));
	}
	return begun.figures();
}

type Begun = { runUntil(ms: number): void; figures(): Figures };

function begin(setting: Setting, contender: Contender, witness?: Witness): Begun {
	const clock = new Clock();
	const { stock } = setting;
	let left = stock;
	let sold = 0;
	let oversold = 0;
	let hub: RunningHub;
	const judge = new Judge(clock, () => hub);
	const stores = setting.stores.map(({ habits, shows, luck }, channel) => {
		const store = openStore(
			habits,
			shows,
			clock,
			luck(clock),
			(sale) => {
				if (!contender.isDeaf) hub.hear(channel, sale);
			},
			(landing) => judge.landed(channel, landing),
		);
		judge.watch(store);
		return store;
	});
	hub = contender.hub(stores, setting, clock);
	const lowering = watchLowering(stores, hub, clock, stock);
	judge.listen(hub);
	witness?.(stores, hub, clock);
	hub.start();
	const buyers = setting.buyers();
	for (const { at, channel, units, newsMs, keepsMs } of buyers)
		clock.at(at, () => {
			const store = stores[channel] as Store;
			const shown = store.shows;
			const sale = store.sell(units, newsMs);
			if (!sale) return;
			if (keepsMs !== undefined)
				clock.after(keepsMs, () => {
					left += store.giveBack(sale.id);
				});
			oversold += Math.max(0, Math.min(units, units - left));
			left -= units;
			sold += units;
			judge.sold(channel, units, shown, left);
		});
	const crashNext = () => {
		const at = setting.crashAfter(clock.now);
		if (at === null) return;
		clock.at(at, () => {
			hub.crash?.();
			crashNext();
		});
	};
	crashNext();
	let events = 0;
	return {
		runUntil(ms) {
			events += clock.runUntil(ms);
		},
		figures() {
			const { exact, hidden, uncovered } = judge.figures();
			return {
				sold,
				oversold,
				clairvoyant: clairvoyant(stock, buyers),
				calls: hub.calls,
				exact,
				uncovered,
				reinflations: exact + hidden,
				loweringMs: lowering.loweringMs(),
				events,
				blocked: stores.reduce((sum, store) => sum + (store instanceof ReservingStore ? store.blocked : 0), 0),
			};
		},
	};
}

const clairvoyant = (stock: number, buyers: readonly Buyer[]): number =>
	buyers.reduce((sold, { units }) => (sold + units <= stock ? sold + units : sold), 0);

function mistakes(twin: Twin | null): Partial<HubOptions> {
	switch (twin) {
		case "no doubt":
			return { doubtsNothing: true };
		case "blind retry":
			return { retriesBlindly: true };
		case "no wait for late writes":
			return { lateWriteMs: 0 };
		case "no doubt for shipments":
			return { doubtsNoShipment: true };
		case "accepted is applied":
			return { takesAcceptedForApplied: true };
		case "open orders forgotten":
			return { forgetsOpenOrders: true };
		default:
			return {};
	}
}

/** Buyers at random moments, on channels as popular as `weights` say; with `turnsMs` the popularity moves on as often. */
export function crowd(
	random: Random,
	{
		from,
		until,
		meanGapMs,
		weights,
		turnsMs = Number.POSITIVE_INFINITY,
		basket = (draw) => (draw.chance(0.9) ? 1 : 2),
		cancels,
	}: {
		from: number;
		until: number;
		meanGapMs: number;
		weights: readonly number[];
		turnsMs?: number;
		basket?: (random: Random) => number;
		/** Of all orders, and how long they stand at the most; absent: all stand. */
		cancels?: { rate: number; withinMs: number };
	},
): Buyer[] {
	const buyers: Buyer[] = [];
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	for (let at = from + random.exponential(meanGapMs); at < until; at += random.exponential(meanGapMs)) {
		let draw = random.next() * total;
		let channel = 0;
		while (channel < weights.length - 1 && draw >= (weights[channel] as number)) draw -= weights[channel++] as number;
		const turn = Number.isFinite(turnsMs) ? Math.floor(at / turnsMs) : 0;
		const buyer = { at, channel: (channel + turn) % weights.length, units: basket(random) };
		const isCancelled = cancels && random.chance(cancels.rate);
		buyers.push(isCancelled ? { ...buyer, keepsMs: random.next() * cancels.withinMs } : buyer);
	}
	return buyers;
}
