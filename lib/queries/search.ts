import { queryOptions } from "@tanstack/react-query";
import type { Hit } from "@/lib/services/search/find-anything";
import { fetchJson } from "./fetch-json";

/** SKUs, orders and channels that go by this text, best first. */
export const searchQuery = (text: string) =>
	queryOptions({
		queryKey: ["search", text],
		queryFn: ({ signal }) => fetchJson<Hit[]>(`/api/search?${new URLSearchParams({ q: text })}`, { signal }),
		staleTime: 30_000,
	});
