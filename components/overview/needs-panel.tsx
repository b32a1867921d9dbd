"use client";

import { useState } from "react";
import { ButtonLink } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import type { Need } from "@/lib/queries/overview";

/** Rows that leave room for the stores below them. */
const shortest = 3;

/** What waits for a person, worst first, each with the one thing to press. */
export function NeedsPanel({ needs }: { needs: readonly Need[] }) {
	const [isWhole, setIsWhole] = useState(false);
	const shown = isWhole || needs.length <= shortest + 1 ? needs : needs.slice(0, shortest);
	const hidden = needs.length - shown.length;
	return (
		<Panel
			title="Needs you"
			tag={<Tag isNumber>{needs.length}</Tag>}
			footer={
				hidden > 0 ? (
					<button type="button" className="touch hover:underline" onClick={() => setIsWhole(true)}>
						Show {hidden} more
					</button>
				) : undefined
			}
			actions={needs.length > 1 ? <span className="text-small!">worst first</span> : undefined}
		>
			{needs.length === 0 ? (
				<p className="flex items-center gap-3 px-3.5 py-4 text-muted">
					<StateShape kind="ok" />
					Nothing waits for you. Every store is in step, or on its way there by itself.
				</p>
			) : (
				<ul>
					{shown.map(({ key, shape, title, detail, button, href, isFirst }) => (
						<li
							key={key}
							className="grid grid-cols-[12px_minmax(0,1fr)_auto] items-center gap-3 border-b px-3.5 py-1.5 last:border-b-0"
						>
							<StateShape kind={shape} />
							<div className="min-w-0">
								<div className="md:truncate">{title}</div>
								<div className="text-small text-muted md:truncate">{detail}</div>
							</div>
							<ButtonLink kind={isFirst ? "ink" : "plain"} href={href} aria-label={`${button}: ${title}`}>
								{button}
							</ButtonLink>
						</li>
					))}
				</ul>
			)}
		</Panel>
	);
}
