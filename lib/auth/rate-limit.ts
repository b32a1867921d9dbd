import { eq, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { rateLimits } from "@/db/schema/identity";

export type RateLimit = { attempts: number; windowMs: number };

export type Attempt = { ok: true } | { ok: false; retryAfterMs: number };

/**
 * Counts one attempt under `key` in a fixed window and says whether it may go on. One statement, so that a thousand at
 * once are a thousand counted. A window that begins later than the next one could is of a clock that was put back since.
 */
export async function takeAttempt(db: Executor, key: string, limit: RateLimit, now: Date): Promise<Attempt> {
	const at = (ms: number) => sql`${new Date(now.getTime() + ms).toISOString()}::timestamptz`;
	const isOver = sql`(${rateLimits.windowStartedAt} <= ${at(-limit.windowMs)} or ${rateLimits.windowStartedAt} > ${at(limit.windowMs)})`;
	const [row] = await db
		.insert(rateLimits)
		.values({ key, windowStartedAt: now, attempts: 1 })
		.onConflictDoUpdate({
			target: rateLimits.key,
			set: {
				attempts: sql`case when ${isOver} then 1 else ${rateLimits.attempts} + 1 end`,
				windowStartedAt: sql`case when ${isOver} then excluded.window_started_at else ${rateLimits.windowStartedAt} end`,
			},
		})
		.returning();
	if (!row || row.attempts <= limit.attempts) return { ok: true };
	return { ok: false, retryAfterMs: row.windowStartedAt.getTime() + limit.windowMs - now.getTime() };
}

/** Starts the count anew: after a success, earlier slips are forgotten. */
export async function forgetAttempts(db: Executor, key: string): Promise<void> {
	await db.delete(rateLimits).where(eq(rateLimits.key, key));
}
