"use client";

import { type PointerEvent, useRef, useState } from "react";

export type BrushRange = { from: number; to: number };

/**
 * A layer over {@link Bars} on which a stretch is dragged out. Buckets are inclusive indexes. Keyboard users choose the
 * same stretch from the range menu beside it, so this is for pointers only.
 */
export function Brush({
	count,
	value,
	onChange,
}: {
	count: number;
	value: BrushRange | null;
	/** Null: a click without a drag clears it. */
	onChange: (range: BrushRange | null) => void;
}) {
	const start = useRef<number | null>(null);
	const [draft, setDraft] = useState<BrushRange | null>(null);
	const shown = draft ?? value;

	const bucketAt = (event: PointerEvent<HTMLDivElement>) => {
		const box = event.currentTarget.getBoundingClientRect();
		return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
	};

	return (
		<div
			aria-hidden
			className="absolute inset-0 cursor-crosshair touch-pan-y"
			onPointerDown={(event) => {
				event.currentTarget.setPointerCapture(event.pointerId);
				start.current = bucketAt(event);
			}}
			onPointerMove={(event) => {
				if (start.current === null) return;
				const at = bucketAt(event);
				setDraft({ from: Math.min(start.current, at), to: Math.max(start.current, at) });
			}}
			onPointerUp={() => {
				if (start.current === null) return;
				onChange(draft && draft.to > draft.from ? draft : null);
				start.current = null;
				setDraft(null);
			}}
			onPointerCancel={() => {
				start.current = null;
				setDraft(null);
			}}
		>
			{shown && (
				<div
					className="absolute inset-y-0 border-x-[1.5px] border-focus bg-focus/12"
					style={{ left: `${(shown.from / count) * 100}%`, width: `${((shown.to - shown.from + 1) / count) * 100}%` }}
				/>
			)}
		</div>
	);
}
