import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ConflictList, ConflictTab } from "@/lib/services/conflicts/list-conflicts";
import type { CancelView } from "@/lib/services/conflicts/read-cancel";
import type { ConflictView } from "@/lib/services/conflicts/read-conflict";
import { fetchJson } from "./fetch-json";

export type { Option as ConflictOption } from "@/lib/services/conflicts/choices";
export type { ConflictItem, ConflictList, ConflictTab } from "@/lib/services/conflicts/list-conflicts";
export type { CancelView } from "@/lib/services/conflicts/read-cancel";
export type { ConflictColumn } from "@/lib/services/conflicts/read-columns";
export type { ConflictView } from "@/lib/services/conflicts/read-conflict";
export type { ConflictMoment } from "@/lib/services/conflicts/read-timeline";

/** The beginning of every key of conflicts. */
export const conflictsKey = ["conflicts"] as const;

export const conflictListQuery = (tab: ConflictTab) =>
	queryOptions({
		queryKey: [...conflictsKey, "list", tab],
		queryFn: ({ signal }) => fetchJson<ConflictList>(`/api/conflicts?tab=${tab}`, { signal }),
		placeholderData: keepPreviousData,
		refetchInterval: 30_000,
	});

export const conflictQuery = (id: string) =>
	queryOptions({
		queryKey: [...conflictsKey, "one", id],
		queryFn: ({ signal }) => fetchJson<ConflictView>(`/api/conflicts/${id}`, { signal }),
		// While a store is being asked, its answer is waited for.
		refetchInterval: ({ state }) => (isUnderWay(state.data?.cancel ?? null) ? 2_000 : false),
	});

/** Whether the store still has to be asked, or to answer. */
export const isUnderWay = (cancel: CancelView | null): boolean =>
	cancel !== null && (cancel.state === "waiting" || cancel.state === "asked");
