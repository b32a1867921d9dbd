"use client";

import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { TableScroll } from "@/components/ui/table";
import { countOf } from "@/lib/format/number";
import type { GridChannel, ResolvedLink } from "@/lib/matching/grid";
import { actOnMappings } from "@/lib/queries/mappings";
import { PreviewTable } from "./accept-dialog";

/** A pasted block of cells, or a file. */
export type LinkSource = { kind: "paste"; wishes: object[] } | { kind: "file"; file: File };

/** What one request takes; more goes in steps of one act each. */
const stepSize = 1_000;

/** Shows what pasted cells or a file mean, line by line, before any of it is done. */
export function LinksDialog({
	source,
	channels,
	onClose,
	onDone,
}: {
	source: LinkSource;
	channels: readonly GridChannel[];
	onClose: () => void;
	onDone: (batchIds: string[], linked: number) => void;
}) {
	const [resolved, setResolved] = useState<ResolvedLink[] | null>(null);
	const [failure, setFailure] = useState<string | null>(null);
	const [isBusy, setIsBusy] = useState(false);

	useEffect(() => {
		const aborter = new AbortController();
		const asking =
			source.kind === "paste"
				? actOnMappings("resolve", { wishes: source.wishes }, aborter.signal)
				: actOnMappings("resolve-file", source.file, aborter.signal);
		asking.then(setResolved, (error: unknown) => {
			if (!aborter.signal.aborted) setFailure(error instanceof Error ? error.message : "This could not be read.");
		});
		return () => aborter.abort();
	}, [source]);

	const links = (resolved ?? []).filter(({ outcome }) => outcome === "link");
	const refused = (resolved ?? []).filter(({ outcome }) => outcome === "refused");
	const same = (resolved?.length ?? 0) - links.length - refused.length;

	const apply = async () => {
		setIsBusy(true);
		const batchIds: string[] = [];
		let linked = 0;
		try {
			for (let from = 0; from < links.length; from += stepSize) {
				const answer = await actOnMappings("link", {
					links: links.slice(from, from + stepSize).map(({ link }) => link),
				});
				if (answer.batchId) batchIds.push(answer.batchId);
				linked += answer.changed.length;
				const [first] = answer.refused;
				if (first) setFailure(first.sentence);
			}
			onDone(batchIds, linked);
			if (linked === links.length) onClose();
		} catch (error) {
			if (batchIds.length > 0) onDone(batchIds, linked);
			setFailure(error instanceof Error ? error.message : "This did not work. Try again.");
		} finally {
			setIsBusy(false);
		}
	};

	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && !isBusy && onClose()}
			title={source.kind === "paste" ? "Link what you pasted" : `Links from ${source.file.name}`}
			width="max-w-[640px]"
			footer={
				<>
					<Button onClick={onClose} disabled={isBusy}>
						Cancel
					</Button>
					<Button kind="ink" isBusy={isBusy} disabled={links.length === 0} onClick={() => void apply()}>
						Link {countOf(links.length, "listing")}
					</Button>
				</>
			}
		>
			{failure && (
				<p role="alert" className="mb-2 flex items-center gap-2 text-bad">
					<StateShape kind="off" />
					{failure}
				</p>
			)}
			{!resolved && !failure && <Skeleton className="h-40 w-full" />}
			{resolved && (
				<div className="flex flex-col gap-3">
					<p>
						<b>{countOf(links.length, "listing")}</b> will be linked, {same} {same === 1 ? "is" : "are"} linked so
						already, {refused.length} can't be.
					</p>
					<PreviewTable previews={links.flatMap(({ preview }) => preview ?? []).slice(0, 200)} channels={channels} />
					{refused.length > 0 && (
						<TableScroll label="Lines that can't be linked" className="max-h-40 overflow-auto">
							<ul className="flex flex-col gap-1 text-small">
								{refused.slice(0, 200).map((one) => (
									<li key={one.line} className="flex items-start gap-2">
										<StateShape kind="off" className="mt-0.5" />
										<span>
											{source.kind === "file" && <span className="num text-muted">line {one.line}: </span>}
											{one.sentence}
										</span>
									</li>
								))}
							</ul>
						</TableScroll>
					)}
				</div>
			)}
		</Dialog>
	);
}
