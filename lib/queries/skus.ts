import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { MovementPage } from "@/lib/services/skus/read-movements";
import type { SkuView } from "@/lib/services/skus/read-sku";
import type { SkuHistory } from "@/lib/services/skus/read-sku-history";
import { fetchJson } from "./fetch-json";

export type { MovementPage, MovementView } from "@/lib/services/skus/read-movements";
export type { SkuSharing } from "@/lib/services/skus/read-sharing";
export type { SkuLevel, SkuView } from "@/lib/services/skus/read-sku";
export type { SkuHistory, Step } from "@/lib/services/skus/read-sku-history";
export type { SkuSlot } from "@/lib/services/skus/read-sku-slots";

/** The beginning of every key of one SKU's page. */
export const skuKey = (skuId: string) => ["skus", skuId] as const;

export const skuQuery = (skuId: string) =>
	queryOptions({
		queryKey: [...skuKey(skuId), "now"],
		queryFn: ({ signal }) => fetchJson<SkuView>(`/api/skus/${skuId}`, { signal }),
		// What is in doubt settles by a reading that no line of the log tells of.
		refetchInterval: ({ state: { data } }) => (data && isUncertain(data) ? uncertainAgainMs : false),
	});

const uncertainAgainMs = 3_000;

/** Split between the stores, which together may still sell more than there is. */
const isUncertain = ({ sharing, maySell, formula }: SkuView): boolean =>
	sharing.isEscrow && maySell > Math.max(0, formula.onHand - formula.reserved);

export const movementsQuery = (skuId: string) =>
	infiniteQueryOptions({
		queryKey: [...skuKey(skuId), "movements"],
		queryFn: ({ pageParam, signal }) => {
			const input = new URLSearchParams({ input: JSON.stringify({ after: pageParam }) });
			return fetchJson<MovementPage>(`/api/skus/${skuId}/movements?${input}`, { signal });
		},
		initialPageParam: null as MovementPage["next"],
		getNextPageParam: ({ next }: MovementPage) => next,
	});

export const skuHistoryQuery = (skuId: string) =>
	queryOptions({
		queryKey: [...skuKey(skuId), "history"],
		queryFn: ({ signal }) => fetchJson<SkuHistory>(`/api/skus/${skuId}/history`, { signal }),
		staleTime: 30_000,
	});
