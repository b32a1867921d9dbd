import { clsx } from "clsx";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { StateShape } from "@/components/ui/state-shape";
import { formatNumber } from "@/lib/format/number";
import {
	asPercent,
	type GridChannel,
	type LinkedListing,
	type ListingRow,
	type SkuRow,
	tierWords,
} from "@/lib/matching/grid";
import type { Tier } from "@/lib/matching/propose";
import { ambiguousWord, type GridColumn, type GridRow, isSkuRow } from "./cells";
import { Picture } from "./picture";

/** One cell's inside. The frame (focus, selection, ARIA) is the row's. */
export function CellContent({
	row,
	column,
	channelsById,
}: {
	row: GridRow;
	column: GridColumn;
	channelsById: ReadonlyMap<string, GridChannel>;
}) {
	const mark = row.marks?.[column.id];
	const content = isSkuRow(row) ? (
		<SkuCell row={row} column={column} />
	) : (
		<ListingCell row={row} column={column} channelsById={channelsById} />
	);
	if (!mark) return content;
	if (mark.state === "failed")
		return (
			<span className="flex min-w-0 items-center gap-1.75" title={mark.sentence}>
				<StateShape kind="off" />
				<span className="truncate text-small text-bad">{mark.sentence}</span>
			</span>
		);
	return <span className="block min-w-0 opacity-60">{content}</span>;
}

function SkuCell({ row, column }: { row: SkuRow; column: GridColumn }) {
	if (column.id === "sku")
		return (
			<span className="flex min-w-0 items-center gap-2">
				<Picture url={row.imageUrl} name={row.code} className="size-6 max-md:hidden" />
				<Names title={row} code={row.code} />
			</span>
		);
	if (column.id === "available")
		return <Quantity value={row.available} className={clsx((row.available ?? 0) < 0 && "text-bad")} />;
	const cell = row.cells[column.id];
	switch (cell?.kind) {
		case "linked":
			return <Linked listings={cell.listings} />;
		case "suggested":
			return (
				<Suggestion
					name={cell.candidate.sku || cell.candidate.title}
					score={cell.candidate.score}
					tier={cell.candidate.tier}
				/>
			);
		case "ambiguous":
			return (
				<Word kind="warn" className="text-text">
					{ambiguousWord(cell)}
				</Word>
			);
		case "left_out":
			return <Word kind="hold">left out{cell.reason && ` · ${cell.reason}`}</Word>;
		default:
			return <Word kind="none">no match</Word>;
	}
}

function ListingCell({
	row,
	column,
	channelsById,
}: {
	row: ListingRow;
	column: GridColumn;
	channelsById: ReadonlyMap<string, GridChannel>;
}) {
	const channel = channelsById.get(row.channelId);
	if (column.id === "listing")
		return (
			<span className="flex min-w-0 items-center gap-2">
				{channel && <PlatformPlate platform={channel.platform} label={channel.name} />}
				<Names title={row} code={row.sku || "no SKU"} />
			</span>
		);
	if (column.id === "shows") return <Quantity value={row.shows} />;
	const [best] = row.candidates;
	const waiting = row.parkedLines > 0 && (
		<span className="ml-auto shrink-0 text-small text-warn">
			{row.parkedLines} {row.parkedLines === 1 ? "order waits" : "orders wait"}
		</span>
	);
	switch (row.state) {
		case "linked":
			return (
				row.link && (
					<span className="flex min-w-0 items-center gap-1.75">
						<StateShape kind={row.link.state} label={row.link.word} />
						<span className="flex min-w-0 flex-wrap items-center gap-x-1.75">
							<span className="flex max-w-full min-w-0 items-center gap-1.75">
								<span className="num truncate text-small">{row.link.code}</span>
								{row.link.units > 1 && <Units units={row.link.units} />}
							</span>
							<span className="max-w-full truncate text-small text-muted">{row.link.title}</span>
						</span>
					</span>
				)
			);
		case "suggested":
			return (
				<span className="flex min-w-0 items-center gap-2">
					{best && <Suggestion name={best.code} score={best.score} tier={best.tier} detail={best.title} />}
					{waiting}
				</span>
			);
		case "ambiguous":
			return (
				<span className="flex min-w-0 items-center gap-2">
					<Word kind="warn" className="text-text">
						{row.candidates.length > 1 ? `${row.candidates.length} SKUs fit` : "not clear"}
					</Word>
					{waiting}
				</span>
			);
		case "left_out":
			return <Word kind="hold">left out{row.reason && ` · ${row.reason}`}</Word>;
		case "unmatched":
			return (
				<span className="flex min-w-0 items-center gap-2">
					<Word kind="none">no match</Word>
					{waiting}
				</span>
			);
	}
}

/** Beside each other where there is room, else the code below: variants of one product differ at their ends. */
function Names({
	title: { title, options },
	code,
}: {
	title: { title: string; options: string | null };
	code: string;
}) {
	return (
		<span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2 leading-4">
			<span className="max-w-full truncate">{[title, options].filter(Boolean).join(", ")}</span>
			<span className="num max-w-full truncate text-small text-muted">{code}</span>
		</span>
	);
}

function Linked({ listings }: { listings: readonly LinkedListing[] }) {
	const [first, ...others] = listings;
	if (!first) return null;
	return (
		<span className="flex min-w-0 items-center gap-1.75" title={first.title}>
			<StateShape kind={first.state} label={first.word} />
			<span className="num truncate text-small">{first.sku || first.title}</span>
			{first.units > 1 && <Units units={first.units} />}
			{others.length > 0 && <span className="shrink-0 text-small text-muted">+{others.length}</span>}
			<Quantity value={first.shows} className="ml-auto" />
		</span>
	);
}

function Units({ units }: { units: number }) {
	return <span className="num shrink-0 rounded-[5px] bg-sunk px-1.5 text-small text-muted">×{units}</span>;
}

/** The reason is there as a whole or not at all, so that it never takes room from the name; the inspector has it in full. */
function Suggestion({ name, score, tier, detail }: { name: string; score: number; tier: Tier; detail?: string }) {
	return (
		<span className="flex h-6 min-w-0 flex-wrap content-start items-center gap-x-1.5 overflow-hidden rounded-md border border-dashed border-line-strong px-1.75 py-0.5">
			<span className="flex max-w-full min-w-0 items-center gap-1.5">
				<span className="num truncate text-small">{name}</span>
				<Score score={score} />
			</span>
			<span className="text-small whitespace-nowrap text-muted">{detail ?? tierWords[tier]}</span>
		</span>
	);
}

/** Of 100; green where it may be accepted without looking. */
export function Score({ score }: { score: number }) {
	const percent = asPercent(score);
	return (
		<span
			className={clsx(
				"num shrink-0 rounded-[5px] px-1.25 text-small leading-4.5",
				percent >= 95 ? "bg-ok-soft text-ok" : "bg-go-soft text-go",
			)}
		>
			{percent}
		</span>
	);
}

function Word({
	kind,
	className,
	children,
}: {
	kind: "warn" | "hold" | "none";
	className?: string;
	children: React.ReactNode;
}) {
	return (
		<span className={clsx("flex min-w-0 items-center gap-1.75 text-small text-muted", className)}>
			<StateShape kind={kind} />
			<span className="truncate">{children}</span>
		</span>
	);
}

function Quantity({ value, className }: { value: number | null; className?: string }) {
	return (
		<span className={clsx("num block shrink-0 text-right", className)}>
			{value === null ? "—" : formatNumber(value)}
		</span>
	);
}
