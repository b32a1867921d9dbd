import type { Random } from "./random";
import type { StoreHabits } from "./store-habits";

/** What chance decides for a store, each thing at the moment at which it matters: drawn by a seed, or read from a script. */
export type Luck = {
	/** Until the news of a sale comes; null: it never does. */
	newsMs(): number | null;
	/** Over the network, one way. */
	oneWayMs(): number;
	/** Until a write lands whose answer is lost; null: it is answered, and lands after `thereMs`. */
	unansweredMs(thereMs: number): number | null;
	/** Until a write that was accepted is applied; null: it never is. */
	appliesMs(): number | null;
	/** How far behind the list of orders is. */
	listLagMs(): number;
	/** Until a sale ships, where open orders are reservations; null: it never does. */
	shipsMs(): number | null;
};

const shipsUsually = { atOnceRate: 0.1, meanMs: 600_000 };

const appliesAtOnce = { usuallyMs: 0, lateRate: 0, neverRate: 0 };

/** As the habits of the store have it. */
export const drawnLuck = (habits: StoreHabits, random: Random): Luck => ({
	newsMs: () => (random.chance(habits.newsLossRate) ? null : random.next() * habits.newsDelayMs),
	oneWayMs: () => habits.latencyMs * (0.2 + 0.8 * random.next()),
	unansweredMs: (thereMs) => {
		if (!random.chance(habits.lostAnswerRate)) return null;
		return random.chance(0.5) ? thereMs : random.next() * habits.lateWriteMs;
	},
	appliesMs: () => {
		const { usuallyMs, lateRate, neverRate } = habits.accepts ?? appliesAtOnce;
		if (random.chance(neverRate)) return null;
		return random.next() * (random.chance(lateRate) ? habits.lateWriteMs : usuallyMs);
	},
	listLagMs: () => random.next() * habits.orderListLagMs,
	shipsMs: () => {
		const { atOnceRate, meanMs } = habits.ships ?? shipsUsually;
		return random.chance(atOnceRate) ? 0 : random.exponential(meanMs);
	},
});
