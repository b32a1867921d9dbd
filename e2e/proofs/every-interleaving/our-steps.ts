/** What we may do: any write that the rules allow, looks at what is shown, reads of orders, and answers. */
import { ceiling, hearUnit, type SellableWrite, see, seeLanded, settleBound } from "@/lib/stock/bound";
import type { WriteKind, WriteMode } from "@/lib/stock/write-mode";
import { lateAt, type Rules } from "./rules";
import { landed, type Put, reserves } from "./store-steps";
import type { Flight, Store, World } from "./world";

/** Any write that the rules allow, and a look at what the store shows and at its orders. */
export function planned(world: World, store: Store, put: Put, rules: Rules): void {
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

export function inFlight(store: Store, flight: Flight, put: Put, rules: Rules): void {
	const { claimedAt, result, notThere = 0, ...write } = flight;
	if (result === "sent") {
		const { store: after, ...how } = landed(store, write);
		const isTaken = how.result === "applied";
		put(`: the write ${isTaken ? "lands" : "is refused"}`, { ...after, flight: { ...flight, ...how } });
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
			sellable: rules.end(store.sellable, write, result === "applied" ? "applied" : "not_applied", claimedAt, notThere),
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
