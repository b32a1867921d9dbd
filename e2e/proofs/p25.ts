import type { StoreKind } from "@/lib/simulation/store";
import { explore } from "./every-interleaving/explore";
import { acceptingTwins, belowZeroTwins, reservingTwins, rulesOf, type Twin, twins } from "./every-interleaving/rules";
import type { Proof } from "./proof";

type Small = { modes: readonly StoreKind[]; units: number; returns: number };

const pairs: readonly (readonly StoreKind[])[] = [
	["compare", "compare"],
	["compare", "delta"],
	["compare", "absolute"],
	["delta", "delta"],
	["delta", "absolute"],
	["absolute", "absolute"],
];
const triples: readonly (readonly StoreKind[])[] = [
	["compare", "compare", "compare"],
	["compare", "compare", "delta"],
	["compare", "compare", "absolute"],
	["compare", "delta", "delta"],
	["compare", "delta", "absolute"],
	["compare", "absolute", "absolute"],
	["delta", "delta", "delta"],
	["delta", "delta", "absolute"],
	["delta", "absolute", "absolute"],
	["absolute", "absolute", "absolute"],
];

/** With a store that takes its open orders off by itself. */
const reserving: readonly (readonly StoreKind[])[] = [
	["compare", "over_reservations"],
	["delta", "over_reservations"],
	["absolute", "over_reservations"],
	["over_reservations", "over_reservations"],
	["compare", "compare", "over_reservations"],
];

/** With a store that only says that it has accepted a write. */
const accepting: readonly (readonly StoreKind[])[] = [
	["compare", "accepting delta"],
	["compare", "accepting absolute"],
	["compare", "accepting over_reservations"],
];

/** With a store that takes a difference whatever it shows. */
const belowZero: readonly (readonly StoreKind[])[] = [
	["compare", "delta below zero"],
	["delta below zero", "delta below zero"],
	["absolute", "delta below zero"],
];

/** A world too large to be walked whole counts as not shown. */
const mostStates = 1_200_000;

export function worlds(full: boolean): Small[] {
	const of = (all: readonly (readonly StoreKind[])[], units: number, returns: number) =>
		all.map((modes) => ({ modes, units, returns }));
	const few = [
		...of(pairs.slice(0, 5), 1, 1),
		...of(pairs.slice(0, 4), 2, 0),
		...of(triples.slice(0, 5), 1, 0),
		...of(reserving.slice(0, 3), 1, 0),
		...of(accepting, 1, 0),
		...of(belowZero.slice(0, 2), 2, 0),
	];
	if (!full) return few;
	return [
		...few,
		...of(pairs.slice(5), 1, 1),
		...of(pairs.slice(4), 2, 0),
		...of(pairs.slice(0, 3), 2, 1),
		...of(pairs.slice(0, 4), 3, 0),
		...of(pairs.slice(0, 1), 4, 0),
		...of(triples.slice(5), 1, 0),
		...of([triples[1], triples[2]] as Small["modes"][], 2, 0),
		...of(belowZero.slice(2), 2, 0),
		...of(belowZero.slice(0, 1), 2, 1),
		...of(reserving.slice(3), 1, 0),
		...of(reserving.slice(0, 1), 1, 1),
		...of(reserving.slice(0, 1), 2, 0),
	];
}

/** Where each twin can be caught: a store that compares, and one that is written absolutely, or so over reservations. */
export const twinStory = (twin: Twin, kind: StoreKind = "absolute"): string[] | null =>
	explore(["compare", kind], {
		units: 2,
		returns: 0,
		rules: rulesOf(twin),
		mostStates,
		isOnlyOversold: true,
	}).story;

export const proof: Proof = {
	id: "P25",
	claim: "escrow: in every interleaving of small worlds nothing is sold that does not exist, and the ledger holds",
	async run({ full }) {
		let states = 0;
		let broken = 0;
		let unvisited = 0;
		for (const { modes, units, returns } of worlds(full)) {
			const walk = explore(modes, { units, returns, rules: rulesOf(null), mostStates, isOnlyOversold: false });
			states += walk.states;
			unvisited += walk.unvisited;
			if (walk.story) broken++;
			console.log(
				`${modes.join(" + ")}, ${units} units, ${returns} returns: ${walk.states.toLocaleString("en")} states${walk.unvisited > 0 ? `, ${walk.unvisited} not visited` : ", all"}${walk.story ? `\n    ${walk.story.join("\n    ")}` : ""}`,
			);
		}
		const stories: { twin: string; story: string[] | null }[] = [
			...twins.map((twin) => ({ twin, story: twinStory(twin) })),
			...[...twins, ...reservingTwins].map((twin) => ({
				twin: `${twin}, over reservations`,
				story: twinStory(twin, "over_reservations"),
			})),
			...belowZeroTwins.map((twin) => ({ twin, story: twinStory(twin, "delta below zero") })),
			...acceptingTwins.map((twin) => ({ twin, story: twinStory(twin, "accepting absolute") })),
		];
		for (const { twin, story } of stories)
			console.log(`twin: ${twin}\n    ${story?.join("\n    ") ?? "nothing found"}`);
		const isEnough = !full || states >= 1_000_000;
		return {
			holds: broken === 0 && unvisited === 0 && isEnough && stories.every(({ story }) => story !== null),
			verdict: `${broken} worlds of ${worlds(full).length} broken, ${states.toLocaleString("en")} states walked ${full ? "(full)" : "(a share)"}, ${unvisited} left out; ${stories.map(({ twin, story }) => `"${twin}" oversells in ${story ? story.length - 2 : "no"} steps`).join(", ")}`,
		};
	},
};
