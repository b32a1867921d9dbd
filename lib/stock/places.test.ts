import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	freeFor,
	freeIn,
	giveBack,
	type Held,
	mostChoices,
	overlapping,
	poolsOf,
	retake,
	stillTaken,
	type Taken,
	takeChange,
	takeUnits,
} from "./places";

/** Whether all that is held can be given at once: tries every way, unit by unit. */
function canGive(held: readonly Held[], available: ReadonlyMap<string, number>): boolean {
	const [first, ...rest] = held.filter(({ units }) => units > 0);
	if (!first) return true;
	return first.from.some((id) => {
		const lies = available.get(id) ?? 0;
		if (lies < 1) return false;
		return canGive([{ ...first, units: first.units - 1 }, ...rest], new Map(available).set(id, lies - 1));
	});
}

const holdsL1 = (held: readonly Held[], available: ReadonlyMap<string, number>) =>
	poolsOf(held.map(({ from }) => from)).every(({ locationIds }) => freeIn(locationIds, available, held) >= 0);

const places = ["shop", "loft", "yard"];
const anyChoice = fc.uniqueArray(fc.constantFrom(...places), { minLength: 1 });

describe("pools", () => {
	it("are what channels sell from and all unions of those that overlap, be it by way of others", () => {
		const pools = poolsOf([["shop"], ["yard", "shop"], ["shop", "yard"], ["loft"], ["yard", "barn"]]);
		expect(pools.map(({ locationIds }) => locationIds.join(" ")).sort()).toEqual([
			"barn shop yard",
			"barn yard",
			"loft",
			"shop",
			"shop yard",
		]);
		expect(pools.map(({ rootId }) => rootId)).toEqual(expect.arrayContaining(["barn", "loft"]));
		expect(new Set(pools.map(({ rootId }) => rootId)).size).toBe(2);
	});

	it("are few enough for the choices that may overlap", () => {
		const choices = Array.from({ length: mostChoices }, (_, index) => ["all", `${index}`]);
		expect(overlapping(choices)).toHaveLength(1);
		expect(poolsOf(choices)).toHaveLength(2 ** mostChoices - 1);
	});
});

describe("what listings hold where their locations overlap", () => {
	it("L1 holds exactly where all of it can be given at once", () => {
		const anyHeld = fc.array(fc.record({ units: fc.nat(4), from: anyChoice }), { minLength: 1, maxLength: 3 });
		const anyStock = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4));
		fc.assert(
			fc.property(anyHeld, anyStock, (held, stock) => {
				const available = new Map(places.map((id, index) => [id, stock[index] as number]));
				expect(holdsL1(held, available)).toBe(canGive(held, available));
			}),
			{ numRuns: 2000 },
		);
	});

	it("L1 is escrow's E1 where each channel has one location, or all have the same", () => {
		const available = new Map([["shop", 5]]);
		const held = [
			{ units: 2, from: ["shop"] },
			{ units: 1, from: ["shop"] },
		];
		expect(freeFor(["shop"], poolsOf([["shop"]]), available, held)).toBe(2);
	});

	it("a till in the shop leaves the web store what lies in the warehouse, and shares what lies in the shop", () => {
		const available = new Map([
			["shop", 10],
			["yard", 100],
		]);
		const pools = poolsOf([["shop", "yard"], ["shop"]]);
		const held = [
			{ units: 100, from: ["shop", "yard"] },
			{ units: 4, from: ["shop"] },
		];
		expect(freeFor(["shop", "yard"], pools, available, held)).toBe(6);
		expect(freeFor(["shop"], pools, available, held)).toBe(6);
		expect(freeFor(["shop"], pools, available, [{ units: 0, from: ["shop", "yard"] }])).toBe(10);
	});
});

describe("taking", () => {
	const available = new Map([
		["shop", 2],
		["yard", 5],
	]);
	const shared = { from: ["shop", "yard"], available, others: [] };

	it("is from the first location that has enough, else split in their order, the rest from the first", () => {
		expect(takeUnits(shared, 2)).toEqual([{ locationId: "shop", units: 2 }]);
		expect(takeUnits(shared, 4)).toEqual([{ locationId: "yard", units: 4 }]);
		expect(takeUnits(shared, 6)).toEqual([
			{ locationId: "shop", units: 2 },
			{ locationId: "yard", units: 4 },
		]);
		expect(takeUnits(shared, 9)).toEqual([
			{ locationId: "shop", units: 4 },
			{ locationId: "yard", units: 5 },
		]);
		expect(takeUnits({ ...shared, available: new Map() }, 3)).toEqual([{ locationId: "shop", units: 3 }]);
	});

	it("leaves what only another channel can sell while there is other stock", () => {
		const others = [{ locationIds: ["shop"], free: 1 }];
		expect(takeUnits({ ...shared, others }, 2)).toEqual([{ locationId: "yard", units: 2 }]);
		expect(takeUnits({ ...shared, others }, 6)).toEqual([
			{ locationId: "shop", units: 1 },
			{ locationId: "yard", units: 5 },
		]);
	});

	it("L3 is given back where it was taken, the last first", () => {
		const taken = takeUnits(shared, 6);
		expect(giveBack(taken, 5)).toEqual([
			{ locationId: "yard", units: 4 },
			{ locationId: "shop", units: 1 },
		]);
		const anyTaken = fc.array(
			fc.record({ locationId: fc.constantFrom(...places), units: fc.integer({ min: 1, max: 9 }) }),
		);
		fc.assert(
			fc.property(anyTaken, (some) => {
				const before = retake([], some);
				const sum = before.reduce((all, { units }) => all + units, 0);
				const back = giveBack(before, sum);
				expect(
					retake(
						before,
						back.map((one) => ({ ...one, units: -one.units })),
					),
				).toEqual([]);
			}),
		);
	});
});

describe("L4 a number that no order changed", () => {
	const available = new Map([
		["shop", 2],
		["yard", 5],
	]);
	const shelf = { from: ["shop", "yard"], available, others: [] };

	it("takes fewer as a sale does, and gives more back where they were taken, the rest to the first location", () => {
		expect(takeChange(shelf, [], 3)).toEqual([{ locationId: "yard", units: 3 }]);
		expect(takeChange(shelf, [], 6)).toEqual(takeUnits(shelf, 6));
		expect(takeChange(shelf, [], -3)).toEqual([{ locationId: "shop", units: -3 }]);
		expect(takeChange(shelf, [{ locationId: "yard", units: 2 }], -3)).toEqual([
			{ locationId: "yard", units: -2 },
			{ locationId: "shop", units: -1 },
		]);
		expect(takeChange(shelf, [{ locationId: "yard", units: 2 }], 0)).toEqual([]);
	});

	it("is looked for first where an edit that it takes back had put it", () => {
		expect(takeChange(shelf, [{ locationId: "yard", units: -2 }], 2)).toEqual([{ locationId: "yard", units: 2 }]);
		expect(takeChange({ ...shelf, available: new Map([["shop", 9]]) }, [{ locationId: "yard", units: -2 }], 2)).toEqual(
			[{ locationId: "shop", units: 2 }],
		);
	});

	it("what came back is not still taken: of a location the last taken first", () => {
		expect(
			stillTaken([
				{ locationId: "yard", units: 2 },
				{ locationId: "shop", units: 1 },
				{ locationId: "yard", units: 3 },
				{ locationId: "yard", units: -4 },
				{ locationId: "shop", units: -2 },
				{ locationId: "shop", units: 1 },
			]),
		).toEqual([
			{ locationId: "yard", units: 1 },
			{ locationId: "shop", units: 1 },
		]);
	});

	it("leaves what only another channel can sell while there is other stock", () => {
		const others = [{ locationIds: ["shop"], free: 0 }];
		expect(takeChange({ ...shelf, others }, [], 2)).toEqual([{ locationId: "yard", units: 2 }]);
	});

	const anyShelf = fc.record({
		from: fc.uniqueArray(fc.constantFrom(...places), { minLength: 1 }),
		available: fc
			.tuple(fc.integer({ min: -3, max: 9 }), fc.integer({ min: -3, max: 9 }), fc.integer({ min: -3, max: 9 }))
			.map((stock) => new Map(places.map((id, index) => [id, stock[index] as number]))),
		others: fc.array(fc.record({ locationIds: anyChoice, free: fc.nat(6) }), { maxLength: 2 }),
	});
	const anyTaken = (min: number) =>
		fc.array(fc.record({ locationId: fc.constantFrom(...places), units: fc.integer({ min, max: 9 }) }), {
			maxLength: 4,
		});
	const sumOf = (taken: readonly Taken[]) => taken.reduce((sum, { units }) => sum + units, 0);
	const unitsAt = (taken: readonly Taken[], id: string) => sumOf(taken.filter(({ locationId }) => locationId === id));

	it("moves as much as it changed, each location once and one way, and only where the channel sells from", () => {
		fc.assert(
			fc.property(anyShelf, anyTaken(-9), fc.integer({ min: -20, max: 20 }), (some, before, units) => {
				const moved = takeChange(some, before, units);
				expect(sumOf(moved)).toBe(units);
				expect(moved.every((one) => Math.sign(one.units) === Math.sign(units))).toBe(true);
				expect(new Set(moved.map(({ locationId }) => locationId)).size).toBe(moved.length);
				expect(some.from).toEqual(expect.arrayContaining(moved.map(({ locationId }) => locationId)));
			}),
			{ numRuns: 2000 },
		);
	});

	it("takes from no location more than lies there while another has some", () => {
		fc.assert(
			fc.property(anyShelf, anyTaken(-9), fc.integer({ min: 1, max: 20 }), (some, before, units) => {
				const lies = some.from.reduce((sum, id) => sum + Math.max(0, some.available.get(id) ?? 0), 0);
				fc.pre(units <= lies);
				for (const one of takeChange(some, before, units))
					expect(one.units).toBeLessThanOrEqual(some.available.get(one.locationId) ?? 0);
			}),
			{ numRuns: 2000 },
		);
	});

	it("gives to no further location more than was taken there, and an edit back leaves all as it was", () => {
		fc.assert(
			fc.property(anyShelf, anyTaken(1), fc.integer({ min: 1, max: 20 }), (some, before, units) => {
				for (const { locationId, units: part } of takeChange(some, before, -units))
					if (locationId !== some.from[0]) expect(-part).toBeLessThanOrEqual(unitsAt(before, locationId));
				const edit = takeChange(some, before, units);
				const back = takeChange(some, [...before, ...edit], -units);
				expect(retake(edit, back)).toEqual([]);
			}),
			{ numRuns: 2000 },
		);
	});
});

/** A small world: what lies where, and what each channel holds. */
type World = { stock: readonly number[]; holds: readonly number[] };
type Twin = null | "by priority alone" | "one sum for all that overlap";

/** Every state that raises, sales and returns can reach; the first in which what is held can't be given, or more was taken than there was. */
function explore(
	choices: readonly string[][],
	stock: readonly number[],
	twin: Twin,
): { states: number; fault: World | null } {
	const pools = poolsOf(choices);
	const rooted = (from: readonly string[]) =>
		pools.filter(
			({ rootId }) => pools.find((pool) => from.every((id) => pool.locationIds.includes(id)))?.rootId === rootId,
		);
	const start: World = { stock, holds: choices.map(() => 0) };
	const seen = new Set<string>([JSON.stringify(start)]);
	const open = [start];
	const visit = (world: World) => {
		const key = JSON.stringify(world);
		if (!seen.has(key)) open.push(world);
		seen.add(key);
	};
	for (const world of open) {
		const available = new Map(places.map((id, index) => [id, world.stock[index] as number]));
		const held = choices.map((from, index) => ({ from, units: world.holds[index] as number }));
		if (!canGive(held, available) || world.stock.some((units) => units < 0)) return { states: seen.size, fault: world };
		choices.forEach((from, index) => {
			const holds = world.holds[index] as number;
			const with_ = (units: number) => world.holds.map((one, at) => (at === index ? units : one));
			const largest = rooted(from).reduce((a, b) => (a.locationIds.length >= b.locationIds.length ? a : b));
			const free =
				twin === "one sum for all that overlap"
					? freeIn(largest.locationIds, available, held)
					: freeFor(from, pools, available, held);
			for (let units = 1; units <= free; units++) visit({ ...world, holds: with_(holds + units) });
			const others = pools
				.filter(
					({ locationIds }) =>
						from.some((id) => locationIds.includes(id)) && !from.every((id) => locationIds.includes(id)),
				)
				.map(({ locationIds }) => ({ locationIds, free: freeIn(locationIds, available, held) }));
			for (let units = 1; units <= holds; units++) {
				const taken = takeUnits({ from, available, others: twin === "by priority alone" ? [] : others }, units);
				const left = places.map(
					(id, at) =>
						(world.stock[at] as number) -
						taken.reduce((sum, one) => (one.locationId === id ? sum + one.units : sum), 0),
				);
				visit({ stock: left, holds: with_(holds - units) });
			}
		});
		// A return brings a unit back to any place, up to what the world began with.
		places.forEach((_, at) => {
			if ((world.stock[at] as number) < (stock[at] as number))
				visit({ ...world, stock: world.stock.map((units, index) => (index === at ? units + 1 : units)) });
		});
	}
	return { states: seen.size, fault: null };
}

describe("every interleaving of small worlds", () => {
	const worlds: string[][][] = [
		[["shop", "yard"], ["shop"]],
		[
			["shop", "yard"],
			["yard", "loft"],
			["loft", "shop"],
		],
		[["loft", "shop", "yard"], ["shop"], ["yard", "shop"]],
		[["shop"], ["yard"], ["shop", "yard"]],
	];

	it("L2 what is held can be given in every state, whatever was sold, raised and returned before", () => {
		const explored = worlds.map((choices) => explore(choices, [3, 3, 2], null));
		expect(explored.map(({ fault }) => fault)).toEqual(worlds.map(() => null));
		expect(explored.reduce((sum, { states }) => sum + states, 0)).toBeGreaterThan(2000);
	});

	it.each(["by priority alone", "one sum for all that overlap"] as const)(
		"and the twin that goes %s sells what is not there",
		(twin) => {
			expect(explore(worlds[0] as string[][], [2, 2, 1], twin).fault).not.toBeNull();
		},
	);
});
