import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { Page } from "@/components/layout/page";
import { gridFilterOf, loadMappingParams } from "@/components/mappings/mapping-params";
import { MappingsScreen } from "@/components/mappings/mappings-screen";
import { requireMember } from "@/lib/auth/gate";
import { outlineQuery, rowsQuery, stateCountsQuery } from "@/lib/queries/mappings";
import { makeQueryClient } from "@/lib/queries/query-client";
import { filterInput } from "@/lib/services/mappings/filter-sql";
import { countStates, listGridChannels, readOutline } from "@/lib/services/mappings/read-grid";
import { readRows } from "@/lib/services/mappings/read-rows";

export const metadata: Metadata = { title: "Mappings" };

/** The first rows come with the page: nothing is asked for twice before something can be seen. */
export default async function MappingsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
	const [member, params] = await Promise.all([requireMember(), loadMappingParams(searchParams)]);
	const wanted = gridFilterOf(params);
	const filter = filterInput.safeParse(wanted);
	const client = makeQueryClient();
	const channels = await listGridChannels(member);
	// A filter that was mangled in the address is refused by the routes, with a sentence in its panel.
	if (filter.success) {
		const counts = countStates(member, wanted.channelIds);
		const outline = await readOutline(member, filter.data);
		client.setQueryData(outlineQuery(wanted).queryKey, outline);
		const [from, to = null] = outline.fences;
		if (from !== undefined)
			client.setQueryData(
				rowsQuery(wanted, outline, 0).queryKey,
				await readRows(member, { filter: filter.data, from, to }),
			);
		client.setQueryData(stateCountsQuery(wanted.channelIds).queryKey, await counts);
	}
	return (
		<Page title="Mappings">
			<HydrationBoundary state={dehydrate(client)}>
				<MappingsScreen channels={channels} />
			</HydrationBoundary>
		</Page>
	);
}
