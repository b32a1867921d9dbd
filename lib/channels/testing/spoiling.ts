/** Answers of which one row is not what its platform promises, in a list or asked for by itself: what stands for its lists is text. */
import { parse, stringify } from "lossless-json";
import type { HttpClient } from "../http";

export function spoiling(send: HttpClient["send"], ref: string): HttpClient["send"] {
	return async (request) => {
		const reply = await send(request);
		let json: unknown;
		try {
			json = parse(reply.text);
		} catch {
			return reply;
		}
		const spoilt = isAskedFor(request.url, ref) ? withoutLists(json) : spoiltRow(json, ref);
		return { ...reply, text: stringify(spoilt) ?? reply.text };
	};
}

function isAskedFor(address: string, ref: string): boolean {
	const { pathname, searchParams } = new URL(address);
	return [...pathname.split("/").map(decodeURIComponent), ...searchParams.values()].includes(ref);
}

/** The outermost rows that name it. */
function spoiltRow(json: unknown, ref: string): unknown {
	if (Array.isArray(json)) return json.map((one) => (isNamed(one, ref) ? withoutLists(one) : spoiltRow(one, ref)));
	return isObject(json) ? mapped(json, (value) => spoiltRow(value, ref)) : json;
}

const withoutLists = (json: unknown): unknown =>
	Array.isArray(json) ? "no list" : isObject(json) ? mapped(json, withoutLists) : json;

const isNamed = (json: unknown, ref: string) =>
	isObject(json) && Object.values(json).some((value) => `${value}` === ref);

/** Numbers are objects of their own here, so that their digits stay. */
const isObject = (json: unknown): json is Record<string, unknown> =>
	json !== null && typeof json === "object" && Object.getPrototypeOf(json) === Object.prototype;

const mapped = (object: Record<string, unknown>, change: (value: unknown) => unknown) =>
	Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
