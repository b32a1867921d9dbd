"use client";

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { usePageShortcuts } from "@/components/layout/page-shortcuts";
import { Button, ButtonLink } from "@/components/ui/button";
import { PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { isEmptyFilter, type LogFilter } from "@/lib/format/log-filter";
import { countOf } from "@/lib/format/number";
import type { LogStretch } from "@/lib/queries/log";
import { LogList } from "./log-list";
import { useLogLines } from "./use-log-lines";

/** The lines themselves, apart from what stands around them: only this is drawn anew as lines come. */
export function LogPane({
	filter,
	stretch,
	lineId,
	onSelect,
	onOpen,
	isFollowing,
	onFollowing,
	onHeld,
	showHeldRef,
	onClear,
	hasChannels,
}: {
	filter: LogFilter;
	stretch: LogStretch;
	/** The chosen line. */
	lineId: number | null;
	onSelect: (lineId: number | null) => void;
	onOpen: () => void;
	isFollowing: boolean;
	onFollowing: (isFollowing: boolean) => void;
	/** How many new lines wait. */
	onHeld: (count: number) => void;
	/** Lets them in. */
	showHeldRef: RefObject<() => void>;
	onClear: () => void;
	hasChannels: boolean;
}) {
	const [isAtTop, setIsAtTop] = useState(true);
	const [isHovering, setIsHovering] = useState(false);
	const [toTop, setToTop] = useState(0);
	const heldAt = useRef<number | null>(null);
	const count = useRef(0);
	const isHeld = !isFollowing || !isAtTop || isHovering || lineId !== null;
	// The list stands still from the moment at which somebody began to read.
	if (isHeld) heldAt.current ??= count.current;
	else heldAt.current = null;

	const lines = useLogLines(filter, stretch, heldAt.current);
	count.current = lines.count;
	const { rows, held } = lines;
	const { fetchNextPage, hasNextPage, isFetchingNextPage, error, refetch, isPending } = lines.query;

	const showHeld = () => {
		heldAt.current = null;
		setToTop((times) => times + 1);
		setIsAtTop(true);
		setIsHovering(false);
		onSelect(null);
	};
	useEffect(() => onHeld(held), [held, onHeld]);
	useEffect(() => {
		showHeldRef.current = showHeld;
	});
	const onEnd = useCallback(() => {
		if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
	}, [hasNextPage, isFetchingNextPage, fetchNextPage]);
	// The address follows a moment later; keys that are quicker step on from where the last one led.
	const steppedTo = useRef(lineId);
	useEffect(() => {
		steppedTo.current = lineId;
	}, [lineId]);
	const step = (by: number) => {
		const at = rows.findIndex(({ line }) => line.id === steppedTo.current);
		const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
		if (!next) return;
		steppedTo.current = next.line.id;
		onSelect(next.line.id);
	};

	usePageShortcuts("The log", [
		{ keys: "j", shown: "J", label: "Next line", run: () => step(1) },
		{ keys: "k", shown: "K", label: "Line before", run: () => step(steppedTo.current === null ? 0 : -1) },
		{
			keys: "f",
			shown: "F",
			label: "Follow, or stop",
			run: () => (isHeld && isFollowing ? showHeld() : onFollowing(!isFollowing)),
		},
	]);

	const isNothing = rows.length === 0 && !hasNextPage && !isPending;
	return (
		<section
			aria-label="The log"
			className="flex max-h-(--log) min-w-0 flex-col overflow-hidden rounded-lg border bg-panel"
		>
			<Held count={held} onShow={showHeld} />
			{isNothing && error ? (
				<PanelState
					kind="failed"
					sentence="The log could not be loaded."
					detail={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			) : isNothing && isEmptyFilter(filter) && stretch === null ? (
				<PanelState
					kind="empty"
					sentence="Every sale, every count and every push will stand here as it happens."
					detail="It begins with the first store that you connect."
					action={
						hasChannels ? undefined : (
							<ButtonLink kind="ink" href="/channels/connect">
								Connect a store
							</ButtonLink>
						)
					}
					ghost={<SkeletonRows rows={8} rowClassName="h-7.5" isStill />}
				/>
			) : isNothing ? (
				<PanelState
					kind="filtered"
					sentence="No line fits this filter."
					action={<Button onClick={onClear}>Clear the filter</Button>}
				/>
			) : (
				<LogList
					rows={rows}
					selectedId={lineId}
					onSelect={(line) => onSelect(line.id)}
					onOpen={onOpen}
					onAtTop={setIsAtTop}
					onHover={setIsHovering}
					onEnd={onEnd}
					isEnd={!hasNextPage && !isPending}
					toTop={toTop}
				/>
			)}
		</section>
	);
}

/** New lines wait here while somebody reads; said aloud as a number, never line by line. */
function Held({ count, onShow }: { count: number; onShow: () => void }) {
	return (
		<div aria-live="polite">
			{count > 0 && (
				<button
					type="button"
					onClick={onShow}
					className="focus-inside flex h-6.5 w-full items-center justify-center border-b bg-go-soft text-small text-go hover:underline max-md:h-11"
				>
					{countOf(count, "new line")}, held while you read ↑
				</button>
			)}
		</div>
	);
}
