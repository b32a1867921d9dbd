"use client";

import { ChevronRight } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import { countOf } from "@/lib/format/number";

/** A column's number stands at its right end: with a part cut off it is not seen. Rounding is not a cut. */
const whole = 0.95;

/** How many stores lie beyond the grid's right edge; pressed, it brings the next ones into view. Keys go there by themselves. */
export function MoreColumns({
	box,
	columns,
}: {
	box: RefObject<HTMLDivElement | null>;
	/** Others are other elements. */
	columns: readonly unknown[];
}) {
	const [hidden, setHidden] = useState<readonly Element[]>([]);
	const [scrollBar, setScrollBar] = useState(0);

	// biome-ignore lint/correctness/useExhaustiveDependencies: other columns are other elements
	useEffect(() => {
		const element = box.current;
		if (!element) return;
		const headers = [...element.querySelectorAll("[role=columnheader]")];
		const beyond = new Set<Element>();
		const observer = new IntersectionObserver(
			(entries) => {
				for (const { target, intersectionRatio, boundingClientRect, rootBounds } of entries)
					if (intersectionRatio < whole && rootBounds && boundingClientRect.right > rootBounds.right)
						beyond.add(target);
					else beyond.delete(target);
				setHidden(headers.filter((header) => beyond.has(header)));
				setScrollBar(element.offsetWidth - element.clientWidth);
			},
			{ root: element, threshold: whole },
		);
		for (const header of headers) observer.observe(header);
		return () => observer.disconnect();
	}, [box, columns]);

	if (hidden.length === 0) return null;
	return (
		<button
			type="button"
			tabIndex={-1}
			title={`${countOf(hidden.length, "more store")} to the right`}
			aria-label={`${countOf(hidden.length, "more store")} to the right`}
			onClick={() => hidden[0]?.scrollIntoView({ block: "nearest", inline: "start", behavior: "smooth" })}
			className="touch num absolute! top-0 z-4 flex h-7.75 items-center gap-0.5 rounded-tr-lg border-l bg-panel pr-1.5 pl-2 text-small text-muted hover:text-text"
			style={{ right: scrollBar }}
		>
			+{hidden.length}
			<ChevronRight aria-hidden className="size-3.5" />
		</button>
	);
}
