import { NotFound } from "./errors";

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isGuid = (text: string): boolean => form.test(text);

/** An id from a URL, fit to be compared as a uuid; what has another form names nothing. */
export function guidOf(text: string, what: string): string {
	if (!isGuid(text)) throw new NotFound(what);
	return text;
}
