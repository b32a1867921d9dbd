/**
 * What a platform is like, as data. What the table of adapters shows has its source as data, too; every other number in a
 * comment beside it.
 */
import type { Coverage } from "@/lib/stock/sweep";
import type { WriteMode } from "@/lib/stock/write-mode";
import type { ListingIds } from "./listing";

export type PlatformFacts = {
	platform: string;
	label: string;
	/** How a quantity is written: with the platform comparing, by difference, absolutely and blindly, or so over its own reservations (lib/stock `WriteMode`). */
	writeMode: WriteMode;
	/** The most rows that one write call takes. */
	largestBatch: number;
	/** Rows that may share a call must have this in common (WooCommerce: variations of one parent); null: any. */
	batchKey: ((listing: ListingIds) => string) | null;
	/** True: one bad row fails the whole call, and the batch must be split to find it (R11). */
	oneBadRowFailsAll: boolean;
	/** Calls that may be in flight at once against one store. */
	callsInFlight: number;
	/** How stale the platform's list of orders can be. A read proves nothing about the time less than this before it. */
	orderListLagMs: number;
	/** How long after an answer was lost, or after it only said "accepted", the write can still land. */
	lateWriteMs: number;
	/** A lost write may go again under its key for this long, and is replayed and not repeated; 0: the platform knows no keys. */
	keysRememberedMs: number;
	/** A write that was only accepted has most often landed after this, so that a look is worth its call; null: what is answered is applied. */
	appliesAfterMs: number | null;
	/** Access that ends is renewed once it is so old, where the platform asks for that; null: shortly before its end. */
	renewsAccessAfterMs: number | null;
	/** False: the platform sells below zero by itself. */
	hardFloor: boolean;
	/** A difference that takes more than is there is not refused, and leaves less than none; false too where none is written. */
	takesBelowZero: boolean;
	/** Each poll asks again for this much before its cursor. */
	pollOverlapMs: number;
	/** Between two polls while it sells, and at the most when it is quiet. */
	pollEveryMs: { busy: number; quiet: number; withWebhooks: number };
	/** Between two calls of the steady re-reading of all levels, a hundred a call: what the store's budget can well spare. */
	rereadEveryMs: number;
	/** What each signal really covers; the one of levels decides how often they are swept (lib/stock/sweep.ts). */
	coverage: { orders: SignalCoverage; levels: SignalCoverage; listings: SignalCoverage };
	/** When the platform takes stock for an order and when it gives it back. */
	stockMoments: StockMoments;
	/** Orders placed longer ago can't be read, so that one which is not found proves nothing; null: all can. */
	orderMemoryMs: number | null;
	/** What an order that nobody has paid yet keeps from other buyers. */
	unpaidHold: UnpaidHold;
	/** What cancelling an order does there and asks for; null: the platform lets nobody else cancel. */
	cancels: CancelFacts | null;
	/** What may be asked of it, in the first sentence; then how the platform says that it is enough. */
	budgetRule: string;
	/** What tells two deliveries of one piece of news. */
	dedupeRule: string;
	/**
	 * Where each of these is stated or seen; where nobody states it, "ours" and the reason. `basis`: what was read and tried,
	 * with the short names that the others use for it.
	 */
	sources: { basis: string; writeMode: string; largestBatch: string; budgetRule: string };
};

export type SignalCoverage = Coverage & {
	/** What it holds and what not. */
	words: string;
	/** As in `sources`. */
	source: string;
};

export type CancelFacts = {
	/** For the merchant, before it is done: what becomes of the units, of the money, and whether the buyer is told. */
	consequence: string;
	/** The right that it needs, among `facts.scopes` of the connection; null: what writes quantities may cancel, too. */
	scope: string | null;
};

/** What a step does to the number that the platform shows: lowers it, gives back what was taken, or leaves it alone. */
export type StockEffect = "takes" | "gives_back" | "leaves";

/** The steps of an order's life, in the same words for every platform. */
export type OrderStep =
	| "placed_unpaid"
	/** A payment that a person must see arrive: a transfer, a cheque. */
	| "payment_awaited"
	| "paid"
	| "payment_failed"
	/** Set back to wait for its payment. */
	| "unpaid_again"
	| "shipped"
	/** An edit adds a line, or units to one. */
	| "units_added"
	| "units_removed"
	| "cancelled"
	/** Cancelled, and the units are kept away. */
	| "cancelled_kept"
	/** Lines, or units of them, cancelled before they ship. */
	| "partly_cancelled"
	| "refunded_restocked"
	| "refunded_kept"
	/** Restocked at another location than it was sold from. */
	| "returned_elsewhere"
	/** Set to refunded without a refund of its lines. */
	| "marked_refunded"
	| "trashed"
	| "deleted";

export type StockMoment = {
	effect: StockEffect;
	/** The platform's own words for it in an order (a status, a restock type), by which a mapper reads it. */
	words: readonly string[];
	/** When exactly, for a person. */
	when: string;
	/** Where that is stated or seen; "ours" where nobody states it. */
	source: string;
};

/** Null: the platform knows no such step. */
export type StockMoments = Readonly<Record<OrderStep, StockMoment | null>>;

export type UnpaidHold = {
	/** True: the units are out of the number that the platform shows, as if they were sold. */
	isShown: boolean;
	/** How long by default, and longer or shorter where the store says so; null: for as long as the order stands. */
	minutes: number | null;
	source: string;
};

/** The effect of what the platform calls `word`; null for a word that the table does not know. */
export function effectOf(moments: StockMoments, word: string): StockEffect | null {
	return Object.values(moments).find((moment) => moment?.words.includes(word))?.effect ?? null;
}
