import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ConflictsView } from "@/components/conflicts/conflicts-view";
import { Page } from "@/components/layout/page";
import { requireMember } from "@/lib/auth/gate";
import { conflictListQuery, conflictQuery } from "@/lib/queries/conflicts";
import { makeQueryClient } from "@/lib/queries/query-client";
import { conflictTabs, listConflicts } from "@/lib/services/conflicts/list-conflicts";
import { readConflict } from "@/lib/services/conflicts/read-conflict";
import { decideConflictAction, escalateConflictAction, snoozeConflictAction, undoDecisionAction } from "./actions";

export const metadata: Metadata = { title: "Conflicts" };

type Search = Record<string, string | string[] | undefined>;

export default async function ConflictsPage({ searchParams }: { searchParams: Promise<Search> }) {
	const [member, search] = await Promise.all([requireMember(), searchParams]);
	const tab = conflictTabs.find((one) => one === search.tab) ?? "open";
	const client = makeQueryClient();
	const list = await listConflicts(member, { tab });
	client.setQueryData(conflictListQuery(tab).queryKey, list);
	const asked = typeof search.id === "string" ? search.id : null;
	const first =
		list.items.find((item) => item.id === asked || item.ids.includes(asked ?? ""))?.id ?? asked ?? list.items[0]?.id;
	if (first) await client.prefetchQuery({ ...conflictQuery(first), queryFn: () => readConflict(member, first) });
	return (
		<Page title="Conflicts">
			<HydrationBoundary state={dehydrate(client)}>
				<ConflictsView
					actions={{
						decide: decideConflictAction,
						undo: undoDecisionAction,
						snooze: snoozeConflictAction,
						escalate: escalateConflictAction,
					}}
				/>
			</HydrationBoundary>
		</Page>
	);
}
