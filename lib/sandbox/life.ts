/** Made-up buyers: each living store gets its orders a minute, few SKUs selling most, some buyers changing their mind. */
import { sql } from "drizzle-orm";
import { findStore, type SandboxHost, sandboxContext } from "./context";
import { sandboxPlatform } from "./platforms";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "./sandbox-platform";

const tickMs = 1_000;
/** After a pause of the process its missed buyers do not all come at once. */
const mostCaughtUpMs = 5_000;
const zipfExponent = 1.1;
/** The catalogue of a store is read again this often. */
const shelfTtlMs = 15_000;
const secondThoughts = { cancel: 0.04, refund: 0.02, within: 20 };

export type SandboxLife = { pause(): void; resume(): void; stop(): Promise<void> };

type Shelf = { skus: string[]; readAt: number };
type Memory = {
	shelves: Map<string, Shelf>;
	orders: Map<string, { id: string; lines: { sku: string; quantity: number }[] }[]>;
};

export function startSandboxLife(host: SandboxHost): SandboxLife {
	const ctx = sandboxContext(host);
	const memory: Memory = { shelves: new Map(), orders: new Map() };
	let isPaused = false;
	let isStopped = false;
	let timer: NodeJS.Timeout | null = null;
	let tick: Promise<void> = Promise.resolve();

	const schedule = () => {
		timer = setTimeout(() => {
			tick = (isPaused ? Promise.resolve() : liveOneTick(ctx, memory))
				// The database is away; the buyers come back.
				.catch(() => {})
				.then(() => {
					if (!isStopped) schedule();
				});
		}, tickMs);
		timer.unref();
	};
	schedule();

	return {
		pause() {
			isPaused = true;
		},
		resume() {
			isPaused = false;
		},
		async stop() {
			isStopped = true;
			if (timer) clearTimeout(timer);
			await tick;
		},
	};
}

/** The time since the last tick is taken from the store's row, so that two processes share it instead of doubling it. */
async function liveOneTick(ctx: SandboxContext, memory: Memory): Promise<void> {
	const now = ctx.now().getTime();
	const lively = await ctx.db.execute<{ id: string; life_per_minute: number; elapsed_ms: string }>(sql`
		update sandbox.stores s set counters = s.counters || jsonb_build_object('lifeAt', ${now}::bigint)
		from (select id, coalesce((counters->>'lifeAt')::bigint, ${now - tickMs}::bigint) lived_at
			from sandbox.stores where life_per_minute > 0 for update skip locked) before
		where s.id = before.id and ${now}::bigint - before.lived_at >= ${tickMs / 2}::int
		returning s.id, s.life_per_minute, ${now}::bigint - before.lived_at elapsed_ms`);
	await Promise.all(
		lively.map(async ({ id, life_per_minute, elapsed_ms }) => {
			const store = await findStore(ctx.db, id);
			const platform = store && sandboxPlatform(store.platform);
			if (!store || !platform) return;
			const elapsedMs = Math.min(Number(elapsed_ms), mostCaughtUpMs);
			const buyers = drawPoisson((life_per_minute * elapsedMs) / 60_000, ctx.random);
			for (let buyer = 0; buyer < buyers; buyer++) await buy(ctx, memory, platform, store);
		}),
	);
}

async function buy(ctx: SandboxContext, memory: Memory, platform: SandboxPlatform, store: SandboxStore): Promise<void> {
	const skus = await shelfOf(ctx, memory, platform, store);
	if (skus.length === 0) return;
	const wanted = new Map<string, number>();
	const lines = ctx.random() < 0.75 ? 1 : 2;
	for (let line = 0; line < lines; line++) {
		const sku = skus[drawZipf(skus.length, ctx.random)];
		if (sku) wanted.set(sku, ctx.random() < 0.85 ? 1 : 2);
	}
	const basket = [...wanted].map(([sku, quantity]) => ({ sku, quantity }));
	const outcome = await platform.checkout(ctx, store, basket);
	const recent = memory.orders.get(store.id) ?? [];
	memory.orders.set(store.id, recent);
	if (outcome.result === "placed") recent.push({ id: outcome.orderId, lines: basket });
	if (recent.length > secondThoughts.within) recent.shift();

	const mood = ctx.random();
	if (mood >= secondThoughts.cancel + secondThoughts.refund) return;
	const [order] = recent.splice(Math.floor(ctx.random() * recent.length), 1);
	if (!order) return;
	if (mood < secondThoughts.cancel) await platform.cancel(ctx, store, order.id, true);
	else await platform.refund(ctx, store, order.id, order.lines.slice(0, 1), ctx.random() < 0.5);
}

async function shelfOf(ctx: SandboxContext, memory: Memory, platform: SandboxPlatform, store: SandboxStore) {
	const known = memory.shelves.get(store.id);
	if (known && performance.now() - known.readAt < shelfTtlMs) return known.skus;
	const shown = await platform.quantities(ctx, store);
	const skus = [...new Set(shown.map(({ sku }) => sku).filter((sku) => sku !== ""))];
	memory.shelves.set(store.id, { skus, readAt: performance.now() });
	return skus;
}

/** Index of a shelf place: the first sells most. Inverse of the continuous power law, cut to the shelf. */
export function drawZipf(count: number, random: () => number): number {
	const reach = (count + 1) ** (1 - zipfExponent);
	const place = (1 - random() * (1 - reach)) ** (1 / (1 - zipfExponent));
	return Math.min(count - 1, Math.floor(place) - 1);
}

export function drawPoisson(mean: number, random: () => number): number {
	const limit = Math.exp(-mean);
	let count = 0;
	for (let product = random(); product > limit; product *= random()) count++;
	return count;
}
