/**
 * P7's world: two stores that share one stock both ways. People edit either store's number, also back to what it was,
 * buyers buy, somebody corrects the stock itself; each change of a level is told by a webhook, late, twice, out of order
 * or not at all, our own writes included.
 */

import { Clock } from "@/lib/simulation/clock";
import { ProductionHub } from "@/lib/simulation/hub";
import { drawnLuck } from "@/lib/simulation/luck";
import { type Random, seeded } from "@/lib/simulation/random";
import { openStore } from "@/lib/simulation/reserving-store";
import type { Sale, Store } from "@/lib/simulation/store";
import type { StoreHabits } from "@/lib/simulation/store-habits";
import { slotDefaults } from "@/lib/stock/slot-defaults";
import type { WriteMode } from "@/lib/stock/write-mode";
import { EchoTwin, type EchoTwinKind } from "./echo-twin";

export type EchoStrategy = "ours" | EchoTwinKind;

export type EchoFigures = {
	events: number;
	edits: number;
	/** Of them, those that took a number back to what it was. */
	editsBack: number;
	/** Writes still leave long after the last event: something answers itself. */
	isRestless: boolean;
	/** Both stores show the same in the end. */
	isInStep: boolean;
	/** What both ought to show, by every edit, sale and correction. */
	right: number;
	shows: number[];
	writes: number;
};

export type EchoOptions = {
	events: number;
	/** Nothing else happens while an edit is on its way to be known: its effect can be told apart. */
	isApart: boolean;
	/** Of the two stores. */
	modes?: readonly [WriteMode, WriteMode];
};

const mostWrites = 5_000;
const settleMs = 20 * 60_000;
const restMs = 10 * 60_000;

export function echoRun(
	seed: number,
	strategy: EchoStrategy,
	{ events, isApart, modes = ["compare", "compare"] }: EchoOptions,
): EchoFigures {
	const random = seeded(seed);
	const clock = new Clock();
	const stock = random.int(100, 400);
	let writes = 0;
	const stores = modes.map((mode, channel) => {
		const habits = drawHabits(random, mode);
		const store = openStore(
			habits,
			stock,
			clock,
			drawnLuck(habits, random),
			(sale: Sale) => hub.hear(channel, sale),
			() => {},
		);
		const write = store.write.bind(store);
		store.write = (what, answer) => {
			writes++;
			// What answers itself would do so for ever.
			if (writes < mostWrites) write(what, answer);
		};
		store.onShown = (shows) => tell(random, clock, () => hub.hint(channel, shows));
		return store;
	});
	const hub =
		strategy === "ours"
			? new ProductionHub(stores, stock, clock, { ...slotDefaults, drift: "channel_counts", auditEveryMs: 5 * 60_000 })
			: new EchoTwin(stores, stock, clock, strategy);
	hub.start();

	let right = stock;
	let edits = 0;
	let editsBack = 0;
	let left = events;
	const meanGapMs = isApart ? 40_000 : random.pick([1_000, 5_000, 30_000]);
	const happen = () => {
		if (left-- <= 0) return;
		const store = random.pick(stores);
		const before = store.shows;
		const what = random.next();
		if (what < 0.5) {
			edits++;
			const back = editedBack(random, store);
			if (back !== null) editsBack++;
			store.edit(back ?? Math.max(0, before + random.pick([-7, -3, -1, 1, 2, 5, 11])));
			right += store.shows - before;
		} else if (what < 0.85) {
			const sale = store.sell(random.int(1, 2));
			right -= sale?.units ?? 0;
		} else {
			const units = random.int(-3, 8);
			right += units;
			hub.adjust(units);
		}
		clock.after((isApart ? 60_000 : 0) + random.exponential(meanGapMs), happen);
	};
	clock.after(random.exponential(meanGapMs), happen);
	clock.runUntil(events * (meanGapMs + (isApart ? 60_000 : 0)) * 3 + settleMs);
	const before = writes;
	clock.runUntil(clock.now + restMs);
	const shows = stores.map((store) => store.shows);
	return {
		events,
		edits,
		editsBack,
		isRestless: writes > before || writes >= mostWrites,
		isInStep: shows[0] === shows[1],
		right: Math.max(0, right),
		shows,
		writes,
	};
}

/** A third of the edits take a number back to what it was before the last change, whoever made that. */
function editedBack(random: Random, store: Store): number | null {
	const earlier = store.history.at(-2)?.shows;
	return earlier !== undefined && earlier !== store.shows && random.chance(0.35) ? earlier : null;
}

function drawHabits(random: Random, mode: WriteMode): StoreHabits {
	return {
		mode,
		latencyMs: 50 + random.next() * 450,
		newsDelayMs: random.pick([1_000, 5_000]),
		newsLossRate: 0.02,
		lostAnswerRate: 0.02,
		lateWriteMs: 30_000,
		orderListLagMs: random.next() * 10_000,
	};
}

/** News of a level: up to 20 s late, one in five twice, one in twenty never. */
function tell(random: Random, clock: Clock, say: () => void): void {
	if (random.chance(0.05)) return;
	const times = random.chance(0.2) ? 2 : 1;
	for (let time = 0; time < times; time++) clock.after(random.next() * random.pick([500, 5_000, 20_000]), say);
}
