/** `response_fields`: braces over the whole reply, `{return_code,result{product{id,inventory}}}`; a star takes all. */
import { badParameter } from "./wire";

/** Null: everything below. */
export type Fields = Map<string, Fields> | null;

export function parseFields(text: string): Fields {
	let at = 0;
	const fail = () => badParameter("Parameter 'response_fields' is not valid.");
	function block(): Fields {
		if (text[at++] !== "{") throw fail();
		const fields = new Map<string, Fields>();
		let isWhole = false;
		for (;;) {
			const [name = ""] = /^[\s]*[\w*]+/.exec(text.slice(at)) ?? [];
			if (name.trim() === "") throw fail();
			at += name.length;
			if (name.trim() === "*") isWhole = true;
			else fields.set(name.trim(), text[at] === "{" ? block() : null);
			const sign = text[at++];
			if (sign === "}") return isWhole ? null : fields;
			if (sign !== ",") throw fail();
		}
	}
	const fields = block();
	if (text.slice(at).trim() !== "") throw fail();
	return fields;
}

/** Lists are cut item by item. */
export function keepFields(value: unknown, fields: Fields): unknown {
	if (fields === null || value === null || typeof value !== "object") return value;
	if (Array.isArray(value)) return value.map((item) => keepFields(item, fields));
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, inner]) =>
			fields.has(name) ? [[name, keepFields(inner, fields.get(name) ?? null)]] : [],
		),
	);
}
