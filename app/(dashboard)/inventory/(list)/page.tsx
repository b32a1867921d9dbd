import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { loadInventoryParams } from "@/components/inventory/inventory-params";
import { InventoryScreen } from "@/components/inventory/inventory-screen";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { inventoryCountsQuery, inventoryQuery } from "@/lib/queries/inventory";
import { makeQueryClient } from "@/lib/queries/query-client";
import { listGridChannels } from "@/lib/services/mappings/read-grid";
import { countInventory, listSkus } from "@/lib/services/skus/list-skus";

export const metadata: Metadata = { title: "Inventory" };

export default async function InventoryPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
	const [member, params] = await Promise.all([requireMember(), loadInventoryParams(searchParams)]);
	const filter = { text: params.q.trim().slice(0, 200), show: params.show };
	const client = makeQueryClient();
	const [channels] = await Promise.all([
		listGridChannels(member),
		client.prefetchInfiniteQuery({
			...inventoryQuery(filter),
			queryFn: () => listSkus(member, { ...filter, after: null }),
		}),
		client.prefetchQuery({ ...inventoryCountsQuery(), queryFn: () => countInventory(member) }),
	]);
	return (
		<Page title="Inventory">
			<HydrationBoundary state={dehydrate(client)}>
				<InventoryScreen channels={channels} />
			</HydrationBoundary>
		</Page>
	);
}
