import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { InventoryFilter, InventoryPage } from "@/lib/format/inventory";
import type { CatalogueStart } from "@/lib/services/imports/start-from-catalogue";
import type { SkuImport } from "@/lib/services/skus/import-skus";
import { fetchJson } from "./fetch-json";

export type { CatalogueStart } from "@/lib/services/imports/start-from-catalogue";
export type { SkuImport } from "@/lib/services/skus/import-skus";

const withInput = (path: string, input: unknown) => `${path}?${new URLSearchParams({ input: JSON.stringify(input) })}`;

export const inventoryKey = ["inventory"] as const;

export const inventoryQuery = (filter: InventoryFilter) =>
	infiniteQueryOptions({
		queryKey: [...inventoryKey, "rows", filter],
		queryFn: ({ pageParam, signal }) =>
			fetchJson<InventoryPage>(withInput("/api/inventory", { ...filter, after: pageParam }), { signal }),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }: InventoryPage) => next,
		placeholderData: keepPreviousData,
		staleTime: 10_000,
	});

export const inventoryCountsQuery = () =>
	queryOptions({
		queryKey: [...inventoryKey, "counts"],
		queryFn: ({ signal }) => fetchJson<Record<InventoryFilter["show"], number>>("/api/inventory/counts", { signal }),
		refetchInterval: 30_000,
	});

export const inventoryCsvHref = "/api/inventory/export";

/** Sends the file; a dry run tells what would change. */
export const importSkuFile = (file: File, isDryRun: boolean) =>
	fetchJson<SkuImport>(`/api/inventory/import${isDryRun ? "?dry=1" : ""}`, {
		method: "POST",
		headers: { "content-type": "text/csv" },
		body: file,
	});

const postJson = <T>(path: string, input: object) =>
	fetchJson<T>(path, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(input),
	});

export const createSku = (input: { code: string; title: string; gtin: string }) =>
	postJson<{ id: string; code: string }>("/api/inventory/skus", input);

export const startFromCatalogue = (channelId: string, isDryRun: boolean) =>
	postJson<CatalogueStart>("/api/inventory/start", { channelId, isDryRun });
