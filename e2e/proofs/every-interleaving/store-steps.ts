/** What buyers and the stores themselves do, and what they tell us of it. */
import { hearUnit, type SellableWrite } from "@/lib/stock/bound";
import type { Store, World } from "./world";

/** A step of one store: its story, what of it changes, and what of the world. */
export type Put = (story: string, next: Partial<Store>, rest?: Partial<World>) => void;

export function buyersAndNews(world: World, store: Store, put: Put): void {
	const { sellable, unheard } = store;
	if (store.open > 0 && store.source > 0) put("ships one", { open: store.open - 1, source: store.source - 1 });
	if (store.shows > 0) {
		const open = reserves(store) ? store.open + 1 : 0;
		const sold = { shows: store.shows - 1, sold: store.sold + 1, open };
		const rest = { left: world.left - 1 };
		if ((sellable.proof && sellable.proof.until !== null) || store.early !== null)
			put("sells one, later than what was seen", { ...sold, unheard: { ...unheard, later: unheard.later + 1 } }, rest);
		// One that may or may not be in an early look makes that worthless; one that is told only later is as if it were later.
		put("sells one", { ...sold, early: null, unheard: { ...unheard, early: unheard.early + 1 } }, rest);
	}
	if (unheard.early > 0)
		put(
			"tells of a sale",
			{
				unheard: { ...unheard, early: unheard.early - 1 },
				sellable: hearUnit(sellable, 1, null),
				expected: store.expected - 1,
			},
			{ ledger: world.ledger - 1 },
		);
	if (unheard.later > 0)
		put(
			"tells of a later sale",
			{
				unheard: { ...unheard, later: unheard.later - 1 },
				sellable: hearUnit(sellable, 1, (sellable.proof?.until ?? 0) + 1),
				expected: store.expected - 1,
				early: store.early === null ? null : store.early - 1,
			},
			{ ledger: world.ledger - 1 },
		);
	if (world.returnsLeft > 0 && store.sold > 0)
		put(
			"takes one back and shows it again",
			{ ...takenBack(store), sold: store.sold - 1, returns: store.returns + 1 },
			{
				left: world.left + 1,
				returnsLeft: world.returnsLeft - 1,
			},
		);
	if (store.returns > 0)
		put(
			"tells of what it took back",
			{
				returns: store.returns - 1,
				sellable: hearUnit(sellable, -1, null),
				expected: store.expected + 1,
			},
			{ ledger: world.ledger + 1 },
		);
}

/** It takes its open orders off what lies there. */
export const reserves = ({ mode }: Store): boolean => mode === "over_reservations";

export const showing = (source: number, open: number, isClosed: boolean): Partial<Store> => ({
	source,
	open,
	isClosed,
	shows: isClosed ? 0 : Math.max(0, source - open),
});

/** An order that was still open is cancelled; what has shipped is put back. */
function takenBack(store: Store): Partial<Store> {
	const { source, open, isClosed } = store;
	if (!reserves(store)) return { shows: store.shows + 1 };
	return open > 0 ? showing(source, open - 1, isClosed) : showing(source + 1, open, isClosed);
}

/** A write comes to the store. */
export const landed = (
	store: Store,
	{ kind, quantity, expected, open = 0 }: SellableWrite,
): { store: Partial<Store>; result: "applied" | "stale"; notThere?: number } => {
	if (reserves(store)) return { store: showing(quantity + open, store.open, kind === "fence"), result: "applied" };
	if (kind === "set" || kind === "fence") return { store: { shows: quantity }, result: "applied" };
	const change = quantity - expected;
	const shows = store.shows + change;
	const isRefused = kind === "compare" ? store.shows !== expected : shows < 0 && !store.takesBelowZero;
	if (isRefused) return { store: {}, result: "stale" };
	return { store: { shows }, result: "applied", notThere: Math.min(Math.max(0, -change), Math.max(0, -shows)) };
};
