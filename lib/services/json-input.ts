import type { z } from "zod";
import { Unacceptable } from "./errors";

/** A read's input from `?input=` (JSON): one parameter, since filters are nested. Throws ZodError for what doesn't fit. */
export function jsonInput<Schema extends z.ZodType>(url: URL, schema: Schema): z.output<Schema> {
	const text = url.searchParams.get("input") ?? "{}";
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Unacceptable("The parameter input is not JSON.", "not_json");
	}
	return schema.parse(value);
}
