import { type TestDatabase, testDatabase } from "@/db/testing";
import { setKnobs } from "@/lib/sandbox/stores";
import { seeded } from "@/lib/simulation/random";
import { type Days, days } from "./drift/day";
import { type Found, judge } from "./drift/judge";
import {
	countFound,
	minutesFor,
	pass,
	rest,
	type SilentPlatform,
	type Sweep,
	silentShop,
	sweepAll,
	syncWithoutSweep,
} from "./drift/silent-store";
import type { Proof } from "./proof";

const listings = 10_000;
const shortListings = 1_500;
const changes = 100;
const mostMinutes = 15;
/** Of a call that reads a hundred levels: a store that is far away. */
const latencyMs = 300;
const fullDays = 10_000;
const shortDays = 1_000;
/** A hundred of ten thousand. */
const editEvery = 100;

export type SilentRun = {
	platform: SilentPlatform;
	listings: number;
	/** What the twin found: polls of orders and of changed listings, by their stamps, and webhooks that don't come. */
	withoutSweep: number;
	sweep: Sweep;
	found: Found;
	/** Another sweep of what is now in order. */
	again: { read: number; found: number };
};

/** Webhooks off, and listings that change silently: first what a sync without sweeps makes of it, then ours. */
export async function silentChanges(
	database: TestDatabase,
	options: { platform: SilentPlatform; listings: number; changes: number; seed: number; latencyMs?: number },
): Promise<SilentRun> {
	const silent = await silentShop(database, { ...options, random: seeded(options.seed) });
	const { shop } = silent;
	try {
		await syncWithoutSweep(silent);
		const withoutSweep = (await judge(silent)).found;
		const { sandbox } = shop;
		await setKnobs(sandbox.ctx, silent.store.storeId, { latencyMs: options.latencyMs ?? 0 });
		const sweep = await sweepAll(silent);
		await setKnobs(sandbox.ctx, silent.store.storeId, { latencyMs: 0 });
		// The store's list of orders may be so far behind; then what it does not explain is drift.
		await pass(shop, 60_000);
		await rest(shop);
		const found = await judge(silent);
		const before = await countFound(silent);
		await pass(shop, 20 * 60_000);
		const { read } = await sweepAll(silent);
		await rest(shop);
		return {
			platform: options.platform,
			listings: options.listings,
			withoutSweep,
			sweep,
			found,
			again: { read, found: (await countFound(silent)) - before },
		};
	} finally {
		await shop.close();
	}
}

export const isWholeAndRight = ({ listings: all, sweep, found, withoutSweep, again }: SilentRun): boolean =>
	sweep.read === all &&
	found.found === found.changes &&
	found.classified === found.changes &&
	found.healed === found.changes &&
	found.falsely === 0 &&
	again.found === 0 &&
	withoutSweep < found.changes;

/** Nothing is called an edit that was none, and each edit that nothing else met is found and booked. The twin cries wolf. */
export const isQuietDay = (day: Days): boolean =>
	day.falsely === 0 && day.right === day.edits - day.metAndLost && day.lastSentFalsely > 0;

async function inDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
	const database = await testDatabase();
	try {
		return await work(database);
	} finally {
		await database.close();
	}
}

export const proof: Proof = {
	id: "P8",
	claim: `drift: with webhooks off, ${changes} of ${listings} listings that change silently are all found, classified and healed by policy; none falsely in a day`,
	async run({ full, seed }) {
		const many = full ? listings : shortListings;
		const runs: SilentRun[] = [];
		for (const platform of ["shopify", "woocommerce"] as const) {
			const run = await inDatabase((database) =>
				silentChanges(database, { platform, listings: many, changes, seed, latencyMs }),
			);
			console.log(`${platform}: ${JSON.stringify(run)}`);
			runs.push(run);
		}
		const day = days(seed, full ? fullDays : shortDays, editEvery);
		console.log(`a day of ${day.days} SKUs in two stores each: ${JSON.stringify(day)}`);

		const sum = (of: (run: SilentRun) => number) => runs.reduce((total, run) => total + of(run), 0);
		const minutes = Math.max(...runs.map(({ sweep }) => minutesFor(listings, sweep)));
		return {
			holds: runs.every(isWholeAndRight) && minutes <= mostMinutes && isQuietDay(day),
			verdict: `${sum(({ found }) => found.found)} of ${sum(({ found }) => found.changes)} silent changes found, ${sum(({ found }) => found.classified)} classified, ${sum(({ found }) => found.healed)} healed by policy, ${sum(({ found, again }) => found.falsely + again.found)} false, in 2 stores of ${many.toLocaleString("en")} listings ${full ? "(full)" : `(of ${listings.toLocaleString("en")})`}; ${full ? "" : "at that pace "}${listings.toLocaleString("en")} are verified in ${minutes.toFixed(1)} min; ${day.falsely} false in 24 h of ${day.days.toLocaleString("en")} SKUs with ${day.sales.toLocaleString("en")} sales, ${day.right} of ${day.edits} edits found and booked, the slowest after ${day.slowestMinutes.toFixed(1)} min, ${day.metAndLost} of the ${day.met} lost that met a sale or a write of ours; without sweeps ${sum(({ withoutSweep }) => withoutSweep)} are found, and what holds levels against what it last sent cries wolf ${day.lastSentFalsely.toLocaleString("en")} times`,
		};
	},
};
