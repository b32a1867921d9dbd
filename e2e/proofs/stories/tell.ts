/** A script as sentences that a person can read: what happened when, and what came of it. */
import type { Contender, Figures } from "@/lib/simulation/run";
import type { Answer } from "@/lib/simulation/store";
import type { WriteMode } from "@/lib/stock/write-mode";
import { playScript, type Script, usualOneWayMs } from "./script";

const nameOf = (channel: number) => "ABCDEFGH"[channel] ?? `${channel + 1}`;
const units = (count: number) => (count === 1 ? "1 unit" : `${count} units`);
const modeWords: Record<WriteMode, string> = {
	compare: "compared",
	delta: "written by deltas",
	absolute: "written absolutely",
	over_reservations: "written over its reservations",
};

/** `0:41.3` */
export function clockTime(ms: number): string {
	const seconds = ms / 1_000;
	const rest = (seconds % 60).toFixed(1).padStart(4, "0");
	return `${Math.floor(seconds / 60)}:${rest}`;
}

const lasts = (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`);

export type Told = { sentences: string[]; figures: Figures };

export function tell(script: Script, contender: Contender): Told {
	const said: { at: number; text: string }[] = [];
	let left = script.stock;
	const figures = playScript(script, contender, (stores, hub, clock) => {
		const say = (text: string) => said.push({ at: clock.now, text });
		stores.forEach((store, channel) => {
			const name = nameOf(channel);
			const { sell, write, luck } = store;
			store.sell = (count, newsMs) => {
				const before = store.shows;
				shipsMs = null;
				isSelling = true;
				const sale = sell.call(store, count, newsMs);
				isSelling = false;
				if (!sale) return sale;
				left -= count;
				const missing = Math.min(count, -left);
				const ships = shipsMs === null ? "" : `; it ships ${shipsMs === 0 ? "at once" : `${lasts(shipsMs)} later`}`;
				const news = newsMs === null ? "nobody tells us" : `we are told ${lasts(newsMs ?? 0)} later`;
				say(
					`Somebody buys ${units(count)} in ${name}, which shows ${before} → ${store.shows}; ${news}${ships}.${missing > 0 ? ` ${missing} of what is sold does not exist.` : ""}`,
				);
				return sale;
			};
			store.write = (what, answer) => {
				const number = what.kind === "delta" ? `${signed(what.quantity - what.expected)}` : `${what.quantity}`;
				const ifShown = what.kind === "compare" ? ` if it shows ${what.expected}` : "";
				const onTop = what.open ? ` on top of ${what.open} for open orders` : "";
				say(
					what.kind === "close"
						? `We close ${name}, and leave ${units(what.open ?? 0)} there for open orders.`
						: `We send ${number} to ${name}${ifShown}${onTop}.`,
				);
				write.call(store, what, (result, shown) => {
					if (result !== "applied") say(`${answers[result](name)}.`);
					answer(result, shown);
				});
			};
			store.luck = {
				...luck,
				unansweredMs: (thereMs) => {
					const late = luck.unansweredMs(thereMs);
					if (late !== null)
						say(`${name} will do that ${late < 1 ? "at once" : `${lasts(late)} from now`}, and never answer.`);
					return late;
				},
				appliesMs: () => {
					const after = luck.appliesMs();
					say(after === null ? `${name} will never do that.` : `${name} will do that ${lasts(after)} from now.`);
					return after;
				},
				oneWayMs: () => {
					const takes = luck.oneWayMs();
					if (takes !== usualOneWayMs) say(`A message to or from ${name} takes ${lasts(takes)}.`);
					return takes;
				},
				listLagMs: () => {
					const lag = luck.listLagMs();
					if (lag > 0) say(`The list of orders that ${name} sends is ${lasts(lag)} behind.`);
					return lag;
				},
				shipsMs: () => {
					shipsMs = luck.shipsMs();
					return shipsMs;
				},
			};
			let shown = store.shows;
			let isSelling = false;
			let shipsMs: number | null = null;
			store.onShown = (shows) => {
				if (!isSelling && shows !== shown) say(`${name} shows ${shown} → ${shows}.`);
				shown = shows;
			};
		});
		const { crash, hear } = hub;
		hub.hear = (channel, sale) => {
			if (!hub.heard[channel]?.has(sale.id)) say(`We hear that ${units(sale.units)} sold in ${nameOf(channel)}.`);
			hear.call(hub, channel, sale);
		};
		if (crash)
			hub.crash = () => {
				say("We crash, and start again.");
				crash.call(hub);
			};
		say(
			`${units(script.stock)} in ${script.stores.map(({ mode }, channel) => `${nameOf(channel)} (${modeWords[mode]}, shows ${stores[channel]?.shows})`).join(" and ")}.`,
		);
	});
	return {
		sentences: said.map(({ at, text }, index) => `${`${index + 1}.`.padStart(3)} ${clockTime(at)} ${text}`),
		figures,
	};
}

const answers: Record<Exclude<Answer, "applied">, (name: string) => string> = {
	stale: (name) => `${name} refuses it`,
	accepted: (name) => `${name} accepts it`,
	lost: (name) => `We give up waiting for the answer of ${name}`,
};

const signed = (count: number) => (count < 0 ? `−${-count}` : `+${count}`);
