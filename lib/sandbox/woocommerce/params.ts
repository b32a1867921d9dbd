/** Parameters as WordPress checks them. */
import { readMoment } from "./times";
import { type Call, invalidParams } from "./wire";

/** `1e3` and "7" are integers to WordPress, "1.5", "" and true are not. */
export function isInteger(value: unknown): boolean {
	if (typeof value === "number") return Number.isInteger(value);
	return typeof value === "string" && /^\s*[+-]?\d+(\.0*)?\s*$/.test(value);
}

const wrongType = (name: string, type: string) => ({
	code: "rest_invalid_type",
	message: `${name} is not of type ${type}.`,
	data: { param: name },
});

/** `null` passes: to WordPress it is an integer that was left empty. */
export function demandInteger(params: Record<string, unknown>, name: string): void {
	const value = params[name];
	if (value === undefined || value === null || isInteger(value)) return;
	throw invalidParams({ [name]: wrongType(name, "integer") });
}

export function demandBoolean(params: Record<string, unknown>, name: string, also: readonly string[] = []): void {
	const value = params[name];
	if (value === undefined || typeof value === "boolean" || also.includes(String(value))) return;
	if (["true", "false", "1", "0", 1, 0].includes(value as string | number)) return;
	throw invalidParams({ [name]: wrongType(name, "boolean") });
}

/** As PHP cuts anything to an integer: the leading digits, true as 1, an empty list as 0. */
export function phpInteger(value: unknown): number {
	if (typeof value === "number") return Math.trunc(value) || 0;
	if (typeof value === "boolean") return Number(value);
	if (Array.isArray(value)) return value.length > 0 ? 1 : 0;
	const number = Number.parseFloat(String(value));
	return Number.isFinite(number) ? Math.trunc(number) : 0;
}

export const isTrue = (value: unknown) =>
	value === true || value === 1 || value === "1" || value === "true" || value === "yes";

export const textParam = (value: unknown): string =>
	typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** A list as `a,b`, `name[]=a&name[]=b` or JSON. */
export function listParam(call: Call, name: string): string[] | null {
	const value = call.params[name];
	const list = Array.isArray(value) ? value.map(textParam) : value === undefined ? [] : textParam(value).split(",");
	const repeated = [...call.query].filter(([key]) => new RegExp(`^${name}\\[\\d*\\]$`).test(key)).map(([, one]) => one);
	const all = [...list, ...repeated].map((one) => one.trim()).filter((one) => one !== "");
	return all.length > 0 ? all : null;
}

export type Paging = { limit: number; offset: number; order: "asc" | "desc"; orderby: string };

export function readPaging(call: Call, orderbys: readonly string[]): Paging {
	const { params } = call;
	const perPage = params.per_page ?? 10;
	if (!isInteger(perPage)) throw invalidParams({ per_page: wrongType("per_page", "integer") });
	const limit = Number(perPage);
	if (limit < 1 || limit > 100)
		throw invalidParams({
			per_page: {
				code: "rest_out_of_bounds",
				message: "per_page must be between 1 (inclusive) and 100 (inclusive)",
				data: null,
			},
		});
	for (const name of ["page", "offset"]) demandInteger(params, name);
	const page = Number(params.page ?? 1);
	const order = textParam(params.order ?? "desc");
	const orderby = textParam(params.orderby ?? "date");
	demandOneOf("order", order, ["asc", "desc"]);
	demandOneOf("orderby", orderby, orderbys);
	return {
		limit,
		offset: params.offset === undefined ? (Math.max(1, page) - 1) * limit : Math.max(0, Number(params.offset)),
		order: order as Paging["order"],
		orderby,
	};
}

export function demandOneOf(name: string, value: string, allowed: readonly string[]): void {
	if (allowed.includes(value)) return;
	const message = `${name} is not one of ${allowed.slice(0, -1).join(", ")}, and ${allowed.at(-1)}.`;
	throw invalidParams({ [name]: { code: "rest_not_in_enum", message, data: null } });
}

/** Strictly later, to the second: the earliest moment that passes; null without the parameter. */
export function readModifiedAfter(call: Call): Date | null {
	const value = call.params.modified_after;
	if (value === undefined) return null;
	const at = readMoment(textParam(value), isTrue(call.params.dates_are_gmt), call.settings.timezone);
	if (!at)
		throw invalidParams({
			modified_after: { code: "rest_invalid_date", message: "Invalid date.", data: null },
		});
	return new Date(at.getTime() + 1_000);
}

/** Headers of one page of a list. */
export function pageHeaders(call: Call, total: number, { limit, offset }: Paging): Record<string, string> {
	const pages = Math.ceil(total / limit);
	const page = Math.floor(offset / limit) + 1;
	const link = (to: number, rel: string) => {
		const query = new URLSearchParams(call.query);
		for (const name of [...query.keys()]) if (name.startsWith("oauth_")) query.delete(name);
		query.set("page", String(to));
		return `<${call.home}/wp-json${call.route}?${query}>; rel="${rel}"`;
	};
	const links = [
		...(page > 1 ? [link(Math.min(page - 1, pages), "prev")] : []),
		...(page < pages ? [link(page + 1, "next")] : []),
	];
	return {
		"x-wp-total": String(total),
		"x-wp-totalpages": String(pages),
		...(links.length > 0 ? { link: links.join(", ") } : {}),
	};
}
