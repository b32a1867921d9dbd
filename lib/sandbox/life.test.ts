import fc from "fast-check";
import { expect, test } from "vitest";
import { drawPoisson, drawZipf } from "./life";

const seeded = (seed: number) => () => {
	seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
	return seed / 4_294_967_296;
};

test("a place on the shelf is always on the shelf", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 5_000 }),
			fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
			(count, value) => {
				const place = drawZipf(count, () => value);
				return Number.isInteger(place) && place >= 0 && place < count;
			},
		),
	);
});

test("few sell most: the first tenth of a hundred SKUs gets more than half", () => {
	const random = seeded(7);
	const places = Array.from({ length: 20_000 }, () => drawZipf(100, random));
	const first = places.filter((place) => place < 10).length / places.length;
	expect(first).toBeGreaterThan(0.5);
	expect(first).toBeLessThan(0.75);
	expect(places.some((place) => place > 90)).toBe(true);
});

test("buyers come at the mean that was set", () => {
	const random = seeded(11);
	const drawn = Array.from({ length: 20_000 }, () => drawPoisson(1.5, random));
	const mean = drawn.reduce((sum, count) => sum + count, 0) / drawn.length;
	expect(mean).toBeGreaterThan(1.45);
	expect(mean).toBeLessThan(1.55);
});
