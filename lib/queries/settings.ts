import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { EngineHealth } from "@/lib/engine/health";
import type { KeyView } from "@/lib/services/api-keys/list-keys";
import type { EndpointView } from "@/lib/services/endpoints/list-endpoints";
import type { Deliveries } from "@/lib/services/endpoints/read-deliveries";
import type { Settings } from "@/lib/services/settings/read-settings";
import { fetchJson } from "./fetch-json";

export type { KeyView as ApiKeyView } from "@/lib/services/api-keys/list-keys";
export type { EndpointView } from "@/lib/services/endpoints/list-endpoints";
export type { Deliveries, MessageView } from "@/lib/services/endpoints/read-deliveries";
export type { Environment } from "@/lib/services/settings/read-environment";
export type { Settings } from "@/lib/services/settings/read-settings";
/** As it travels: moments are ISO 8601. */
export type EngineView = Omit<EngineHealth, "lastCompletedAt" | "recentFailures"> & {
	lastCompletedAt: string | null;
	recentFailures: { runId: string; fnId: string; error: string; at: string }[];
};

export const settingsKey = ["settings"] as const;

export const settingsQuery = () =>
	queryOptions({
		queryKey: [...settingsKey, "all"],
		queryFn: ({ signal }) => fetchJson<Settings>("/api/settings", { signal }),
	});

export const engineQuery = () =>
	queryOptions({
		queryKey: [...settingsKey, "engine"],
		queryFn: ({ signal }) => fetchJson<EngineView>("/api/settings/engine", { signal }),
		refetchInterval: 5_000,
	});

export const apiKeysQuery = () =>
	queryOptions({
		queryKey: [...settingsKey, "keys"],
		queryFn: ({ signal }) => fetchJson<KeyView[]>("/api/settings/keys", { signal }),
	});

export const endpointsQuery = () =>
	queryOptions({
		queryKey: [...settingsKey, "endpoints"],
		queryFn: ({ signal }) => fetchJson<EndpointView[]>("/api/settings/endpoints", { signal }),
	});

export const deliveriesQuery = (endpointId: string) =>
	infiniteQueryOptions({
		queryKey: [...settingsKey, "deliveries", endpointId],
		queryFn: ({ pageParam, signal }) => {
			const input = new URLSearchParams({ input: JSON.stringify({ before: pageParam }) });
			return fetchJson<Deliveries>(`/api/settings/endpoints/${endpointId}?${input}`, { signal });
		},
		initialPageParam: null as Deliveries["next"],
		getNextPageParam: ({ next }: Deliveries) => next,
		refetchInterval: 5_000,
	});
