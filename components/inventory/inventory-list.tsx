"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import Link from "next/link";
import { type CSSProperties, useEffect, useMemo, useRef } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { MoreColumns } from "@/components/mappings/more-columns";
import { Picture } from "@/components/mappings/picture";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { useRowHeight } from "@/components/ui/use-viewport";
import type { InventoryRow } from "@/lib/format/inventory";
import { namesApart } from "@/lib/format/names-apart";
import { formatNumber } from "@/lib/format/number";
import type { GridChannel } from "@/lib/matching/grid";

/** SKUs, their numbers, and where each channel stands. Rows that are not in view are not drawn; the next page is asked for in time. */
export function InventoryList({
	rows,
	total,
	channels,
	hasMore,
	onEnd,
}: {
	rows: readonly InventoryRow[];
	/** How many there are in all, for the scroll bar. */
	total: number;
	channels: readonly GridChannel[];
	hasMore: boolean;
	onEnd: () => void;
}) {
	const box = useRef<HTMLDivElement>(null);
	const rowHeight = useRowHeight();
	const virtualizer = useVirtualizer({
		count: hasMore ? Math.max(total, rows.length + 1) : rows.length,
		getScrollElement: () => box.current,
		estimateSize: () => rowHeight,
		overscan: 12,
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height lie elsewhere
	useEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
	const items = virtualizer.getVirtualItems();
	const lastIndex = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (hasMore && lastIndex >= rows.length - 30) onEnd();
	}, [hasMore, lastIndex, rows.length, onEnd]);
	const shortNames = useMemo(() => namesApart(channels.map(({ name }) => name)), [channels]);
	const template = useMemo(
		() => `minmax(240px, 1fr) 96px 80px 80px 64px ${channels.map(() => "minmax(88px, 116px)").join(" ")}`,
		[channels],
	);
	// Columns, the 12 px between them, and at both ends.
	const minWidth = 240 + 96 + 80 + 80 + 64 + channels.length * 88 + (channels.length + 4) * 12 + 24;

	return (
		<div className="relative flex min-h-0 flex-1 flex-col">
			{/* biome-ignore lint/a11y/useSemanticElements: boxes, since rows are placed by hand */}
			<div
				role="table"
				aria-label="SKUs"
				aria-rowcount={total + 1}
				ref={box}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable region
				tabIndex={0}
				className="focus-inside min-h-0 overflow-auto overscroll-contain rounded-lg"
			>
				<div style={{ minWidth }} className="max-md:min-w-0!">
					<div
						{...row(0)}
						className={clsx(line, "sticky top-0 z-2 h-8 bg-panel text-small text-muted")}
						style={{ "--columns": template } as CSSProperties}
					>
						<span {...header} className={first}>
							SKU
						</span>
						<span {...header} className="text-right">
							Available
						</span>
						{["On hand", "Reserved", "Buffer"].map((name) => (
							<span key={name} {...header} className="text-right max-md:hidden">
								{name}
							</span>
						))}
						{channels.map((channel, at) => (
							<span
								key={channel.id}
								{...header}
								className="flex min-w-0 items-center justify-end gap-1.5 max-md:hidden"
							>
								<PlatformPlate platform={channel.platform} label="" />
								<span className="truncate" title={channel.name}>
									{shortNames[at]}
								</span>
							</span>
						))}
					</div>
					<div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
						{items.map(({ index, start }) => {
							const place = { "--columns": template, transform: `translateY(${start}px)` } as CSSProperties;
							const one = rows[index];
							return one ? (
								<SkuLine key={one.id} index={index} one={one} channels={channels} place={place} />
							) : (
								<div
									key={index}
									{...row(index + 1)}
									aria-busy
									className={clsx(line, "absolute inset-x-0 top-0 h-9 max-md:h-11")}
									style={place}
								>
									<span {...cell}>
										<Skeleton className="h-2.5 w-3/5" />
									</span>
									<span {...cell}>
										<Skeleton className="ml-auto h-2.5 w-8" />
									</span>
								</div>
							);
						})}
					</div>
				</div>
			</div>
			<MoreColumns box={box} columns={channels} />
		</div>
	);
}

/** On a phone the first two columns are the whole width. */
const line = "grid grid-cols-(--columns) items-center gap-x-3 border-b px-3 max-md:grid-cols-[minmax(0,1fr)_auto]";
/** Stays while the stores slide under it. */
const first = "sticky left-0 z-1 -ml-3 flex h-full min-w-0 items-center gap-2 bg-inherit pl-3";
const row = (index: number) => ({ role: "row", "aria-rowindex": index + 1 });
const header = { role: "columnheader" };
const cell = { role: "cell" };

function SkuLine({
	index,
	one,
	channels,
	place,
}: {
	index: number;
	one: InventoryRow;
	channels: readonly GridChannel[];
	place: CSSProperties;
}) {
	return (
		<div
			{...row(index + 1)}
			className={clsx(line, "absolute inset-x-0 top-0 h-9 bg-panel hover:bg-sunk max-md:h-11")}
			style={place}
		>
			<span {...cell} className={first}>
				<Picture url={one.imageUrl} name={one.code} />
				<Link
					href={`/inventory/${one.id}`}
					className="touch min-w-0 truncate rounded-sm hover:underline hover:underline-offset-3"
				>
					{[one.title, one.options].filter(Boolean).join(", ")}
				</Link>
				<span className="num min-w-0 shrink-[2] truncate text-small text-muted">{one.code}</span>
				{one.isBundle && <Tag>bundle</Tag>}
			</span>
			<span
				{...cell}
				className={clsx("num text-right text-figure font-semibold", (one.available ?? 0) < 0 && "text-bad")}
			>
				{one.available === null ? (
					<span className="text-small font-normal text-muted">not counted</span>
				) : (
					formatNumber(one.available)
				)}
			</span>
			<Quantity value={one.onHand} />
			<Quantity value={one.reserved} isQuiet={one.reserved === 0} />
			<Quantity value={one.bufferUnits} isQuiet={one.bufferUnits === 0} />
			{channels.map((channel) => (
				<ChannelShape key={channel.id} slots={one.channels.filter(({ channelId }) => channelId === channel.id)} />
			))}
		</div>
	);
}

function Quantity({ value, isQuiet = false }: { value: number | null; isQuiet?: boolean }) {
	return (
		<span {...cell} className={clsx("num text-right max-md:hidden", isQuiet && "text-muted")}>
			{value === null ? "—" : formatNumber(value)}
		</span>
	);
}

/** What a channel shows, and how it stands; a change on its way is written as one. */
function ChannelShape({ slots }: { slots: InventoryRow["channels"] }) {
	const [first, ...others] = slots;
	return (
		<span {...cell} className="flex min-w-0 items-center justify-end gap-1.5 max-md:hidden">
			{first ? (
				<>
					{others.length > 0 && <span className="text-small text-muted">+{others.length}</span>}
					<span className="num truncate">
						{first.shows === null ? "—" : formatNumber(first.shows)}
						{first.state === "go" &&
							first.offered !== null &&
							first.offered !== first.shows &&
							` → ${formatNumber(first.offered)}`}
					</span>
					<StateShape kind={first.state} label={first.word} />
				</>
			) : (
				<StateShape kind="none" label="not linked" />
			)}
		</span>
	);
}
