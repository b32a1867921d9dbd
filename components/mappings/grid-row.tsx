import { clsx } from "clsx";
import { type CSSProperties, memo } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import type { GridChannel } from "@/lib/matching/grid";
import { type GridColumn, type GridRow, isSkuRow, spokenText } from "./cells";
import { CellContent } from "./grid-cells";

export type CellPlace = { index: number; columnId: string };

/** What each box is to a screen reader. Boxes, not a <table>: rows are placed by hand, and most of them are not there. */
export const aria = {
	headerRow: { role: "row", "aria-rowindex": 1 },
	header: (at: number) => ({ role: "columnheader", "aria-colindex": at + 1 }),
	row: (index: number) => ({ role: "row", "aria-rowindex": index + 2 }),
	cell: (at: number, label: string, isSelected = false) => ({
		role: "gridcell",
		"aria-colindex": at + 1,
		"aria-label": label,
		"aria-selected": isSelected,
	}),
} as const;

export const isNumber = ({ id }: GridColumn) => id === "available" || id === "shows";

/**
 * The least that each kind of column needs, and the most that the first takes: where room is scarce it yields before a
 * column leaves the view. On a phone the first two and one whole store are seen.
 */
export const columnWidths = (columns: readonly GridColumn[]) =>
	clsx(
		columns[0]?.id === "sku"
			? "[--cell:128px] [--first-most:272px] [--first:196px] max-md:[--first:148px]"
			: "[--cell:220px] [--first-most:420px] [--first:260px] max-md:[--first:168px]",
		"[--number:80px] max-md:[--number:70px]",
		"max-md:[--cell:max(116px,min(148px,100cqi_-_var(--first)_-_var(--number)))] max-md:[--first-most:var(--first)]",
	);

/** Frozen columns lie on top and cover what slides under them; on a phone only the first stays. */
export const frozenStyle = (columns: readonly GridColumn[], at: number) =>
	clsx(
		columns[at]?.isFrozen && "sticky z-2",
		columns[at]?.isFrozen && at > 0 && "max-md:static max-md:z-auto",
		columns[at]?.isFrozen && !columns[at + 1]?.isFrozen && "border-r max-md:border-r-0",
	);

/** What is scrolled sideways has no room to spare: the first column is at its least, and the second begins there. */
export const leftOf = (columns: readonly GridColumn[], at: number) =>
	columns[at]?.isFrozen ? (at === 0 ? 0 : "var(--first)") : undefined;

export function templateOf(columns: readonly GridColumn[]) {
	const rest = columns.slice(1).map((column) => (isNumber(column) ? "var(--number)" : "var(--cell)"));
	const widths = rest.map((least) => (least === "var(--cell)" ? `minmax(${least}, 1fr)` : least));
	return {
		columns: ["minmax(var(--first), var(--first-most))", ...widths].join(" "),
		minWidth: `calc(${["var(--first)", ...rest].join(" + ")})`,
	};
}

type Bounds = { minRowIndex: number; maxRowIndex: number; minColumnIndex: number; maxColumnIndex: number };

/** A row's share of the selection as one word: equal words, equal looks, nothing to draw. */
export function selectionIn(bounds: readonly Bounds[], index: number, focus: CellPlace | null): string {
	const spans = bounds
		.filter(({ minRowIndex, maxRowIndex }) => minRowIndex <= index && index <= maxRowIndex)
		.map(({ minColumnIndex, maxColumnIndex }) => `${minColumnIndex}-${maxColumnIndex}`);
	return `${spans.join(",")}|${focus?.index === index ? focus.columnId : ""}`;
}

function readSelection(selected: string, at: number, columnId: string) {
	const [spans = "", focus] = selected.split("|");
	const isSelected = spans.split(",").some((span) => {
		const [first, last] = span.split("-");
		return first !== "" && Number(first) <= at && at <= Number(last);
	});
	return { isSelected, isFocused: focus === columnId };
}

type RowProps = {
	index: number;
	row: GridRow;
	columns: readonly GridColumn[];
	channelsById: ReadonlyMap<string, GridChannel>;
	selected: string;
	start: number;
	template: string;
	gridId: string;
};

/** Drawn again when its row, its place or its share of the selection changed, and not otherwise. */
export const Row = memo(function Row({
	index,
	row,
	columns,
	channelsById,
	selected,
	start,
	template,
	gridId,
}: RowProps) {
	return (
		<div
			{...aria.row(index)}
			className="absolute inset-x-0 top-0 grid h-9 border-b max-md:h-11"
			style={placeOf(start, template)}
		>
			{columns.map((column, at) => {
				const { isSelected, isFocused } = readSelection(selected, at, column.id);
				return (
					<div
						key={column.id}
						{...aria.cell(at, spokenText(row, column.id), isSelected)}
						id={`${gridId}-${index}-${column.id}`}
						data-index={index}
						data-column={column.id}
						data-kind={isSkuRow(row) ? (row.cells[column.id]?.kind ?? "none") : row.state}
						className={clsx(
							"flex min-w-0 select-none flex-col justify-center px-3",
							isNumber(column) && "max-md:px-2",
							frozenStyle(columns, at),
							isSelected ? "bg-select" : "bg-panel",
							isFocused && "z-1 shadow-[inset_0_0_0_1.5px_var(--focus)]",
						)}
						style={{ left: leftOf(columns, at) }}
					>
						<CellContent row={row} column={column} channelsById={channelsById} />
					</div>
				);
			})}
		</div>
	);
});

/** A row that is not loaded yet, of the same size. */
export function WaitingRow({
	index,
	columns,
	start,
	template,
}: Pick<RowProps, "index" | "columns" | "start" | "template">) {
	return (
		<div
			{...aria.row(index)}
			aria-busy
			className="absolute inset-x-0 top-0 grid h-9 items-center border-b max-md:h-11"
			style={placeOf(start, template)}
		>
			{columns.map((column, at) => (
				<div key={column.id} {...aria.cell(at, "loading")} className="px-3">
					<Skeleton className={clsx("h-2.5", at === 0 ? "w-3/5" : isNumber(column) ? "ml-auto w-8" : "w-2/3")} />
				</div>
			))}
		</div>
	);
}

const placeOf = (start: number, template: string): CSSProperties => ({
	transform: `translateY(${start}px)`,
	gridTemplateColumns: template,
});
