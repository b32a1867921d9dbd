import { expect, test } from "vitest";
import { keepFields, parseFields } from "./fields";

const reply = {
	return_code: 0,
	pagination: { next: null },
	result: { product: [{ id: "1", name: "Cup", inventory: [{ warehouse_id: "A", quantity: 1 }] }], products_count: 1 },
};

test("a reply is cut to the braces, lists item by item", () => {
	expect(keepFields(reply, parseFields("{return_code,result{product{id,inventory{quantity}}}}"))).toEqual({
		return_code: 0,
		result: { product: [{ id: "1", inventory: [{ quantity: 1 }] }] },
	});
});

test("a name without braces is whole, and a star is everything", () => {
	expect(keepFields(reply, parseFields("{result{product{inventory}}}"))).toEqual({
		result: { product: [{ inventory: [{ warehouse_id: "A", quantity: 1 }] }] },
	});
	expect(keepFields(reply, parseFields("{result{*}}"))).toEqual({ result: reply.result });
	expect(keepFields(reply, parseFields("{*}"))).toEqual(reply);
});

test("what is not named is not there, the pagination too", () => {
	expect(keepFields(reply, parseFields("{result{products_count}}"))).toEqual({ result: { products_count: 1 } });
});

test.each(["", "result", "{", "{result", "{result{id}", "{result}}", "{,}", "{a b}"])("%j is refused", (text) => {
	expect(() => parseFields(text)).toThrow("response_fields");
});
