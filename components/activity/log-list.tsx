"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import { useNow, useTimeZone } from "@/components/ui/clock";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useIsNarrow } from "@/components/ui/use-viewport";
import { shortDate } from "@/lib/format/time";
import type { LogLineView } from "@/lib/queries/log";
import { LogRow } from "./log-row";
import type { LogRow as Row } from "./use-log-lines";
import { withProgress } from "./use-log-lines";
import { useProgress } from "./use-progress";

/** The rows of the log, drawn only where they are looked at. New rows enter above without moving what is being read. */
export function LogList({
	rows,
	selectedId,
	onSelect,
	onOpen,
	onAtTop,
	onHover,
	onEnd,
	isEnd,
	toTop,
}: {
	rows: readonly Row[];
	selectedId: number | null;
	onSelect: (line: LogLineView) => void;
	/** Enter on the selected row. */
	onOpen: () => void;
	/** Whether the newest line is in view. */
	onAtTop: (isAtTop: boolean) => void;
	onHover: (isHovering: boolean) => void;
	/** The last rows come into view. */
	onEnd: () => void;
	isEnd: boolean;
	/** Rises when the list is to be scrolled to its newest line. */
	toTop: number;
}) {
	const id = useId();
	const timeZone = useTimeZone();
	const today = shortDate(useNow(), timeZone);
	const box = useRef<HTMLDivElement>(null);
	// A finger needs more than an eye.
	const rowHeight = useIsNarrow() ? 44 : 30;
	const virtualizer = useVirtualizer({
		count: rows.length,
		getScrollElement: () => box.current,
		estimateSize: () => rowHeight,
		overscan: 6,
		getItemKey: (index) => rows[index]?.line.id ?? index,
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height lie elsewhere
	useEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
	const items = virtualizer.getVirtualItems();
	const shown = items.flatMap(({ index }) => rows[index] ?? []);
	const progress = useProgress(shown.map(({ line }) => line));

	const lastIndex = items.at(-1)?.index ?? 0;
	useEffect(() => {
		if (!isEnd && lastIndex >= rows.length - 20) onEnd();
	}, [isEnd, lastIndex, rows.length, onEnd]);

	useEffect(() => {
		if (toTop > 0) box.current?.scrollTo({ top: 0 });
	}, [toTop]);

	const selectedIndex = rows.findIndex(({ line }) => line.id === selectedId);
	useEffect(() => {
		if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: "auto" });
	}, [selectedIndex, virtualizer]);

	const step = (by: number) => {
		const next = rows[Math.min(rows.length - 1, Math.max(0, selectedIndex + by))];
		if (next) onSelect(next.line);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 1);
		const steps: Record<string, number> = {
			ArrowDown: 1,
			ArrowUp: -1,
			PageDown: page,
			PageUp: -page,
			Home: -rows.length,
			End: rows.length,
		};
		const by = steps[event.key];
		if (by !== undefined) {
			event.preventDefault();
			step(by);
		} else if (event.key === "Enter" && selectedIndex >= 0) {
			event.preventDefault();
			onOpen();
		}
	};

	return (
		<div
			ref={box}
			id="log-lines"
			data-page-keys
			role="listbox"
			aria-label="Lines of the log, newest first"
			aria-activedescendant={selectedIndex >= 0 ? `${id}-${selectedId}` : undefined}
			tabIndex={0}
			onKeyDown={onKeyDown}
			onScroll={(event) => onAtTop(event.currentTarget.scrollTop < rowHeight / 2)}
			onPointerEnter={(event) => event.pointerType === "mouse" && onHover(true)}
			onPointerLeave={() => onHover(false)}
			className="focus-inside relative h-(--log) min-h-0 overflow-y-auto overscroll-contain"
			style={{ overflowAnchor: "none" }}
		>
			<div style={{ height: virtualizer.getTotalSize() }} />
			{items.map((item) => {
				const row = rows[item.index];
				return row ? (
					<LogRow
						key={row.line.id}
						id={`${id}-${row.line.id}`}
						line={withProgress(row.line, progress)}
						times={row.times}
						timeZone={timeZone}
						today={today}
						isSelected={row.line.id === selectedId}
						onSelect={() => onSelect(row.line)}
						height={rowHeight}
						style={{ transform: `translateY(${item.start}px)` }}
					/>
				) : null;
			})}
			{/* Also before the browser has measured the list. */}
			{items.length === 0 && !(isEnd && rows.length === 0) && (
				<div aria-hidden className="absolute inset-0 overflow-hidden">
					<SkeletonRows rows={20} rowClassName="h-7.5 max-md:h-11" />
				</div>
			)}
		</div>
	);
}
