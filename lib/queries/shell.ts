import { queryOptions } from "@tanstack/react-query";
import type { Shell } from "@/lib/services/overview/read-shell";
import { fetchJson } from "./fetch-json";

/** Counts in the sidebar and whether pushes are paused. Invalidate by `shellQuery().queryKey` after an act that moves them. */
export const shellQuery = () =>
	queryOptions({
		queryKey: ["shell"],
		queryFn: ({ signal }) => fetchJson<Shell>("/api/shell", { signal }),
		refetchInterval: 15_000,
	});
