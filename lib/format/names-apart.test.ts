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

it("what several share is left out, whatever the others begin with", () => {
	expect(namesApart(["Nordlicht Outdoor", "Nordlicht at Amazon", "Toy Shopify 3", "Lager", "Toy Square 1"])).toEqual([
		"Outdoor",
		"at Amazon",
		"Shopify 3",
		"Lager",
		"Square 1",
	]);
	expect(namesApart(["Nordlicht", "Nordlicht Outdoor", "Nordlicht Hut"])).toEqual(["Nordlicht", "Outdoor", "Hut"]);
});

it("what would look like another stays whole", () => {
	expect(namesApart(["Nordlicht Hut", "Nordlicht Outdoor", "Alpen Hut", "Alpen Trade"])).toEqual([
		"Nordlicht Hut",
		"Outdoor",
		"Alpen Hut",
		"Trade",
	]);
	expect(namesApart(["Nordlicht Hut", "Nordlicht Outdoor", "Hut"])).toEqual(["Nordlicht Hut", "Outdoor", "Hut"]);
});

it("a name alone, names that begin differently, and one that is the beginning of another stay readable", () => {
	expect(namesApart([])).toEqual([]);
	expect(namesApart(["Nordlicht Outdoor"])).toEqual(["Nordlicht Outdoor"]);
	expect(namesApart(["Nordlicht Outdoor", "Hofladen"])).toEqual(["Nordlicht Outdoor", "Hofladen"]);
	expect(namesApart(["Nordlicht", "Nordlicht Outdoor"])).toEqual(["Nordlicht", "Nordlicht Outdoor"]);
	expect(namesApart(["Nordlicht Hut", "Nordlicht Hut"])).toEqual(["Hut", "Hut"]);
});
