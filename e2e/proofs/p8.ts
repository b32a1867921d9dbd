import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { adapterFor } from "@/lib/channels/registry";
import { setKnobs } from "@/lib/sandbox/stores";
import { seeded } from "@/lib/simulation/random";
import { type Days, days } from "./drift/day";
import { type Found, judge } from "./drift/judge";
import { pass, rest, silentShop } from "./drift/silent-store";
import { countFound, minutesFor, type Sweep, sweepAll, syncWithoutSweep } from "./drift/sweep";
import { inDatabase } from "./pipeline/in-database";
import { everyPlatform } from "./pipeline/mix";
import type { Proof } from "./proof";

const listings = 10_000;
const shortListings = 600;
const changes = 100;
const mostMinutes = 15;
/** Of a call that reads a hundred levels: a store that is far away. */
const latencyMs = 300;
const fullDays = 10_000;
const shortDays = 1_000;
/** A hundred of ten thousand. */
const editEvery = 100;

export type SilentRun = {
	platform: Platform;
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
	options: { platform: Platform; listings: number; changes: number; seed: number; latencyMs?: number },
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
		const { orderListLagMs } = (await adapterFor(options.platform)).facts;
		await pass(shop, Math.max(60_000, orderListLagMs));
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

const minutesOf = ({ sweep }: SilentRun): number => minutesFor(listings, sweep);

const isInTime = (run: SilentRun): boolean => minutesOf(run) <= mostMinutes;

function pace(run: SilentRun): string {
	const minutes = minutesOf(run);
	const over = minutes - mostMinutes;
	return `${run.platform} ${minutes.toFixed(1)} min${over > 0 ? ` (${over.toFixed(1)} over the mark)` : ""}`;
}

export const proof: Proof = {
	id: "P8",
	claim: `drift: with webhooks off, ${changes} of ${listings} listings that change silently are all found, classified and healed by policy; none falsely in a day`,
	async run({ full, seed }) {
		const many = full ? listings : shortListings;
		const runs: SilentRun[] = [];
		for (const platform of everyPlatform()) {
			const run = await inDatabase((database) =>
				silentChanges(database, { platform, listings: many, changes, seed, latencyMs }),
			);
			console.log(`${pace(run)}: ${JSON.stringify(run)}`);
			runs.push(run);
		}
		const day = days(seed, full ? fullDays : shortDays, editEvery);
		console.log(`a day of ${day.days} SKUs in two stores each: ${JSON.stringify(day)}`);

		const sum = (of: (run: SilentRun) => number) => runs.reduce((total, run) => total + of(run), 0);
		return {
			holds: runs.every((run) => isWholeAndRight(run) && isInTime(run)) && isQuietDay(day),
			verdict: `${sum(({ found }) => found.found)} of ${sum(({ found }) => found.changes)} silent changes found, ${sum(({ found }) => found.classified)} classified, ${sum(({ found }) => found.healed)} healed by policy, ${sum(({ found, again }) => found.falsely + again.found)} false, in a store of each platform of ${many.toLocaleString("en")} listings ${full ? "(full)" : `(of ${listings.toLocaleString("en")})`}; ${full ? "" : "at that pace "}${listings.toLocaleString("en")} are verified on ${runs.map(pace).join(", ")}; ${day.falsely} false in 24 h of ${day.days.toLocaleString("en")} SKUs with ${day.sales.toLocaleString("en")} sales, ${day.right} of ${day.edits} edits found and booked, the slowest after ${day.slowestMinutes.toFixed(1)} min, ${day.metAndLost} of the ${day.met} lost that met a sale or a write of ours; without sweeps ${sum(({ withoutSweep }) => withoutSweep)} are found, and what holds levels against what it last sent cries wolf ${day.lastSentFalsely.toLocaleString("en")} times`,
		};
	},
};
