/**
 * Shopify's search syntax: `field:value`, comparators, quotes, AND, OR, NOT, brackets. A field that the list does not
 * know is left out of the search, which then matches everything; only `extensions.search` tells. A value without quotes
 * ends at a colon, so an unquoted time is cut after its hour.
 */
import { type SQL, sql } from "drizzle-orm";

export type Comparator = ":" | ":>" | ":>=" | ":<" | ":<=";
type Term = { field: string | null; comparator: Comparator; value: string; isQuoted: boolean };
type Node = { kind: "term"; term: Term } | { kind: "and" | "or"; nodes: Node[] } | { kind: "not"; node: Node };

export type SearchWarning = { field: string; message: string; code: string };
/** What goes into `extensions.search` when something was left out. */
export type SearchNote = { query: string; parsed: unknown; warnings: SearchWarning[] };

/** Null: the value is not one that the field takes. */
export type SearchField = (comparator: Comparator, value: string) => SQL | null;

export type Search = { where: SQL; note: SearchNote | null };

export function readSearch(
	query: string | null | undefined,
	fields: Record<string, SearchField>,
	text: SearchField,
): Search {
	const everything: Search = { where: sql`true`, note: null };
	if (!query?.trim()) return everything;
	const node = parseSearch(query);
	if (!node) return everything;
	const warnings: SearchWarning[] = [];
	const where = toSql(node, fields, text, warnings) ?? sql`true`;
	return { where, note: warnings.length > 0 ? { query, parsed: parsedForm(node), warnings } : null };
}

function toSql(
	node: Node,
	fields: Record<string, SearchField>,
	text: SearchField,
	warnings: SearchWarning[],
): SQL | null {
	switch (node.kind) {
		case "not": {
			const inner = toSql(node.node, fields, text, warnings);
			return inner && sql`not coalesce(${inner}, false)`;
		}
		case "and":
		case "or": {
			const parts = node.nodes.flatMap((part) => toSql(part, fields, text, warnings) ?? []);
			if (parts.length === 0) return null;
			return sql`(${sql.join(parts, node.kind === "and" ? sql` and ` : sql` or `)})`;
		}
		case "term": {
			const { field, comparator, value } = node.term;
			if (field === null) return text(comparator, value);
			const known = Object.hasOwn(fields, field) ? fields[field] : undefined;
			if (!known) {
				warnings.push({ field, message: "Invalid search field for this query.", code: "invalid_field" });
				return null;
			}
			const where = known(comparator, value);
			if (!where)
				warnings.push({ field, message: `Input \`${value}\` is not an accepted value.`, code: "invalid_value" });
			return where;
		}
	}
}

type Token = { kind: "(" | ")" | "and" | "or" | "not" } | { kind: "term"; term: Term };

function tokenize(query: string): Token[] {
	const tokens: Token[] = [];
	const pattern =
		/\s*(?:([()])|(-|NOT\b)|(AND|OR)\b|(?:([A-Za-z_][\w.]*|\d+)(:>=|:<=|:>|:<|:))?\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s():]+))|:|.)/gy;
	for (const match of query.matchAll(pattern)) {
		const [, bracket, not, joint, field, comparator, double, single, bare] = match;
		const quoted = double ?? single;
		const value = quoted?.replace(/\\(.)/g, "$1") ?? bare;
		if (bracket) tokens.push({ kind: bracket as "(" | ")" });
		else if (not) tokens.push({ kind: "not" });
		else if (joint) tokens.push({ kind: joint.toLowerCase() as "and" | "or" });
		else if (value !== undefined)
			tokens.push({
				kind: "term",
				term: {
					field: field ?? null,
					comparator: (comparator ?? ":") as Comparator,
					value,
					isQuoted: quoted !== undefined,
				},
			});
	}
	return tokens;
}

function parseSearch(query: string): Node | null {
	const tokens = tokenize(query);
	let at = 0;
	const peek = () => tokens[at]?.kind;

	function parseOr(): Node | null {
		const nodes = [parseAnd()];
		while (peek() === "or") {
			at++;
			nodes.push(parseAnd());
		}
		return combine("or", nodes);
	}
	function parseAnd(): Node | null {
		const nodes: (Node | null)[] = [];
		while (at < tokens.length && peek() !== "or" && peek() !== ")") {
			if (peek() === "and") at++;
			else nodes.push(parseOne());
		}
		return combine("and", nodes);
	}
	function parseOne(): Node | null {
		const token = tokens[at++];
		if (token?.kind === "not") {
			const node = parseOne();
			return node && { kind: "not", node };
		}
		if (token?.kind === "(") {
			const node = parseOr();
			if (peek() === ")") at++;
			return node;
		}
		return token?.kind === "term" ? { kind: "term", term: token.term } : null;
	}

	const nodes: (Node | null)[] = [];
	while (at < tokens.length) {
		nodes.push(parseOr());
		// A bracket that closes nothing.
		if (peek() === ")") at++;
	}
	return combine("and", nodes);
}

function combine(kind: "and" | "or", nodes: (Node | null)[]): Node | null {
	const present = nodes.filter((node) => node !== null);
	return present.length > 1 ? { kind, nodes: present } : (present[0] ?? null);
}

const comparatorNames: Record<Comparator, string> = {
	":": "match_all",
	":>": "range_gt",
	":>=": "range_gte",
	":<": "range_lt",
	":<=": "range_lte",
};

function parsedForm(node: Node): unknown {
	switch (node.kind) {
		case "not":
			return { not: parsedForm(node.node) };
		case "and":
		case "or":
			return { [node.kind]: node.nodes.map(parsedForm) };
		case "term": {
			const { field, comparator, value, isQuoted } = node.term;
			const name = comparator === ":" && isQuoted ? "match_phrase" : comparatorNames[comparator];
			return { field: field ?? "default", [name]: value };
		}
	}
}

/** A column that holds the moment exactly, compared as Shopify does: to the second. */
export function timeField(column: SQL): SearchField {
	return (comparator, value) => {
		const ms = Date.parse(/^\d{4}-\d\d-\d\dT\d\d$/.test(value) ? `${value}:00:00Z` : value);
		if (Number.isNaN(ms)) return null;
		const floor = Math.floor(ms / 1_000) * 1_000;
		const ceiling = Math.ceil(ms / 1_000) * 1_000;
		const at = (moment: number) => sql`${new Date(moment).toISOString()}::timestamptz`;
		switch (comparator) {
			case ":":
				return sql`(${column} >= ${at(floor)} and ${column} < ${at(floor + 1_000)})`;
			case ":>":
				return sql`${column} >= ${at(floor + 1_000)}`;
			case ":>=":
				return sql`${column} >= ${at(ceiling)}`;
			case ":<":
				return sql`${column} < ${at(ceiling)}`;
			case ":<=":
				return sql`${column} < ${at(floor + 1_000)}`;
		}
	};
}

const operators: Record<Comparator, SQL> = {
	":": sql`=`,
	":>": sql`>`,
	":>=": sql`>=`,
	":<": sql`<`,
	":<=": sql`<=`,
};

export const numberField =
	(column: SQL): SearchField =>
	(comparator, value) =>
		/^-?\d+$/.test(value) ? sql`${column} ${operators[comparator]} ${value}::numeric` : null;

/** Case does not matter; a `*` at the end stands for any ending; commas are alternatives. */
export const wordField =
	(column: SQL): SearchField =>
	(_, value) => {
		const alternatives = value.split(",").map((word) =>
			word.endsWith("*")
				? sql`lower(${column}) like ${`${word
						.slice(0, -1)
						.toLowerCase()
						.replace(/[\\%_]/g, "\\$&")}%`}`
				: sql`lower(${column}) = ${word.toLowerCase()}`,
		);
		return sql`(${sql.join(alternatives, sql` or `)})`;
	};

/** The word is somewhere in the text. */
export const textField =
	(column: SQL): SearchField =>
	(_, value) =>
		sql`${column} ilike ${`%${value.replace(/\*$/, "").replace(/[\\%_]/g, "\\$&")}%`}`;

export const flagField =
	(column: SQL): SearchField =>
	(_, value) =>
		/^(true|false)$/i.test(value) ? sql`${column} = ${value.toLowerCase() === "true"}` : null;
