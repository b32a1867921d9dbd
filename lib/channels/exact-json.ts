/** JSON whose ids survive: platforms send 64-bit ids as bare numbers, and `JSON.parse` rounds what lies beyond 2^53. */
import { parse } from "lossless-json";
import { z } from "zod";

/** Integers that a JavaScript number can't hold come as their exact digits, all other numbers as numbers. Throws SyntaxError. */
export function parseExact(text: string): unknown {
	return parse(text, null, (digits) => {
		const number = Number(digits);
		return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? digits : number;
	});
}

/** A numeric id out of `parseExact`, or one that was text on the wire; always its exact digits. */
export const exactId = z.union([z.string().regex(/^\d+$/), z.number().int().nonnegative()]).transform(String);
