/** Answers as Magento gives them. */
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { MagentoSettings } from "./settings";

export type Caller = { consumerId: number; resources: readonly string[] | null };

/** One request on its way through the REST API. */
export type Call = {
	ctx: SandboxContext;
	store: SandboxStore;
	settings: MagentoSettings;
	/** The store's address, without trailing slash. */
	home: string;
	method: string;
	query: URLSearchParams;
	/** Null where there is none. */
	body: unknown;
	now: Date;
};

export type Parameters = readonly unknown[] | Record<string, unknown>;
type Fault = { message: string; parameters?: Parameters };

/** `message` keeps its placeholders: they are the client's to fill. */
export class MageError extends Error {
	constructor(
		readonly status: number,
		message: string,
		readonly parameters?: Parameters,
		readonly errors?: readonly Fault[],
	) {
		super(message);
	}

	body(settings: MagentoSettings): Record<string, unknown> {
		return {
			message: translated(this.message, settings),
			...(this.errors && { errors: this.errors.map((fault) => ({ ...fault, ...parametersOf(fault.parameters) })) }),
			...parametersOf(this.parameters),
		};
	}
}

const parametersOf = (parameters: Parameters | undefined) =>
	parameters === undefined || Object.keys(parameters).length === 0 ? {} : { parameters };

const german: Record<string, string> = {
	"The consumer isn't authorized to access %resources.": "Der Verbraucher darf nicht auf %resources zugreifen.",
	"Validation Failed": "Validierung fehlgeschlagen",
	"Could not save Source Item": "Lagerartikel konnte nicht gespeichert werden",
	"Request does not match any route.": "Die Anfrage entspricht keiner Route.",
	'Maximum items of type "%type" is %max': 'Höchstens %max Einträge vom Typ "%type"',
};
const translated = (message: string, { language }: MagentoSettings) =>
	language === "de" ? (german[message] ?? message) : message;

export const noRoute = () => new MageError(404, "Request does not match any route.");

export const required = (fieldName: string) =>
	new MageError(400, '"%fieldName" is required. Enter and try again.', { fieldName });

/** What PHP throws and nobody expected. */
export const reportError = (random: () => number) =>
	new MageError(
		500,
		`Internal Error. Details are available in Magento log file. Report ID: webapi-${Math.floor(
			random() * 0xffffffffffff,
		)
			.toString(16)
			.padStart(13, "0")}`,
	);

/** Unset values are left out, wherever they stand. */
export function withoutNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutNulls);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, inner]) =>
			inner === null || inner === undefined ? [] : [[name, withoutNulls(inner)]],
		),
	);
}

/** As PHP writes JSON: slashes escaped, nothing beyond ASCII. */
const phpJson = (value: unknown) =>
	JSON.stringify(value)
		.replace(/\//g, "\\/")
		.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const jsonResponse = (value: unknown, status = 200) =>
	new Response(phpJson(value), { status, headers: { "content-type": "application/json; charset=utf-8" } });

export const htmlPage = (title: string, body: string, status: number, headers: Record<string, string> = {}) =>
	new Response(
		`<!doctype html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>`,
		{
			status,
			headers: { "content-type": "text/html; charset=UTF-8", ...headers },
		},
	);

/** `YYYY-MM-DD HH:MM:SS`, UTC without saying so. */
export const mageTime = (at: Date | string | number) => new Date(at).toISOString().slice(0, 19).replace("T", " ");

/** decimal(12,4), as a number. */
export const decimal = (value: number) => Math.round(value * 10_000) / 10_000;

type Fields = Map<string, Fields | null>;

/** `items[id,extension_attributes[website_ids]],total_count` */
function readFields(text: string): Fields {
	const root: Fields = new Map();
	const path: Fields[] = [root];
	let name = "";
	let last = "";
	const end = () => {
		if (name !== "") {
			path.at(-1)?.set(name, null);
			last = name;
		}
		name = "";
	};
	for (const char of text) {
		if (char === ",") end();
		else if (char === "[") {
			end();
			const inner: Fields = new Map();
			path.at(-1)?.set(last, inner);
			path.push(inner);
		} else if (char === "]") {
			end();
			if (path.length > 1) path.pop();
		} else name += char;
	}
	end();
	return root;
}

function keep(value: unknown, fields: Fields): unknown {
	if (Array.isArray(value)) return value.map((one) => keep(one, fields));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, inner]) => {
			const wanted = fields.get(name);
			if (wanted === undefined) return [];
			return [[name, wanted === null ? inner : keep(inner, wanted)]];
		}),
	);
}

/** The `fields` parameter: it cuts the answer, and nothing else. */
export const keepFields = (value: unknown, fields: string | null) =>
	fields === null || fields === "" ? value : keep(value, readFields(fields));
