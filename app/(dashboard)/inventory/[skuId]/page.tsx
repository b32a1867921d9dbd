import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { Page } from "@/components/layout/page";
import { SkuView } from "@/components/sku/sku-view";
import { requireMember } from "@/lib/auth/gate";
import { makeQueryClient } from "@/lib/queries/query-client";
import { movementsQuery, skuQuery } from "@/lib/queries/skus";
import { NotFound } from "@/lib/services/errors";
import { readMovements } from "@/lib/services/skus/read-movements";
import { readSku } from "@/lib/services/skus/read-sku";
import { setOfferPolicyAction } from "../../policy-actions";
import { adjustStockAction, markLaunchAction, setComponentsAction, setStrategyAction } from "./actions";

type Props = { params: Promise<{ skuId: string }> };

const findSku = cache(async (skuId: string) => {
	try {
		return await readSku(await requireMember(), skuId);
	} catch (error) {
		if (error instanceof NotFound) notFound();
		throw error;
	}
});

const nameOf = ({ title, options }: { title: string; options: string | null }) =>
	[title, options].filter(Boolean).join(", ");

export async function generateMetadata({ params }: Props): Promise<Metadata> {
	return { title: nameOf(await findSku((await params).skuId)) };
}

export default async function SkuPage({ params }: Props) {
	const { skuId } = await params;
	const [member, sku] = await Promise.all([requireMember(), findSku(skuId)]);
	const client = makeQueryClient();
	client.setQueryData(skuQuery(sku.id).queryKey, sku);
	await client.prefetchInfiniteQuery({
		...movementsQuery(sku.id),
		queryFn: () => readMovements(member, { skuId: sku.id }),
	});
	return (
		<Page title={nameOf(sku)} crumbs={[{ label: "Inventory", href: "/inventory" }]}>
			<HydrationBoundary state={dehydrate(client)}>
				<SkuView
					skuId={sku.id}
					adjust={adjustStockAction}
					setPolicy={setOfferPolicyAction}
					setComponents={setComponentsAction}
					sharing={{ setStrategy: setStrategyAction, markLaunch: markLaunchAction }}
				/>
			</HydrationBoundary>
		</Page>
	);
}
