/** What a cell is, says, and becomes when something is done to it. Pure. */
import { namesApart } from "@/lib/format/names-apart";
import {
	asPercent,
	type Candidate,
	type GridCell,
	type GridChannel,
	type GridMode,
	type ListingRow,
	type SkuRow,
	tierWords,
} from "@/lib/matching/grid";
import type { PeekTarget } from "@/lib/queries/mappings";

/** How an act on a cell goes, until the server's answer is in the row. */
export type Mark = { state: "saving" } | { state: "failed"; sentence: string };
type Marked = { marks?: Record<string, Mark> };
export type GridRow = (SkuRow | ListingRow) & Marked;

export const isSkuRow = (row: GridRow): row is SkuRow & Marked => "cells" in row;

export type GridColumn = { id: string; label: string; channel: GridChannel | null; isFrozen: boolean };

const column = (id: string, label: string, isFrozen = false): GridColumn => ({ id, label, channel: null, isFrozen });

export function columnsFor(mode: GridMode, channels: readonly GridChannel[]): GridColumn[] {
	const shortNames = namesApart(channels.map(({ name }) => name));
	return mode === "skus"
		? [
				column("sku", "Master SKU", true),
				column("available", "Available", true),
				...channels.map((channel, at) => ({ id: channel.id, label: shortNames[at] ?? "", channel, isFrozen: false })),
			]
		: [column("listing", "Listing", true), column("shows", "Shows", true), column("answer", "Master SKU")];
}

/** A link that a person may make by one key. */
export type Wish = { listingId: string; skuId: string; units: number; seenVersion: number };

/** What `A` would link; null where there is no one answer. */
export function wishOf(row: GridRow, columnId: string): Wish | null {
	if (isSkuRow(row)) {
		const cell = row.cells[columnId];
		return cell?.kind === "suggested" ? wishFrom(cell.candidate, row.id) : null;
	}
	const [best] = row.candidates;
	if (columnId !== "answer" || row.state !== "suggested" || !best) return null;
	return { listingId: row.id, skuId: best.skuId, units: 1, seenVersion: row.version };
}

const wishFrom = ({ listingId, version }: Candidate, skuId: string): Wish => ({
	listingId,
	skuId,
	units: 1,
	seenVersion: version,
});

/** Pairs that `X` would reject: all that the cell proposes. */
export function pairsOf(row: GridRow, columnId: string): { listingId: string; skuId: string }[] {
	if (isSkuRow(row)) {
		const cell = row.cells[columnId];
		const candidates =
			cell?.kind === "suggested" ? [cell.candidate] : cell?.kind === "ambiguous" ? cell.candidates : [];
		return candidates.map(({ listingId }) => ({ listingId, skuId: row.id }));
	}
	return columnId === "answer" && (row.state === "suggested" || row.state === "ambiguous")
		? row.candidates.map(({ skuId }) => ({ listingId: row.id, skuId }))
		: [];
}

/** Listings that were decided about here, which Delete takes back. */
export function decidedIn(row: GridRow, columnId: string): { listingId: string; seenVersion: number }[] {
	if (isSkuRow(row)) {
		const cell = row.cells[columnId];
		if (cell?.kind === "linked")
			return cell.listings.map(({ listingId, version }) => ({ listingId, seenVersion: version }));
		return cell?.kind === "left_out" && cell.candidate.version > 0
			? [{ listingId: cell.candidate.listingId, seenVersion: cell.candidate.version }]
			: [];
	}
	return columnId === "answer" && row.version > 0 ? [{ listingId: row.id, seenVersion: row.version }] : [];
}

/** Listings of the cell, whatever their state, for leaving out. */
export function listingsIn(row: GridRow, columnId: string): { listingId: string; seenVersion: number }[] {
	if (!isSkuRow(row)) return columnId === "answer" ? [{ listingId: row.id, seenVersion: row.version }] : [];
	const cell = row.cells[columnId];
	switch (cell?.kind) {
		case "linked":
			return cell.listings.map(({ listingId, version }) => ({ listingId, seenVersion: version }));
		case "ambiguous":
			return cell.candidates.map(({ listingId, version }) => ({ listingId, seenVersion: version }));
		case "suggested":
		case "left_out":
			return [{ listingId: cell.candidate.listingId, seenVersion: cell.candidate.version }];
		default:
			return [];
	}
}

/** A cell that waits for a person. */
export const isOpen = (row: GridRow, columnId: string): boolean => pairsOf(row, columnId).length > 0;

/** What the inspector looks at. */
export function peekTargetOf(row: GridRow, columnId: string): PeekTarget | null {
	if (!isSkuRow(row))
		return { listingId: row.id, skuId: row.link?.skuId ?? row.candidates[0]?.skuId ?? null, channelId: null };
	if (columnId === "sku" || columnId === "available") return null;
	const [first] = listingsIn(row, columnId);
	return { listingId: first?.listingId ?? null, skuId: row.id, channelId: columnId };
}

/** One cell in words: for the clipboard (a SKU or a number, as a spreadsheet wants it). */
export function copyText(row: GridRow, columnId: string): string | number | null {
	if (!isSkuRow(row)) {
		if (columnId === "listing") return row.sku ?? row.title;
		return columnId === "shows" ? row.shows : (row.link?.code ?? null);
	}
	if (columnId === "sku") return row.code;
	if (columnId === "available") return row.available;
	const cell = row.cells[columnId];
	return cell?.kind === "linked" ? cell.listings.map(({ sku, title }) => sku ?? title).join(" | ") : null;
}

/** One cell in words, as a screen reader says it. */
export function spokenText(row: GridRow, columnId: string): string {
	const mark = row.marks?.[columnId];
	const said = isSkuRow(row) ? spokenSkuCell(row, columnId) : spokenListingCell(row, columnId);
	return mark?.state === "saving"
		? `${said}, being saved`
		: mark?.state === "failed"
			? `${said}. ${mark.sentence}`
			: said;
}

function spokenSkuCell(row: SkuRow, columnId: string): string {
	if (columnId === "sku") return `${row.title}, ${row.code}`;
	if (columnId === "available") return row.available === null ? "not counted yet" : `${row.available} available`;
	const cell = row.cells[columnId];
	switch (cell?.kind) {
		case "linked":
			return cell.listings
				.map(
					({ sku, title, units, shows, word }) =>
						`${sku ?? title}${units > 1 ? `, ${units} units each` : ""}, shows ${shows ?? "nothing yet"}, ${word}`,
				)
				.join("; ");
		case "suggested":
			return `suggestion ${cell.candidate.sku ?? cell.candidate.title}, ${asPercent(cell.candidate.score)} of 100, ${tierWords[cell.candidate.tier]}`;
		case "ambiguous":
			return ambiguousWord(cell);
		case "left_out":
			return `left out, ${cell.reason}`;
		default:
			return "no match";
	}
}

function spokenListingCell(row: ListingRow, columnId: string): string {
	if (columnId === "listing") return [row.title, row.options, row.sku].filter(Boolean).join(", ");
	if (columnId === "shows") return row.shows === null ? "shows nothing yet" : `shows ${row.shows}`;
	const [best] = row.candidates;
	switch (row.state) {
		case "linked":
			return `linked to ${row.link?.code}, ${row.link?.word}`;
		case "suggested":
			return best ? `suggestion ${best.code}, ${asPercent(best.score)} of 100, ${tierWords[best.tier]}` : "suggestion";
		case "ambiguous":
			return `${row.candidates.length} SKUs may be it`;
		case "left_out":
			return `left out, ${row.reason}`;
		case "unmatched":
			return "no match";
	}
}

export const ambiguousWord = ({ candidates }: Extract<GridCell, { kind: "ambiguous" }>): string =>
	candidates.length > 1 ? `${candidates.length} candidates` : "not clear";

/** As the cell will be once the link is made; what the channel shows is not known before the answer. */
export function afterLink(
	row: GridRow,
	columnId: string,
	wish: Wish,
	name: { sku: string | null; title: string },
): GridRow {
	const going = { state: "go" as const, word: "being linked" };
	if (!isSkuRow(row))
		return {
			...row,
			state: "linked",
			link: { skuId: wish.skuId, code: name.sku ?? "", title: name.title, units: wish.units, offered: null, ...going },
		};
	const cell = row.cells[columnId];
	const others = cell?.kind === "linked" ? cell.listings.filter(({ listingId }) => listingId !== wish.listingId) : [];
	const listing = {
		listingId: wish.listingId,
		...name,
		units: wish.units,
		shows: null,
		offered: null,
		version: wish.seenVersion,
		...going,
	};
	return withCell(row, columnId, { kind: "linked", listings: [...others, listing] });
}

/** As the cell will be once nothing is proposed or linked in it any more. */
export function afterClear(row: GridRow, columnId: string): GridRow {
	return isSkuRow(row)
		? withCell(row, columnId, null)
		: { ...row, state: "unmatched", link: null, candidates: [], reason: null };
}

export function afterLeaveOut(row: GridRow, columnId: string, reason: string): GridRow {
	if (!isSkuRow(row)) return { ...row, state: "left_out", link: null, reason };
	const cell = row.cells[columnId];
	const [first] =
		cell?.kind === "linked"
			? cell.listings.map((one) => ({ ...one, score: 0, tier: "title" as const }))
			: candidatesOf(cell);
	return first ? withCell(row, columnId, { kind: "left_out", candidate: first, reason }) : row;
}

const candidatesOf = (cell: GridCell | undefined): Candidate[] =>
	cell?.kind === "ambiguous"
		? cell.candidates
		: cell?.kind === "suggested" || cell?.kind === "left_out"
			? [cell.candidate]
			: [];

function withCell(row: SkuRow & Marked, columnId: string, cell: GridCell | null): GridRow {
	const { [columnId]: _, ...rest } = row.cells;
	return { ...row, cells: cell ? { ...rest, [columnId]: cell } : rest };
}

/** The name under which a wish's other side goes into the cell. */
export function nameOf(row: GridRow, columnId: string, wish: Wish): { sku: string | null; title: string } {
	if (!isSkuRow(row)) {
		const found = row.candidates.find(({ skuId }) => skuId === wish.skuId);
		return { sku: found?.code ?? null, title: found?.title ?? "" };
	}
	const found = candidatesOf(row.cells[columnId]).find(({ listingId }) => listingId === wish.listingId);
	return { sku: found?.sku ?? null, title: found?.title ?? "" };
}
