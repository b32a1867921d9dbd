import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFilter, unknownKeys, withTerm, writeFilter } from "./filter-terms";

const keys = ["channel", "state", "sku"];

describe("a filter line", () => {
	it("splits known keys from free text", () => {
		expect(parseFilter('channel:"Amazon DE" merino state:drift crew', keys)).toEqual({
			terms: [
				{ key: "channel", value: "Amazon DE" },
				{ key: "state", value: "drift" },
			],
			text: "merino crew",
		});
	});

	it("leaves unknown keys and times as text", () => {
		expect(parseFilter("14:02 https://shop.example order:", keys)).toEqual({
			terms: [],
			text: "14:02 https://shop.example order:",
		});
	});

	it("names what looks like a key and is none", () => {
		expect(unknownKeys('foo:bar sku:a 14:02 https://shop.example "foo:x" baz: order:1', keys)).toEqual([
			"foo",
			"order",
		]);
	});

	it("reads back what it wrote", () => {
		const word = fc.stringMatching(/^[a-z0-9]{1,6}( [a-z0-9]{1,6})?$/);
		fc.assert(
			fc.property(
				fc.array(fc.record({ key: fc.constantFrom(...keys), value: word })),
				fc.stringMatching(/^([a-z]{1,6}( [a-z]{1,6}){0,2})?$/),
				(terms, text) => {
					expect(parseFilter(writeFilter({ terms, text }), keys)).toEqual({ terms, text });
				},
			),
		);
	});

	it("holds a term once", () => {
		const term = { key: "state", value: "drift" };
		expect(withTerm(withTerm([], term), { ...term })).toEqual([term]);
	});
});
