import { queryOptions } from "@tanstack/react-query";
import type { SandboxStoreSummary, SandboxStoreView } from "@/lib/services/sandbox/read-sandbox";
import { fetchJson } from "./fetch-json";

export type { SandboxOrder, SandboxStoreSummary, SandboxStoreView } from "@/lib/services/sandbox/read-sandbox";

export const sandboxKey = ["sandbox"] as const;

export const sandboxStoresQuery = () =>
	queryOptions({
		queryKey: [...sandboxKey, "list"],
		queryFn: ({ signal }) => fetchJson<SandboxStoreSummary[]>("/api/sandbox-stores", { signal }),
		refetchInterval: 10_000,
	});

/** Sandbox stores are the outside world and not in our log, so they are looked at. */
export const sandboxStoreQuery = (storeId: string) =>
	queryOptions({
		queryKey: [...sandboxKey, "store", storeId],
		queryFn: ({ signal }) => fetchJson<SandboxStoreView>(`/api/sandbox-stores/${storeId}`, { signal }),
		refetchInterval: 2_000,
	});
