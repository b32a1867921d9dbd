import type { WriteMode } from "@/lib/stock/write-mode";

/** How a store answers, and how it tells what it sold. Rates are shares of one. */
export type StoreHabits = {
	mode: WriteMode;
	/** One way over the network, at the most. */
	latencyMs: number;
	newsDelayMs: number;
	newsLossRate: number;
	/** Of all writes, those whose answer never comes. */
	lostAnswerRate: number;
	/** A write whose answer was lost may land this late. */
	lateWriteMs: number;
	/** It only says that it has accepted a write, which lands usually within this, some as late as `lateWriteMs`, some never. */
	accepts?: { usuallyMs: number; lateRate: number; neverRate: number };
	/** It applies a difference that takes more than it shows. */
	takesBelowZero?: boolean;
	/** How far behind the list of orders may be. */
	orderListLagMs: number;
	/** Its stamps are so much later than they should be. */
	clockAheadMs?: number;
	/** It sells on, but answers nobody and tells nothing until it is over. */
	outage?: { from: number; until: number };
	/** Where open orders are reservations: how soon they ship. */
	ships?: { atOnceRate: number; meanMs: number };
};
