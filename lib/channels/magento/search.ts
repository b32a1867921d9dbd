/** Search criteria as a query. No index reaches two digits: there versions differ in how they sort what is signed. */
import type { Connection } from "../channel-adapter";

export type Filter = { field: string; value: string | number; condition?: string };

export type Search = {
	/** All groups must hold, and one filter of each. */
	groups?: readonly (readonly Filter[])[];
	sortBy: string;
	pageSize: number;
	page?: number;
	/** What of the answer is wanted, in Magento's notation. */
	fields?: string;
};

export type Query = readonly (readonly [string, string])[];

/** Some versions refuse larger pages, and a merchant may have set less: `connect` asks. */
const largestPage = 300;

export const largestPageOf = ({ facts }: Pick<Connection, "facts">): number =>
	typeof facts.largestPage === "number" ? Math.min(largestPage, Math.max(1, facts.largestPage)) : largestPage;

const mostFilters = 9;

export function searchQuery({ groups = [], sortBy, pageSize, page = 1, fields }: Search): Query {
	const pairs: [string, string][] = [];
	for (const [group, filters] of groups.entries()) {
		if (group >= mostFilters || filters.length > mostFilters) throw new Error("a search has one-digit indexes only");
		for (const [index, { field, value, condition }] of filters.entries()) {
			const at = `searchCriteria[filter_groups][${group}][filters][${index}]`;
			pairs.push([`${at}[field]`, field], [`${at}[value]`, String(value)]);
			if (condition) pairs.push([`${at}[condition_type]`, condition]);
		}
	}
	pairs.push(
		["searchCriteria[sortOrders][0][field]", sortBy],
		["searchCriteria[sortOrders][0][direction]", "ASC"],
		["searchCriteria[pageSize]", String(pageSize)],
		["searchCriteria[currentPage]", String(page)],
	);
	if (fields) pairs.push(["fields", fields]);
	return pairs;
}

/** Of lists that are short in every store. */
export const firstPage = (connection: Pick<Connection, "facts">): Query => [
	["searchCriteria[pageSize]", String(largestPageOf(connection))],
	["searchCriteria[currentPage]", "1"],
];

/** A list in one filter is parted by commas, so that what contains one is asked for by itself. */
const longestList = 4_000;
const mostAlone = mostFilters - 1;

/** Values of a field in as few groups of filters as fit the length of an address; `most` values in each. */
export function inLists(
	field: string,
	values: readonly string[],
	most: number,
): { filters: Filter[]; values: string[] }[] {
	const pieces: { filters: Filter[]; values: string[] }[] = [];
	let listed: string[] = [];
	let alone: string[] = [];
	let length = 0;
	const close = () => {
		if (listed.length + alone.length === 0) return;
		pieces.push({
			filters: [
				...(listed.length > 0 ? [{ field, value: listed.join(","), condition: "in" }] : []),
				...alone.map((value) => ({ field, value, condition: "eq" })),
			],
			values: [...listed, ...alone],
		});
		listed = [];
		alone = [];
		length = 0;
	};
	for (const value of values) {
		const size = encodeURIComponent(value).length + 3;
		const isAlone = value.includes(",");
		if (listed.length + alone.length >= most || length + size > longestList || (isAlone && alone.length >= mostAlone))
			close();
		(isAlone ? alone : listed).push(value);
		// Asked for by itself, its field and condition come with it.
		length += size + (isAlone ? 200 : 0);
	}
	close();
	return pieces;
}
