import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asKey, compileExpression, ExpressionError, isTrue } from "./expression";

const event = {
	name: "shop/order",
	data: { id: 7, total: 12.5, vip: true, sku: "A-1", none: null, tags: ["red", "blue"], lines: [{ qty: 2 }] },
};
const async = { data: { id: 7, sku: "B-2" } };
const value = (text: string) => compileExpression(text)({ event, async });

describe("an expression", () => {
	it.each([
		["event.data.id == async.data.id", true],
		["event.data.sku == async.data.sku", false],
		["event.data.sku != async.data.sku", true],
		["event.data.total > 5 && event.data.vip", true],
		["event.data.total > 12.4 || event.data.id < 0", true],
		["event.data.id >= 7.0", true],
		['event.data.sku + "-" + event.data.id', "A-1-7"],
		["event.data.vip ? 120 : -5", 120],
		["event.data.lines[0].qty == 2", true],
		['event.data["sku"]', "A-1"],
		['"red" in event.data.tags', true],
		["size(event.data.tags)", 2],
		['event.data.sku.startsWith("A-")', true],
		["event.data.id in [1, 7]", true],
		["!(event.data.id == 7)", false],
	])("%s is %j", (text, wanted) => {
		expect(value(text)).toEqual(wanted);
	});

	it.each([
		["event.data.missing == null", true],
		["event.data.missing.deeper.still == null", true],
		["event.data.none == null", true],
		['event.data.missing == "x"', false],
		['event.data.missing != "x"', true],
		["event.data.missing > 5", false],
		["event.data.missing < 5", false],
		["event.data.sku > 5", false],
		["event.data.missing ? 1 : 2", 2],
		["!event.data.missing", true],
		["has(event.data.missing)", false],
		["has(event.data.sku)", true],
		["event.data.lines[9].qty == null", true],
		["event.data.constructor == null", true],
		["async.data.id == 7 && event.data.id == 7", true],
	])("is lenient where Inngest is: %s is %j", (text, wanted) => {
		expect(value(text)).toEqual(wanted);
	});

	it.each([
		"event.data.id ==",
		"other.thing == 1",
		"event.data.tags.exists(t, t == 'red')",
		"timestamp(event.ts) > 1",
		"event.data.sku.matches('A.*')",
	])("beyond what is evaluated is refused with a sentence: %s", (text) => {
		expect(() => compileExpression(text)).toThrow(ExpressionError);
	});

	it("agrees with a full CEL evaluator wherever nothing is missing", () => {
		const cel = new Environment({ unlistedVariablesAreDyn: true });
		const path = fc.constantFrom("event.data.a", "event.data.b");
		// CEL refuses to compare two literals of different kinds, so one side is a path.
		const test = fc
			.tuple(path, fc.constantFrom("==", "!=", "<", "<=", ">", ">="), fc.oneof(path, fc.constantFrom("3", "4.5")))
			.map(([left, op, right]) => `${left} ${op} ${right}`);
		const { whole } = fc.letrec<{ whole: string }>((tie) => ({
			whole: fc.oneof(
				{ maxDepth: 4 },
				test,
				fc.tuple(tie("whole"), fc.constantFrom("&&", "||"), tie("whole")).map(([l, op, r]) => `(${l}) ${op} (${r})`),
				tie("whole").map((inner) => `!(${inner})`),
				fc.tuple(tie("whole"), tie("whole"), tie("whole")).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
			),
		}));
		fc.assert(
			fc.property(whole, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), (text, a, b) => {
				const scope = { event: { data: { a, b } } };
				expect(compileExpression(text)(scope)).toBe(cel.evaluate(text, scope));
			}),
			{ numRuns: 300 },
		);
	});
});

describe("a key", () => {
	it("tells kinds of values apart", () => {
		expect(new Set([asKey("1"), asKey(1), asKey(null), asKey("null"), asKey(true), asKey("true")]).size).toBe(6);
	});

	it("of a value that is missing is that of null", () => {
		expect(asKey(value("event.data.missing"))).toBe(asKey(null));
		expect(isTrue(compileExpression("event.data.vip"), { event })).toBe(true);
	});
});
