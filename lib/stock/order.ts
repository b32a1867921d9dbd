/**
 * Orders are applied as snapshots (R1): per line we keep what it has consumed; a newer version of the order moves the
 * difference; an older one moves nothing.
 */

/** An order as the platform tells it, in our words. Ids are exact strings. */
export type OrderSnapshot = {
	orderRef: string;
	/** What people call it, e.g. `#1042`. */
	number: string;
	/** Deleted: in the store's trash, from where it may come back. */
	status: "open" | "cancelled" | "closed" | "deleted";
	placedAt: string;
	version: OrderVersion;
	lines: OrderLine[];
};

/**
 * `at`: milliseconds of the platform's own modified stamp. `step`: grows with the order's life (refunds, cancellation)
 * and breaks ties within one stamp, since platforms stamp to the second.
 */
export type OrderVersion = { at: number; step: number };

export type OrderLine = {
	lineRef: string;
	/** The id under which the line names its listing; null: a product that no longer exists or never did. */
	listingRef: string | null;
	sku: string | null;
	title: string;
	/** Units of the listing that the platform has taken from its sellable stock for this line and not given back. ≥ 0. */
	taken: number;
	/** Units kept from other buyers while the order is unpaid, out of no number that the platform shows. Absent: none. */
	held?: number;
	/** Of the units given back, those of which the platform names the location: units by its id. Absent: it names none. */
	givenBackAt?: Readonly<Record<string, number>>;
};

/** Positive when a is newer than b, negative when older, zero when the platform's stamps can't tell. */
export function compareVersions(a: OrderVersion, b: OrderVersion): number {
	return a.at - b.at || a.step - b.step;
}

/** Of several snapshots of one order, the newest; of equals the last, which was heard last. */
export function newestSnapshot(snapshots: readonly OrderSnapshot[]): OrderSnapshot {
	const [first, ...rest] = snapshots;
	if (!first) throw new Error("newestSnapshot needs at least one snapshot");
	return rest.reduce((best, next) => (compareVersions(next.version, best.version) >= 0 ? next : best), first);
}

export type LineDifference = { lineRef: string; taken: number; difference: number };

/**
 * What a snapshot moves, per line: units newly taken (positive) or given back (negative). Lines that the newer
 * snapshot no longer has are given back whole. An older or equal version moves nothing.
 */
export function differences(
	known: { version: OrderVersion; taken: ReadonlyMap<string, number> } | null,
	next: OrderSnapshot,
): LineDifference[] {
	if (known && compareVersions(next.version, known.version) <= 0) return [];
	const before = known?.taken ?? new Map<string, number>();
	const named = new Map<string, number>();
	for (const line of next.lines) named.set(line.lineRef, (named.get(line.lineRef) ?? 0) + line.taken);
	const result: LineDifference[] = [];
	for (const [lineRef, taken] of named) {
		const difference = taken - (before.get(lineRef) ?? 0);
		if (difference !== 0) result.push({ lineRef, taken, difference });
	}
	for (const [lineRef, taken] of before) {
		if (!named.has(lineRef) && taken !== 0) result.push({ lineRef, taken: 0, difference: -taken });
	}
	return result;
}
