import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ConflictList, ConflictTab } from "@/lib/services/conflicts/list-conflicts";
import type { ConflictView } from "@/lib/services/conflicts/read-conflict";
import { fetchJson } from "./fetch-json";

export type { Option as ConflictOption } from "@/lib/services/conflicts/choices";
export type { ConflictItem, ConflictList, ConflictTab } from "@/lib/services/conflicts/list-conflicts";
export type { ConflictColumn, ConflictView } from "@/lib/services/conflicts/read-conflict";
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
	});
