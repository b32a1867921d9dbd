"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { batchesQuery } from "@/lib/queries/mappings";

/** What was done to mappings lately, by whom; each act can be undone as one, also days later. */
export function HistoryDialog({
	canUndo,
	onUndo,
	onClose,
}: {
	canUndo: boolean;
	onUndo: (batchId: string) => Promise<void>;
	onClose: () => void;
}) {
	const { data: batches, error } = useQuery(batchesQuery());
	const [busyId, setBusyId] = useState<string | null>(null);
	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && onClose()}
			title="History"
			description="Undo puts back what an act changed, except what was changed since."
			width="max-w-[560px]"
		>
			{error && <PanelState kind="failed" sentence={error.message} />}
			{!batches && !error && <SkeletonRows rows={5} />}
			{batches?.length === 0 && (
				<PanelState kind="empty" sentence="Every link that is made here will stand in this list." />
			)}
			<ul>
				{batches?.map((batch) => (
					<li key={batch.id} className="flex min-h-11 items-center gap-3 border-b last:border-b-0">
						<div className="min-w-0 flex-1">
							<p className="truncate">{batch.sentence}</p>
							<p className="truncate text-small text-muted">
								{batch.by}, <RelativeTime at={batch.at} />
							</p>
						</div>
						{batch.undoneAt ? (
							<span className="text-small text-muted">
								undone <RelativeTime at={batch.undoneAt} />
							</span>
						) : (
							canUndo && (
								<Button
									isBusy={busyId === batch.id}
									onClick={() => {
										setBusyId(batch.id);
										void onUndo(batch.id).finally(() => setBusyId(null));
									}}
								>
									Undo
								</Button>
							)
						)}
					</li>
				))}
			</ul>
		</Dialog>
	);
}
