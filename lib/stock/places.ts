/**
 * Places: stock that lies at several locations, and channels that sell from some of them each. Pure.
 *
 * Two channels whose locations overlap share units, but not all of them: a shop's till sells what lies in the shop, the web
 * store that and what lies in the warehouse. So what listings hold can be given in full exactly if, for every set of
 * locations, those that can draw from nowhere else hold no more than lies there (Hall 1935, as Gale 1957 has it for flows):
 *
 * L1  Σ over listings that sell only from within U (ceiling × units) ≤ available at U, for every pool U.
 * L2  A sale within L1 can be taken so that L1 holds afterwards, and `takeUnits` takes it so, where no location is below zero:
 *     one that is makes the others' pools short by what no taking decides.
 * L3  What was taken is given back where it was taken, the last first: nothing is left over and nothing is made.
 * L4  A number that was changed by no order moves as much as it changed, within what the channel sells from, by L2 and L3.
 *
 * Only sets that are unions of what overlapping channels sell from can be the first to fail: those are the pools. With one
 * location a channel, each its own pool, L1 is escrow's E1. Held by places.test.ts.
 */

/** Locations overlap by way of others, too: so many different choices of them at the most, or the pools would be too many. */
export const mostChoices = 8;

/** Ids in order, so that equal sets are equal. */
export type Pool = { locationIds: readonly string[]; rootId: string };

const sorted = (ids: Iterable<string>): string[] => [...new Set(ids)].sort();
const keyOf = (ids: readonly string[]): string => ids.join(" ");
const isWithin = (ids: readonly string[], pool: readonly string[]): boolean => ids.every((id) => pool.includes(id));
const overlaps = (a: readonly string[], b: readonly string[]): boolean => a.some((id) => b.includes(id));

/** Different choices of locations in the groups in which they overlap, be it by way of others. */
export function overlapping(choices: readonly (readonly string[])[]): string[][][] {
	const different = new Map(choices.filter((one) => one.length > 0).map((one) => [keyOf(sorted(one)), sorted(one)]));
	let groups: string[][][] = [];
	for (const choice of different.values()) {
		const isNear = (group: string[][]) => group.some((one) => overlaps(one, choice));
		groups = [...groups.filter((group) => !isNear(group)), [choice, ...groups.filter(isNear).flat()]];
	}
	return groups;
}

/** What each channel sells from, and all unions of those that overlap. `keep_pools` (db/guards.sql) is the same in SQL. */
export function poolsOf(choices: readonly (readonly string[])[]): Pool[] {
	return overlapping(choices).flatMap((group) => {
		const rootId = sorted(group.flat())[0] as string;
		const unions = new Map<string, string[]>();
		for (const choice of group)
			for (const one of [[], ...unions.values()]) {
				const union = sorted([...one, ...choice]);
				unions.set(keyOf(union), union);
			}
		return [...unions.values()].map((locationIds) => ({ locationIds, rootId }));
	});
}

/** What a listing holds, in units of the SKU, and the locations from which it sells. */
export type Held = { units: number; from: readonly string[] };

/** What lies in a pool and nobody who draws from there alone holds. */
export function freeIn(pool: readonly string[], available: ReadonlyMap<string, number>, held: readonly Held[]): number {
	const lies = pool.reduce((sum, id) => sum + (available.get(id) ?? 0), 0);
	return held.reduce((sum, { units, from }) => (isWithin(from, pool) ? sum - units : sum), lies);
}

/** L1: units of the SKU that a listing which sells from there may hold besides. */
export const freeFor = (
	from: readonly string[],
	pools: readonly Pool[],
	available: ReadonlyMap<string, number>,
	held: readonly Held[],
): number =>
	Math.min(
		...pools
			.filter(({ locationIds }) => isWithin(from, locationIds))
			.map(({ locationIds }) => freeIn(locationIds, available, held)),
	);

/** Units that were taken at a location. */
export type Taken = { locationId: string; units: number };

/** Where a sale is taken from. */
export type Shelf = {
	/** In the order in which they are taken from. */
	from: readonly string[];
	/** Units at each of them. Absent: nobody has counted any. */
	available: ReadonlyMap<string, number>;
	/** Pools that hold some of `from` but not all: units there that nobody who draws from there alone holds. None where the stock is shared. */
	others: readonly { locationIds: readonly string[]; free: number }[];
};

/**
 * The first location that has enough; else split in their order; what lies nowhere is taken from the first, and is short
 * there. L2: units that only others can sell are not counted as there, as long as there are others.
 */
export function takeUnits({ from, available, others }: Shelf, units: number): Taken[] {
	const taken = new Map<string, number>();
	const roomAt = (id: string): number => {
		const takenIn = (ids: readonly string[]) => ids.reduce((sum, one) => sum + (taken.get(one) ?? 0), 0);
		const spare = others
			.filter(({ locationIds }) => locationIds.includes(id))
			.map(({ locationIds, free }) => free - takenIn(locationIds));
		return Math.max(0, Math.min((available.get(id) ?? 0) - (taken.get(id) ?? 0), ...spare));
	};
	const enough = from.find((id) => roomAt(id) >= units);
	if (enough !== undefined) return [{ locationId: enough, units }];
	let left = units;
	const take = (id: string, most: number) => {
		const part = Math.min(left, most);
		if (part > 0) taken.set(id, (taken.get(id) ?? 0) + part);
		left -= Math.max(0, part);
	};
	for (const id of from) take(id, roomAt(id));
	for (const id of from) take(id, (available.get(id) ?? 0) - (taken.get(id) ?? 0));
	take(from[0] as string, left);
	return [...taken].map(([locationId, part]) => ({ locationId, units: part }));
}

/** L3: of what was taken so many units come back, the last taken first; more than was taken comes back to the first. */
export function giveBack(taken: readonly Taken[], units: number): Taken[] {
	let left = units;
	const back: Taken[] = [];
	for (const { locationId, units: held } of [...taken].reverse()) {
		const part = Math.min(left, held);
		if (part > 0) back.push({ locationId, units: part });
		left -= Math.max(0, part);
	}
	const first = taken[0];
	return left > 0 && first ? [...back, { locationId: first.locationId, units: left }] : back;
}

/** What was taken and not given back, each taking by itself, in their order. `history`: as it happened; below zero it came back. */
export function stillTaken(history: readonly Taken[]): Taken[] {
	const taken: Taken[] = [];
	for (const one of history) {
		if (one.units > 0) taken.push({ ...one });
		let left = Math.max(0, -one.units);
		for (const before of taken.filter(({ locationId }) => locationId === one.locationId).reverse()) {
			const part = Math.min(left, before.units);
			before.units -= part;
			left -= part;
		}
	}
	return taken.filter(({ units }) => units > 0);
}

/**
 * L4: where a channel that shows so many fewer by no order takes them: as a sale does. Below zero it shows more, and they are
 * given back as a return is, where they were taken `before`, the last first, and the rest to its first location. `before` may
 * hold units that were put somewhere (below zero): fewer are looked for there first. Nothing moves where the channel does not
 * sell from, or its own number would not be met.
 */
export function takeChange(shelf: Shelf, before: readonly Taken[], units: number): Taken[] {
	const own = before.filter(({ locationId }) => shelf.from.includes(locationId));
	if (units > 0) {
		const put = own.filter((one) => one.units < 0).map(({ locationId }) => locationId);
		return takeUnits({ ...shelf, from: [...new Set([...put.reverse(), ...shelf.from])] }, units);
	}
	const back = giveBack([{ locationId: shelf.from[0] as string, units: 0 }, ...own], -units);
	return retake(
		[],
		back.map(({ locationId, units: part }) => ({ locationId, units: -part })),
	);
}

/** What is taken after a change: more (or, below zero, less) at each location, in the order of taking. */
export function retake(taken: readonly Taken[], changes: readonly Taken[]): Taken[] {
	const by = new Map<string, number>();
	for (const { locationId, units } of [...taken, ...changes]) by.set(locationId, (by.get(locationId) ?? 0) + units);
	return [...by].filter(([, units]) => units !== 0).map(([locationId, units]) => ({ locationId, units }));
}
