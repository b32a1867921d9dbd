/** The page's whole state is its address; this is how it is read, on both sides. */
import { createLoader, createSerializer, parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { parseFilter } from "@/components/ui/filter-terms";
import { type GridFilter, gridModes, type ListingState, listingStates } from "@/lib/matching/grid";

export const mappingParams = {
	/** Rows are SKUs, or listings. */
	rows: parseAsStringLiteral(gridModes).withDefault("skus"),
	state: parseAsStringLiteral(listingStates),
	/** `sku:…`, `title:…`, `channel:…` and free words. */
	q: parseAsString.withDefault(""),
	/** Whether the inspector is open. */
	peek: parseAsBoolean.withDefault(true),
};

export const loadMappingParams = createLoader(mappingParams);
const serialize = createSerializer(mappingParams);

export type MappingParams = { rows: GridFilter["mode"]; state: ListingState | null; q: string; peek: boolean };

export const mappingsHref = (params: Partial<MappingParams>): string => serialize("/mappings", params);

export const filterKeys = ["sku", "title", "channel"] as const;

export function gridFilterOf({ rows, state, q }: Pick<MappingParams, "rows" | "state" | "q">): GridFilter {
	const { terms, text } = parseFilter(q, filterKeys);
	const valuesOf = (key: string) => terms.filter((term) => term.key === key).map((term) => term.value);
	return { mode: rows, state, channelIds: valuesOf("channel"), skus: valuesOf("sku"), titles: valuesOf("title"), text };
}

/** Each state is looked at where its listings are: with a SKU, or without one. */
export const modeOf = (state: ListingState): GridFilter["mode"] =>
	state === "unmatched" || state === "left_out" ? "listings" : "skus";
