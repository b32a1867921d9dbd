"use client";

import { useQuery } from "@tanstack/react-query";
import { useShell } from "@/components/layout/shell-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format/number";
import { channelsQuery } from "@/lib/queries/channels";
import { RequestFailed } from "@/lib/queries/fetch-json";
import type { ChannelActions } from "./channel-actions";
import { ChannelCard } from "./channel-card";

const words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/** Is each store in step, and if not, since when and what next? */
export function ChannelsView({ actions }: { actions: ChannelActions }) {
	const { data: channels, error, refetch } = useQuery(channelsQuery());
	const { me, hasSandbox } = useShell();
	const mayManage = me.role === "owner" || me.role === "manager";

	if (error && !channels)
		return (
			<Panel title="Channels">
				<PanelState
					kind="failed"
					sentence={error.message}
					detail={error instanceof RequestFailed && error.requestId ? `Request ${error.requestId}` : undefined}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			</Panel>
		);
	if (channels?.length === 0)
		return (
			<Panel title="Channels">
				<PanelState
					kind="empty"
					sentence="Your stores will stand here, each with how far it is in step."
					detail={mayManage ? undefined : "An owner or a manager can connect one."}
					action={
						mayManage && (
							<ButtonLink kind="ink" href="/channels/connect">
								Connect a store
							</ButtonLink>
						)
					}
					secondary={mayManage && hasSandbox && <ButtonLink href="/sandbox">Make a sandbox store</ButtonLink>}
					ghost={<SkeletonRows rows={6} isStill />}
				/>
			</Panel>
		);

	const count = channels?.filter(({ state }) => state !== "disconnected").length ?? 0;
	return (
		<>
			<div className="flex min-h-9 items-center gap-3">
				<p className="text-muted">
					{channels && `${words[count] ?? formatNumber(count)} ${count === 1 ? "store" : "stores"}, one count.`}
				</p>
				{mayManage && (
					<ButtonLink kind="ink" href="/channels/connect" className="ml-auto">
						Connect a store
					</ButtonLink>
				)}
			</div>
			<div className="grid grid-cols-3 gap-4 max-xl:grid-cols-2 max-md:grid-cols-1">
				{channels
					? channels.map((channel) => <ChannelCard key={channel.id} channel={channel} actions={actions} />)
					: [1, 2, 3].map((key) => (
							<Panel key={key} aria-label="Loading" aria-busy>
								<SkeletonRows rows={6} />
							</Panel>
						))}
			</div>
		</>
	);
}
