import { queryOptions } from "@tanstack/react-query";
import type { Comparison } from "@/lib/services/strategies/read-comparison";
import { fetchJson } from "./fetch-json";

export type { ComparedDay, Comparison } from "@/lib/services/strategies/read-comparison";

export const isUnderWay = (comparison: Comparison | null | undefined): boolean =>
	comparison?.state === "waiting" || comparison?.state === "running";

/** Read again and again while it is under way: its figures come one by one. */
export const comparisonQuery = () =>
	queryOptions({
		queryKey: ["strategies", "comparison"],
		queryFn: ({ signal }) => fetchJson<Comparison | null>("/api/settings/strategies", { signal }),
		refetchInterval: ({ state }) => (isUnderWay(state.data) ? 700 : false),
	});
