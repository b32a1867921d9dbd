/**
 * What a slot makes of news (slot.ts has its state and invariants): the channel's own sales, live values, and a changed
 * offer.
 */
import { closeAccepted, type Fate, fateOf, isUnmoved, lookAgain, provesNothingUntil } from "./accepted";
import { hearUnits, isAfterProof, mayHideReturn, see, sellableOf, settleBound } from "./bound";
import { type Accepted, isTooEarlyToRead, type Reservations, type Slot, type SlotFacts, soonest, unread } from "./slot";
import type { WriteMode } from "./write-mode";

/** When a sale (or a return) happened, as far as the platform's stamps tell: not before `from`, not after `to`. */
export type SaleWindow = { from: number; to: number };

/**
 * Whether the last live value already has a sale in it: surely when the sale was before the read began, surely not when
 * it was after the answer came. Platforms stamp to the second and round down, so a stamp may be early by `stampSlackMs`,
 * and by their own clock, which may be ahead of ours by `clockAheadMs`.
 */
export function wasSeen(
	{ shownAt, shownUntil }: Pick<Slot, "shownAt" | "shownUntil">,
	window: SaleWindow,
	stampSlackMs: number,
	clockAheadMs = 0,
): "seen" | "unseen" | "unclear" {
	if (shownAt === null || window.from > Math.max(shownAt, shownUntil ?? shownAt) + clockAheadMs) return "unseen";
	return window.to + stampSlackMs <= shownAt ? "seen" : "unclear";
}

/**
 * Units of the channel's own sales (negative: given back), summed by what `wasSeen` says of each. `later`: of all, those that
 * surely came after the proof of what is sellable. `returned`: of the others, what was given back (≥ 0). `isHidden`: more
 * than that may have come back since the proof, as of an order that is first heard of after it was changed. `isMoved`: not all
 * of them are of no units.
 */
export type HeardSales = {
	seen: number;
	unseen: number;
	unclear: number;
	isUnclear: boolean;
	later: number;
	returned: number;
	isHidden: boolean;
	isMoved: boolean;
};

/**
 * The channel's own sales. Those that a read has already shown explain its difference and change nothing else; the
 * others lower what we expect; where the stamps can't tell, they lower it and the level is read again.
 */
export function hearSales(before: Slot, sales: HeardSales, now: number): Slot {
	if (before.expected === null) return before;
	const units = sales.seen + sales.unseen + sales.unclear;
	const slot: Slot & { expected: number } = {
		...before,
		expected: before.expected,
		sellable: before.sellable && hearUnits(before.sellable, { ...sales, units }),
	};
	if (!sales.isMoved) return slot;
	if (slot.maybe !== null) return hearSalesInDoubt(slot, sales, now);
	const explains = explained(slot.unexplained, sales.seen);
	const unexplained = slot.unexplained + explains;
	return {
		...slot,
		expected: slot.expected - explains - sales.unseen - sales.unclear,
		expectedVersion: slot.expectedVersion + 1,
		unexplained,
		// Fewer than expected: what is left may be made of other sales than before, and its age counts anew from the next read.
		unexplainedSince: unexplained > 0 ? slot.unexplainedSince : null,
		readDueAt: sales.isUnclear || unexplained !== 0 ? soonest(slot, now) : slot.readDueAt,
		// Seen, and yet it explains nothing: a blind write hid it, which is mended at once.
		pacedUntil: sales.seen > explains ? null : slot.pacedUntil,
	};
}

/**
 * A write's answer was lost: expect as if it had not landed, and keep what the first read showed up to date beside it.
 * A sale that may or may not be in that read makes it worthless: what it showed decides what we believe.
 */
function hearSalesInDoubt(slot: Slot, sales: HeardSales, now: number): Slot {
	const unexplained = slot.unexplained + explained(slot.unexplained, -sales.returned);
	const next: Slot = {
		...slot,
		unexplained,
		unexplainedSince: unexplained === 0 ? null : slot.unexplainedSince,
		expected: (slot.expected ?? 0) - sales.seen - sales.unseen - sales.unclear,
		expectedVersion: slot.expectedVersion + 1,
	};
	if (slot.shown === null || slot.shownAt === null) return next;
	return sales.isUnclear ? unread(next, now) : { ...next, shown: slot.shown - sales.unseen };
}

export type SaleOptions = {
	/** The store's clock is ahead of ours by so much at the most. */
	clockAheadMs?: number;
	/** The first that is heard of an order, which was changed since: of its units some may have been given back. */
	isChanged?: boolean;
};

/** One sale. */
export function hearSale(
	slot: Slot,
	units: number,
	window: SaleWindow,
	now: number,
	stampSlackMs: number,
	{ clockAheadMs = 0, isChanged = false }: SaleOptions = {},
): Slot {
	const seen = wasSeen(slot, window, stampSlackMs, clockAheadMs);
	const { sellable } = slot;
	const isLater = sellable !== null && isAfterProof(sellable, window.from - clockAheadMs);
	const sales = {
		seen: 0,
		unseen: 0,
		unclear: 0,
		isUnclear: units !== 0 && seen === "unclear",
		isMoved: units !== 0,
		later: isLater ? units : 0,
		returned: isLater ? 0 : Math.max(0, -units),
		isHidden: isChanged && sellable !== null && mayHideReturn(sellable, window, stampSlackMs),
		[seen]: units,
	};
	return hearSales(slot, sales, now);
}

/** How far a sale of `units` brings a difference back towards zero; never past it. */
function explained(unexplained: number, units: number): number {
	if (units > 0) return Math.min(units, Math.max(0, -unexplained));
	return -Math.min(-units, Math.max(0, unexplained));
}

/**
 * What it ought to show, anew, after `ownUnits` sold by the channel itself. A fall beyond them is a sale elsewhere, and
 * tells of the pace before the channel's own news does; unless the stock stood still (`hasMoved`), and it is a policy's.
 */
export function reoffer(slot: Slot, offered: number | null, ownUnits: number, now: number, hasMoved = true): Slot {
	const fell = !hasMoved || slot.offered === null || offered === null ? 0 : slot.offered - offered;
	const sold = Math.max(0, ownUnits, fell);
	const paced = sold > 0 ? { ...slot, soldUnits: recentlySold(slot, now) + sold, soldAt: now } : slot;
	return offered === slot.offered ? paced : { ...paced, offered, offeredVersion: slot.offeredVersion + 1 };
}

/** A lost write can land this late on the slowest platforms; what sells meanwhile is what it could hide. */
export const paceMemoryMs = 30_000;

/** What sells on a channel in this time, a write of ours may still hide. */
export const landsWithinMs = ({ appliesAfterMs, lateWriteMs, ordersFreshMs }: SlotFacts): number =>
	appliesAfterMs === null ? paceMemoryMs : Math.max(paceMemoryMs, lateWriteMs + ordersFreshMs);

/** About the units that sell in `paceMemoryMs`, at the recent pace. */
export function recentlySold(slot: Pick<Slot, "soldUnits" | "soldAt">, now: number): number {
	return slot.soldAt === null ? 0 : slot.soldUnits * Math.exp(-Math.max(0, now - slot.soldAt) / paceMemoryMs);
}

export type LevelReport = {
	/** What can be sold there now; over reservations the salable units, below zero where more is reserved than lies there. */
	quantity: number;
	/**
	 * Over reservations: what lies there, read after the salable units, so that a shipment in between makes too few of them
	 * rather than too many; and the units that open orders still have to ship. Left out in the other modes.
	 */
	reservations?: Reservations;
	/** When the read of the level began: every sale from before is in the value. */
	readAt: number;
	/** When its answer came: no sale from later is in the value. */
	answeredAt: number;
	/** When the last complete read of the channel's orders began; null: never. */
	ordersReadAt: number | null;
	/** The slot's expectedVersion when the read began: news in between makes it void. */
	expectedVersion: number;
};

export type LevelVerdict =
	/** Void: a write was in flight, news came in between, or it was too early to prove anything. Read again. */
	| "void"
	/** What we expected. */
	| "echo"
	/** Not what we expected, but an order that explains it may still be on its way. */
	| "waiting"
	/** Not what we expected, and the channel's orders don't explain it. */
	| "drift"
	/** Settles a write whose answer was lost, or one that hid a sale. */
	| "settled";

export type HeardLevel = {
	slot: Slot;
	verdict: LevelVerdict;
	/** The write of which it tells what became of it, after its platform had accepted it. */
	write?: Accepted & { fate: Fate };
};

/** A live value (strongly consistent read). Throws where one over reservations leaves out what is reserved. */
export function hearLevel(before: Slot, report: LevelReport, facts: SlotFacts): HeardLevel {
	if (facts.writeMode === "over_reservations" && !report.reservations)
		throw new Error("S8: a level over reservations says what lies there and what its open orders have to ship");
	if (before.flight) return { slot: before, verdict: "void" };
	// A read that news or a write has crossed proves nothing.
	const isCrossed = before.expected !== null && before.expectedVersion !== report.expectedVersion;
	const slot = isCrossed ? before : { ...before, sellable: seeLevel(before, report, facts) };
	if (slot.expected === null) return { slot: adopt(slot, report), verdict: "settled" };
	const isEarly =
		isTooEarlyToRead(slot) && (slot.maybe !== null ? report.readAt : (report.ordersReadAt ?? 0)) < slot.readDueAt;
	if (isEarly || isCrossed) return { slot: { ...slot, readDueAt: soonest(slot, report.readAt) }, verdict: "void" };
	if (slot.maybe !== null) return settleLostAnswer(slot, report, facts);

	const difference = report.quantity - slot.expected;
	const seen = { ...slot, ...reading(report) };
	if (difference === 0)
		return { slot: { ...seen, unexplained: 0, unexplainedSince: null, readDueAt: null }, verdict: "echo" };

	// A blind write just landed and shows more than the sales we know of allow: it hid one of them, or over reservations a
	// shipment. What was too many before it is not part of that: the write took it off, and it is still to be explained.
	const added = Math.max(0, slot.unexplained);
	// Behind a fence only zero says that: more than zero was put there since.
	const isOurs = !slot.isFenced || report.quantity === 0;
	if (writesBlindly(facts.writeMode) && difference > added && isOurs && wroteSince(slot))
		return { slot: { ...adopt(slot, report, added), pacedUntil: null }, verdict: "settled" };

	const since = (isLeftOf(slot.unexplained, difference) ? slot.unexplainedSince : null) ?? report.answeredAt;
	const isCovered = report.ordersReadAt !== null && report.ordersReadAt >= since + facts.orderListLagMs;
	const next: Slot = {
		...seen,
		unexplained: difference,
		unexplainedSince: since,
		expectedVersion: slot.expectedVersion + (difference === slot.unexplained ? 0 : 1),
		readDueAt: isCovered ? null : since + facts.orderListLagMs,
	};
	return { slot: next, verdict: isCovered ? "drift" : "waiting" };
}

function seeLevel({ sellable }: Slot, report: LevelReport, facts: SlotFacts): Slot["sellable"] {
	if (sellable === null) return sellableOf(report.quantity);
	return settleBound(see(sellable, report), report.ordersReadAt, facts.orderListLagMs);
}

/** Nothing but a reading tells what such a write has made of the level. */
export const writesBlindly = (mode: WriteMode): boolean => mode === "absolute" || mode === "over_reservations";

/** True between an absolute write and the read-back that settles it. */
const wroteSince = (slot: Slot) => slot.shownAt === null && slot.shown !== null;

/**
 * Whether a difference is as old as the one before it. Of units too many, fewer may be left: what sold since is not what
 * explains them, and only a return could, which would be more of them.
 */
const isLeftOf = (before: number, difference: number): boolean =>
	difference === before || (difference > 0 && difference < before);

/** What was read is believed; `unexplained` of it is still to be explained. */
const adopt = (slot: Slot, report: LevelReport, unexplained = 0): Slot => ({
	...slot,
	expected: report.quantity - unexplained,
	expectedVersion: slot.expectedVersion + 1,
	unexplained,
	unexplainedSince: unexplained > 0 ? slot.unexplainedSince : null,
	...reading(report),
	maybe: null,
	readDueAt: unexplained > 0 ? report.answeredAt : null,
});

const reading = ({ quantity, reservations, readAt, answeredAt }: LevelReport) => ({
	shown: quantity,
	shownAt: readAt,
	shownUntil: answeredAt,
	reservations: reservations ?? null,
});

/**
 * S6: a first read after the last moment at which the write could land; then the channel's orders, read so late that
 * every sale in that first read is in them. What it showed, less what was sold since, says whether the write landed.
 */
function settleLostAnswer(slot: Slot, report: LevelReport, facts: SlotFacts): HeardLevel {
	const { accepted } = slot;
	const earliest = provesNothingUntil(slot);
	if (report.readAt < earliest) return { slot: unread(slot, earliest), verdict: "waiting" };
	if (slot.shownAt === null) {
		if (accepted && isUnmoved(slot, report))
			return { slot: lookAgain({ ...slot, accepted }, report.answeredAt), verdict: "waiting" };
		const readDueAt = report.answeredAt + facts.orderListLagMs;
		return { slot: { ...slot, ...reading(report), readDueAt }, verdict: "waiting" };
	}
	const coveredAt = (slot.shownUntil ?? slot.shownAt) + facts.orderListLagMs;
	const isCovered = report.ordersReadAt !== null && report.ordersReadAt >= coveredAt;
	if (!isCovered) return { slot: { ...slot, readDueAt: coveredAt }, verdict: "waiting" };
	const fate = fateOf(slot);
	if (accepted && fate === null)
		return { slot: lookAgain({ ...slot, accepted }, report.answeredAt), verdict: "waiting" };
	// Units too many from before it, for which no lowering waits (S2): they are still to be explained, whatever became of it.
	const unexplained = Math.max(0, slot.unexplained);
	const known: Slot = {
		...closeAccepted(slot, fate ?? "unclear", report.ordersReadAt, facts),
		maybe: null,
		nextTryAt: null,
		expected: (slot.shown ?? 0) - unexplained,
		unexplained,
		unexplainedSince: unexplained > 0 ? slot.unexplainedSince : null,
	};
	const { slot: next } = hearLevel(known, report, facts);
	const readDueAt = next.unexplained > 0 ? soonest(next, report.answeredAt) : next.readDueAt;
	return {
		slot: { ...next, expectedVersion: slot.expectedVersion + 1, readDueAt },
		verdict: "settled",
		...(accepted && { write: { ...accepted, fate: fate ?? "unclear" } }),
	};
}

/** Drift was decided: from now on what the channel shows is what we expect it to show. */
export function acceptShown(slot: Slot): Slot {
	if (slot.expected === null || slot.unexplained === 0) return slot;
	return {
		...slot,
		expected: slot.expected + slot.unexplained,
		expectedVersion: slot.expectedVersion + 1,
		unexplained: 0,
		unexplainedSince: null,
	};
}
