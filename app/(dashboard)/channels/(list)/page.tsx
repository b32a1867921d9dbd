import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ChannelsView } from "@/components/channels/channels-view";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { channelsQuery } from "@/lib/queries/channels";
import { makeQueryClient } from "@/lib/queries/query-client";
import { readChannels } from "@/lib/services/channels/read-channels";
import { channelActions } from "../channel-actions";

export const metadata: Metadata = { title: "Channels" };

export default async function ChannelsPage() {
	const member = await requireMember();
	const client = makeQueryClient();
	await client.prefetchQuery({ ...channelsQuery(), queryFn: () => readChannels(member) });
	return (
		<Page title="Channels">
			<HydrationBoundary state={dehydrate(client)}>
				<ChannelsView actions={channelActions} />
			</HydrationBoundary>
		</Page>
	);
}
