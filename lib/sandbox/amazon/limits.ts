/**
 * One token bucket per operation of the seller and the app, with the rates and bursts of the API's documents. In memory: two
 * processes that carry the same account each keep their own.
 */
import type { Database } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";

/** Calls a second, and how many at once. */
const documented = {
	getListingsItem: [5, 10],
	searchListingsItems: [5, 5],
	patchListingsItem: [5, 5],
	previewListingsItem: [1, 5],
	createFeedDocument: [0.5, 15],
	createFeed: [0.0083, 15],
	listingsFeeds: [5 / 300, 5],
	getFeed: [2, 15],
	cancelFeed: [2, 15],
	getFeedDocument: [0.0222, 10],
	createReport: [0.0167, 15],
	getReport: [2, 15],
	getReports: [0.0222, 10],
	getReportDocument: [0.0167, 15],
	searchOrders: [0.0056, 20],
	getOrder: [0.5, 30],
	getMarketplaceParticipations: [0.016, 15],
	createDestination: [1, 5],
	getDestinations: [1, 5],
	createSubscription: [1, 5],
	getSubscription: [1, 5],
	deleteSubscriptionById: [1, 5],
	rotateApplicationClientSecret: [0.0167, 1],
} as const satisfies Record<string, readonly [number, number]>;

export type Operation = keyof typeof documented;

type Bucket = { level: number; atMs: number };
const shared = globalThis as { onecountAmazonBuckets?: WeakMap<Database, Map<string, Bucket>> };

function bucketsOf(db: Database): Map<string, Bucket> {
	shared.onecountAmazonBuckets ??= new WeakMap();
	let buckets = shared.onecountAmazonBuckets.get(db);
	if (!buckets) {
		buckets = new Map();
		shared.onecountAmazonBuckets.set(db, buckets);
	}
	return buckets;
}

export function rateOf(store: SandboxStore, operation: Operation): { rate: number; burst: number } {
	const [rate, burst] = documented[operation];
	return settingsOf(store).limits[operation] ?? { rate, burst };
}

/** False: over it. */
export function isWithin(ctx: SandboxContext, store: SandboxStore, operation: Operation): boolean {
	const buckets = bucketsOf(ctx.db);
	const key = `${store.id} ${operation}`;
	const { rate, burst } = rateOf(store, operation);
	const nowMs = ctx.now().getTime();
	const known = buckets.get(key) ?? { level: burst, atMs: nowMs };
	const level = Math.min(burst, known.level + (Math.max(0, nowMs - known.atMs) / 1_000) * rate);
	const isFree = level >= 1;
	buckets.set(key, { level: isFree ? level - 1 : level, atMs: nowMs });
	return isFree;
}
