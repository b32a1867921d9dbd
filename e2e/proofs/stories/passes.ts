/** Ways in which a script may be made simpler. */
import type { Contender } from "@/lib/simulation/run";
import { type Script, startedAt, usualOneWayMs } from "./script";

/** News that is as prompt as it can be. */
export const promptMs = 1_000;

export const timesOf = ({ buyers, misfortunes, crashes }: Script): number[] => [
	...buyers.map(({ at }) => at),
	...misfortunes.map(({ at }) => at),
	...crashes,
];

type Edit = (script: Script) => Script;
/** Edits to be tried one after another, each on the best script so far. */
type Pass = (script: Script, contender: Contender) => Edit[];

const second = (ms: number) => Math.floor(ms / 1_000) * 1_000;

const endsSooner: Pass = () => {
	const sooner: ((runMs: number) => number)[] = [
		(ms) => ms / 16,
		(ms) => ms / 4,
		(ms) => ms / 2,
		(ms) => (3 * ms) / 4,
		(ms) => (7 * ms) / 8,
		(ms) => second(ms - 10_000),
		(ms) => second(ms - 1_000),
	];
	return sooner.map((of) => (script) => until(script, Math.round(of(script.runMs))));
};

const until = (script: Script, runMs: number): Script => ({
	...script,
	runMs,
	buyers: script.buyers.filter(({ at }) => at <= runMs),
	misfortunes: script.misfortunes.filter(({ at }) => at <= runMs),
	crashes: script.crashes.filter((at) => at <= runMs),
});

/** It is most of what a seed draws, and hardly ever matters. */
const withoutSlowness: Pass = () => [
	(script) => ({ ...script, misfortunes: script.misfortunes.filter(({ what }) => what === "unanswered") }),
	(script) => ({ ...script, misfortunes: script.misfortunes.filter(({ what }) => what !== "slow") }),
	(script) => ({ ...script, misfortunes: script.misfortunes.filter(({ what }) => what !== "behind") }),
];

/** Halves, quarters, … single ones; the last first, so that those before keep their places. */
function pieces(length: number): (<T>(list: readonly T[]) => T[])[] {
	const found: (<T>(list: readonly T[]) => T[])[] = [];
	for (let size = length; size >= 1; size = Math.floor(size / 2))
		for (let to = length; to > 0; to -= size)
			found.push((list) => list.filter((_, index) => index < to - size || index >= to));
	return found;
}

const withoutMisfortunes: Pass = ({ misfortunes }) =>
	pieces(misfortunes.length).map((cut) => (script) => ({ ...script, misfortunes: cut(script.misfortunes) }));

const withoutCrashes: Pass = ({ crashes }) =>
	pieces(crashes.length).map((cut) => (script) => ({ ...script, crashes: cut(script.crashes) }));

export const unitsOf = (buyers: Script["buyers"]) => buyers.reduce((sum, { units }) => sum + units, 0);

/** Without the units that they bought: in their stores, or in all; or with them. */
const withoutBuyers: Pass = ({ buyers }) =>
	pieces(buyers.length).flatMap((cut): Edit[] => [
		(script) => withoutTheirUnits({ ...script, buyers: cut(script.buyers) }, script.buyers),
		(script) => {
			const left = cut(script.buyers);
			return withLess({ ...script, buyers: left }, unitsOf(script.buyers) - unitsOf(left));
		},
		(script) => ({ ...script, buyers: cut(script.buyers) }),
	]);

/** Each store begins with so many fewer units as its buyers buy less than they did. */
function withoutTheirUnits(script: Script, before: Script["buyers"]): Script {
	const boughtIn = (buyers: Script["buyers"], channel: number) =>
		unitsOf(buyers.filter((one) => one.channel === channel));
	return {
		...script,
		stock: script.stock - unitsOf(before) + unitsOf(script.buyers),
		stores: script.stores.map((store, channel) => ({
			...store,
			shows: store.shows - boughtIn(before, channel) + boughtIn(script.buyers, channel),
		})),
	};
}

/** Fewer units in all, and none of them shown anywhere. */
const withLess = (script: Script, units: number): Script => ({
	...script,
	stock: script.stock - units,
	stores: script.stores.map((store) => ({ ...store, shows: Math.max(0, store.shows - units) })),
});

const withoutAStore: Pass = ({ stores }) =>
	stores
		.map((_, index) => index)
		.reverse()
		.flatMap((gone): Edit[] => [
			(script) => {
				const next = without(script, gone);
				return { ...next, stock: script.stock - (script.stores[gone]?.shows ?? 0) };
			},
			(script) => {
				const next = without(script, gone);
				return withLess(next, unitsOf(script.buyers) - unitsOf(next.buyers));
			},
			(script) => without(script, gone),
		]);

function without(script: Script, gone: number): Script {
	if (script.stores.length === 1) return script;
	const rest = <T extends { channel: number }>(list: readonly T[]): T[] =>
		list.flatMap((one) =>
			one.channel === gone ? [] : [{ ...one, channel: one.channel > gone ? one.channel - 1 : one.channel }],
		);
	const { stores, buyers, misfortunes } = script;
	return {
		...script,
		stores: stores.filter((_, index) => index !== gone),
		buyers: rest(buyers),
		misfortunes: rest(misfortunes),
	};
}

/** What came before is told by what the stores show then; polls keep their second, or not. The later the better. */
const beginsLater: Pass = (script, contender) => {
	const ways: ((at: number) => number)[] = [(at) => at, (at) => at - (at % minuteMs), (at) => at - minuteMs];
	const times = [...new Set(timesOf(script))].sort((a, b) => b - a).slice(0, mostBeginnings);
	return times.flatMap((at) =>
		ways.map(
			(of): Edit =>
				(best) =>
					of(at) > 0 && of(at) < best.runMs ? startedAt(best, contender, of(at)) : best,
		),
	);
};
const minuteMs = 60_000;
const mostBeginnings = 60;

const withFewerUnits: Pass = ({ stock, stores, buyers }) => [
	...[stock, Math.floor(stock / 2), 1].map(
		(units): Edit =>
			(script) =>
				withLess(script, units),
	),
	...stores.flatMap((_, index) =>
		[Math.floor(stock / 2), 1].flatMap((units): Edit[] => [
			(script) => ({ ...withFewerIn(script, index, units), stock: script.stock - units }),
			(script) => withFewerIn(script, index, units),
		]),
	),
	(script) => ({ ...script, stock: script.stock - 1 }),
	...buyers.flatMap((_, index): Edit[] => [
		(script) => withoutTheirUnits(withBuyer(script, index, { units: 1 }), script.buyers),
		(script) => withBuyer(script, index, { units: 1 }),
	]),
];

function withFewerIn(script: Script, index: number, units: number): Script {
	const store = script.stores[index];
	return store ? { ...script, stores: script.stores.with(index, { ...store, shows: store.shows - units }) } : script;
}

function withBuyer(script: Script, index: number, change: Partial<Script["buyers"][number]>): Script {
	const buyer = script.buyers[index];
	return buyer ? { ...script, buyers: script.buyers.with(index, { ...buyer, ...change }) } : script;
}

/** News comes within a second, or never. */
const withPlainNews: Pass = ({ buyers }) =>
	buyers.flatMap((_, index) =>
		[promptMs, null].map(
			(newsMs): Edit =>
				(script) =>
					withBuyer(script, index, { newsMs }),
		),
	);

/** Everything from one moment on comes earlier; then what happens in that moment alone. */
const withShorterGaps: Pass = (script) => {
	const sooner: ((at: number, before: number) => number)[] = [
		(_, before) => before,
		(_, before) => before + 1_000,
		(at, before) => before + (at - before) / 2,
		(at) => second(at),
	];
	return [...new Set(timesOf(script))].flatMap((_, index) =>
		sooner.flatMap((of): Edit[] => [
			(script) => earlier(script, index, of, true),
			(script) => earlier(script, index, of, false),
		]),
	);
};

function earlier(
	script: Script,
	index: number,
	of: (at: number, before: number) => number,
	isAllAfter: boolean,
): Script {
	const times = [...new Set(timesOf(script))].sort((a, b) => a - b);
	const at = times[index];
	if (at === undefined) return script;
	const by = at - Math.round(of(at, times[index - 1] ?? 0));
	const move = (time: number) => (time === at || (isAllAfter && time > at) ? time - by : time);
	return {
		...script,
		runMs: isAllAfter ? script.runMs - by : script.runMs,
		buyers: script.buyers.map((one) => ({ ...one, at: move(one.at) })),
		misfortunes: script.misfortunes.map((one) => ({ ...one, at: move(one.at) })),
		crashes: script.crashes.map(move),
	};
}

const withSmallerNumbers: Pass = ({ misfortunes, buyers, stores }) => [
	...misfortunes.flatMap(({ what }, index) =>
		smaller(what === "slow" ? usualOneWayMs : 0).map(
			(of): Edit =>
				(script) => {
					const one = script.misfortunes[index];
					return one ? { ...script, misfortunes: script.misfortunes.with(index, { ...one, ms: of(one.ms) }) } : script;
				},
		),
	),
	...buyers.flatMap((_, index) =>
		smaller(promptMs).map(
			(of): Edit =>
				(script) => {
					const newsMs = script.buyers[index]?.newsMs;
					return typeof newsMs === "number" ? withBuyer(script, index, { newsMs: of(newsMs) }) : script;
				},
		),
	),
	...stores.flatMap((_, index) =>
		(["orderListLagMs", "lateWriteMs"] as const).flatMap((key) =>
			smaller(0).map(
				(of): Edit =>
					(script) => {
						const store = script.stores[index];
						return store
							? { ...script, stores: script.stores.with(index, { ...store, [key]: of(store[key]) }) }
							: script;
					},
			),
		),
	),
];

const smaller = (least: number): ((value: number) => number)[] =>
	[() => least, (value: number) => value / 2, second, Math.floor].map(
		(of) => (value) => Math.max(least, Math.round(of(value))),
	);

/** In the order in which they are tried. */
export const passes: readonly Pass[] = [
	endsSooner,
	withoutSlowness,
	withoutMisfortunes,
	withoutCrashes,
	withoutBuyers,
	beginsLater,
	withoutAStore,
	withFewerUnits,
	withPlainNews,
	withShorterGaps,
	withSmallerNumbers,
];
