/**
 * A kill in the middle of a push storm: all that was counted anew is due in both stores when the app starts, and the
 * app is killed while it writes. Then the account of what was pending, what was done again, what was lost and doubled.
 */
import { dbFor } from "@/db/client";
import { systemContext } from "@/lib/services/context";
import { importSkus } from "@/lib/services/skus/import-skus";
import type { Random } from "@/lib/simulation/random";
import type { App, AppForm } from "./app";
import { type Books, readBooks } from "./books";
import { untilSettled } from "./kill-runs";
import { inDatabase, type Shop } from "./shop";

export type StormKill = {
	/** Share of the offers after whose confirmation the kill came. */
	confirmed: number;
	/** Due, and not yet claimed by a call. */
	pending: number;
	/** Claimed by calls whose answer nobody will hear. */
	inFlight: number;
	/** Of those, what the store had done already. */
	landed: number;
};

export type Storm = {
	offers: number;
	kills: StormKill[];
	/** From the last start. */
	settledMs: number | null;
	unsettled: string[];
	/** Offers that their store does not show in the end. */
	lost: number;
} & Pick<Books, "pushesDoubled" | "writes" | "sentAgain">;

export async function runStorm(plan: { shop: Shop; form: AppForm; random: Random; kills: number; limitMs: number }) {
	const { shop, form, random } = plan;
	const options = { databaseUrl: shop.databaseUrl, port: shop.port, sealingKeys: shop.sealingKeys };
	await countAnew(shop, random);
	const [all] = await shop.owner<{ n: number }[]>`select count(*)::int as n from slots where is_pending`;
	const offers = all?.n ?? 0;
	const storm: Storm = {
		offers,
		kills: [],
		settledMs: null,
		unsettled: [],
		lost: 0,
		pushesDoubled: 0,
		writes: 0,
		sentAgain: 0,
	};
	let startedAt = performance.now();
	let app = await form.start(options);
	try {
		for (let n = 1; n <= plan.kills; n++) {
			// Spread over the storm, each at a moment that the seed chooses.
			await untilConfirmed(shop, app, Math.floor((offers * (n - random.next())) / (plan.kills + 1)));
			app.kill();
			await app.ended;
			storm.kills.push(await readKill(shop));
			startedAt = performance.now();
			app = await form.start(options);
		}
		const { settledMs, left } = await untilSettled(shop, [], plan.limitMs, startedAt);
		const books = await readBooks(shop, []);
		return {
			...storm,
			settledMs,
			unsettled: left,
			lost: await countLost(shop),
			pushesDoubled: books.pushesDoubled,
			writes: books.writes,
			sentAgain: books.sentAgain,
		};
	} finally {
		app.kill();
		await app.ended;
	}
}

/** A new count of every SKU, by the file that a warehouse would send. */
async function countAnew(shop: Shop, random: Random): Promise<void> {
	for (const sku of shop.skus) shop.counted.set(sku, shop.stock + random.int(1, 500));
	const lines = [...shop.counted].map(([sku, units]) => `${sku},${units}`);
	const ctx = systemContext(shop.merchantId, dbFor("app", shop.databaseUrl));
	const file = Buffer.from(["sku,on_hand", ...lines].join("\n"));
	const done = await inDatabase(shop.databaseUrl, () => importSkus(ctx, file, { isDryRun: false }));
	if (done.changed !== shop.skus.length) throw new Error(`only ${done.changed} of ${shop.skus.length} were counted`);
}

const confirmedOf = async (shop: Shop): Promise<number> => {
	const [row] = await shop.owner<{ n: number }[]>`select count(*)::int as n from push_items where outcome = 'applied'`;
	return row?.n ?? 0;
};

async function untilConfirmed(shop: Shop, app: App, count: number): Promise<void> {
	for (const end = performance.now() + 60_000; (await confirmedOf(shop)) < count; ) {
		if (app.hasEnded() || performance.now() > end) throw new Error("the storm did not come so far");
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

async function readKill(shop: Shop): Promise<StormKill> {
	// A request that is under way in the store comes to its end there, whoever died.
	await new Promise((resolve) => setTimeout(resolve, 1_000));
	const [row] = await shop.owner<{ pending: number; inFlight: number; landed: number }[]>`
		select (count(*) filter (where s.is_pending and s.push_id is null))::int as pending,
			(count(*) filter (where s.push_id is not null))::int as "inFlight",
			(count(*) filter (where i.reply is not null))::int as landed
		from slots s left join sandbox.idempotency i on i.key = s.push_id::text`;
	return { confirmed: await confirmedOf(shop), pending: 0, inFlight: 0, landed: 0, ...row };
}

async function countLost(shop: Shop): Promise<number> {
	const [row] = await shop.owner<{ lost: number }[]>`
		select (count(*) filter (where s.offered is distinct from l.on_hand or s.expected is distinct from l.on_hand))::int as lost
		from slots s join levels l on l.sku_id = s.sku_id`;
	return row?.lost ?? 0;
}
