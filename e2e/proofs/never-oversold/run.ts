/**
 * P4's world: one SKU on stores of given write modes, whose news, answers, writes and lists of orders are as late as the
 * habits say; buyers who come on a schedule that the seed draws; a process that crashes. Judged against a clairvoyant, who
 * sells to each buyer as long as there is anything anywhere.
 */
import { slotDefaults } from "@/lib/services/channels/work-target";
import type { WriteMode } from "@/lib/stock/slot";
import type { Strategy } from "@/lib/stock/strategy";
import { Clock } from "../simulation/clock";
import { type Hub, type HubOptions, NaiveHub, ProductionHub } from "../simulation/hub";
import { watchLowering } from "../simulation/lowering";
import { type Random, seeded } from "../simulation/random";
import { Judge } from "../simulation/reinflation";
import { openStore, ReservingStore } from "../simulation/reserving-store";
import type { Store, StoreHabits } from "../simulation/store";

export const twins = ["shared", "no doubt", "blind retry", "no wait for late writes"] as const;
/** Of stores that take their open orders off by themselves. */
export const reservingTwins = [...twins, "no doubt for shipments", "open orders forgotten"] as const;
export type Twin = (typeof reservingTwins)[number];

export type Buyer = { at: number; channel: number; units: number };

export type Scene = {
	modes: readonly WriteMode[];
	stock: number;
	habits: (mode: WriteMode, random: Random) => StoreHabits;
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
	/** Writes that put a sold unit back on sale. */
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
	hub: (stores: readonly Store[], scene: Scene, clock: Clock) => Hub & { crash?: () => void };
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

/** Asks every store for its orders now and then, and writes its number to all when there were any. */
export const pollEveryFiveMinutes: Contender = {
	isSplit: () => false,
	isDeaf: true,
	hub: (stores, { stock }, clock) => new NaiveHub(stores, stock, clock, false, 5 * 60_000),
};

export function run(seed: number, scene: Scene, contender: Contender): Figures {
	const random = seeded(seed);
	const clock = new Clock();
	const { modes, stock } = scene;
	let left = stock;
	let sold = 0;
	let oversold = 0;
	let hub: ReturnType<Contender["hub"]>;
	const judge = new Judge(clock, () => hub);
	const stores = modes.map((mode, channel) => {
		const even = Math.floor(stock / modes.length) + (channel < stock % modes.length ? 1 : 0);
		const store = openStore(
			scene.habits(mode, random),
			contender.isSplit(scene) ? even : stock,
			clock,
			random,
			(sale) => {
				if (!contender.isDeaf) hub.hear(channel, sale);
			},
			(landing) => judge.landed(channel, landing),
		);
		judge.watch(store);
		return store;
	});
	hub = contender.hub(stores, scene, clock);
	const lowering = watchLowering(stores, hub, clock, stock);
	judge.listen(hub);
	hub.start();
	const buyers = scene.buyers(random);
	for (const { at, channel, units } of buyers)
		clock.at(at, () => {
			const store = stores[channel] as Store;
			const shown = store.shows;
			if (!store.sell(units)) return;
			oversold += Math.max(0, Math.min(units, units - left));
			left -= units;
			sold += units;
			judge.sold(channel, units, shown, left);
		});
	const { crashEveryMs } = scene;
	if (crashEveryMs !== null) {
		const crash = () => {
			hub.crash?.();
			clock.after(random.exponential(crashEveryMs), crash);
		};
		clock.after(random.exponential(crashEveryMs), crash);
	}
	const events = clock.runUntil(scene.runMs);
	const { exact, hidden } = judge.figures();
	return {
		sold,
		oversold,
		clairvoyant: clairvoyant(stock, buyers),
		calls: hub.calls,
		reinflations: exact + hidden,
		loweringMs: lowering.loweringMs(),
		events,
		blocked: stores.reduce((sum, store) => sum + (store instanceof ReservingStore ? store.blocked : 0), 0),
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
	}: {
		from: number;
		until: number;
		meanGapMs: number;
		weights: readonly number[];
		turnsMs?: number;
		basket?: (random: Random) => number;
	},
): Buyer[] {
	const buyers: Buyer[] = [];
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	for (let at = from + random.exponential(meanGapMs); at < until; at += random.exponential(meanGapMs)) {
		let draw = random.next() * total;
		let channel = 0;
		while (channel < weights.length - 1 && draw >= (weights[channel] as number)) draw -= weights[channel++] as number;
		const turn = Number.isFinite(turnsMs) ? Math.floor(at / turnsMs) : 0;
		buyers.push({ at, channel: (channel + turn) % weights.length, units: basket(random) });
	}
	return buyers;
}
