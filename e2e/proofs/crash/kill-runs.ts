/** Kill, start again, wait until all is settled, read the books: over and over, while both stores go on selling. */
import { cancelOrder, checkout } from "@/lib/sandbox/stores";
import type { FaultPoint } from "@/lib/services/sync/fault-points";
import type { Random } from "@/lib/simulation/random";
import type { App, AppForm, AppOptions } from "./app";
import { type Books, readBooks, type Sale, unsettled } from "./books";
import type { Shop } from "./shop";
import type { Twin } from "./twins";

/** `any moment`: by the clock, up to three times in a row, so that the recovery is killed too. */
export type KillPoint = FaultPoint | "any moment";

export type Kill = {
	point: KillPoint;
	kills: number;
	/** From starting the process again until nothing is unsettled; null: not within the limit. */
	settledMs: number | null;
	unsettled: string[];
} & Pick<Books, "lost" | "doubled" | "pushesDoubled" | "acknowledged" | "sentAgain"> & { orders: number };

export type KillPlan = {
	shop: Shop;
	form: AppForm;
	random: Random;
	points: readonly KillPoint[];
	twin?: Twin;
	/** After it a restart counts as not settled. */
	limitMs: number;
	onKill?: (kill: Kill) => void;
};

/** So often a point is reached before it kills, at the most: as often as a few seconds of sales reach it. */
const mostPasses: Record<FaultPoint, number> = {
	verify: 40,
	inbox: 12,
	event: 6,
	apply: 16,
	claim: 8,
	push: 4,
	record: 8,
};

/** On a busy machine a few seconds of sales may reach a point less often: after this the next time will do. */
const anyPassAfterMs = 15_000;
/** A point that is not reached within this is not where the proof thinks it is. */
const reachedWithinMs = 120_000;

export async function runKills(plan: KillPlan): Promise<Kill[]> {
	const { shop, form, random } = plan;
	const options: AppOptions = {
		databaseUrl: shop.databaseUrl,
		port: shop.port,
		sealingKeys: shop.sealingKeys,
		twin: plan.twin,
	};
	const sales: Sale[] = [];
	const kills: Kill[] = [];
	let before: Books = await readBooks(shop, sales);
	let app = await form.start(options);
	try {
		await untilSettled(shop, sales, plan.limitMs);
		for (const point of plan.points) {
			const times = point === "any moment" ? random.int(1, 3) : 1;
			if (point === "any moment") {
				await sellUntil(shop, sales, random, { ms: random.int(50, 1_500) });
				app.kill();
				await app.ended;
				for (let again = 1; again < times; again++) {
					app = await form.start(options);
					await sellUntil(shop, sales, random, { ms: random.int(0, 1_500) });
					app.kill();
					await app.ended;
				}
			} else {
				app = await armed(app, plan, options, point);
				await sellUntil(shop, sales, random, { dead: app });
			}
			const startedAt = performance.now();
			app = await form.start(options);
			const { settledMs, left } = await untilSettled(shop, sales, plan.limitMs, startedAt);
			const books = await readBooks(shop, sales);
			const kill: Kill = {
				point,
				kills: times,
				settledMs,
				unsettled: left,
				orders: books.orders - before.orders,
				lost: books.lost - before.lost,
				doubled: books.doubled - before.doubled,
				pushesDoubled: books.pushesDoubled - before.pushesDoubled,
				acknowledged: books.acknowledged - before.acknowledged,
				sentAgain: books.sentAgain - before.sentAgain,
			};
			before = books;
			kills.push(kill);
			plan.onKill?.(kill);
		}
		return kills;
	} finally {
		app.kill();
		await app.ended;
	}
}

/** The real app cannot be armed while it runs, so it is started anew; nor again, so it is armed for an early pass. */
async function armed(app: App, { form, random }: KillPlan, options: AppOptions, point: FaultPoint): Promise<App> {
	const pass = random.int(1, mostPasses[point]);
	if (form.canArm) {
		app.arm(point, pass);
		const timer = setTimeout(() => app.arm(point, 1), anyPassAfterMs);
		void app.ended.then(() => clearTimeout(timer));
		return app;
	}
	app.kill();
	await app.ended;
	return form.start({ ...options, killAt: `${point}:${Math.min(pass, 4)}` });
}

/** Buyers in both stores, one every few moments, some of whom think better of it. */
async function sellUntil(
	shop: Shop,
	sales: Sale[],
	random: Random,
	until: { ms: number } | { dead: App },
): Promise<void> {
	const endAt = performance.now() + ("ms" in until ? until.ms : reachedWithinMs);
	const isOver = () => performance.now() > endAt || ("dead" in until && until.dead.hasEnded());
	while (!isOver()) {
		await buy(shop, sales, random);
		// Now and then a lull, in which the loops come to rest and the next sale has to wake them.
		await pause(random.chance(0.1) ? 700 : random.exponential(25));
	}
	if ("dead" in until && !until.dead.hasEnded()) throw new Error("the point was not reached");
}

async function buy(shop: Shop, sales: Sale[], random: Random): Promise<void> {
	const { storeId } = random.pick(shop.stores);
	const earlier = sales.at(-random.int(1, 10));
	if (earlier && earlier.units > 0 && random.chance(0.08)) {
		await cancelOrder(shop.sandbox.ctx, earlier.storeId, earlier.orderId, true);
		earlier.units = 0;
		return;
	}
	const sku = random.pick(shop.skus);
	const units = random.int(1, 3);
	const bought = await checkout(shop.sandbox.ctx, storeId, [{ sku, quantity: units }]);
	if (bought.result === "placed") sales.push({ storeId, orderId: bought.orderId, sku, units });
}

export async function untilSettled(
	shop: Shop,
	sales: readonly Sale[],
	limitMs: number,
	from = performance.now(),
): Promise<{ settledMs: number | null; left: string[] }> {
	for (;;) {
		const left = await unsettled(shop, sales);
		const ms = performance.now() - from;
		if (left.length === 0) return { settledMs: ms, left };
		if (ms > limitMs) return { settledMs: null, left };
		await pause(60);
	}
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
