import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { Page } from "@/components/layout/page";
import { OverviewView } from "@/components/overview/overview-view";
import { requireMember } from "@/lib/auth/gate";
import { newestLines, newestLinesQuery } from "@/lib/queries/log";
import { overviewQuery } from "@/lib/queries/overview";
import { makeQueryClient } from "@/lib/queries/query-client";
import { readLog } from "@/lib/services/log/read-log";
import { readOverview } from "@/lib/services/overview/read-overview";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage() {
	const member = await requireMember();
	const client = makeQueryClient();
	const [overview, { lines }] = await Promise.all([readOverview(member), readLog(member, { limit: newestLines })]);
	client.setQueryData(overviewQuery().queryKey, overview);
	client.setQueryData(newestLinesQuery().queryKey, lines);
	return (
		<Page title="Overview">
			<HydrationBoundary state={dehydrate(client)}>
				<OverviewView />
			</HydrationBoundary>
		</Page>
	);
}
