/** News leaves with the change that it tells of: both are in one transaction, and the pump is woken after the commit. */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { drawDelivery, knobsOf } from "./knobs";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "./sandbox-platform";

export type News = {
	webhookId: string;
	topic: string;
	/** What it is about, for platforms that build or coalesce the body late. */
	resourceId: string;
	/** Null: built when it leaves. */
	body: Buffer | null;
	/** Kept with the delivery and handed to `build`: ids that stay the same over retries and duplicates. */
	headers?: Record<string, string>;
};

export type Tell = (news: readonly News[]) => void;

type DeliveryDelay = Pick<SandboxPlatform, "deliveryDelayMs">;

/** One change of a store: what `work` writes and what it tells commit together or not at all. */
export async function changeStore<T>(
	ctx: SandboxContext,
	store: SandboxStore,
	platform: DeliveryDelay,
	work: (tx: Transaction, tell: Tell) => Promise<T>,
): Promise<T> {
	let earliest: number | null = null;
	const result = await ctx.db.transaction(async (tx) => {
		const told: News[] = [];
		const value = await work(tx, (news) => void told.push(...news));
		earliest = await queueNews(tx, ctx, store, platform, told);
		return value;
	});
	if (earliest !== null) wakePump(earliest);
	return result;
}

/** Queues in the caller's transaction; `wakePump` with the moment it returns, after the commit. Null: nothing to send. */
export async function queueNews(
	executor: Executor,
	ctx: SandboxContext,
	store: SandboxStore,
	platform: DeliveryDelay,
	news: readonly News[],
): Promise<number | null> {
	if (news.length === 0) return null;
	const knobs = knobsOf(store);
	const now = ctx.now().getTime();
	const rows = news.flatMap((item) => {
		const { isLost, delaysMs } = drawDelivery(knobs, ctx.random);
		return delaysMs.map((delayMs) => ({
			webhook_id: item.webhookId,
			topic: item.topic,
			resource_id: item.resourceId,
			body: item.body?.toString("base64") ?? null,
			headers: item.headers ?? {},
			due_at: new Date(now + platform.deliveryDelayMs(ctx, store) + delayMs).toISOString(),
			state: isLost ? "lost" : "waiting",
		}));
	});
	await executor.execute(sql`
		insert into sandbox.deliveries (store_id, webhook_id, topic, resource_id, body, headers, due_at, state)
		select ${store.id}, r.webhook_id, r.topic, r.resource_id, decode(r.body, 'base64'), r.headers, r.due_at, r.state
		from json_to_recordset(${JSON.stringify(rows)}::json)
			as r(webhook_id text, topic text, resource_id text, body text, headers jsonb, due_at timestamptz, state text)`);
	const due = rows.filter(({ state }) => state === "waiting").map(({ due_at }) => Date.parse(due_at));
	return due.length > 0 ? Math.min(...due) : null;
}

type Waker = (dueAtMs: number) => void;
const shared = globalThis as { onecountSandboxWakers?: Set<Waker> };

/** Something is due at this moment; pumps of other processes find it by themselves within half a second. */
export function wakePump(dueAtMs: number): void {
	for (const wake of shared.onecountSandboxWakers ?? []) wake(dueAtMs);
}

/** For the pump: be told of what is queued in this process. Returns the way to stop. */
export function onNews(wake: Waker): () => void {
	shared.onecountSandboxWakers ??= new Set();
	const wakers = shared.onecountSandboxWakers;
	wakers.add(wake);
	return () => void wakers.delete(wake);
}
