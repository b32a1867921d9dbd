/** What the mappings page works out from its rows and counts. Pure. */
import type { MouseEvent } from "react";
import type { Segment } from "@/components/ui/segments";
import type { GridChannel } from "@/lib/matching/grid";
import { isOpen, isSkuRow } from "./cells";
import type { CellPlace } from "./grid-row";
import type { SearchFor } from "./link-search";
import { mappingsHref, modeOf } from "./mapping-params";
import type { CellRef } from "./use-mapping-acts";

export function segmentsOf(
	counts: Partial<Record<string, unknown>> | undefined,
	params: { q: string; peek: boolean; state: string | null },
): Segment[] {
	const tones = { linked: "ok", suggested: "go", ambiguous: "warn", unmatched: "muted", left_out: "rest" } as const;
	const labels = {
		linked: "Linked",
		suggested: "Suggested",
		ambiguous: "Ambiguous",
		unmatched: "Unmatched",
		left_out: "Left out",
	};
	return (Object.keys(tones) as (keyof typeof tones)[]).map((state) => ({
		key: state,
		label: labels[state],
		value: Number(counts?.[state] ?? 0),
		tone: tones[state],
		// The current one, pressed again, shows everything.
		href: mappingsHref({
			q: params.q,
			peek: params.peek,
			...(params.state === state ? {} : { state, rows: modeOf(state) }),
		}),
	}));
}

/** The next cell that waits for a person: down its own column first, then through the whole rows below. */
export function findOpen(
	rowAt: (index: number) => CellRef["row"] | undefined,
	total: number,
	from: CellPlace,
	columnIds: readonly string[],
): CellPlace | null {
	for (const ids of [[from.columnId], columnIds])
		for (let index = from.index + 1; index < total; index++) {
			const row = rowAt(index);
			if (!row) break;
			const columnId = ids.find((id) => isOpen(row, id));
			if (columnId) return { index, columnId };
		}
	return null;
}

/** Where a row is that was worked on a moment ago: looked for around `from`, whichever way it lies. */
export function findRow(
	rowAt: (index: number) => CellRef["row"] | undefined,
	from: number,
	rowId: string,
	furthest = 1_000,
): number | null {
	for (let away = 0; away <= furthest; away++)
		for (const index of [from - away, from + away]) if (rowAt(index)?.id === rowId) return index;
	return null;
}

export function searchFor({ row, columnId }: CellRef, channels: readonly GridChannel[]): SearchFor | null {
	if (!isSkuRow(row))
		return { kind: "sku", listingId: row.id, version: row.version, listing: row.sku || row.title, text: row.sku ?? "" };
	const channel = channels.find(({ id }) => id === columnId);
	const cell = row.cells[columnId];
	// What was guessed is looked for first: it may have another SKU there, or none.
	const guess = cell?.kind === "suggested" ? cell.candidate : null;
	return channel
		? {
				kind: "listing",
				channelId: channel.id,
				channelName: channel.name,
				skuId: row.id,
				sku: row.code,
				text: (guess?.sku || guess?.title) ?? row.code,
			}
		: null;
}

/** A pasted block, laid over the grid from the focused cell on: each cell names a listing (or, in listing rows, a SKU). */
export function wishesFrom(
	at: CellPlace,
	cells: string[][],
	columnIds: readonly string[],
	rowAt: (index: number) => CellRef["row"] | undefined,
): object[] {
	const first = columnIds.indexOf(at.columnId);
	let line = 0;
	return cells.flatMap((texts, down) =>
		texts.flatMap((text, right): object[] => {
			line += 1;
			const row = rowAt(at.index + down);
			const columnId = columnIds[first + right];
			if (!row || !text || !columnId) return [];
			if (!isSkuRow(row))
				return columnId === "answer" && row.sku
					? [{ line, sku: text, channelId: row.channelId, listing: row.sku }]
					: [];
			return columnId === "sku" || columnId === "available"
				? []
				: [{ line, skuId: row.id, channelId: columnId, listing: text }];
		}),
	);
}

/** A plain click on a link of this page: its search parameters, taken over without a navigation. */
export function followHere(event: MouseEvent, take: (search: URLSearchParams) => void): void {
	const link = event.target instanceof Element ? event.target.closest("a") : null;
	if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
	event.preventDefault();
	take(new URL(link.href).searchParams);
}
