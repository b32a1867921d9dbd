/** Strategies compared on simulated days, in a merchant's words. */
import type { Cell, ContenderName } from "@/lib/simulation/compare";
import type { DayName } from "@/lib/simulation/scenes";
import { formatNumber } from "./number";
import { duration } from "./time";

export const dayWords: Record<DayName, { name: string; detail: string }> = {
	"slow week": { name: "A slow week", detail: "60 units, and about as many buyers in seven days." },
	"busy day": { name: "A busy day", detail: "100 units; 120 buyers in six hours." },
	"Black Friday, 300 units": { name: "Black Friday", detail: "300 units; a buyer every 0.4 seconds for half an hour." },
	"flash sale of 20": { name: "A flash sale", detail: "20 units, unannounced; a buyer every 0.15 seconds." },
	"goes viral (×60)": { name: "It goes viral", detail: "150 units; after an hour sixty times as many buyers." },
	"late news (60 s, 5 % lost)": {
		name: "Late webhooks",
		detail: "60 units; news of a sale takes a minute, and one in twenty is lost.",
	},
	"large baskets": { name: "Large baskets", detail: "120 units; each buyer takes up to six." },
	"a store is down for 10 min": {
		name: "An outage",
		detail: "80 units; one store sells on and answers nobody for ten minutes.",
	},
	"a busy day with a marketplace": {
		name: "A busy day, one applies late",
		detail: "The busy day, where one store only accepts a number and applies it within minutes, as Amazon does.",
	},
	"Black Friday with a marketplace": {
		name: "Black Friday, one applies late",
		detail:
			"300 units, a buyer every ten seconds for an hour; one store applies a number within minutes, as Amazon does.",
	},
	"a marked launch of 20": { name: "A marked launch", detail: "The flash sale of 20, announced ahead." },
};

export const contenderWords: Record<ContenderName, { name: string; detail: string }> = {
	"naive push": { name: "Plain push", detail: "writes its number everywhere on every sale" },
	"poll, 5 min": { name: "Five-minute poll", detail: "asks for orders every five minutes" },
	shared: { name: "Shared", detail: "every store shows all of it" },
	"shared − 2": { name: "Shared, two held back", detail: "and two units are never shown" },
	adaptive: { name: "Adaptive", detail: "split only while it sells out fast" },
	escrow: { name: "Escrow", detail: "each store shows its part" },
};

export type Figure = keyof Cell;

/** In the order of the table. `shape`: what marks the worst of a day. */
export const figures: readonly {
	key: Figure;
	name: string;
	unit: string;
	worst: string;
	shape: "bad" | "warn";
	format: (value: number) => string;
}[] = [
	{
		key: "oversold",
		name: "Sold twice",
		unit: "of 1,000 units",
		worst: "most units sold twice",
		shape: "bad",
		format: (value) => tenths(value),
	},
	{
		key: "reinflations",
		name: "Put back on sale",
		unit: "times a run",
		worst: "most often put back on sale",
		shape: "bad",
		format: (value) => tenths(value),
	},
	{
		key: "lost",
		name: "Lost to caution",
		unit: "of 1,000 units",
		worst: "most sales lost",
		shape: "warn",
		format: (value) => tenths(value),
	},
	{
		key: "calls",
		name: "Calls",
		unit: "a run, polls too",
		worst: "most calls",
		shape: "warn",
		format: (value) => formatNumber(Math.round(value)),
	},
	{
		key: "lagMs",
		name: "Off the other stores",
		unit: "95 % within",
		worst: "slowest",
		shape: "warn",
		format: (value) => duration(Math.round(value)),
	},
];

/** One decimal, always: so numbers below one another line up. */
function tenths(value: number): string {
	const [whole = "0", part = "0"] = value.toFixed(1).split(".");
	return `${formatNumber(Number(whole))}.${part}`;
}
