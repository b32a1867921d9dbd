/**
 * The good rows of a call that was refused for others. BigCommerce does not say whether it applies them, and applies what it
 * takes behind its answer, so that no look right after tells. Sent again at once such a row could land twice; to wait each time
 * until nothing can land any more would slow every store down for what perhaps none does.
 *
 * So a store is taken at its worst until it has shown better. Its good rows are in doubt like those of a lost answer. One that
 * was to be lowered and, looked at when nothing can land any more, still shows as many as before was not applied: no sale makes
 * that look so. From then on this process takes the store's refusals for all or nothing.
 *
 * A row that goes alone is never in doubt. Where a refusal names none of its rows, each goes alone next, so that the bad one is
 * found all the same.
 */
import type { Connection } from "../channel-adapter";
import type { RemoteLevel, WriteRow } from "../listing";
import { bigcommerceFacts } from "./facts";

/** In milliseconds; of each row that was not named, what it was believed to show, and what it would with the change. */
type Refusal = { at: number; rows: Map<string, { before: number; after: number }> };

type Place = {
	/** Nothing of a refused call is applied: a look has shown it. */
	isWhole: boolean;
	refusals: Refusal[];
	/** Rows of refusals that named none. */
	suspects: Set<string>;
};

/** By store and location. */
const places = new Map<string, Place>();
const mostPlaces = 5_000;
const mostRefusals = 50;

function placeOf({ baseUrl, locationRef }: Connection): Place {
	const key = `${baseUrl} ${locationRef}`;
	const known = places.get(key);
	if (known) return known;
	if (places.size >= mostPlaces) places.clear();
	const place: Place = { isWhole: false, refusals: [], suspects: new Set() };
	places.set(key, place);
	return place;
}

/** What of these may leave in one call now: all of them, or one that is under suspicion. */
export function inOneCall(connection: Connection, rows: readonly WriteRow[]): readonly WriteRow[] {
	const { refusals, suspects } = placeOf(connection);
	const suspect = rows.find(({ externalKey }) => suspects.has(externalKey));
	const together = suspect ? [suspect] : rows;
	if (suspect) suspects.delete(suspect.externalKey);
	// What they show from here on tells nothing of an earlier call.
	for (const refusal of refusals) for (const { externalKey } of together) refusal.rows.delete(externalKey);
	return together;
}

/** Rows of a call that was refused, and not for them as far as is known. `isNamed`: for others, that is. */
export function besideRefused(
	connection: Connection,
	rows: readonly WriteRow[],
	isNamed: boolean,
): "not_sent" | "unknown" {
	const place = placeOf(connection);
	if (place.isWhole) return "not_sent";
	if (isNamed) {
		const good = rows.map((row) => [row.externalKey, { before: row.expected, after: row.quantity }] as const);
		place.refusals.push({ at: connection.now().getTime(), rows: new Map(good) });
		place.refusals = place.refusals.slice(-mostRefusals);
	} else for (const { externalKey } of rows) place.suspects.add(externalKey);
	return "unknown";
}

/** Levels that were read: they may show what a refusal of the store's leaves undone. */
export function heedLevels(connection: Connection, levels: readonly RemoteLevel[]): void {
	const place = placeOf(connection);
	for (const refusal of place.refusals) {
		const seen = levels.flatMap(({ externalKey, quantity, readAt }) => {
			const row = refusal.rows.get(externalKey);
			return row && readAt.getTime() >= refusal.at + bigcommerceFacts.lateWriteMs
				? [{ ...row, externalKey, quantity }]
				: [];
		});
		for (const { externalKey } of seen) refusal.rows.delete(externalKey);
		if (seen.some(({ quantity, after }) => quantity === after)) refusal.rows.clear();
		else if (seen.some(({ quantity, before, after }) => after < before && quantity === before)) place.isWhole = true;
	}
	place.refusals = place.isWhole ? [] : place.refusals.filter(({ rows }) => rows.size > 0);
	if (place.isWhole) place.suspects.clear();
}
