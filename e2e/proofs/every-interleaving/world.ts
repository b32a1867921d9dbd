/**
 * A small world of one SKU on two or three stores, and every step that can be taken in it. The stores are true: what they
 * show, what they sold, which of it we have heard, which writes are under way. What we believe is the production rules'
 * (lib/stock bound and escrow); what a planner would choose is left open: any write that the rules allow may leave.
 */
import { isAccepting, modeOf, type StoreKind } from "@/lib/simulation/store";
import {
	ceiling,
	hearUnit,
	type Sellable,
	type SellableWrite,
	see,
	seeLanded,
	sellableOf,
	settleBound,
} from "@/lib/stock/bound";
import type { WriteKind, WriteMode } from "@/lib/stock/slot";
import { lateAt, type Rules } from "./rules";

type Flight = SellableWrite & { claimedAt: number; result: "sent" | "applied" | "stale" };

export type Store = {
	mode: WriteMode;
	/** It only says that it has accepted a write, and applies it later, or never. */
	isAccepting: boolean;
	shows: number;
	/** Of a store that takes its open orders off by itself: what lies there, which shows less those; closed, it shows none. */
	source: number;
	/** Units sold there that are not shipped yet. */
	open: number;
	isClosed: boolean;
	/** Sold, and not heard of: from before what was last seen, or from a moment that can't be told from it; and later. */
	unheard: { early: number; later: number };
	/** Units that buyers hold. */
	sold: number;
	/** Returned by the store itself, and not heard of. */
	returns: number;
	/** What a compare carries: last confirmed, less the sales heard. */
	expected: number;
	sellable: Sellable;
	flight: Flight | null;
	/** A write whose answer was lost, or was "accepted", before it landed; it may land, or never. */
	lost: SellableWrite | null;
	/** As we know it: the only open write, and the store said no more than "accepted". */
	accepted: SellableWrite | null;
	/** What it showed when it was looked at early, less the later sales that were told since; null: it was not. */
	early: number | null;
};

export type World = {
	units: number;
	/** Units, less the sales and plus the returns that we have heard of. */
	ledger: number;
	/** Units that exist and no buyer holds: below zero is oversold. */
	left: number;
	returnsLeft: number;
	/** Units that were seen before anybody told of them: they are held twice until both are known. */
	seenEarly: number;
	stores: readonly Store[];
};

export type Step = { story: string; world: World };

export function newWorld(kinds: readonly StoreKind[], units: number, returns: number): World {
	return {
		units,
		ledger: units,
		left: units,
		returnsLeft: returns,
		seenEarly: 0,
		// Nothing is offered yet: the first write of each is a step like any other.
		stores: kinds.map((kind) => ({
			mode: modeOf(kind),
			isAccepting: isAccepting(kind),
			shows: 0,
			source: 0,
			open: 0,
			isClosed: false,
			unheard: { early: 0, later: 0 },
			sold: 0,
			returns: 0,
			expected: 0,
			sellable: sellableOf(0),
			flight: null,
			lost: null,
			accepted: null,
			early: null,
		})),
	};
}

export const oversold = ({ left }: World): string | null => (left < 0 ? `${-left} sold that did not exist` : null);

/** Null: all is well; else what is wrong, in words. */
export function fault(world: World): string | null {
	const { ledger, stores } = world;
	if (oversold(world)) return oversold(world);
	const unheardReturns = stores.reduce((sum, { returns }) => sum + returns, 0);
	const held = stores.reduce((sum, { sellable }) => sum + ceiling(sellable), 0);
	if (held > ledger + unheardReturns + world.seenEarly) return `E1: ${held} held of ${ledger}`;
	for (const [index, store] of stores.entries()) {
		const sellable = store.shows + store.unheard.early + store.unheard.later;
		if (sellable > ceiling(store.sellable) + store.returns)
			return `B1: ${name(index)} shows ${store.shows} and has sold ${sellable - store.shows} unheard, with a ceiling of ${ceiling(store.sellable)}`;
	}
	return null;
}

const name = (index: number) => `store ${"ABC"[index]}`;

export function steps(world: World, rules: Rules): Step[] {
	const found: Step[] = [];
	for (const [index, store] of world.stores.entries()) {
		const who = `${name(index)} (${store.mode})`;
		const put = (story: string, next: Partial<Store>, rest: Partial<World> = {}) =>
			found.push({
				story: `${who} ${story}`,
				world: { ...world, ...rest, stores: world.stores.with(index, { ...store, ...next }) },
			});
		buyersAndNews(world, store, put);
		if (store.flight) inFlight(store, store.flight, put, rules);
		else planned(world, store, put, rules);
		if (store.lost) {
			put(`: the lost write of ${store.lost.quantity} lands after all`, {
				...landed(store, store.lost).store,
				lost: null,
			});
			put(": the lost write never lands", { lost: null });
		}
	}
	return found;
}

type Put = (story: string, next: Partial<Store>, rest?: Partial<World>) => void;

function buyersAndNews(world: World, store: Store, put: Put): void {
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

const reserves = ({ mode }: Store): boolean => mode === "over_reservations";

const showing = (source: number, open: number, isClosed: boolean): Partial<Store> => ({
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

/** Any write that the rules allow, and a look at what the store shows and at its orders. */
function planned(world: World, store: Store, put: Put, rules: Rules): void {
	const { mode, sellable, expected } = store;
	const stakes = world.stores.map((one) => ({ units: 1, sellable: one.sellable }));
	const known = knownOpen(store);
	const most = Math.min(world.units, rules.most(mode, expected, rules.free(world.ledger, stakes), known));
	const claimedAt = store.lost ? 0 : lateAt;
	for (let quantity = 0; quantity <= Math.max(isBlind(mode) ? 0 : most, most); quantity++) {
		if (!isBlind(mode) && quantity === expected) continue;
		const open = reserves(store) ? { open: quantity === 0 ? store.source : Math.max(-quantity, known) } : {};
		const write = { kind: kindOf(mode, quantity), quantity, expected, ...open };
		const onTop = known > 0 && quantity > 0 ? ` on top of ${known} for open orders` : "";
		put(`is sent ${write.kind} ${expected} → ${quantity}${onTop}`, {
			...unseen(store),
			accepted: rules.looksBesideOthers ? store.accepted : null,
			early: null,
			flight: { ...write, claimedAt, result: "sent" },
			sellable: rules.begin(sellable, write),
		});
	}
	look(world, store, put);
	if (store.accepted) lookEarly(world, store, store.accepted, put, rules);
	if (sellable.proof && sellable.proof.until !== null) readOrders(world, store, put);
}

/**
 * Units of open orders that we have heard of: what lies there was read just now, and what is not for sale is theirs. Of a
 * closed listing its orders tell. What ships from here on nobody knows.
 */
const knownOpen = ({ source, open, isClosed, expected }: Store): number => (isClosed ? open : source - expected);

const isBlind = (mode: WriteMode): boolean => mode === "absolute" || mode === "over_reservations";

function kindOf(mode: WriteMode, quantity: number): WriteKind {
	if (mode === "compare" || mode === "delta") return mode;
	if (quantity === 0) return "fence";
	return mode === "absolute" ? "set" : "over";
}

/** Once nothing can land any more; where nobody waits for that, at once. */
function look(world: World, store: Store, put: Put): void {
	const { sellable, unheard } = store;
	const readAt = sellable.openUntil ?? 0;
	if (store.lost && readAt === lateAt) return;
	const next = see(sellable, { quantity: store.shows, readAt, answeredAt: readAt });
	const isNew = next.proof !== sellable.proof;
	put(
		`is seen to show ${store.shows}`,
		// What is later than one look need not be later than another: the early one begins anew.
		{ early: null, sellable: next, unheard: isNew ? { early: unheard.early + unheard.later, later: 0 } : unheard },
		{ seenEarly: world.seenEarly + ceiling(next) - ceiling(sellable) },
	);
}

/**
 * Before the last moment at which an accepted write could land: what is shown, then the orders read past that, then the
 * verdict. What is no proof is forgotten.
 */
function lookEarly(world: World, store: Store, accepted: SellableWrite, put: Put, rules: Rules): void {
	const { unheard, early } = store;
	if (early === null && rules.readsPast) {
		put(`is looked at early, and shows ${store.shows}`, { ...unseen(store), early: store.shows });
		return;
	}
	const told = rules.readsPast ? unheard.early : 0;
	const shown = early ?? store.shows;
	let { sellable } = store;
	for (let n = 0; n < told; n++) sellable = hearUnit(sellable, 1, null);
	const expected = store.expected - told;
	const isProof = rules.hasLanded(accepted, shown, expected);
	put(
		`has its orders read past the look, which is ${isProof ? "proof" : "none"}`,
		{
			unheard: rules.readsPast ? { early: unheard.later, later: 0 } : unheard,
			early: null,
			accepted: isProof ? null : accepted,
			sellable: isProof ? seeLanded(sellable, { shown, shownUntil: 0 }, 1, 1) : sellable,
			expected: isProof ? shown : expected,
		},
		{ ledger: world.ledger - told },
	);
}

/** So late that all from before what was seen is in the list. What it tells of returns may be more or less. */
function readOrders(world: World, store: Store, put: Put): void {
	const { unheard, returns } = store;
	for (const told of new Set([0, returns])) {
		let sellable = store.sellable;
		for (let n = 0; n < unheard.early; n++) sellable = hearUnit(sellable, 1, null);
		for (let n = 0; n < told; n++) sellable = hearUnit(sellable, -1, null);
		sellable = settleBound(sellable, (sellable.proof?.until ?? 0) + 1, 1);
		put(
			"has its orders read",
			{
				unheard: { early: unheard.later, later: 0 },
				early: null,
				returns: returns - told,
				sellable,
				expected: sellable.bound,
			},
			{ ledger: world.ledger - unheard.early + told },
		);
	}
}

const landed = (
	store: Store,
	{ kind, quantity, expected, open = 0 }: SellableWrite,
): { store: Partial<Store>; result: "applied" | "stale" } => {
	if (reserves(store)) return { store: showing(quantity + open, store.open, kind === "fence"), result: "applied" };
	if (kind === "set" || kind === "fence") return { store: { shows: quantity }, result: "applied" };
	const change = quantity - expected;
	const isRefused = kind === "compare" ? store.shows !== expected : store.shows + change < 0;
	return isRefused ? { store: {}, result: "stale" } : { store: { shows: store.shows + change }, result: "applied" };
};

function inFlight(store: Store, flight: Flight, put: Put, rules: Rules): void {
	const { claimedAt, result, ...write } = flight;
	if (result === "sent") {
		const { store: after, result: how } = landed(store, write);
		put(`: the write ${how === "applied" ? "lands" : "is refused"}`, { ...after, flight: { ...flight, result: how } });
	} else if (store.isAccepting === false) {
		put(": the answer comes", {
			...unseen(store),
			flight: null,
			expected:
				result === "applied"
					? isShown(write)
						? write.quantity
						: store.expected + write.quantity - write.expected
					: store.expected,
			sellable: rules.end(store.sellable, write, result === "applied" ? "applied" : "not_applied", claimedAt),
		});
	}
	if (store.isAccepting && !store.lost) {
		const isAlone = store.sellable.openUntil === null || rules.looksBesideOthers;
		put(": it is accepted", {
			...unseen(store),
			flight: null,
			lost: result === "sent" ? write : null,
			accepted: isAlone ? write : null,
			early: null,
			expected: rules.accepted === "applied" ? store.expected + write.quantity - write.expected : store.expected,
			sellable: rules.end(store.sellable, write, rules.accepted, claimedAt),
		});
	}
	// A platform that compares remembers keys: after a crash, too, the same write is sent again and answers as it did.
	if (write.kind === "compare" || store.lost) return;
	put(": the answer is lost, or we crash", {
		flight: null,
		accepted: null,
		early: null,
		lost: result === "sent" ? write : null,
		sellable: rules.end(store.sellable, write, "unknown", claimedAt),
	});
}

const isShown = ({ kind }: SellableWrite): boolean => kind === "set" || kind === "fence";

/** From here on everything that was sold before counts as early. */
const unseen = ({ unheard }: Store): Partial<Store> => ({
	unheard: { early: unheard.early + unheard.later, later: 0 },
});
