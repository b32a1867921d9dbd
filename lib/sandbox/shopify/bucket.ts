/**
 * The budget of calls: one leaky bucket per store. It lives in memory, so that a call costs no statement, and is put
 * down in the store's row now and then, so that a restart does not refill it. Two processes that carry the same store
 * each keep their own.
 */
import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { budgets, settingsOf } from "./settings";

export type ThrottleStatus = { maximumAvailable: number; currentlyAvailable: number; restoreRate: number };

type Bucket = { available: number; atMs: number; maximum: number; restorePerSecond: number };
type Buckets = { byStore: Map<string, Bucket>; dirty: Set<string>; timer: NodeJS.Timeout | null };

const keepEveryMs = 200;
const shared = globalThis as { onecountShopifyBuckets?: WeakMap<Database, Buckets> };

function bucketsOf(db: Database): Buckets {
	shared.onecountShopifyBuckets ??= new WeakMap();
	let buckets = shared.onecountShopifyBuckets.get(db);
	if (!buckets) {
		buckets = { byStore: new Map(), dirty: new Set(), timer: null };
		shared.onecountShopifyBuckets.set(db, buckets);
	}
	return buckets;
}

function refilled(ctx: SandboxContext, store: SandboxStore): Bucket {
	const { byStore } = bucketsOf(ctx.db);
	const { maximum, restorePerSecond } = budgets[settingsOf(store).plan];
	const nowMs = ctx.now().getTime();
	const { bucketAvailable = maximum, bucketAtMs = nowMs } = store.counters;
	const known = byStore.get(store.id) ?? {
		available: bucketAvailable,
		atMs: bucketAtMs,
		maximum,
		restorePerSecond,
	};
	const elapsedMs = Math.max(0, nowMs - known.atMs);
	const bucket: Bucket = {
		available: Math.min(maximum, known.available + (elapsedMs / 1_000) * restorePerSecond),
		atMs: nowMs,
		maximum,
		restorePerSecond,
	};
	byStore.set(store.id, bucket);
	return bucket;
}

const statusOf = (bucket: Bucket): ThrottleStatus => ({
	maximumAvailable: bucket.maximum,
	currentlyAvailable: Math.floor(bucket.available),
	restoreRate: bucket.restorePerSecond,
});

/** Takes the points, or takes none because they are not there. */
export function charge(
	ctx: SandboxContext,
	store: SandboxStore,
	points: number,
): { isCharged: boolean; status: ThrottleStatus } {
	const bucket = refilled(ctx, store);
	const isCharged = bucket.available >= points;
	if (isCharged) bucket.available -= points;
	keep(ctx, store.id);
	return { isCharged, status: statusOf(bucket) };
}

/** Gives back what was asked for and not used. */
export function giveBack(ctx: SandboxContext, store: SandboxStore, points: number): ThrottleStatus {
	const bucket = refilled(ctx, store);
	bucket.available = Math.min(bucket.maximum, bucket.available + points);
	keep(ctx, store.id);
	return statusOf(bucket);
}

function keep(ctx: SandboxContext, storeId: string): void {
	const buckets = bucketsOf(ctx.db);
	buckets.dirty.add(storeId);
	buckets.timer ??= setTimeout(() => {
		buckets.timer = null;
		const rows = [...buckets.dirty].map((id) => {
			const { available = 0, atMs = 0 } = buckets.byStore.get(id) ?? {};
			return { id, available: Math.floor(available), at_ms: atMs };
		});
		buckets.dirty.clear();
		ctx.db
			.execute(
				sql`update sandbox.stores s set counters = s.counters ||
					jsonb_build_object('bucketAvailable', r.available, 'bucketAtMs', r.at_ms)
				from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, available int, at_ms bigint)
				where s.id = r.id`,
			)
			// Lost: a restart would find the bucket as it was before.
			.catch(() => {});
	}, keepEveryMs).unref();
}
