/**
 * All that happens to a hub from outside, written down: what a seed drew, so that it can be cut shorter and played again.
 * Whatever it does not name goes well: requests take a tenth of a second, answers come, lists of orders are up to date, and
 * nothing ships.
 */
import { z } from "zod";
import type { Clock } from "@/lib/simulation/clock";
import type { Luck } from "@/lib/simulation/luck";
import { type Buyer, type Contender, type Figures, play, type Setting, type Witness } from "@/lib/simulation/run";
import type { Store } from "@/lib/simulation/store";

const ms = z.number().min(0);

const buyerSchema = z.object({
	at: ms,
	channel: z.int().min(0),
	units: z.int().min(1),
	/** Until the news of it comes; null: never. */
	newsMs: ms.nullable(),
});

/** Happens to the first thing of its kind from `at` on, in that store. */
const misfortuneSchema = z.object({
	at: ms,
	channel: z.int().min(0),
	/** A request or answer that takes `ms`; a write that lands after `ms` and is never answered; one that is accepted and lands after `ms`, or never; orders listed `ms` late; a sale that ships after `ms`. */
	what: z.enum(["slow", "unanswered", "lands", "ignored", "behind", "ships"]),
	ms,
});

export const scriptSchema = z.object({
	stock: z.int().min(0),
	runMs: ms,
	isLaunch: z.boolean().optional(),
	stores: z
		.array(
			z.object({
				mode: z.enum(["compare", "delta", "absolute", "over_reservations"]),
				/** At the start. */
				shows: z.int().min(0),
				latencyMs: ms,
				newsDelayMs: ms,
				newsLossRate: z.number(),
				lostAnswerRate: z.number(),
				lateWriteMs: ms,
				accepts: z.object({ usuallyMs: ms, lateRate: z.number(), neverRate: z.number() }).optional(),
				orderListLagMs: ms,
				outage: z.object({ from: ms, until: ms }).optional(),
				ships: z.object({ atOnceRate: z.number(), meanMs: ms }).optional(),
			}),
		)
		.min(1),
	buyers: z.array(buyerSchema),
	misfortunes: z.array(misfortuneSchema),
	crashes: z.array(ms),
});

export type Script = z.infer<typeof scriptSchema>;
export type Misfortune = Script["misfortunes"][number];

export const usualOneWayMs = 100;

/** What a person would count in it. */
export const stepsOf = ({ buyers, misfortunes, crashes }: Script): number =>
	buyers.length + misfortunes.length + crashes.length;

export function playScript(script: Script, contender: Contender, witness?: Witness): Figures {
	return play(settingOf(script), contender, witness);
}

/** What happens to a run from outside, as it goes. Buyers who were refused changed nothing and are left out. */
export function record(run: (witness: Witness) => Pick<Setting, "stock" | "runMs" | "isLaunch">): Script {
	const buyers: Script["buyers"] = [];
	const misfortunes: Misfortune[] = [];
	const crashes: number[] = [];
	let stores: Script["stores"] = [];
	const { stock, runMs, isLaunch } = run((running, hub, clock) => {
		stores = running.map(({ habits, shows }) => ({ ...habits, shows }));
		running.forEach((store, channel) => {
			const { luck } = store;
			const note = (what: Misfortune["what"], ms: number) => {
				misfortunes.push({ at: clock.now, channel, what, ms });
				return ms;
			};
			let newsMs: number | null = null;
			store.luck = {
				newsMs: () => {
					newsMs = luck.newsMs();
					return newsMs;
				},
				oneWayMs: () => note("slow", luck.oneWayMs()),
				unansweredMs: (thereMs) => {
					const late = luck.unansweredMs(thereMs);
					return late === null ? null : note("unanswered", late);
				},
				appliesMs: () => {
					const appliesMs = luck.appliesMs();
					if (appliesMs !== null) return note("lands", appliesMs);
					note("ignored", 0);
					return null;
				},
				listLagMs: () => note("behind", luck.listLagMs()),
				shipsMs: () => {
					const shipsMs = luck.shipsMs();
					return shipsMs === null ? null : note("ships", shipsMs);
				},
			};
			const sell = store.sell.bind(store);
			store.sell = (units, told) => {
				const sale = sell(units, told);
				if (sale) buyers.push({ at: sale.at, channel, units, newsMs: told === undefined ? newsMs : told });
				return sale;
			};
		});
		const crash = hub.crash?.bind(hub);
		if (crash)
			hub.crash = () => {
				crashes.push(clock.now);
				crash();
			};
	});
	return { stock, runMs, isLaunch, stores, buyers, misfortunes, crashes };
}

/** The same from a moment on, as if the stores had begun with what they show just before it. */
export function startedAt(script: Script, contender: Contender, from: number): Script {
	let stores: readonly Store[] = [];
	playScript({ ...script, runMs: from }, contender, (running) => {
		stores = running;
	});
	const isBefore = ({ at }: { at: number }) => at < from;
	const later = <T extends { at: number }>(list: readonly T[]): T[] =>
		list.filter((one) => !isBefore(one)).map((one) => ({ ...one, at: one.at - from }));
	const sold = stores.flatMap(({ sales }) => sales.filter(isBefore)).reduce((sum, { units }) => sum + units, 0);
	return {
		...script,
		stock: script.stock - sold,
		runMs: script.runMs - from,
		stores: script.stores.map((store, channel) => ({
			...store,
			shows: stores[channel]?.history.findLast(isBefore)?.shows ?? store.shows,
		})),
		buyers: later(script.buyers),
		misfortunes: later(script.misfortunes),
		crashes: script.crashes.filter((at) => at >= from).map((at) => at - from),
	};
}

function settingOf({ stock, runMs, isLaunch, stores, buyers, misfortunes, crashes }: Script): Setting {
	return {
		stock,
		runMs,
		isLaunch,
		stores: stores.map(({ shows, ...habits }, channel) => ({
			habits,
			shows,
			luck: (clock) =>
				writtenLuck(
					misfortunes.filter((one) => one.channel === channel),
					clock,
				),
		})),
		buyers: (): Buyer[] => buyers,
		crashAfter: (after) => crashes.find((at) => at > after) ?? null,
	};
}

function writtenLuck(misfortunes: readonly Misfortune[], clock: Clock): Luck {
	const next = (what: Misfortune["what"]) => {
		const queue = misfortunes.filter((one) => one.what === what).sort((a, b) => a.at - b.at);
		let done = 0;
		return <T>(usual: T): T | number => {
			const first = queue[done];
			if (!first || first.at > clock.now) return usual;
			done++;
			return first.ms;
		};
	};
	const [slow, unanswered, behind, ships] = [next("slow"), next("unanswered"), next("behind"), next("ships")];
	const [lands, ignored] = [next("lands"), next("ignored")];
	return {
		newsMs: () => null,
		oneWayMs: () => slow(usualOneWayMs),
		unansweredMs: () => unanswered(null),
		appliesMs: () => (ignored(null) === null ? lands(usualOneWayMs) : null),
		listLagMs: () => behind(0),
		shipsMs: () => ships(null),
	};
}
