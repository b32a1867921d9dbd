"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { deliveriesQuery } from "@/lib/queries/settings";
import type { EndpointActions } from "../settings-actions";
import { EndpointPanel } from "./endpoint-panel";
import { MessageRow } from "./message-row";
import { ReplayDialog } from "./replay-dialog";

/** What one endpoint was told, what came of it, and what waits. */
export function DeliveriesPage({ endpointId, actions }: { endpointId: string; actions: EndpointActions }) {
	const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
		deliveriesQuery(endpointId),
	);
	const endpoint = data?.pages[0]?.endpoint;
	if (!endpoint)
		return (
			<Panel aria-label="Webhook endpoint" aria-busy={!error}>
				{error ? (
					<PanelState
						kind="failed"
						sentence={error.message}
						action={<Button onClick={() => void refetch()}>Try again</Button>}
					/>
				) : (
					<SkeletonRows rows={10} />
				)}
			</Panel>
		);
	const messages = data.pages.flatMap((page) => page.messages);
	return (
		<div className="grid grid-cols-[minmax(0,1fr)_360px] items-start gap-4 max-lg:grid-cols-1">
			<Panel
				title="Messages"
				hint="newest first; a month is kept"
				actions={<ReplayDialog endpointId={endpointId} replay={actions.replay} />}
				footer={
					hasNextPage ? (
						<Button kind="quiet" onClick={() => void fetchNextPage()} isBusy={isFetchingNextPage} className="-ml-2.75">
							Show older
						</Button>
					) : undefined
				}
			>
				{messages.length === 0 ? (
					<PanelState
						kind="empty"
						sentence="It has not been told anything yet."
						detail="The next change is told here. A test shows at once whether anything arrives."
					/>
				) : (
					<ul aria-label="Messages, newest first">
						{messages.map((message) => (
							<MessageRow key={message.id} endpoint={endpoint} message={message} replay={actions.replay} />
						))}
					</ul>
				)}
			</Panel>
			<EndpointPanel endpoint={endpoint} actions={actions} />
		</div>
	);
}
