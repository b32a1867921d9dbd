import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ActivityView } from "@/components/activity/activity-view";
import { Page } from "@/components/layout/page";
import { parseFilter } from "@/components/ui/filter-terms";
import { requireMember } from "@/lib/auth/gate";
import { filterKeys, readFilter } from "@/lib/format/log-filter";
import { logQuery } from "@/lib/queries/log";
import { makeQueryClient } from "@/lib/queries/query-client";
import { readChannelNames } from "@/lib/services/log/read-channel-names";
import { readLog } from "@/lib/services/log/read-log";
import { dismissMailAction, retryMailAction, sendAgainAction } from "./actions";

export const metadata: Metadata = { title: "Activity" };

type Search = Record<string, string | string[] | undefined>;
const one = (value: Search[string]) => (Array.isArray(value) ? value[0] : value) ?? "";

export default async function ActivityPage({ searchParams }: { searchParams: Promise<Search> }) {
	const [member, search] = await Promise.all([requireMember(), searchParams]);
	const channels = await readChannelNames(member);
	const { terms, text } = parseFilter(one(search.q), filterKeys);
	const filter = readFilter(terms, text, channels);
	const [from, to] = [Number.parseInt(one(search.from), 10), Number.parseInt(one(search.to), 10)];
	const stretch = Number.isFinite(from) && Number.isFinite(to) ? { from, to } : null;

	const client = makeQueryClient();
	await client.prefetchInfiniteQuery({
		...logQuery(filter, stretch),
		queryFn: () => readLog(member, { filter, ...stretch }),
	});
	return (
		<Page title="Activity">
			<HydrationBoundary state={dehydrate(client)}>
				<ActivityView
					channels={channels}
					sendAgain={sendAgainAction}
					mailActs={{ retry: retryMailAction, dismiss: dismissMailAction }}
				/>
			</HydrationBoundary>
		</Page>
	);
}
