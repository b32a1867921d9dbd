/** P4 in every mix of stores: orders cancelled and their units back, stores' clocks ahead of ours, differences taken below zero. */
import type { HubOptions } from "@/lib/simulation/hub";
import { ours, run } from "@/lib/simulation/run";
import {
	acceptingMixes,
	belowZeroMixes,
	type HardSceneOptions,
	hardScene,
	hardScenes,
	type Mix,
	reservingMixes,
} from "@/lib/simulation/scenes";
import { add, nothing, type Sums, summed } from "./seeds";

const each: Mix = ["compare", "delta", "absolute"];
const alone: readonly Mix[] = (["compare", "delta", "absolute"] as const).map((mode) => [mode, mode, mode]);
export const allMixes: readonly Mix[] = [each, ...alone, ...reservingMixes, ...acceptingMixes, ...belowZeroMixes];

/** A fifth and half of all orders are cancelled within five minutes, as news of them may be as late. */
export const circumstances = {
	"orders as they come": {},
	"a fifth cancelled": { cancels: { rate: 0.2, withinMs: 300_000 } },
	"half cancelled": { cancels: { rate: 0.5, withinMs: 300_000 } },
	"clocks ahead": { clocksAheadMs: 60_000 },
	"half cancelled, clocks ahead": { cancels: { rate: 0.5, withinMs: 300_000 }, clocksAheadMs: 60_000 },
} as const satisfies Record<string, HardSceneOptions>;
export type Circumstance = keyof typeof circumstances;

/**
 * Shipments for which too little lies there, for each seed: where units came back, were sold again, and neither had been
 * heard of when the listing was closed.
 */
const mostBlocked = 0.005;

/** Every hard scene, the mixes in turns. */
export const changed = (what: Circumstance, from: number, seeds: number, options: Partial<HubOptions> = {}): Sums =>
	summed(
		hardScenes.map((scene) => {
			const sums = nothing();
			for (let seed = from; seed < from + seeds; seed++)
				add(sums, seed, run(seed, hardScene(scene, seed, allMixes, circumstances[what]), ours("escrow", options)));
			return sums;
		}),
	);

export function proveChanged(from: number, seeds: number, ofTwin: number): { short: string[]; verdict: string } {
	const short: string[] = [];
	const told: string[] = [];
	for (const what of Object.keys(circumstances) as Circumstance[]) {
		const sums = changed(what, from, seeds);
		const figures = `${what}: ${sums.oversold} oversold and ${sums.blocked} shipments blocked in ${sums.seeds} seeds`;
		console.log(figures);
		told.push(figures);
		if (sums.oversold > 0 || sums.blocked > mostBlocked * sums.seeds)
			short.push(`${figures} (${sums.failingSeeds.join(", ")})`);
	}
	const twins = [
		["stamps believed", changed("clocks ahead", from, ofTwin, { trustsStamps: true })],
		["what was cancelled unheard forgotten", changed("half cancelled", from, ofTwin, { forgetsReturns: true })],
		["taken below zero, and believed", changed("orders as they come", from, ofTwin, { forgetsBelowZero: true })],
	] as const;
	for (const [twin, { oversold }] of twins) if (oversold === 0) short.push(`${twin}: does not fail`);
	const naive = twins.map(([twin, sums]) => `${twin}: ${sums.oversold} in ${sums.seeds}`).join(", ");
	console.log(`twins: ${naive}`);
	return { short, verdict: `${told.join("; ")} (${naive})` };
}
