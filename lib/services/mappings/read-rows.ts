import { z } from "zod";
import { type GridMode, gridModes, gridPageSize, type ListingRow, type SkuRow } from "@/lib/matching/grid";
import type { Context } from "../context";
import { filterInput } from "./filter-sql";
import { readListingRows, readListingRowsById } from "./read-listing-rows";
import { readSkuRows, readSkuRowsById } from "./read-sku-rows";

/** A page of a filter, by its fences; or rows again, by id. */
export const rowsInput = z.union([
	z.object({ mode: z.enum(gridModes), ids: z.array(z.uuid()).max(gridPageSize) }),
	z.object({ filter: filterInput, from: z.string().max(1_000), to: z.string().max(1_000).nullable() }),
]);

export type RowOf<Mode extends GridMode> = Mode extends "skus" ? SkuRow : ListingRow;

export function readRows(ctx: Context, input: z.output<typeof rowsInput>): Promise<SkuRow[] | ListingRow[]> {
	if ("ids" in input)
		return input.mode === "skus" ? readSkuRowsById(ctx, input.ids) : readListingRowsById(ctx, input.ids);
	const { filter, from, to } = input;
	return filter.mode === "skus" ? readSkuRows(ctx, filter, { from, to }) : readListingRows(ctx, filter, { from, to });
}
