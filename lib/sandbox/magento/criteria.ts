/** Search criteria: read from the query in either spelling of their keys, and made into SQL. */
import { type SQL, sql } from "drizzle-orm";
import type { MagentoSettings } from "./settings";
import { type Call, MageError, required } from "./wire";

type Filter = { field: string; value: string; condition_type: string };
export type Criteria = {
	groups: Filter[][];
	sorts: { field: string; direction: "ASC" | "DESC" }[];
	/** Null: all rows. */
	pageSize: number | null;
	page: number;
};

/** `time`: of the row's stamp, to the second. */
export type Column = { sql: SQL; type: "text" | "number" | "time" };
export type Columns = Readonly<Record<string, Column>>;

const snake = (name: string) => name.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);

type Node = { [key: string]: Node | string };

function readTree(query: URLSearchParams): Node | null {
	let found = false;
	const root: Node = {};
	for (const [name, value] of query) {
		const head = /^(searchCriteria|search_criteria)(\[.*)?$/.exec(name);
		if (!head) continue;
		found = true;
		const keys = [...(head[2] ?? "").matchAll(/\[([^\]]*)\]/g)].map(([, key = ""]) => snake(key));
		if (keys.length === 0) continue;
		let node = root;
		for (const key of keys.slice(0, -1)) {
			const next = node[key];
			const inner: Node = typeof next === "object" ? next : {};
			node[key] = inner;
			node = inner;
		}
		node[keys.at(-1) ?? ""] = value;
	}
	return found ? root : null;
}

const list = (node: Node | string | undefined): Node[] =>
	typeof node === "object" ? Object.values(node).filter((one) => typeof one === "object") : [];
const word = (node: Node | string | undefined) => (typeof node === "string" ? node : "");

export function readCriteria({ query, settings }: Pick<Call, "query" | "settings">): Criteria {
	const tree = readTree(query);
	if (!tree) throw required("searchCriteria");
	const asked = word(tree.page_size);
	const pageSize = asked === "" ? settings.defaultPageSize : Number(asked);
	if (settings.pageSizeLimit !== null && (pageSize ?? 0) > settings.pageSizeLimit)
		throw new MageError(400, "Maximum SearchCriteria pageSize is %max", { max: settings.pageSizeLimit });
	return {
		groups: list(tree.filter_groups).map((group) =>
			list(group.filters).map((filter) => ({
				field: word(filter.field),
				value: word(filter.value),
				condition_type: word(filter.condition_type) || "eq",
			})),
		),
		sorts: list(tree.sort_orders).map((sort) => ({
			field: word(sort.field),
			direction: word(sort.direction).toUpperCase() === "DESC" ? "DESC" : "ASC",
		})),
		pageSize: pageSize === 0 ? null : pageSize,
		page: Math.max(1, Number(word(tree.current_page) || 1)),
	};
}

/** What a list says of how it was asked for. */
export const echo = ({ groups, sorts, pageSize, page }: Criteria) => ({
	filter_groups: groups.map((filters) => ({ filters })),
	...(sorts.length > 0 && { sort_orders: sorts }),
	...(pageSize !== null && { page_size: pageSize, current_page: page }),
});

/** `unknown`: what a field is answered with that is none. */
export function whereOf({ groups }: Criteria, columns: Columns, unknown: (field: string) => MageError): SQL {
	const clauses = groups
		.filter((filters) => filters.length > 0)
		.map((filters) => {
			const parts = filters.map((filter) => condition(filter, column(columns, filter.field, unknown)));
			return sql`(${sql.join(parts, sql` or `)})`;
		});
	return clauses.length > 0 ? sql.join(clauses, sql` and `) : sql`true`;
}

export function orderOf({ sorts }: Criteria, columns: Columns, unknown: (field: string) => MageError): SQL {
	if (sorts.length === 0) return sql``;
	const parts = sorts.map(
		({ field, direction }) => sql`${column(columns, field, unknown).sql} ${sql.raw(direction)} nulls first`,
	);
	return sql`order by ${sql.join(parts, sql`, `)}`;
}

function column(columns: Columns, field: string, unknown: (field: string) => MageError): Column {
	const found = Object.hasOwn(columns, field) ? columns[field] : undefined;
	if (!found) throw unknown(field);
	return found;
}

/** Text is compared without regard to case, as the store's collation does. */
function condition({ value, condition_type }: Filter, { sql: field, type }: Column): SQL {
	const left = type === "text" ? sql`lower(${field})` : type === "time" ? sql`date_trunc('second', ${field})` : field;
	const one = (text: string): SQL => {
		if (type === "time") return sql`${momentOf(text)}::timestamptz`;
		if (type === "number") return sql`${Number.isFinite(Number(text)) ? Number(text) : 0}::numeric`;
		return sql`lower(${text})`;
	};
	const among = () => {
		const values = value.split(",").map((text) => one(text.trim()));
		return sql`(${sql.join(values, sql`, `)})`;
	};
	switch (condition_type) {
		case "eq":
			return sql`${left} = ${one(value)}`;
		case "neq":
			return sql`${left} <> ${one(value)}`;
		case "gt":
		case "from":
			return condition_type === "gt" ? sql`${left} > ${one(value)}` : sql`${left} >= ${one(value)}`;
		case "gteq":
			return sql`${left} >= ${one(value)}`;
		case "lt":
			return sql`${left} < ${one(value)}`;
		case "lteq":
		case "to":
			return sql`${left} <= ${one(value)}`;
		case "in":
		case "finset":
			return sql`${left} in ${among()}`;
		case "nin":
			return sql`${left} not in ${among()}`;
		case "like":
			return sql`${left}::text like lower(${value})`;
		case "nlike":
			return sql`${left}::text not like lower(${value})`;
		case "null":
			return sql`${field} is null`;
		case "notnull":
			return sql`${field} is not null`;
		default:
			return sql`${left} = ${one(value)}`;
	}
}

/** A moment without a zone is UTC; what is none matches nothing. */
function momentOf(text: string): string {
	const at = Date.parse(`${text.trim().replace(" ", "T")}${/T|\s/.test(text.trim()) ? "" : "T00:00:00"}Z`);
	return new Date(Number.isNaN(at) ? 0 : at).toISOString();
}

/** What of a page is shown: past the end nothing, or in old versions the last page again. */
export function windowOf(
	{ pageSize, page }: Criteria,
	total: number,
	{ clampsPages }: Pick<MagentoSettings, "clampsPages">,
): { limit: number | null; offset: number } {
	if (pageSize === null) return { limit: null, offset: 0 };
	const last = Math.max(1, Math.ceil(total / pageSize));
	return { limit: pageSize, offset: ((clampsPages ? Math.min(page, last) : page) - 1) * pageSize };
}
