"use client";

import { type QueryClient, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type GridFilter, type GridOutline, gridPageSize } from "@/lib/matching/grid";
import { fetchRows, gridRowsKey, outlineQuery, rowsQuery } from "@/lib/queries/mappings";
import type { GridRow } from "./cells";

export type GridRows = {
	/** Null while the outline loads. */
	total: number | null;
	error: Error | null;
	/** Undefined: not loaded yet. */
	rowAt: (index: number) => GridRow | undefined;
	/** Rows that are drawn; their pages are loaded. */
	show: (first: number, last: number) => void;
	/** Loads what is missing of a range, for an act on it. */
	load: (first: number, last: number) => Promise<GridRow[]>;
	/** Asks anew: rows that the filter does not find any more leave. */
	reload: () => Promise<void>;
};

const pageOf = (index: number) => Math.floor(index / gridPageSize);
const none: GridOutline = { total: 0, fences: [] };

/** The rows of a filter, page by page as they are looked at; every other row is a place with a known height. */
export function useGridRows(filter: GridFilter): GridRows {
	const client = useQueryClient();
	const outline = useQuery(outlineQuery(filter));
	const { total, fences } = outline.data ?? none;
	const [pages, setPages] = useState<{ first: number; last: number }>({ first: 0, last: 0 });
	const last = Math.min(pages.last, fences.length - 1);
	const first = Math.min(pages.first, Math.max(0, last));

	const queries = useQueries({
		queries: Array.from({ length: fences.length === 0 ? 0 : last - first + 1 }, (_, at) =>
			rowsQuery(filter, { total, fences }, first + at),
		),
		combine: useCallback(
			(results: { data?: unknown; error: Error | null }[]) => ({
				data: results.map(({ data }) => data as GridRow[] | undefined),
				error: results.find(({ error }) => error)?.error ?? null,
			}),
			[],
		),
	});
	const { data } = queries;
	const cached = useCallback(
		(page: number) => client.getQueryData(rowsQuery(filter, { total, fences }, page).queryKey) as GridRow[] | undefined,
		[client, filter, total, fences],
	);
	const rowAt = useCallback(
		(index: number) => {
			const page = pageOf(index);
			const rows = page >= first && page <= last ? data[page - first] : cached(page);
			return rows?.[index % gridPageSize];
		},
		[cached, data, first, last],
	);
	const show = useCallback((from: number, to: number) => {
		const next = { first: pageOf(from), last: pageOf(to) };
		setPages((shown) => (shown.first === next.first && shown.last === next.last ? shown : next));
	}, []);
	const load = useCallback(
		async (from: number, to: number) => {
			const rows: GridRow[] = [];
			for (let page = pageOf(from); page <= pageOf(to); page++) {
				const loaded = await client.ensureQueryData(rowsQuery(filter, { total, fences }, page));
				const offset = page * gridPageSize;
				rows.push(...(loaded as GridRow[]).slice(Math.max(0, from - offset), to - offset + 1));
			}
			return rows;
		},
		[client, filter, total, fences],
	);
	const reload = useCallback(async () => {
		await client.refetchQueries({ queryKey: outlineQuery(filter).queryKey });
		// Pages of other fences are other pages; those of the same are asked again.
		await client.invalidateQueries({ queryKey: [...gridRowsKey, filter] });
	}, [client, filter]);

	const error = outline.error ?? queries.error;
	const shownTotal = outline.data ? total : null;
	// One object as long as no row changed: the grid is not drawn again because the page around it is.
	return useMemo(
		() => ({ total: shownTotal, error, rowAt, show, load, reload }),
		[shownTotal, error, rowAt, show, load, reload],
	);
}

/** Changes rows wherever they are loaded; a row that stays as it was keeps its identity, and is not drawn again. */
export function patchRows(client: QueryClient, change: (row: GridRow) => GridRow): void {
	client.setQueriesData<GridRow[]>({ queryKey: gridRowsKey }, (rows) => {
		if (!rows) return rows;
		let isSame = true;
		const next = rows.map((row) => {
			const changed = change(row);
			isSame &&= changed === row;
			return changed;
		});
		return isSame ? rows : next;
	});
}

/** Brings rows up to date by id, where they stand. */
export async function refreshRows(
	client: QueryClient,
	mode: GridFilter["mode"],
	ids: readonly string[],
): Promise<void> {
	for (let from = 0; from < ids.length; from += gridPageSize) {
		const fresh = await fetchRows(mode, ids.slice(from, from + gridPageSize));
		const byId = new Map((fresh as GridRow[]).map((row) => [row.id, row]));
		patchRows(client, (row) => {
			const next = byId.get(row.id);
			if (!next) return row;
			// What failed stays said until it is tried again; what was being saved is in the row now.
			const failed = Object.entries(row.marks ?? {}).filter(([, mark]) => mark.state === "failed");
			return failed.length > 0 ? { ...next, marks: Object.fromEntries(failed) } : next;
		});
	}
}

/** Rows in view are brought up to date this often. */
const refreshMs = 10_000;

/** Reads the rows around a place again by id: quantities and other people's links arrive without a reload. */
export function useVisibleRefresh(mode: GridFilter["mode"], rowAt: GridRows["rowAt"], around: number): void {
	const client = useQueryClient();
	useEffect(() => {
		const timer = setInterval(() => {
			if (document.hidden) return;
			const ids: string[] = [];
			for (let index = Math.max(0, around - 30); index < around + 60; index++) {
				const row = rowAt(index);
				// What is being saved is read when it is answered.
				if (row && !Object.values(row.marks ?? {}).some(({ state }) => state === "saving")) ids.push(row.id);
			}
			if (ids.length > 0) void refreshRows(client, mode, ids).catch(() => {});
		}, refreshMs);
		return () => clearInterval(timer);
	}, [around, client, mode, rowAt]);
}
