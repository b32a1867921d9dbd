"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { showDone, showFailed, withdrawUndo } from "@/components/ui/toast";
import { countOf } from "@/lib/format/number";
import type { GridMode } from "@/lib/matching/grid";
import { actOnMappings, type ChangedMappings, gridRowsKey, mappingsKey } from "@/lib/queries/mappings";
import { shellQuery } from "@/lib/queries/shell";
import {
	afterClear,
	afterLeaveOut,
	afterLink,
	decidedIn,
	type GridRow,
	listingsIn,
	type Mark,
	nameOf,
	pairsOf,
	type Wish,
} from "./cells";
import { patchRows, refreshRows } from "./use-grid-rows";

/** A cell, by its row and column. */
export type CellRef = { row: GridRow; columnId: string };

type Act = { rowIds: string[] } & ({ batchId: string } | { pairs: { listingId: string; skuId: string }[] });

type Undoable = Act & {
	/** Where it was done, and where the keyboard goes when it is undone; null: in a dialog, or on another page. */
	cell: { rowId: string; columnId: string } | null;
};

const placeOf = (cell: CellRef | undefined) => (cell ? { rowId: cell.row.id, columnId: cell.columnId } : null);

export type MappingActs = {
	link: (
		links: readonly { cell: CellRef; wish: Wish; name?: { sku: string | null; title: string } }[],
	) => Promise<void>;
	reject: (cells: readonly CellRef[]) => Promise<void>;
	unlink: (cells: readonly CellRef[]) => Promise<void>;
	leaveOut: (cells: readonly CellRef[], reason: string) => Promise<void>;
	/** The latest act of this page, or one by its id. */
	undo: (batchId?: string) => Promise<void>;
	redo: () => Promise<void>;
	/** An act that was done elsewhere (in a dialog) can be undone here too. */
	note: (batchId: string) => Promise<void>;
};

export type ActStatus = {
	/** The latest summary, for screen readers. */
	said: string;
	/** Rows that were decided about since the rows were last asked for. */
	settled: number;
	forgetSettled: () => void;
};

/**
 * What a person does to cells: shown at once, sent, then replaced by what the server says. A cell that failed says so
 * in place; the others go through.
 */
export function useMappingActs(
	mode: GridMode,
	onRestore: (cell: { rowId: string; columnId: string }) => void,
): { acts: MappingActs; status: ActStatus } {
	const client = useQueryClient();
	const done = useRef<Undoable[]>([]);
	const undone = useRef<Undoable[]>([]);
	const restored = useRef(onRestore);
	restored.current = onRestore;
	const flight = useRef({ acts: 0, rowIds: new Set<string>() });
	const [said, setSaid] = useState("");
	const [settled, setSettled] = useState(0);

	/** Rows are read again when the last act under way has answered, so that no answer overtakes a later act. */
	const settle = useCallback(
		async (rowIds: readonly string[]) => {
			for (const id of rowIds) flight.current.rowIds.add(id);
			flight.current.acts -= 1;
			if (flight.current.acts > 0) return;
			const ids = [...flight.current.rowIds];
			flight.current.rowIds.clear();
			await refreshRows(client, mode, ids).catch(() => {});
			void client.invalidateQueries({ queryKey: [...mappingsKey, "counts"] });
			void client.invalidateQueries({ queryKey: [...mappingsKey, "peek"] });
			void client.invalidateQueries({ queryKey: [...mappingsKey, "batches"] });
			void client.invalidateQueries({ queryKey: shellQuery().queryKey });
		},
		[client, mode],
	);

	/** Draws the outcome, sends the act, and takes back what was refused. */
	const perform = useCallback(
		async <Answer>(
			cells: readonly CellRef[],
			outcome: (row: GridRow, columnId: string) => GridRow,
			send: () => Promise<Answer>,
			after: (answer: Answer) => { undo: Act | null; refused: Map<string, string>; sentence: string },
		) => {
			if (cells.length === 0) return;
			flight.current.acts += 1;
			const rowIds = [...new Set(cells.map(({ row }) => row.id))];
			const before = new Map(cells.map(({ row }) => [row.id, row]));
			const columns = new Map<string, string[]>();
			for (const { row, columnId } of cells) columns.set(row.id, [...(columns.get(row.id) ?? []), columnId]);
			const mark = (row: GridRow, state: (columnId: string) => Mark): GridRow => ({
				...row,
				marks: { ...row.marks, ...Object.fromEntries((columns.get(row.id) ?? []).map((id) => [id, state(id)])) },
			});
			patchRows(client, (row) =>
				columns.has(row.id) ? mark((columns.get(row.id) ?? []).reduce(outcome, row), () => ({ state: "saving" })) : row,
			);
			try {
				const { undo, refused, sentence } = after(await send());
				if (undo) {
					done.current.push({ ...undo, cell: placeOf(cells[0]) });
					undone.current = [];
				}
				// The listings that a cell had before or has now: one of them was refused, and the cell says why.
				const refusalIn = (row: GridRow, columnId: string) =>
					[row, before.get(row.id) ?? row]
						.flatMap((one) => listingsIn(one, columnId))
						.flatMap(({ listingId }) => refused.get(listingId) ?? [])[0];
				if (refused.size > 0)
					patchRows(client, (row) => {
						const failed = (columns.get(row.id) ?? []).flatMap((columnId) => {
							const sentence = refusalIn(row, columnId);
							return sentence ? [[columnId, { state: "failed", sentence }] as const] : [];
						});
						return failed.length > 0 ? { ...row, marks: Object.fromEntries(failed) } : row;
					});
				setSaid(sentence);
				setSettled((count) => count + rowIds.length);
				const first = [...refused.values()][0];
				if (first && cells.length > 1)
					showFailed(`${countOf(refused.size, "listing")} stayed as they were`, { detail: first });
			} catch (error) {
				const sentence = error instanceof Error ? error.message : "This did not work. Nothing was changed; try again.";
				patchRows(client, (row) => {
					const old = before.get(row.id);
					return old ? mark(old, () => ({ state: "failed", sentence })) : row;
				});
				setSaid(sentence);
				showFailed(sentence);
			} finally {
				await settle(rowIds);
			}
		},
		[client, settle],
	);

	const afterChange = useCallback(
		(verb: string, rowIds: string[]) =>
			({ batchId, changed, refused }: ChangedMappings) => {
				const sentence = `${verb} ${countOf(changed.length, "listing")}.${refused.length > 0 ? ` ${refused[0]?.sentence}` : ""}`;
				return {
					undo: batchId ? { batchId, rowIds } : null,
					refused: new Map(refused.map((one) => [one.listingId, one.sentence])),
					sentence,
				};
			},
		[],
	);

	const restore = useCallback(
		async (entry: Undoable, into: Undoable[]) => {
			flight.current.acts += 1;
			withdrawUndo();
			if (entry.cell) restored.current(entry.cell);
			try {
				if ("pairs" in entry) {
					await actOnMappings("unreject", { pairs: entry.pairs });
					setSaid("The suggestions are back.");
				} else {
					const answer = await actOnMappings("undo", { batchId: entry.batchId });
					if (answer.batchId) into.push({ batchId: answer.batchId, rowIds: entry.rowIds, cell: entry.cell });
					setSaid(`Put back ${countOf(answer.restored.length, "listing")}.`);
					const [first] = answer.kept;
					if (first)
						showFailed(`${countOf(answer.kept.length, "listing")} stayed: changed since`, { detail: first.sentence });
				}
				// An act of another page, or a whole catalogue: whatever is loaded may have changed.
				if (entry.rowIds.length === 0) await client.invalidateQueries({ queryKey: gridRowsKey });
			} catch (error) {
				showFailed(error instanceof Error ? error.message : "This could not be undone. Try again.");
			} finally {
				await settle(entry.rowIds);
			}
		},
		[client, settle],
	);

	const acts = useMemo((): MappingActs => {
		const undo = async (batchId?: string) => {
			const entry = batchId ? { batchId, rowIds: [], cell: null } : done.current.pop();
			if (!entry) return setSaid("There is nothing to undo on this page.");
			await restore(entry, undone.current);
		};
		const announce = (count: number, sentence: string) => {
			if (count > 0) showDone(sentence, { undo: () => undo() });
		};
		return {
			link: async (links) => {
				const byCell = new Map(links.map((one) => [`${one.cell.row.id} ${one.cell.columnId}`, one]));
				await perform(
					links.map(({ cell }) => cell),
					(row, columnId) => {
						const one = byCell.get(`${row.id} ${columnId}`);
						return one ? afterLink(row, columnId, one.wish, one.name ?? nameOf(row, columnId, one.wish)) : row;
					},
					() => actOnMappings("link", { links: links.map(({ wish }) => wish) }),
					(answer) => {
						announce(answer.changed.length, `Linked ${countOf(answer.changed.length, "listing")}`);
						return afterChange(
							"Linked",
							links.map(({ cell }) => cell.row.id),
						)(answer);
					},
				);
			},
			reject: async (cells) => {
				const pairs = cells.flatMap(({ row, columnId }) => pairsOf(row, columnId));
				await perform(
					cells.filter(({ row, columnId }) => pairsOf(row, columnId).length > 0),
					afterClear,
					() => actOnMappings("reject", { pairs }),
					({ rejected }) => ({
						undo: { pairs, rowIds: cells.map(({ row }) => row.id) },
						refused: new Map(),
						sentence: `Rejected ${countOf(rejected, "suggestion")}.`,
					}),
				);
			},
			unlink: async (cells) => {
				const taken = cells.filter(({ row, columnId }) => decidedIn(row, columnId).length > 0);
				await perform(
					taken,
					afterClear,
					() => actOnMappings("unlink", { listings: taken.flatMap(({ row, columnId }) => decidedIn(row, columnId)) }),
					(answer) => {
						announce(answer.changed.length, `Unlinked ${countOf(answer.changed.length, "listing")}`);
						return afterChange(
							"Unlinked",
							taken.map(({ row }) => row.id),
						)(answer);
					},
				);
			},
			leaveOut: async (cells, reason) => {
				const taken = cells.filter(({ row, columnId }) => listingsIn(row, columnId).length > 0);
				await perform(
					taken,
					(row, columnId) => afterLeaveOut(row, columnId, reason),
					() =>
						actOnMappings("leave-out", {
							listings: taken.flatMap(({ row, columnId }) => listingsIn(row, columnId)),
							reason,
						}),
					afterChange(
						"Left out",
						taken.map(({ row }) => row.id),
					),
				);
			},
			undo,
			redo: async () => {
				const entry = undone.current.pop();
				if (!entry) return setSaid("There is nothing to redo.");
				await restore(entry, done.current);
			},
			note: async (batchId) => {
				done.current.push({ batchId, rowIds: [], cell: null });
				undone.current = [];
				await client.invalidateQueries({ queryKey: mappingsKey });
				void client.invalidateQueries({ queryKey: shellQuery().queryKey });
			},
		};
	}, [afterChange, client, perform, restore]);
	const forgetSettled = useCallback(() => setSettled(0), []);
	return { acts, status: { said, settled, forgetSettled } };
}
