import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { SetupView } from "@/components/channels/setup/setup-view";
import { isSetupStep } from "@/components/channels/setup/steps";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { setupQuery } from "@/lib/queries/channels";
import { makeQueryClient } from "@/lib/queries/query-client";
import { readSetup } from "@/lib/services/channels/read-setup";
import { NotFound } from "@/lib/services/errors";
import { setupActions } from "../../../channel-actions";

export const metadata: Metadata = { title: "Connect a store" };

export default async function SetupPage({ params }: { params: Promise<{ channelId: string; step: string }> }) {
	const [member, { channelId, step }] = await Promise.all([requireMember("manager"), params]);
	if (!isSetupStep(step)) notFound();
	const setup = await readSetup(member, channelId).catch((error) => {
		if (error instanceof NotFound) notFound();
		throw error;
	});
	// Units are counted from the location there, so it is asked for first.
	const asksLocation = setup.channel.needsLocation && (step === "match" || step === "dry-run");
	if (asksLocation) redirect(`/channels/${channelId}/setup/location`);
	const client = makeQueryClient();
	client.setQueryData(setupQuery(channelId).queryKey, setup);
	return (
		<Page
			title={setup.channel.name}
			crumbs={[
				{ label: "Channels", href: "/channels" },
				{ label: "Connect", href: "/channels/connect" },
			]}
		>
			<HydrationBoundary state={dehydrate(client)}>
				<SetupView channelId={channelId} step={step} actions={setupActions} />
			</HydrationBoundary>
		</Page>
	);
}
