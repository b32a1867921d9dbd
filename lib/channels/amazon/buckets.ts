/**
 * How often each operation may be called: a token bucket per operation, seller, app and endpoint, as Amazon keeps it, in this
 * process's memory. What a header says of the rate is believed over the table; after a 429 the bucket is taken for empty.
 */
import type { Connection } from "../channel-adapter";

/** Calls a second, and how many may come at once: the defaults of Amazon's API documents. */
export const limits = {
	getListingsItem: { rate: 5, burst: 10 },
	searchListingsItems: { rate: 5, burst: 5 },
	patchListingsItem: { rate: 5, burst: 5 },
	createFeedDocument: { rate: 0.5, burst: 15 },
	createFeed: { rate: 0.0083, burst: 15 },
	/** Beside createFeed: five of the kind in five minutes. */
	listingsFeed: { rate: 5 / 300, burst: 5 },
	getFeed: { rate: 2, burst: 15 },
	cancelFeed: { rate: 2, burst: 15 },
	getFeedDocument: { rate: 0.0222, burst: 10 },
	createReport: { rate: 0.0167, burst: 15 },
	getReport: { rate: 2, burst: 15 },
	getReports: { rate: 0.0222, burst: 10 },
	getReportDocument: { rate: 0.0167, burst: 15 },
	searchOrders: { rate: 0.0056, burst: 20 },
	getOrder: { rate: 0.5, burst: 30 },
	getDestinations: { rate: 1, burst: 5 },
	createDestination: { rate: 1, burst: 5 },
	getSubscription: { rate: 1, burst: 5 },
	createSubscription: { rate: 1, burst: 5 },
	deleteSubscriptionById: { rate: 1, burst: 5 },
	getMarketplaceParticipations: { rate: 0.016, burst: 15 },
	rotateApplicationClientSecret: { rate: 0.0167, burst: 1 },
} as const;

export type Operation = keyof typeof limits;

/** A little slower than allowed: a call that is on its way for a little less than the last would come too early. */
const pace = 0.95;

type Bucket = { level: number; at: number; rate: number; burst: number };

const mostBuckets = 20_000;
const buckets = new Map<string, Bucket>();

const keyOf = ({ baseUrl, access }: Connection, operation: Operation) =>
	[baseUrl, access.sellerId, access.clientId, operation].join(" ");

function refilled(connection: Connection, operation: Operation): Bucket {
	const key = keyOf(connection, operation);
	const now = connection.now().getTime();
	let bucket = buckets.get(key);
	if (!bucket) {
		if (buckets.size >= mostBuckets) buckets.clear();
		const { rate, burst } = limits[operation];
		bucket = { level: burst, at: now, rate: rate * pace, burst };
		buckets.set(key, bucket);
	}
	const elapsedMs = Math.max(0, now - bucket.at);
	bucket.level = Math.min(bucket.burst, bucket.level + (elapsedMs / 1_000) * bucket.rate);
	bucket.at = now;
	return bucket;
}

/** How long a call would have to wait for its turn now, in milliseconds. */
export function waitFor(connection: Connection, operation: Operation): number {
	const { level, rate } = refilled(connection, operation);
	return level >= 1 ? 0 : Math.ceil(((1 - level) / rate) * 1_000);
}

/** Takes a turn; with `ms` of {@link waitFor} waited, it is there. */
export function take(connection: Connection, operation: Operation): void {
	refilled(connection, operation).level -= 1;
}

/** `x-amzn-RateLimit-Limit`: calls a second, as they are now for this seller. Best effort: not on every answer. */
export function heedRate(connection: Connection, operation: Operation, header: string | undefined): void {
	const rate = Number(header);
	if (header && Number.isFinite(rate) && rate > 0) refilled(connection, operation).rate = rate * pace;
}

/** Answered 429: nothing is left, whatever was counted here (another process may share the bucket). Returns when to try again. */
export function emptied(connection: Connection, operation: Operation, random = Math.random()): number {
	const bucket = refilled(connection, operation);
	bucket.level = Math.min(bucket.level, 0);
	return Math.ceil((1 + random / 4) * (1_000 / bucket.rate));
}
