/** start and count, or a cursor alone. A cursor is opaque, and holds signs that a query must have encoded. */
import type { A2cSettings } from "./settings";
import { badParameter, type Pagination, type StoreCall } from "./wire";

const most = 250;
const usual = 10;

/** Of what a walk by cursor asked for at first. */
export type Filters = Record<string, string>;
export type Place = { offset: number; limit: number; filters: Filters; isCursor: boolean };

type Held = { m: string; o: number; c: number; f: Filters };

/** As the service's own cursors look: base64, with a tail that a careless query would break. */
const write = (held: Held) => `${Buffer.from(JSON.stringify(held)).toString("base64")}+/=`;

function read(method: string, cursor: string): Held {
	try {
		if (!cursor.endsWith("+/=")) throw new Error("cut off");
		const held = JSON.parse(Buffer.from(cursor.slice(0, -3), "base64").toString("utf8")) as Held;
		if (held.m !== method) throw new Error("another list's");
		return held;
	} catch {
		throw badParameter("Parameter 'page_cursor' is not valid.");
	}
}

const besides = new Set(["page_cursor", "response_fields", "params", "exclude", "count"]);

/** Where to begin; `names`: the filters of this list. */
export function readPlace(call: StoreCall, names: readonly string[]): Place {
	const { query, method, settings } = call;
	const cursor = query.get("page_cursor");
	if (cursor !== null) {
		const filter = [...query.keys()].find((name) => !besides.has(name));
		if (filter) throw badParameter(`Parameter 'page_cursor' can't be used with parameter '${filter}'.`);
		const { o, c, f } = read(method, cursor);
		return { offset: o, limit: c, filters: f, isCursor: true };
	}
	const offset = number(query, "start", 0);
	if (settings.refusesStart && query.has("start"))
		throw badParameter("Parameter 'start' is not supported by this store. Use 'page_cursor' instead.");
	const limit = number(query, "count", usual) || usual;
	if (limit > most) throw badParameter(`Parameter 'count' is not valid. Max allowed count=${most}.`);
	const filters = Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? ""]] : [])));
	return { offset, limit: shorter(limit, settings), filters, isCursor: false };
}

const shorter = (limit: number, { shortPage }: A2cSettings) => Math.min(limit, shortPage ?? limit);

function number(query: URLSearchParams, name: string, otherwise: number): number {
	const text = query.get(name);
	if (text === null) return otherwise;
	if (!/^\d{1,9}$/.test(text))
		throw badParameter(`Parameter '${name}' is not valid. The required type of parameter is integer`);
	return Number(text);
}

/** `hasMore`: rows lie behind this page. */
export function pagination(call: StoreCall, place: Place, hasMore: boolean, filters = place.filters): Pagination {
	const held = { m: call.method, c: place.limit, f: filters };
	return {
		previous: place.offset > 0 ? write({ ...held, o: Math.max(0, place.offset - place.limit) }) : null,
		next: hasMore ? write({ ...held, o: place.offset + place.limit }) : null,
	};
}
