/**
 * The one interface between Onecount and a platform. An adapter translates; it decides nothing about stock.
 *
 * Everything that is written or read here is in our own words (design: signal, listing, level). Ids are strings and
 * exact, whatever their size. Facts about the platform are data, each with its source beside it.
 */
import type { OrderSnapshot } from "@/lib/stock/order";
import type { Reservations } from "@/lib/stock/slot";
import type { Coverage } from "@/lib/stock/sweep";
import type { WriteMode } from "@/lib/stock/write-mode";
import type { ChannelError } from "./errors";
import type { Exchange, HttpClient } from "./http";

export type { OrderSnapshot } from "@/lib/stock/order";

/** What an adapter needs to talk to one store. Minted by services from the channel's rows; never logged. */
export type Connection = {
	channelId: string;
	/** Where the store's API answers, without trailing slash; for sandbox stores a loopback address. */
	baseUrl: string;
	/** The platform's own fields, e.g. `{ accessToken }` or `{ consumerKey, consumerSecret }`. */
	access: Record<string, string>;
	/** The location that the channel sells from; empty where the platform knows none. */
	locationRef: string;
	/** Facts kept from `connect`. */
	facts: Record<string, unknown>;
	http: HttpClient;
	now: () => Date;
};

/** Facts as data. What the table of adapters shows has its source as data, too; every other number in a comment beside it. */
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
	/** False: the platform sells below zero by itself. */
	hardFloor: boolean;
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
	/** What {@link ChannelAdapter.cancelOrder} does there and asks for; null: the platform lets nobody else cancel. */
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

export type CancelOutcome =
	| { result: "cancelled" }
	/** The platform will do it by itself: the order says when it has. */
	| { result: "accepted" }
	/** It won't, whoever asks again. */
	| { result: "refused"; error: ChannelError };

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

export type Page<T> = {
	items: T[];
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

/** A platform fact in our own words. */
export type Signal =
	/** `isAnswer`: read by id after the news of it had left it unclear what it is now. */
	| { kind: "order"; order: OrderSnapshot; isAnswer?: boolean }
	/** An order changed and this news does not carry it whole: read it by id. */
	| { kind: "order_changed"; orderRef: string }
	/** The store was asked for the order by id and does not know it. */
	| { kind: "order_gone"; orderRef: string }
	/** A reason to read the level live; `hint` is the value that the news carried, never to be trusted as the level. */
	| { kind: "level_reported"; externalKey: string; hint: number | null }
	/** Create or update: read the listings under this product again. */
	| { kind: "listing_changed"; productRef: string }
	| { kind: "listing_gone"; productRef: string }
	/** Told, not proven: a reason to make a call, whose refusal decides. `storeKey` names the store that tells of it. */
	| { kind: "access_revoked"; storeKey: string };

/** `query`: of the address that it was sent to, without the question mark; some platforms carry their secret there. */
export type IncomingWebhook = { headers: Record<string, string>; query?: string; rawBody: Buffer };

export type WebhookVerdict =
	| { verdict: "accepted"; topic: string; dedupeKey: string }
	/** Answer 200 and keep nothing: WooCommerce's unsigned ping, or true news of another store where stores share an app. */
	| { verdict: "ping" }
	/** `unknown_sender`: it lacks the word that each webhook of ours is registered with. */
	| { verdict: "rejected"; reason: "missing_signature" | "unknown_sender" | "wrong_signature" };

export type Check = {
	name:
		| "address"
		| "credentials"
		| "scopes"
		| "inventory_read"
		| "inventory_write"
		| "webhooks"
		| "clock"
		| "stock_management";
	state: "passed" | "failed" | "warned" | "skipped";
	/** For the merchant, what was found. */
	sentence: string;
	/** What to do about it; null when it passed. */
	fix: string | null;
};

export type StoreIdentity = {
	/** The store's identity on its platform: connecting it again must give the same. */
	storeKey: string;
	name: string;
	locations: { ref: string; name: string; isActive: boolean }[];
	facts: Record<string, unknown>;
};

export type ConnectReport = { checks: Check[]; store: StoreIdentity | null };

export type WebhookRegistration = {
	/** `unreachable`: the platform won't deliver there, or this access may not ask for news; the channel is polled. */
	state: "registered" | "unreachable";
	/** Kinds of news that the store would not be asked for. */
	missing: string[];
	/** Kinds that it was not asked for until now, made first or made again: of what changed before, nobody told. Absent: none. */
	made?: string[];
	/**
	 * Where the platform chooses what signs the news, all that `verifyWebhook` needs to check it, in a form of the adapter's own
	 * (the key, and the address where that is signed, too); kept in place of ours.
	 */
	secret?: string;
};

/** News that waits in a queue until somebody fetches it. */
export type CollectedMail = {
	/** `storeKey`: the store that it is about, which may be another than the connection's where stores share a queue. */
	items: { storeKey: string; topic: string; dedupeKey: string; rawBody: Buffer }[];
	/** What it said of an app's client secret ({@link AppSecret}): never among the items, which are kept as they came. */
	secrets?: SecretNews[];
	/** After what was fetched has been kept: takes it out of the queue. What is not taken out comes again. */
	done(): Promise<void>;
};

export type ChannelAdapter = {
	facts: PlatformFacts;
	/** Live, named checks; each failure with its own fix. Writes nothing. Never throws for what a store answers. */
	connect(connection: Connection): Promise<ConnectReport>;
	/** Listings from a cursor page on; `changedSince` null lists all. */
	listListings(connection: Connection, changedSince: Date | null, page: string | null): Promise<Page<RemoteListing>>;
	/** All listings under one product (after `listing_changed`); empty when it is gone. */
	readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]>;
	/** Orders changed since a moment, oldest change first. Throws ChannelError. */
	listOrders(connection: Connection, changedSince: Date, page: string | null): Promise<Page<OrderSnapshot>>;
	/** Null when the platform no longer knows it. */
	readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null>;
	/**
	 * Cancels a whole order, its units put back; null where the platform can't. Not idempotent: read the order first. Throws
	 * ChannelError where nothing was decided; after `timeout`, `unreachable` and `unreadable` it may have been done.
	 */
	cancelOrder: ((connection: Connection, orderRef: string) => Promise<CancelOutcome>) | null;
	/** Strongly consistent live values. Listings that are gone are absent. Throws ChannelError. */
	readLevels(connection: Connection, listings: { externalKey: string; ids: ListingIds }[]): Promise<RemoteLevel[]>;
	/**
	 * One call's worth of rows (largestBatch and batchKey held by the caller). `key` is the idempotency key, where the
	 * platform has one: the same key again must replay, not repeat (a request that carries its own time is another one by then:
	 * where the platform says that it knows the key, look up what it did). Never throws for what a store answers.
	 */
	writeQuantities(connection: Connection, rows: WriteRow[], key: string): Promise<WriteResult>;
	/** Makes the webhooks that we need exist at `callbackUrl`, and removes our stale ones. Idempotent. */
	registerWebhooks(connection: Connection, callbackUrl: string, secret: string): Promise<WebhookRegistration>;
	/** Removes what registerWebhooks made. */
	removeWebhooks(connection: Connection, callbackUrl: string): Promise<void>;
	/** Pure: signature over the raw bytes, in constant time, against each secret in turn. */
	verifyWebhook(webhook: IncomingWebhook, secrets: string[]): WebhookVerdict;
	/**
	 * Fetches news from the store's queue, waiting up to `waitMs` for some; null where the platform calls us instead. Returns
	 * null when the connection has no queue. Throws ChannelError.
	 */
	collectMail:
		| ((connection: Connection, options: { waitMs: number; signal?: AbortSignal }) => Promise<CollectedMail | null>)
		| null;
	/** Pure: accepted mail → signals. Throws UnreadableMail for a body that is not what its topic promises. */
	parseWebhook(topic: string, rawBody: Buffer): Signal[];
	/** Fresh credentials when the old expire; null where they don't. Called under a lock; the result is stored before use. */
	refreshAccess: ((connection: Connection, app: AppCredentials) => Promise<RefreshedAccess>) | null;
	/** Absent: an app's client secret works until somebody makes another. */
	appSecret?: AppSecret;
};

/** Client id and secret of an app, from the environment or the merchant's own app. */
export type AppCredentials = {
	clientId: string;
	clientSecret: string;
	/** The one before, which the platform takes for a while longer: tried where it refuses the other. */
	previousSecret?: string;
};

/**
 * An app's client secret that ends, and is replaced without the merchant. The way of one:
 *
 * 1. When a connection is kept, its secret ends `lifeMs` later at the latest; what the platform says of it counts more.
 * 2. From a month before, once a day while it is refused, `renew` is called through one of the merchant's channels that log in
 *    as the app and can hear of what comes.
 * 3. The new one comes among the news ({@link CollectedMail} `secrets`). When `accepts` says that it works it is sealed, as
 *    `clientSecret`, for every channel of the merchant that logs in as the app, the one before as `previousSecret`; only then is
 *    it taken out of the queue.
 * 4. Where that can't be, the merchant reads `byHand`, and pastes it.
 *
 * An adapter that has it keeps `clientId` and `clientSecret` in the access of a merchant's own app, and hands `previousSecret`
 * on to its login.
 */
export type AppSecret = {
	/** From when one is made to its end. */
	lifeMs: number;
	/** So long the one before works on after a new one was made, at the most. */
	previousMs: number;
	/** For the merchant: where a new one is made. */
	byHand: string;
	/** By which client id the connection's own app logs in; null: the host's app, whose secret stands in the environment. */
	clientIdOf(access: Readonly<Record<string, string>>): string | null;
	/** False: a new secret could not reach this connection. */
	canHear(access: Readonly<Record<string, string>>): boolean;
	/** Whether the platform lets the app in with this secret. Throws ChannelError where nobody says. */
	accepts(connection: Connection, app: AppCredentials): Promise<boolean>;
	/** Asks for a new one, which comes by the queue. The call itself says nothing of it. Throws ChannelError. */
	renew(connection: Connection): Promise<void>;
};

export type SecretNews = {
	clientId: string;
	/** When it was said, by the platform: of two pieces of news the later counts. */
	at: Date;
	/** When the secret that there was ends. */
	endsAt: Date;
	/** The one that follows it; null: there is none yet. */
	next: { secret: string; endsAt: Date } | null;
	/** After it has been kept: takes it out of the queue. What is not taken out comes again. */
	done(): Promise<void>;
};

export type RefreshedAccess = { access: Record<string, string>; expiresAt: Date | null };

/** A signed body that cannot be read: becomes a dead letter with its raw bytes, never a crash. */
export class UnreadableMail extends Error {
	override name = "UnreadableMail";
}
