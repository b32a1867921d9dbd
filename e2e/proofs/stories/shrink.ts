/**
 * Cuts a failing script down: fewer stores, buyers, misfortunes and crashes, smaller numbers, earlier and rounder times, as
 * long as it still fails. Every script that it keeps is simpler than the one before, so it ends.
 */
import type { Contender, Figures } from "@/lib/simulation/run";
import { passes, promptMs, timesOf, unitsOf } from "./passes";
import { playScript, type Script, stepsOf } from "./script";

export type Shrunk = { script: Script; tries: number };

const mostTries = 6_000;

/** `isWrong` must hold of what `script` comes to. */
export function shrink(script: Script, contender: Contender, isWrong: (figures: Figures) => boolean): Shrunk {
	const isFair = fairnessOf(script);
	let best = script;
	let tries = 0;
	for (let isBetter = true; isBetter; ) {
		isBetter = false;
		for (const edits of passes) {
			for (const edit of edits(best, contender)) {
				const candidate = edit(best);
				if (!isSimpler(candidate, best) || !isFair(candidate)) continue;
				if (tries++ >= mostTries) return { script: best, tries: mostTries };
				if (!isWrong(playScript(candidate, contender))) continue;
				best = candidate;
				isBetter = true;
			}
		}
	}
	return { script: best, tries };
}

/** Of two failing scripts the simpler is less by the first of these in which they differ. */
const weights: readonly ((script: Script) => number)[] = [
	({ stores }) => stores.length,
	stepsOf,
	({ stock, stores, buyers }) => stock + showsOf(stores) + unitsOf(buyers),
	({ buyers }) => buyers.filter(({ newsMs }) => newsMs !== null && newsMs !== promptMs).length,
	({ runMs }) => runMs,
	(script) => timesOf(script).reduce((sum, at) => sum + at, 0),
	({ misfortunes }) => misfortunes.reduce((sum, { ms }) => sum + ms, 0),
	({ buyers }) => buyers.reduce((sum, { newsMs }) => sum + (newsMs ?? 0), 0),
	({ stores }) => stores.reduce((sum, { orderListLagMs, lateWriteMs }) => sum + orderListLagMs + lateWriteMs, 0),
];

function isSimpler(a: Script, b: Script): boolean {
	for (const weight of weights) {
		const [left, right] = [weight(a), weight(b)];
		if (left !== right) return left < right;
	}
	return false;
}

/**
 * No store is worse than it says it is, and none begins with more than the strategy gives it: what then went wrong would be
 * nobody's mistake.
 */
function fairnessOf({ stock, stores }: Script): (script: Script) => boolean {
	const isSplit = showsOf(stores) <= stock;
	return ({ stock, runMs, stores, misfortunes }) =>
		stock >= 0 &&
		runMs >= 0 &&
		stores.every(({ shows }) => shows >= 0 && shows <= stock) &&
		(!isSplit || showsOf(stores) <= stock) &&
		misfortunes.every(({ channel, what, ms }) => {
			const { orderListLagMs = 0, lateWriteMs = 0 } = stores[channel] ?? {};
			return what === "slow" || what === "ships" || ms <= (what === "behind" ? orderListLagMs : lateWriteMs);
		});
}

const showsOf = (stores: Script["stores"]) => stores.reduce((sum, { shows }) => sum + shows, 0);
