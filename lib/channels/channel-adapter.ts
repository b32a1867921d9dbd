/**
 * The one interface between Onecount and a platform. An adapter translates; it decides nothing about stock.
 *
 * Everything that is written or read here is in our own words (design: signal, listing, level): listing.ts and news.ts say
 * which. Ids are strings and exact, whatever their size. Facts about the platform are data (platform-facts.ts).
 */
import type { OrderSnapshot } from "@/lib/stock/order";
import type { ChannelError } from "./errors";
import type { HttpClient } from "./http";
import type { ListingIds, Page, RemoteLevel, RemoteListing, WriteResult, WriteRow } from "./listing";
import type { CollectedMail, IncomingWebhook, Signal, WebhookRegistration, WebhookVerdict } from "./news";
import type { PlatformFacts } from "./platform-facts";

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

export type CancelOutcome =
	| { result: "cancelled" }
	/** The platform will do it by itself: the order says when it has. */
	| { result: "accepted" }
	/** It won't, whoever asks again. */
	| { result: "refused"; error: ChannelError };

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
	 * Units that were given back to these listings since then, by the platform's own ledger of stock, where its orders don't tell
	 * whether what was returned is for sale again; absent: they do, or it has none. Listings without any are absent. Throws
	 * ChannelError.
	 */
	readReturns?(
		connection: Connection,
		listings: readonly { externalKey: string; since: Date }[],
	): Promise<ReadonlyMap<string, number>>;
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

export type RefreshedAccess = { access: Record<string, string>; expiresAt: Date | null };
