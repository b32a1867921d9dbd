"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Change } from "@/components/ui/num";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import { TableScroll } from "@/components/ui/table";
import { countOf, formatNumber } from "@/lib/format/number";
import type { GridChannel, GridFilter, LinkPreview, StateCounts } from "@/lib/matching/grid";
import { type AcceptPreview, actOnMappings, mappingsKey } from "@/lib/queries/mappings";

/** The ladder of certainty: each step takes in what is a little less sure. */
const steps = [
	{ threshold: 1, label: "Same GTIN" },
	{ threshold: 0.99, label: "… and same SKU" },
	{ threshold: 0.95, label: "… and SKU without case and separators" },
] as const;

/**
 * Accepts many at once: choose how sure is sure enough, see what would change, then do it in steps that can be
 * stopped. The whole is one act, undone as one.
 */
export function AcceptDialog({
	filter,
	counts,
	channels,
	onClose,
	onDone,
}: {
	filter: GridFilter;
	counts: StateCounts | undefined;
	channels: readonly GridChannel[];
	onClose: () => void;
	onDone: (batchId: string, linked: number) => void;
}) {
	const [threshold, setThreshold] = useState<number>(0.95);
	const [progress, setProgress] = useState<{ linked: number; total: number } | null>(null);
	const [failure, setFailure] = useState<string | null>(null);
	const isStopped = useRef(false);
	const preview = useQuery({
		queryKey: [...mappingsKey, "preview", filter, threshold],
		queryFn: ({ signal }) => actOnMappings("preview", { threshold, filter }, signal),
		staleTime: 0,
	});

	const accept = async () => {
		const total = preview.data?.links ?? 0;
		let batchId: string | undefined;
		let linked = 0;
		isStopped.current = false;
		setFailure(null);
		setProgress({ linked, total });
		try {
			let isDone = false;
			while (!isDone && !isStopped.current) {
				const step = await actOnMappings("accept", { threshold, filter, batchId });
				batchId = step.batchId;
				linked += step.linked;
				isDone = step.isDone;
				setProgress({ linked, total });
			}
			if (batchId && linked > 0) onDone(batchId, linked);
			onClose();
		} catch (error) {
			// What was linked before stays, and can be undone.
			if (batchId && linked > 0) onDone(batchId, linked);
			setFailure(error instanceof Error ? error.message : "This did not work. Try again.");
			setProgress(null);
		}
	};

	const links = preview.data?.links ?? 0;
	return (
		<Dialog
			isOpen
			onOpenChange={(isOpen) => !isOpen && !progress && onClose()}
			title="Accept what is certain"
			description="Suggestions that nothing speaks against, among the rows that you filtered. Nothing ambiguous is taken."
			width="max-w-[640px]"
			footer={
				progress ? (
					<Button onClick={() => (isStopped.current = true)}>Stop after this step</Button>
				) : (
					<>
						<Button onClick={onClose}>Cancel</Button>
						<Button kind="ink" disabled={!preview.data || links === 0} onClick={() => void accept()}>
							Link {countOf(links, "listing")}
						</Button>
					</>
				)
			}
		>
			{progress ? (
				<Progress {...progress} />
			) : (
				<>
					<fieldset className="mb-3 flex flex-col gap-1">
						<legend className="sr-only">How sure is sure enough</legend>
						{steps.map((step) => (
							<label
								key={step.threshold}
								className="flex min-h-9 items-center gap-2.5 rounded-md px-2 hover:bg-sunk has-checked:bg-select max-md:min-h-11"
							>
								<input
									type="radio"
									name="threshold"
									checked={threshold === step.threshold}
									onChange={() => setThreshold(step.threshold)}
									className="accent-(--ink)"
								/>
								<span className="num w-11 text-muted">≥ {Math.round(step.threshold * 100)}</span>
								<span className="flex-1">{step.label}</span>
								<Histogram counts={counts} threshold={step.threshold} />
							</label>
						))}
					</fieldset>
					{failure && (
						<p role="alert" className="mb-2 flex items-center gap-2 text-bad">
							<StateShape kind="off" />
							{failure}
						</p>
					)}
					{preview.error && <p role="alert">{preview.error.message}</p>}
					{preview.data ? (
						<Summary preview={preview.data} channels={channels} />
					) : (
						!preview.error && <Skeleton className="h-40 w-full" />
					)}
				</>
			)}
		</Dialog>
	);
}

/** How many of the whole merchant's suggestions a step takes in, as a bar of their share. */
function Histogram({ counts, threshold }: { counts: StateCounts | undefined; threshold: number }) {
	const certain = Object.entries(counts?.certain ?? {});
	const all = certain.reduce((sum, [, count]) => sum + count, 0);
	const taken = certain
		.filter(([percent]) => Number(percent) >= threshold * 100)
		.reduce((sum, [, count]) => sum + count, 0);
	return (
		<span className="flex items-center gap-2">
			<span aria-hidden className="h-1.5 w-24 overflow-hidden rounded-full bg-line">
				<span className="block h-full bg-ok" style={{ width: `${all === 0 ? 0 : (taken / all) * 100}%` }} />
			</span>
			<span className="num w-14 text-right">{formatNumber(taken)}</span>
		</span>
	);
}

function Summary({ preview, channels }: { preview: AcceptPreview; channels: readonly GridChannel[] }) {
	const facts = [
		preview.changing > 0 && `${countOf(preview.changing, "quantity", "quantities")} would change`,
		preview.toZero > 0 && `${formatNumber(preview.toZero)} of them to zero`,
		preview.uncounted > 0 &&
			`${countOf(preview.uncounted, "SKU")} not counted yet, so nothing is written for ${preview.uncounted === 1 ? "it" : "them"}`,
		preview.parkedLines > 0 && `${countOf(preview.parkedLines, "order line")} that waited will be counted`,
	].filter(Boolean);
	return (
		<>
			<p className="mb-2">
				<b>{countOf(preview.links, "listing")}</b> would be linked
				{facts.length > 0 ? `; ${facts.join(", ")}.` : "; no quantity would change."}
			</p>
			<PreviewTable previews={preview.samples} channels={channels} />
			{preview.links > preview.samples.length && (
				<p className="mt-2 text-small text-muted">The {preview.samples.length} that change most are shown.</p>
			)}
		</>
	);
}

/** What each channel shows → what it will be set to. */
export function PreviewTable({
	previews,
	channels,
}: {
	previews: readonly LinkPreview[];
	channels: readonly GridChannel[];
}) {
	const names = new Map(channels.map((channel) => [channel.id, channel]));
	if (previews.length === 0) return null;
	return (
		<TableScroll label="What would change" className="max-h-64 overflow-auto rounded-lg border">
			<table className="w-full border-separate border-spacing-0 text-small">
				<thead className="sticky top-0 bg-raise text-left text-muted">
					<tr>
						{["Listing", "SKU", "Channel"].map((name) => (
							<th key={name} className="border-b px-3 py-1.5 font-normal">
								{name}
							</th>
						))}
						<th className="border-b px-3 py-1.5 text-right font-normal">Shows → set to</th>
					</tr>
				</thead>
				<tbody className="[&>tr:last-child>td]:border-b-0">
					{previews.map((one) => (
						<tr key={one.listingId}>
							<td className="num max-w-40 truncate border-b px-3 py-1.5">{one.listing}</td>
							<td className="num max-w-40 truncate border-b px-3 py-1.5">
								{one.sku}
								{one.units > 1 && ` ×${one.units}`}
							</td>
							<td className="border-b px-3 py-1.5">{names.get(one.channelId)?.name}</td>
							<td className={clsx("border-b px-3 py-1.5 text-right", one.willShow === one.shows && "text-muted")}>
								<Change from={one.shows} to={one.willShow} />
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</TableScroll>
	);
}

function Progress({ linked, total }: { linked: number; total: number }) {
	return (
		<div className="py-4">
			<p className="mb-2" aria-live="polite">
				Linked <b className="num">{formatNumber(linked)}</b> of <span className="num">{formatNumber(total)}</span>
			</p>
			<div
				role="progressbar"
				aria-label="Linking"
				aria-valuemin={0}
				aria-valuemax={total}
				aria-valuenow={linked}
				className="h-1.5 overflow-hidden rounded-full bg-line"
			>
				<div
					className="h-full bg-ink transition-[width]"
					style={{ width: `${total === 0 ? 100 : (linked / total) * 100}%` }}
				/>
			</div>
		</div>
	);
}
