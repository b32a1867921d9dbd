"use client";

import { cellSelectionFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import {
	type ClipboardEvent,
	memo,
	type Ref,
	useCallback,
	useEffect,
	useId,
	useImperativeHandle,
	useMemo,
	useRef,
} from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { useRowHeight } from "@/components/ui/use-viewport";
import { parseTsv, writeTsv } from "@/lib/format/csv";
import type { GridChannel } from "@/lib/matching/grid";
import { copyText, type GridColumn } from "./cells";
import {
	aria,
	type CellPlace,
	columnWidths,
	frozenStyle,
	isNumber,
	leftOf,
	Row,
	selectionIn,
	templateOf,
	WaitingRow,
} from "./grid-row";
import { MoreColumns } from "./more-columns";
import type { GridRows } from "./use-grid-rows";

const features = tableFeatures({ cellSelectionFeature });
type Place = { index: number };
/** Pages are asked for this many rows before they come into view; drawn ahead are fewer. */
const rowsAhead = 40;

/** Inclusive; columns by their position. */
export type SelectedRange = { firstRow: number; lastRow: number; firstColumn: number; lastColumn: number };
export type GridDirection = "up" | "down" | "left" | "right";

/** What the page's keys do to the grid. */
export type GridHandle = {
	element: () => HTMLElement | null;
	focused: () => CellPlace | null;
	ranges: () => SelectedRange[];
	/** `isRevealed`: its column is brought into view too, whoever has the keyboard. */
	focus: (place: CellPlace, isRevealed?: boolean) => void;
	move: (direction: GridDirection, options: { isExtending: boolean; steps: number }) => void;
	selectAll: () => void;
	collapse: () => void;
	/** Rows that fit the box, for page up and down. */
	pageSteps: () => number;
	takeKeyboard: () => void;
};

export type MappingGridProps = {
	label: string;
	columns: readonly GridColumn[];
	channels: readonly GridChannel[];
	rows: GridRows;
	/** A new filter begins at its top. */
	filterKey: string;
	handle: Ref<GridHandle>;
	onFocusCell: (place: CellPlace | null) => void;
	/** Double click or tap. */
	onOpen: (place: CellPlace) => void;
	onPaste: (place: CellPlace, cells: string[][]) => void;
	onCopyRefused: (sentence: string) => void;
};

/**
 * A spreadsheet over any number of rows: what is not loaded is a place of the same height. Selection is TanStack's, by
 * position, so that a row that changes or loads never disturbs it; only rows that it touches are drawn again.
 */
export const MappingGrid = memo(function MappingGrid({
	label,
	columns,
	channels,
	rows,
	filterKey,
	handle,
	onFocusCell,
	onOpen,
	onPaste,
	onCopyRefused,
}: MappingGridProps) {
	const id = useId();
	const box = useRef<HTMLDivElement>(null);
	const total = rows.total ?? 0;
	const channelsById = useMemo(() => new Map(channels.map((channel) => [channel.id, channel])), [channels]);

	const data = useMemo(() => Array.from({ length: total }, (_, index): Place => ({ index })), [total]);
	const wrapped = useTable(
		{
			features,
			data,
			columns: useMemo(
				() => columns.map(({ id: columnId }) => ({ id: columnId, accessorFn: ({ index }: Place) => index })),
				[columns],
			),
			getRowId: useCallback(({ index }: Place) => String(index), []),
			// Rows load and change under a selection all the time.
			autoResetCellSelection: false,
		},
		() => null,
	);
	// Each render wraps the same instance anew; held on to, it is stable.
	const table = useRef(wrapped).current;
	const selection = table.atoms.cellSelection;
	const focusedIndex = useRef(0);

	const rowHeight = useRowHeight();
	const virtualizer = useVirtualizer({
		count: total,
		getScrollElement: () => box.current,
		estimateSize: () => rowHeight,
		overscan: 10,
		// The focused row stays drawn, so that the keyboard's place never leaves the document.
		rangeExtractor: useCallback((range: Range) => {
			const drawn = defaultRangeExtractor(range);
			const focus = focusedIndex.current;
			if (focus >= range.count || drawn.includes(focus)) return drawn;
			return focus < (drawn[0] ?? 0) ? [focus, ...drawn] : [...drawn, focus];
		}, []),
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height lie elsewhere
	useEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
	const items = virtualizer.getVirtualItems();
	const { startIndex, endIndex } = virtualizer.range ?? { startIndex: 0, endIndex: 0 };
	const { show } = rows;
	useEffect(
		() => show(Math.max(0, startIndex - rowsAhead), Math.max(0, Math.min(total - 1, endIndex + rowsAhead))),
		[show, startIndex, endIndex, total],
	);

	const cellId = useCallback((place: CellPlace) => `${id}-${place.index}-${place.columnId}`, [id]);
	const focusedPlace = useCallback((): CellPlace | null => {
		const active = selection.get().at(-1);
		return active ? { index: Number(active.anchorRowId), columnId: active.anchorColumnId } : null;
	}, [selection]);

	/** Brings the moving corner into view: the row by its number, the column by its element. */
	const reveal = useCallback(
		(isSideways = false) => {
			const active = selection.get().at(-1);
			if (!active) return;
			const place = { index: Number(active.focusRowId), columnId: active.focusColumnId };
			virtualizer.scrollToIndex(place.index, { align: "auto" });
			// Sideways only for the keyboard: a page that has just opened stays at its first columns.
			if (!isSideways && !box.current?.contains(document.activeElement)) return;
			requestAnimationFrame(() =>
				document.getElementById(cellId(place))?.scrollIntoView({ block: "nearest", inline: "nearest" }),
			);
		},
		[cellId, selection, virtualizer],
	);

	useEffect(() => {
		const tell = () => {
			const place = focusedPlace();
			focusedIndex.current = place?.index ?? 0;
			if (place) box.current?.setAttribute("aria-activedescendant", cellId(place));
			else box.current?.removeAttribute("aria-activedescendant");
			onFocusCell(place);
		};
		tell();
		return selection.subscribe(tell).unsubscribe;
	}, [cellId, focusedPlace, onFocusCell, selection]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another list
	useEffect(() => {
		box.current?.scrollTo({ top: 0 });
		table.resetCellSelection(true);
	}, [filterKey, table]);

	const focus = useCallback((place: CellPlace) => table.setFocusedCell(String(place.index), place.columnId), [table]);

	useImperativeHandle(
		handle,
		(): GridHandle => ({
			element: () => box.current,
			focused: focusedPlace,
			ranges: () =>
				table.getCellSelectionBounds().map((bounds) => ({
					firstRow: bounds.minRowIndex,
					lastRow: bounds.maxRowIndex,
					firstColumn: bounds.minColumnIndex,
					lastColumn: bounds.maxColumnIndex,
				})),
			focus: (place, isRevealed) => {
				focus(place);
				reveal(isRevealed);
			},
			move: (direction, { isExtending, steps }) => {
				const active = selection.get().at(-1);
				if (!active) {
					if (total > 0) focus({ index: 0, columnId: firstOf(columns) });
					return;
				}
				const at = columns.findIndex(({ id: columnId }) => columnId === active.focusColumnId);
				const sign = direction === "up" || direction === "left" ? -1 : 1;
				const isVertical = direction === "up" || direction === "down";
				const row = clamp(Number(active.focusRowId) + (isVertical ? sign * steps : 0), total - 1);
				const columnId =
					columns[clamp(at + (isVertical ? 0 : sign * steps), columns.length - 1)]?.id ?? active.focusColumnId;
				if (isExtending)
					table.setCellSelection((ranges) => [
						...ranges.slice(0, -1),
						{ ...active, focusRowId: String(row), focusColumnId: columnId },
					]);
				else focus({ index: row, columnId });
				reveal();
			},
			selectAll: () => table.selectAllCells(),
			collapse: () => {
				const place = focusedPlace();
				if (place) focus(place);
			},
			pageSteps: () => Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 2),
			takeKeyboard: () => box.current?.focus({ preventScroll: true }),
		}),
		[columns, focus, focusedPlace, reveal, rowHeight, selection, table, total],
	);

	const onCopy = (event: ClipboardEvent) => {
		const [range] = table.getCellSelectionBounds();
		if (!range) return;
		event.preventDefault();
		const lines: (string | number | null)[][] = [];
		for (let index = range.minRowIndex; index <= range.maxRowIndex; index++) {
			const row = rows.rowAt(index);
			if (!row) return onCopyRefused("Not all of these rows are loaded. Export them as CSV instead.");
			lines.push(
				columns
					.slice(range.minColumnIndex, range.maxColumnIndex + 1)
					.map(({ id: columnId }) => copyText(row, columnId)),
			);
		}
		event.clipboardData.setData("text/plain", writeTsv(lines));
	};
	const paste = (event: ClipboardEvent) => {
		const place = focusedPlace();
		if (!place) return;
		event.preventDefault();
		onPaste(place, parseTsv(event.clipboardData.getData("text/plain")));
	};

	/** The cell under the pointer, in TanStack's words. */
	const cellAt = (target: EventTarget) => {
		const element = target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
		const { index, column } = element?.dataset ?? {};
		if (index === undefined || column === undefined) return null;
		const cell = table
			.getRow(index)
			.getAllCells()
			.find((one) => one.column.id === column);
		return cell ? { cell, place: { index: Number(index), columnId: column } } : null;
	};

	const template = useMemo(() => templateOf(columns), [columns]);
	return (
		// The ring lies over the cells, which would paint over the grid's own.
		<div className="@container relative flex min-h-0 flex-1 flex-col after:pointer-events-none after:absolute after:inset-0 after:z-4 after:rounded-lg after:-outline-offset-2 after:outline-focus has-[>:focus-visible]:after:outline-2">
			{/* biome-ignore lint/a11y/useSemanticElements: boxes, see aria */}
			{/* biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way in is Space (use-grid-keys.ts) */}
			<div
				role="grid"
				aria-label={label}
				aria-rowcount={total + 1}
				aria-colcount={columns.length}
				aria-multiselectable
				ref={box}
				tabIndex={0}
				onFocus={() => {
					if (!focusedPlace() && total > 0) focus({ index: 0, columnId: firstOf(columns) });
				}}
				onMouseDown={(event) => event.button === 0 && cellAt(event.target)?.cell.getSelectionStartHandler()(event)}
				onMouseOver={(event) => event.buttons === 1 && cellAt(event.target)?.cell.getSelectionExtendHandler()(event)}
				onDoubleClick={(event) => {
					const found = cellAt(event.target);
					if (found) onOpen(found.place);
				}}
				onClick={(event) => {
					// A finger has no second button and no keyboard: its tap opens.
					const found = (event.nativeEvent as PointerEvent).pointerType === "touch" ? cellAt(event.target) : null;
					if (found) onOpen(found.place);
				}}
				onCopy={onCopy}
				onPaste={paste}
				className={clsx(
					columnWidths(columns),
					"relative min-h-0 flex-1 scroll-pt-8 outline-none scroll-pl-[calc(var(--first)_+_var(--number))] overflow-auto overscroll-contain rounded-lg max-md:snap-x max-md:snap-proximity max-md:scroll-pl-(--first)",
				)}
			>
				<div style={{ minWidth: template.minWidth }}>
					<div
						{...aria.headerRow}
						className="sticky top-0 z-3 grid h-8 border-b bg-panel text-small text-muted"
						style={{ gridTemplateColumns: template.columns }}
					>
						{columns.map((column, at) => (
							<div
								key={column.id}
								{...aria.header(at)}
								className={clsx(
									"flex min-w-0 items-center gap-2 bg-panel px-3",
									frozenStyle(columns, at),
									isNumber(column) && "justify-end max-md:snap-start max-md:px-2",
									column.channel && "max-md:snap-start",
								)}
								style={{ left: leftOf(columns, at) }}
							>
								{column.channel && <PlatformPlate platform={column.channel.platform} label="" />}
								<span className="truncate" title={column.channel?.name}>
									{column.label}
								</span>
							</div>
						))}
					</div>
					<div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
						{/* Until the browser has measured the box, which rows are in view is not known. */}
						{items.length === 0 &&
							Array.from({ length: Math.min(total, 16) }, (_, index) => (
								<WaitingRow
									// biome-ignore lint/suspicious/noArrayIndexKey: places without identity
									key={index}
									index={index}
									columns={columns}
									start={index * rowHeight}
									template={template.columns}
								/>
							))}
						{items.map(({ index, start }) => {
							const row = rows.rowAt(index);
							if (!row)
								return (
									<WaitingRow key={index} index={index} columns={columns} start={start} template={template.columns} />
								);
							return (
								<table.Subscribe
									key={index}
									source={selection}
									selector={() => selectionIn(table.getCellSelectionBounds(), index, focusedPlace())}
								>
									{(selected) => (
										<Row
											index={index}
											row={row}
											columns={columns}
											channelsById={channelsById}
											selected={selected}
											start={start}
											template={template.columns}
											gridId={id}
										/>
									)}
								</table.Subscribe>
							);
						})}
					</div>
				</div>
			</div>
			<MoreColumns box={box} columns={columns} />
		</div>
	);
});

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

/** Where the keyboard begins: the first cell that something can be done to. */
const firstOf = (columns: readonly GridColumn[]) => (columns.find(({ isFrozen }) => !isFrozen) ?? columns[0])?.id ?? "";
