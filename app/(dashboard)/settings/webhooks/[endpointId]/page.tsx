import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Page } from "@/components/layout/page";
import { DeliveriesPage } from "@/components/settings/webhooks/deliveries-page";
import { requireMember } from "@/lib/auth/gate";
import { makeQueryClient } from "@/lib/queries/query-client";
import { deliveriesQuery } from "@/lib/queries/settings";
import { readDeliveries } from "@/lib/services/endpoints/read-deliveries";
import { NotFound } from "@/lib/services/errors";
import * as act from "../../actions";

export const metadata: Metadata = { title: "Webhook endpoint" };

export default async function WebhookEndpointPage({ params }: { params: Promise<{ endpointId: string }> }) {
	const [member, { endpointId }] = await Promise.all([requireMember("manager"), params]);
	const deliveries = await readDeliveries(member, endpointId).catch((error) => {
		if (error instanceof NotFound) notFound();
		throw error;
	});
	const client = makeQueryClient();
	client.setQueryData(deliveriesQuery(endpointId).queryKey, { pages: [deliveries], pageParams: [null] });
	return (
		<Page title={new URL(deliveries.endpoint.url).host} crumbs={[{ label: "Settings", href: "/settings" }]}>
			<HydrationBoundary state={dehydrate(client)}>
				<DeliveriesPage
					endpointId={endpointId}
					actions={{
						setEvents: act.setEndpointEventsAction,
						switchOn: act.switchEndpointAction,
						remove: act.removeEndpointAction,
						replay: act.replayMessagesAction,
						sendTest: act.sendTestAction,
						renewSecret: act.renewSecretAction,
					}}
				/>
			</HydrationBoundary>
		</Page>
	);
}
