import { queryOptions } from "@tanstack/react-query";
import type { Overview } from "@/lib/services/overview/read-overview";
import { fetchJson } from "./fetch-json";

export type { ChannelRow } from "@/lib/services/overview/read-channel-rows";
export type { Need } from "@/lib/services/overview/read-needs";
export type { Overview, OverviewMinute } from "@/lib/services/overview/read-overview";
export type { Setup } from "@/lib/services/overview/read-setup";

/** Is anything wrong, and what do I do first? News makes it stale; the minute turns by itself. */
export const overviewQuery = () =>
	queryOptions({
		queryKey: ["overview"],
		queryFn: ({ signal }) => fetchJson<Overview>("/api/overview", { signal }),
		refetchInterval: 30_000,
	});
