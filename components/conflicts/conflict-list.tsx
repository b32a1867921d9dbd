"use client";

import { clsx } from "clsx";
import { useEffect, useRef } from "react";
import { useNow } from "@/components/ui/clock";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { shortAge } from "@/lib/format/time";
import type { ConflictItem } from "@/lib/queries/conflicts";

/** Worst first, each with how long it has waited; settled ones with how long ago that was. */
export function ConflictList({
	items,
	selectedId,
	onSelect,
}: {
	items: readonly ConflictItem[];
	selectedId: string | null;
	onSelect: (item: ConflictItem) => void;
}) {
	const now = useNow();
	const selected = useRef<HTMLButtonElement>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: it moves with the selection
	useEffect(() => void selected.current?.scrollIntoView({ block: "nearest" }), [selectedId]);
	return (
		<ul
			aria-label="Conflicts, worst first"
			className="max-h-[calc(100dvh-150px)] overflow-y-auto rounded-lg border bg-panel max-lg:max-h-[44dvh]"
		>
			{items.map((item) => {
				const isSelected = item.id === selectedId || item.ids.includes(selectedId ?? "");
				return (
					<li key={item.id} className="border-b last:border-b-0">
						<button
							ref={isSelected ? selected : undefined}
							type="button"
							aria-current={isSelected ? "true" : undefined}
							onClick={() => onSelect(item)}
							className={clsx(
								"focus-inside grid w-full grid-cols-[14px_minmax(0,1fr)_auto] gap-2.5 px-3.5 py-2.5 text-left",
								isSelected ? "bg-select shadow-[inset_2px_0_0_var(--focus)]" : "hover:bg-sunk",
							)}
						>
							<StateShape kind={item.shape} className="mt-1" />
							<span className="min-w-0">
								<span className="block truncate font-semibold">{item.title}</span>
								<span className="block truncate text-small text-muted">{item.detail}</span>
							</span>
							<span className="flex flex-col items-end gap-0.5">
								<span className="num text-small text-muted">{shortAge(item.settledAt ?? item.openedAt, now)}</span>
								{item.isEscalated && <Tag tone="warn">owner asked</Tag>}
							</span>
						</button>
					</li>
				);
			})}
		</ul>
	);
}
