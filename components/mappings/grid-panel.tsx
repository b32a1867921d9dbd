"use client";

import { Button, ButtonLink } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { GridFilter } from "@/lib/matching/grid";
import { RequestFailed } from "@/lib/queries/fetch-json";
import { MappingGrid, type MappingGridProps } from "./mapping-grid";

/** The grid, or why there is none: nothing yet, nothing that fits, it failed, or the role is not enough. */
export function GridPanel({
	filter,
	canChange,
	onClear,
	...grid
}: Omit<MappingGridProps, "label"> & { filter: GridFilter; canChange: boolean; onClear: () => void }) {
	const { rows, channels } = grid;
	const isFiltered = Boolean(
		filter.state || filter.text || filter.skus.length || filter.titles.length || filter.channelIds.length,
	);
	const label = filter.mode === "skus" ? "SKUs and their listings" : "Listings";
	const ghost = <SkeletonRows rows={9} isStill />;
	if (rows.error) return <Panel aria-label={label}>{refused(rows.error, () => void rows.reload())}</Panel>;
	if (rows.total === null)
		return (
			<Panel aria-label={label} aria-busy>
				<SkeletonRows rows={16} />
			</Panel>
		);
	if (rows.total > 0)
		return (
			<Panel aria-label={label} className="flex max-h-[calc(100dvh-226px)] min-h-60 flex-col overflow-hidden">
				<MappingGrid {...grid} label={label} />
			</Panel>
		);
	return (
		<Panel aria-label={label}>
			{isFiltered ? (
				<PanelState
					kind="filtered"
					sentence={filter.mode === "skus" ? "No SKU fits this filter." : "No listing fits this filter."}
					action={<Button onClick={onClear}>Clear the filter</Button>}
				/>
			) : channels.length === 0 ? (
				<PanelState
					kind="empty"
					sentence="Your SKUs will stand here, with what each store calls them."
					detail="Connect a store first; its listings are read without changing anything there."
					action={
						<ButtonLink kind="ink" href="/channels">
							Connect a store
						</ButtonLink>
					}
					ghost={ghost}
				/>
			) : filter.mode === "listings" ? (
				<PanelState
					kind="empty"
					sentence="Listings of your stores will stand here once the first import is done."
					ghost={ghost}
				/>
			) : (
				<PanelState
					kind="empty"
					sentence="There is no SKU yet to link to."
					detail="Take one store's catalogue as the start, or bring your SKUs by CSV. Matches are then suggested."
					action={
						canChange && (
							<ButtonLink kind="ink" href="/inventory?start=store">
								Start from a store
							</ButtonLink>
						)
					}
					secondary={canChange && <ButtonLink href="/inventory?start=csv">Bring a CSV</ButtonLink>}
					ghost={ghost}
				/>
			)}
		</Panel>
	);
}

export function refused(error: Error, retry: () => void) {
	if (error instanceof RequestFailed && error.status === 403)
		return <PanelState kind="forbidden" sentence="This page is not for your role." detail={error.message} />;
	const requestId = error instanceof RequestFailed ? error.requestId : null;
	return (
		<PanelState
			kind="failed"
			sentence="This did not load."
			detail={requestId ? `${error.message} Request ${requestId}.` : error.message}
			action={
				<Button kind="ink" onClick={retry}>
					Load it again
				</Button>
			}
		/>
	);
}
