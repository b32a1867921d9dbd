/**
 * A day in the life of one SKU in two stores, on the production rules and in virtual time: it sells here and there, news
 * comes late or never, answers get lost, writes land late, and every level is read again at the pace that its platform's
 * coverage asks for. On some days somebody changes a number in one store, once, and nobody tells. What is said to have
 * been edited is held against that.
 */
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { wooFacts } from "@/lib/channels/woocommerce/facts";
import { Clock } from "@/lib/simulation/clock";
import { ProductionHub } from "@/lib/simulation/hub";
import { drawnLuck } from "@/lib/simulation/luck";
import { type Random, seeded } from "@/lib/simulation/random";
import { type Sale, Store } from "@/lib/simulation/store";
import type { StoreHabits } from "@/lib/simulation/store-habits";
import { slotDefaults } from "@/lib/stock/slot-defaults";
import { levelsStaleAfterMs } from "@/lib/stock/sweep";

const dayMs = 24 * 60 * 60_000;
/** After it the stores may still settle what the day left. */
const eveningMs = 30 * 60_000;
/** The longest that a sale goes unheard, or that a write whose answer was lost is in doubt. */
const unheardMs = 3 * 60_000;

export type Day = {
	sales: number;
	/** Differences that were taken for somebody's edit. */
	found: number;
	/** Units that somebody changed silently; null: nobody did. */
	edited: number | null;
	/**
	 * Something else happened to that very number between a little before the edit and its next reading: a sale that may
	 * make up for it before anybody hears of it, or a write of ours, which may have gone over it.
	 */
	isMet: boolean;
	/** From the edit to its finding; null: it was not found. */
	foundAfterMs: number | null;
	/** Units that were booked as edited; right when they are those that were. */
	booked: number;
	/** How often a hub that holds each level against what it last sent would have called it an edit. */
	lastSentSays: number;
};

export function dayOf(seed: number, hasEdit: boolean): Day {
	const random = seeded(seed);
	const clock = new Clock();
	const stock = random.int(60, 400);
	// The slower of the two platforms' paces.
	const sweepMs = levelsStaleAfterMs(shopifyFacts.coverage.levels, true);
	const platforms = [shopifyFacts, random.chance(0.5) ? shopifyFacts : wooFacts];
	const lastSent = platforms.map(() => stock);
	/** When each store sold, or took a write. */
	const moments: number[][] = platforms.map(() => []);
	let edit: { channel: number; units: number; at: number } | null = null;
	const stores = platforms.map((facts, channel) => {
		const habits = habitsOf(facts, random);
		return new Store(
			habits,
			stock,
			clock,
			drawnLuck(habits, random),
			(sale: Sale) => hub.hear(channel, sale),
			({ write }) => {
				lastSent[channel] = write.quantity;
				moments[channel]?.push(clock.now);
			},
		);
	});
	const hub = new ProductionHub(stores, stock, clock, {
		...slotDefaults,
		drift: "channel_counts",
		auditEveryMs: sweepMs,
	});
	hub.start();

	let foundAfterMs: number | null = null;
	let lastSentSays = 0;
	const holdAgainstLastSent = () => {
		stores.forEach((store, channel) => {
			if (store.shows !== lastSent[channel]) lastSentSays++;
		});
		if (clock.now + sweepMs < dayMs) clock.after(sweepMs, holdAgainstLastSent);
	};
	clock.after(sweepMs, holdAgainstLastSent);

	const perDay = random.pick([2, 10, 30]);
	let sales = 0;
	const sell = () => {
		if (clock.now > dayMs) return;
		const channel = random.int(0, stores.length - 1);
		if (stores[channel]?.sell(random.int(1, 2))) {
			sales++;
			moments[channel]?.push(clock.now);
		}
		clock.after(random.exponential(dayMs / perDay), sell);
	};
	clock.after(random.exponential(dayMs / perDay), sell);

	if (hasEdit)
		clock.at(Math.floor(random.next() * 0.9 * dayMs), () => {
			const channel = random.int(0, stores.length - 1);
			const store = stores[channel] as Store;
			const units = random.pick([-6, -3, -1, 2, 5, 9]);
			edit = { channel, units, at: clock.now };
			store.edit(store.shows + units);
			const look = () => {
				if (hub.edits.length > 0) foundAfterMs = clock.now - (edit?.at ?? 0);
				else if (clock.now < dayMs + eveningMs) clock.after(1_000, look);
			};
			look();
		});
	clock.runUntil(dayMs + eveningMs);
	// Assigned in a callback, of which the compiler knows nothing.
	const made = edit as { channel: number; units: number; at: number } | null;
	return {
		sales,
		found: hub.edits.length,
		edited: made?.units ?? null,
		isMet:
			made !== null &&
			moments[made.channel]?.some(
				(at) => at > made.at - unheardMs && at < made.at + (foundAfterMs ?? sweepMs + unheardMs),
			) === true,
		foundAfterMs,
		booked: hub.edits.reduce((sum, { units }) => sum + units, 0),
		lastSentSays,
	};
}

function habitsOf(facts: PlatformFacts, random: Random): StoreHabits {
	return {
		mode: facts.writeMode,
		latencyMs: 50 + random.next() * 450,
		newsDelayMs: random.pick([2_000, 60_000]),
		newsLossRate: random.pick([0.01, 0.2]),
		lostAnswerRate: 0.02,
		lateWriteMs: facts.lateWriteMs,
		orderListLagMs: facts.orderListLagMs,
	};
}

export type Days = {
	days: number;
	sales: number;
	/** Days without an edit on which one was seen, and edits beyond the one that there was. */
	falsely: number;
	edits: number;
	/** Found, and booked with the units that were changed. */
	right: number;
	/** Of the edits: those that something else met (`Day`), and of those the ones that were not found right. */
	met: number;
	metAndLost: number;
	slowestMinutes: number;
	lastSentFalsely: number;
};

/** `days` SKUs, each for a day; somebody edits one in `editEvery`. */
export function days(seed: number, count: number, editEvery: number): Days {
	const sums: Days = {
		days: count,
		sales: 0,
		falsely: 0,
		edits: 0,
		right: 0,
		met: 0,
		metAndLost: 0,
		slowestMinutes: 0,
		lastSentFalsely: 0,
	};
	for (let n = 0; n < count; n++) {
		const day = dayOf(seed * 100_000 + n, n % editEvery === editEvery - 1);
		sums.sales += day.sales;
		sums.lastSentFalsely += day.edited === null ? day.lastSentSays : 0;
		if (day.edited === null) {
			sums.falsely += day.found;
			continue;
		}
		sums.edits++;
		sums.falsely += Math.max(0, day.found - 1);
		const isRight = day.foundAfterMs !== null && day.booked === day.edited;
		if (isRight) sums.right++;
		if (day.isMet) sums.met++;
		if (day.isMet && !isRight) sums.metAndLost++;
		sums.slowestMinutes = Math.max(sums.slowestMinutes, (day.foundAfterMs ?? 0) / 60_000);
	}
	return sums;
}
