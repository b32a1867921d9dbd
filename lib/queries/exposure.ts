import { queryOptions } from "@tanstack/react-query";
import type { MerchantExposure } from "@/lib/services/stock/read-exposure";
import { fetchJson } from "./fetch-json";

export type { MerchantExposure } from "@/lib/services/stock/read-exposure";

/** How much can be sold that is not there, now and by the hour. Looked at by the minute: it is a sum over all SKUs. */
export const exposureQuery = () =>
	queryOptions({
		queryKey: ["exposure"],
		queryFn: ({ signal }) => fetchJson<MerchantExposure>("/api/exposure", { signal }),
		refetchInterval: 60_000,
		staleTime: 30_000,
	});
