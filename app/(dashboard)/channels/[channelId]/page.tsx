import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ChannelPage } from "@/components/channels/channel-page";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { channelQuery } from "@/lib/queries/channels";
import { makeQueryClient } from "@/lib/queries/query-client";
import { readChannel } from "@/lib/services/channels/read-channels";
import { NotFound } from "@/lib/services/errors";
import { channelActions } from "../channel-actions";

export const metadata: Metadata = { title: "Channel" };

export default async function ChannelDetailPage({ params }: { params: Promise<{ channelId: string }> }) {
	const [member, { channelId }] = await Promise.all([requireMember(), params]);
	const channel = await readChannel(member, channelId).catch((error) => {
		if (error instanceof NotFound) notFound();
		throw error;
	});
	const client = makeQueryClient();
	client.setQueryData(channelQuery(channelId).queryKey, channel);
	return (
		<Page title={channel.name} crumbs={[{ label: "Channels", href: "/channels" }]}>
			<HydrationBoundary state={dehydrate(client)}>
				<ChannelPage channelId={channelId} actions={channelActions} />
			</HydrationBoundary>
		</Page>
	);
}
