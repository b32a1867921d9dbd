/** Answers as API2Cart gives them: always HTTP 200 and an envelope, whose code alone says whether it went well. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { Behind, Cart } from "./carts";
import type { A2cSettings } from "./settings";

/** One request on its way. */
export type Call = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: A2cSettings;
	behind: Behind;
	request: Request;
	/** `product.list` */
	method: string;
	query: URLSearchParams;
	body: Record<string, unknown>;
};

/** A call that named a store by its key. */
export type StoreCall = Call & { cart: Cart };

export type Pagination = { previous: string | null; next: string | null };
export type Answer = { result: unknown; pagination?: Pagination };

export class A2cError extends Error {
	constructor(
		readonly code: number,
		message: string,
	) {
		super(message);
	}
}

export const badParameter = (message: string) => new A2cError(109, message);
export const missing = (name: string) => new A2cError(114, `Parameter '${name}' is required.`);

export const wholeAnswer = ({ result, pagination }: Answer) => ({
	return_code: 0,
	return_message: "",
	...(pagination ? { pagination } : {}),
	result,
});

export const errorAnswer = (settings: A2cSettings, { code, message }: { code: number; message: string }) => ({
	return_code: code,
	return_message: message,
	result: settings.errorsCarryList ? [] : {},
});

export const jsonResponse = (body: unknown): Response =>
	new Response(JSON.stringify(body), {
		status: 200,
		headers: { "content-type": "application/json; charset=utf-8" },
	});

export const htmlResponse = (status: number, title: string): Response =>
	new Response(
		`<html>\n<head><title>${title}</title></head>\n<body><center><h1>${title}</h1></center></body>\n</html>\n`,
		{
			status,
			headers: { "content-type": "text/html" },
		},
	);

/** `2026-08-06T12:13:35+0000` and PHP's name for that form. */
export const dateOut = (at: Date | string) => ({
	value: `${new Date(at).toISOString().slice(0, 19)}+0000`,
	format: "Y-m-d\\TH:i:sO",
});

/** Forms that calls were seen with: with an offset, without, with a space. */
export function dateIn(name: string, text: string | null): Date | null {
	if (text === null || text === "") return null;
	const [, day, time, zone] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?([+-]\d\d:?\d\d|Z)?$/.exec(text) ?? [];
	const at = day
		? Date.parse(`${day}T${time ?? "00:00:00"}${(zone ?? "Z").replace(/(\d\d)(\d\d)$/, "$1:$2")}`)
		: Number.NaN;
	if (Number.isNaN(at))
		throw badParameter(
			`Parameter '${name}' is not valid. The required type of parameter is a date string in 'Y-m-d\\TH:i:sO' ISO_8601 format.`,
		);
	return new Date(at);
}
