/**
 * One token bucket per operation of the seller and the app. In memory: two processes that carry the same account each keep
 * their own.
 */
import type { Database } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { documentedLimits, type Operation } from "./operations";
import { settingsOf } from "./settings";

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
	const [rate, burst] = documentedLimits[operation];
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
