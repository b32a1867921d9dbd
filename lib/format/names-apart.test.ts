import { expect, it } from "vitest";
import { namesApart } from "./names-apart";

it("the words that all names begin with are left out", () => {
	expect(namesApart(["Nordlicht Outdoor", "Nordlicht at Amazon", "Nordlicht Hut"])).toEqual([
		"Outdoor",
		"at Amazon",
		"Hut",
	]);
	expect(namesApart(["Toy Square 1", "Toy Square 2"])).toEqual(["1", "2"]);
});

it("a name alone, names that begin differently, and one that is the beginning of another stay readable", () => {
	expect(namesApart([])).toEqual([]);
	expect(namesApart(["Nordlicht Outdoor"])).toEqual(["Nordlicht Outdoor"]);
	expect(namesApart(["Nordlicht Outdoor", "Hofladen"])).toEqual(["Nordlicht Outdoor", "Hofladen"]);
	expect(namesApart(["Nordlicht", "Nordlicht Outdoor"])).toEqual(["Nordlicht", "Nordlicht Outdoor"]);
	expect(namesApart(["Nordlicht Hut", "Nordlicht Hut"])).toEqual(["Hut", "Hut"]);
});
