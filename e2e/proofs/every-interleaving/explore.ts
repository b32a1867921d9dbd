/** Every state that can be reached, breadth first, so that the first fault found has the shortest story. */

import type { StoreKind } from "@/lib/simulation/store";
import type { SellableWrite } from "@/lib/stock/bound";
import type { Rules } from "./rules";
import { steps } from "./steps";
import { fault, newWorld, oversold, type Store, type World } from "./world";

export type Walk = {
	states: number;
	/** How many could not be visited any more; 0: the world was walked whole. */
	unvisited: number;
	/** The shortest way to a fault, a line a step; null: there is none. */
	story: string[] | null;
};

type Visit = { world: World; story: string; from: Visit | null };

export function explore(
	kinds: readonly StoreKind[],
	{
		units,
		returns,
		rules,
		mostStates,
		isOnlyOversold,
	}: {
		units: number;
		returns: number;
		rules: Rules;
		mostStates: number;
		/** For twins, whose books are wrong by intent: go on until something is sold that does not exist. */
		isOnlyOversold: boolean;
	},
): Walk {
	const seen = new Set<string>();
	let edge: Visit[] = [
		{ world: newWorld(kinds, units, returns), story: `${units} exist, nothing is offered`, from: null },
	];
	seen.add(keyOf(edge[0]?.world as World));
	while (edge.length > 0) {
		const next: Visit[] = [];
		for (const visit of edge) {
			for (const { story, world } of steps(visit.world, rules)) {
				const key = keyOf(world);
				if (seen.has(key)) continue;
				seen.add(key);
				const to = { world, story, from: visit };
				const wrong = isOnlyOversold ? oversold(world) : fault(world);
				if (wrong) return { states: seen.size, unvisited: 0, story: [...storyOf(to), wrong] };
				if (seen.size >= mostStates) return { states: seen.size, unvisited: edge.length + next.length, story: null };
				next.push(to);
			}
		}
		edge = next;
	}
	return { states: seen.size, unvisited: 0, story: null };
}

function storyOf(visit: Visit): string[] {
	const lines: string[] = [];
	for (let at: Visit | null = visit; at; at = at.from) lines.unshift(at.story);
	return lines;
}

/** Two worlds with the same key have the same future. */
function keyOf({ ledger, left, returnsLeft, seenEarly, stores }: World): string {
	return `${ledger},${left},${returnsLeft},${seenEarly}|${stores.map(storeKey).join("|")}`;
}

function storeKey({
	shows,
	source,
	open,
	isClosed,
	unheard,
	sold,
	returns,
	expected,
	sellable,
	flight,
	lost,
	accepted,
	early,
}: Store): string {
	const { proof } = sellable;
	const write = flight ? `${written(flight)}${flight.result[0]}${flight.claimedAt ? "!" : ""}` : "";
	return [
		shows,
		source,
		open,
		isClosed ? "c" : "",
		unheard.early,
		unheard.later,
		sold,
		returns,
		expected,
		sellable.bound,
		sellable.doubt,
		sellable.openUntil ?? "",
		proof ? `${proof.quantity}${proof.until === null ? "?" : ""}` : "",
		write,
		lost ? written(lost) : "",
		accepted ? written(accepted) : "",
		early ?? "",
	].join(",");
}

const written = ({ kind, quantity, expected, open = 0 }: SellableWrite): string =>
	`${kind[0]}${quantity}.${expected}.${open}`;
