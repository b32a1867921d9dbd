/**
 * Shared, escrow, adaptive: how a SKU's stock is shown by its listings, and when adaptive changes its mind. Pure.
 *
 * - shared: every listing shows all that is available. Oversells whatever sells faster than its news travels.
 * - escrow: the listings split it (escrow.ts). Oversells nothing, at any delay.
 * - adaptive: shared while the stock lasts longer than a horizon at the fastest recent pace, escrow below it.
 */
import type { SlotFacts } from "./slot";
import { landsWithinMs, writesBlindly } from "./slot-news";

export const strategies = ["adaptive", "escrow", "shared"] as const;
export type Strategy = (typeof strategies)[number];

/** The windows over which a pace is taken, in seconds. */
export const paceWindows = [3, 10, 30, 120] as const;

/**
 * How fast a SKU sells: for each of `paceWindows` its recent units, and the orders that took them, fading with that window,
 * so that a pace needs no list of sales. `at`: when they were last brought up to date.
 */
export type Pace = { sold: readonly number[]; orders: readonly number[]; at: number };

export const noPace: Pace = { sold: paceWindows.map(() => 0), orders: paceWindows.map(() => 0), at: 0 };

/** As one list, `sold` before `orders`. */
export const paceValues = ({ sold, orders }: Pace): number[] => [...sold, ...orders];
export const paceFrom = (values: readonly number[], at: number): Pace => ({
	sold: values.slice(0, paceWindows.length),
	orders: values.slice(paceWindows.length),
	at,
});

const faded = (values: readonly number[], at: number, now: number): number[] =>
	paceWindows.map((seconds, index) => (values[index] ?? 0) * Math.exp(-Math.max(0, now - at) / 1000 / seconds));

/** Units of the SKU that were sold in so many orders, as they are heard; what is given back does not slow it. */
export const hearPace = (pace: Pace, units: number, now: number, orders = 1): Pace =>
	units <= 0
		? pace
		: {
				sold: faded(pace.sold, pace.at, now).map((sold) => sold + units),
				orders: faded(pace.orders, pace.at, now).map((count) => count + orders),
				at: now,
			};

/** It takes two orders to make a pace, the second while the first has not faded from the window. */
const fewestOrders = 1 + Math.exp(-1);

/**
 * Until then a lone order, however much it took, is one sale in so many seconds: enough to split the last twenty units,
 * which a burst would sell before a second order is heard of, and no more. Waiting for the second there as well oversold
 * 69 units of a thousand in a flash sale of 20 instead of 26 (150 seeds, 30 Nov 2026).
 */
const loneSeconds = 6;

const oneSale = paceWindows.map(() => 1);

/** Units a second, by window; a lone order is one sale in so many seconds. */
function speeds({ sold, orders, at }: Pace, now: number, ofLone: number): number[] {
	if (at === 0) return paceWindows.map(() => 0);
	const units = faded(sold, at, now);
	const lone = faded(oneSale, at, now);
	return paceWindows.map((seconds, index) =>
		(orders[index] ?? 0) >= fewestOrders
			? (units[index] as number) / seconds
			: (lone[index] as number) / Math.max(ofLone, seconds),
	);
}

/** Units a second in the fastest of the windows. */
export const fastest = (pace: Pace, now: number): number => Math.max(...speeds(pace, now, loneSeconds));

/** Units a second in the faster of the two long windows: two orders at once change it little, and a lone one hardly. */
export const steady = (pace: Pace, now: number): number =>
	Math.max(...speeds(pace, now, Math.max(...paceWindows)).slice(-2));

/** Seconds until all is sold at so many units a second; infinite while nothing sells. */
export const secondsLeft = (available: number, unitsPerSecond: number): number =>
	unitsPerSecond > 0 ? Math.max(0, available) / unitsPerSecond : Number.POSITIVE_INFINITY;

export type AdaptiveSettings = {
	/** Escrow while the stock would last no longer than this. */
	horizonSeconds: number;
	/** And while it would last no longer than this at its steady recent pace; zero: that is not asked. */
	steadySeconds: number;
	/** At or below this many units it is escrow at any pace: the news of a single sale may be on its way. */
	floorUnits: number;
};

export const defaultAdaptive: AdaptiveSettings = { horizonSeconds: 120, steadySeconds: 0, floorUnits: 3 };

/**
 * Where a channel's writes land so late that stock which sells has to be closed there long before it is scarce (S7), it is
 * split while it lasts no longer than that: then the channel sells its share meanwhile. Twice what sells until a write has
 * landed is closed, and a good deal more of few. By the steady pace, since two orders at once are none for an hour; four
 * times leave 4.4 units of a thousand unsold on a Black Friday with such a channel, three 5.7, five 6.1 (200 seeds, 30 Nov 2026).
 */
const closedFor = 4;

/** What holds for a SKU that these channels sell. */
export const adaptiveFor = (channels: readonly SlotFacts[]): AdaptiveSettings => ({
	...defaultAdaptive,
	steadySeconds: Math.max(
		defaultAdaptive.steadySeconds,
		...channels
			.filter(({ writeMode, appliesAfterMs }) => writesBlindly(writeMode) && appliesAfterMs !== null)
			.map((facts) => (closedFor * landsWithinMs(facts)) / 1_000),
	),
});

/** Back to shared only once the stock lasts so much longer than the horizon, and stands so far above the floor. */
const hysteresis = 2;

export type Why =
	/** The merchant chose it. */
	| "chosen"
	/** A launch is marked for now. */
	| "launch"
	/** At the fastest recent pace it is sold out within the horizon. */
	| "sells_out"
	/** At its steady pace it is sold out before a channel is sure of a new number. */
	| "sells_steadily"
	/** At or below the floor. */
	| "scarce"
	/** It was in escrow, and has not yet moved far enough away from what put it there. */
	| "not_yet_back"
	| "lasts";

export type Stand = { isEscrow: boolean; why: Why };

/** How the listings of a SKU share it now. `wasEscrow`: how they shared it a moment ago. */
export function stand(
	strategy: Strategy,
	{
		available,
		pace,
		now,
		wasEscrow,
		isLaunch,
	}: { available: number; pace: Pace; now: number; wasEscrow: boolean; isLaunch: boolean },
	{ horizonSeconds, steadySeconds, floorUnits }: AdaptiveSettings = defaultAdaptive,
): Stand {
	if (strategy !== "adaptive") return { isEscrow: strategy === "escrow", why: "chosen" };
	if (isLaunch) return { isEscrow: true, why: "launch" };
	if (available <= floorUnits) return { isEscrow: true, why: "scarce" };
	const lasts = secondsLeft(available, fastest(pace, now));
	if (lasts <= horizonSeconds) return { isEscrow: true, why: "sells_out" };
	const lastsSteadily = secondsLeft(available, steady(pace, now));
	if (lastsSteadily <= steadySeconds) return { isEscrow: true, why: "sells_steadily" };
	const isBack =
		lasts > hysteresis * horizonSeconds &&
		lastsSteadily > hysteresis * steadySeconds &&
		available > hysteresis * floorUnits;
	return wasEscrow && !isBack ? { isEscrow: true, why: "not_yet_back" } : { isEscrow: false, why: "lasts" };
}

/** Units at which an adaptive SKU that is in escrow goes back to sharing, at the pace of now. */
export const backAt = (
	pace: Pace,
	now: number,
	{ horizonSeconds, steadySeconds, floorUnits }: AdaptiveSettings = defaultAdaptive,
): number =>
	Math.floor(
		hysteresis * Math.max(floorUnits, horizonSeconds * fastest(pace, now), steadySeconds * steady(pace, now)),
	) + 1;
