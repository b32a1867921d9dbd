import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { Page } from "@/components/layout/page";
import { StrategiesPage } from "@/components/settings/strategies/strategies-page";
import { requireMember } from "@/lib/auth/gate";
import { makeQueryClient } from "@/lib/queries/query-client";
import { comparisonQuery } from "@/lib/queries/strategies";
import { readSettings } from "@/lib/services/settings/read-settings";
import { readComparison } from "@/lib/services/strategies/read-comparison";
import { askForComparisonAction } from "./actions";

export const metadata: Metadata = { title: "Strategies" };

export default async function Strategies() {
	const member = await requireMember();
	const client = makeQueryClient();
	const [{ strategy }, comparison] = await Promise.all([readSettings(member), readComparison(member)]);
	client.setQueryData(comparisonQuery().queryKey, comparison);
	return (
		<Page title="Strategies" crumbs={[{ label: "Settings", href: "/settings" }]}>
			<HydrationBoundary state={dehydrate(client)}>
				<StrategiesPage current={strategy} ask={askForComparisonAction} />
			</HydrationBoundary>
		</Page>
	);
}
