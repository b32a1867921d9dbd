import { testDatabase } from "@/db/testing";
import type { WriteMode } from "@/lib/stock/write-mode";
import { type EchoPair, twoWayPair } from "./echo/pair";
import type { Proof } from "./proof";
import { type EchoStrategy, echoRun } from "./simulation/echo";

const eventsPerRun = 100;
const fullRuns = 1_000;
const shortRuns = 400;
const twinRuns = 100;
/** Of each pair of other write modes, one thing at a time and all at once. */
const otherRuns = 100;
/** No platform but one that compares tells of an edit that a write of ours has just gone over. */
export const otherModes = [
	["delta", "delta"],
	["compare", "delta"],
	["compare", "absolute"],
	["absolute", "absolute"],
	["delta", "over_reservations"],
	["over_reservations", "over_reservations"],
] as const satisfies readonly (readonly [WriteMode, WriteMode])[];

export type Echoes = {
	runs: number;
	events: number;
	editsBack: number;
	/** Runs in which writes never end. */
	restless: number;
	/** Runs whose stores differ in the end. */
	outOfStep: number;
	/** Runs whose stores don't show what every edit, sale and correction adds up to. */
	wrong: number;
	/** Runs whose stores show more than that: sold stock or an echo was counted as stock. */
	over: number;
	writes: number;
};

/** `isApart`: no two events at once, so that each one's effect can be told. */
export function echoes(
	strategy: EchoStrategy,
	seed: number,
	runs: number,
	isApart: boolean,
	modes?: readonly [WriteMode, WriteMode],
): Echoes {
	const sums = { runs, events: 0, editsBack: 0, restless: 0, outOfStep: 0, wrong: 0, over: 0, writes: 0 };
	for (let run = seed; run < seed + runs; run++) {
		const one = echoRun(run, strategy, { events: eventsPerRun, isApart, modes });
		sums.events += one.events;
		sums.editsBack += one.editsBack;
		sums.writes += one.writes;
		if (one.isRestless) sums.restless++;
		if (!one.isInStep) sums.outOfStep++;
		if (one.shows.some((shows) => shows !== one.right)) sums.wrong++;
		if (one.shows.some((shows) => shows > one.right)) sums.over++;
	}
	return sums;
}

const print = (name: string, sums: Echoes) => console.log(`${name}: ${JSON.stringify(sums)}`);

export const proof: Proof = {
	id: "P7",
	claim: "echo: two stores that share a stock both ways never answer themselves, and an edit back is an edit",
	async run({ full, seed }) {
		const runs = (full ? fullRuns : shortRuns) / 2;
		const apart = echoes("ours", seed, runs, true);
		print("ours, one thing at a time", apart);
		const together = echoes("ours", seed, runs, false);
		print("ours, all at once", together);
		const none = echoes("no suppression", seed, twinRuns, false);
		print("twin: no suppression", none);
		const window = echoes("time window", seed, twinRuns, false);
		print("twin: time window", window);

		const pair = await onPipeline(full, seed);
		console.log(`two Shopify stores over HTTP: ${JSON.stringify(pair)}`);

		const others = otherModes.map((modes) => ({
			modes: modes.join(" + "),
			apart: echoes("ours", seed, full ? otherRuns : otherRuns / 10, true, modes),
			together: echoes("ours", seed, full ? otherRuns : otherRuns / 10, false, modes),
		}));
		for (const { modes, apart, together } of others) {
			print(`${modes}, one thing at a time`, apart);
			print(`${modes}, all at once`, together);
		}
		const other = others.flatMap(({ apart, together }) => [apart, together]);
		const inOthers = (of: (one: Echoes) => number) => other.reduce((sum, one) => sum + of(one), 0);
		const goneOver = others.reduce((sum, one) => sum + one.apart.wrong, 0);

		const restless = apart.restless + together.restless;
		const twinsFail = none.restless > 0 && window.outOfStep > 0;
		const isQuiet =
			restless + inOthers((one) => one.restless) === 0 &&
			apart.outOfStep + together.outOfStep + inOthers((one) => one.outOfStep) === 0 &&
			together.over === 0;
		return {
			holds: isQuiet && apart.wrong === 0 && twinsFail && pair.wrong.length === 0,
			verdict: `${restless} ping-pong in ${apart.events + together.events} events ${full ? "(full)" : `(of ${fullRuns * eventsPerRun})`}, ${apart.editsBack} edits back all taken, stores in step in every run; in ${inOthers((one) => one.events)} more, of stores that are written otherwise too, ${inOthers((one) => one.restless)} ping-pong, ${inOthers((one) => one.outOfStep)} runs out of step (in ${goneOver} of ${inOthers((one) => one.runs) / 2} an edit was gone over by a write that could not see it); ${pair.edits} edits (${pair.editsBack} back) over HTTP, ${pair.wrong.length} wrong; without suppression ${none.restless} of ${twinRuns} runs never rest, a time window leaves ${window.outOfStep} of ${twinRuns} out of step`,
		};
	},
};

async function onPipeline(full: boolean, seed: number): Promise<EchoPair> {
	const database = await testDatabase();
	try {
		return await twoWayPair(database, { skus: full ? 40 : 12, rounds: full ? 4 : 2, seed });
	} finally {
		await database.close();
	}
}
