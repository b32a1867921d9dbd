import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Page } from "@/components/layout/page";
import { SandboxPage } from "@/components/sandbox/sandbox-page";
import { requireMember } from "@/lib/auth/gate";
import { env } from "@/lib/env";
import { platformKeys } from "@/lib/format/platforms";
import { makeQueryClient } from "@/lib/queries/query-client";
import { sandboxStoreQuery, sandboxStoresQuery } from "@/lib/queries/sandbox";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import { readSandboxStore, readSandboxStores } from "@/lib/services/sandbox/read-sandbox";
import * as act from "./actions";

export const metadata: Metadata = { title: "Sandbox" };

export default async function Sandbox({ searchParams }: { searchParams: Promise<{ store?: string }> }) {
	const [member, { store: wished }] = await Promise.all([requireMember(), searchParams]);
	if (!env().sandbox) notFound();
	const client = makeQueryClient();
	const stores = await readSandboxStores(member);
	client.setQueryData(sandboxStoresQuery().queryKey, stores);
	const storeId = stores.find(({ id }) => id === wished)?.id ?? stores[0]?.id ?? null;
	if (storeId) client.setQueryData(sandboxStoreQuery(storeId).queryKey, await readSandboxStore(member, storeId));
	return (
		<Page title="Sandbox">
			<HydrationBoundary state={dehydrate(client)}>
				<SandboxPage
					storeId={storeId}
					platforms={platformKeys.filter(sandboxPlatform)}
					actions={{
						make: act.makeStoreAction,
						remove: act.removeStoreAction,
						connect: act.connectStoreAction,
						turnKnobs: act.turnKnobsAction,
						calm: act.calmKnobsAction,
						dropWebhooks: act.dropWebhooksAction,
						setBuyers: act.setBuyersAction,
						setCron: act.setCronAction,
						setUp: act.setUpStoreAction,
						act: act.actInStoreAction,
					}}
				/>
			</HydrationBoundary>
		</Page>
	);
}
