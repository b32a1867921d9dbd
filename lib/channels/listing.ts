/** A listing on a store: what it is, what it shows, and what is written to it. In our own words, whatever the platform. */
import type { Reservations } from "@/lib/stock/slot";
import type { ChannelError } from "./errors";
import type { Exchange } from "./http";

export type ListingIds = Record<string, string>;

/** One thing that holds stock on the store (see db/schema listings). */
export type RemoteListing = {
	externalKey: string;
	ids: ListingIds;
	/** Every id under which an order line may name it; contains at least one. */
	refs: string[];
	sku: string | null;
	gtin: string | null;
	title: string;
	options: string | null;
	price: string | null;
	imageUrl: string | null;
	url: string | null;
	/** False: the platform keeps no count. Then quantity is null. */
	isManaged: boolean;
	/** Sellable units at the connection's location now; null when unmanaged or unknown. May be negative. */
	quantity: number | null;
	leftOutReason: string | null;
};

/** A live value. `readAt` is the moment before the request left: nothing after it is covered. */
export type RemoteLevel = {
	externalKey: string;
	/** Over reservations what is salable: where the platform hides what is below zero, what lies there less `open`. */
	quantity: number | null;
	readAt: Date;
	/** The platform's own stamp of its last change, whoever made it: evidence, never proof. Absent: it says none. */
	changedAt?: Date | null;
	/**
	 * Over reservations only: what lies there, read after the salable units, and the units that open orders still have to ship:
	 * the difference of the two, or of a closed listing as its list of orders tells.
	 */
	reservations?: Reservations;
};

/** A row of a list that is not what the platform promises: what it is known by, and the row as it came. */
export type OddRow = { ref: string; row: unknown };

export type Page<T> = {
	items: T[];
	/**
	 * What can't be read (odd-rows.ts) and holds up none of the others: orders by their reference; of listings the products, by
	 * `productRef`, which are there all the same and of which nothing is among the items. Absent: none.
	 */
	odd?: OddRow[];
	/** Opaque; null on the last page. */
	next: string | null;
	/** How many there are in all, where the platform says so. */
	total: number | null;
};

/** One row of a write. `expected` is what we believe the channel shows, never a value read a moment before (R4). */
export type WriteRow = {
	externalKey: string;
	ids: ListingIds;
	quantity: number;
	expected: number;
	/**
	 * Over reservations only: to be written on top of `quantity`, for the open orders. With a quantity of zero the listing is
	 * closed for sale, which no shipment may undo, and these units stay lying there to be shipped.
	 */
	open?: number;
};

export type WriteOutcome =
	/** Written. `shown` is what the reply says the store shows now, where it says so. */
	| { externalKey: string; result: "applied"; shown: number | null }
	/**
	 * The platform compared and found another value: an event unseen. Nothing was written for this row. By difference: it was
	 * taken in and made nothing less, as where a recount of the same moment swallows it; what may still be sold is read.
	 */
	| { externalKey: string; result: "stale" }
	/** This row cannot be written until somebody does something. */
	| { externalKey: string; result: "refused"; error: ChannelError }
	/** Not tried, or certainly not applied: may go again as it is. */
	| { externalKey: string; result: "not_sent" }
	/** Taken in and not applied yet: it lands within the platform's `lateWriteMs`, or never. The level tells (facts.appliesAfterMs). */
	| { externalKey: string; result: "accepted" }
	/** The answer was lost: it may have landed, or land late. */
	| { externalKey: string; result: "unknown" };

export type WriteResult = {
	rows: WriteOutcome[];
	exchanges: Exchange[];
	/** A trouble of the whole channel (throttled, down, revoked), for breaker and budget; null when there was none. */
	trouble: ChannelError | null;
	/** What the platform said against a row that it did not name, when it refused the call for it: every row is `not_sent` then. */
	objection?: ChannelError;
	budget: Budget | null;
};

/** What is left of the platform's allowance, from its reply. */
export type Budget = { available: number; maximum: number; restorePerSecond: number };
