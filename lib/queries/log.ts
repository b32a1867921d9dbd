import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { LogFilter } from "@/lib/format/log-filter";
import type { LogLineView } from "@/lib/services/log/line";
import type { Histogram } from "@/lib/services/log/read-histogram";
import type { LogChain } from "@/lib/services/log/read-line";
import type { LogPage, ReadLogInput } from "@/lib/services/log/read-log";
import type { LineProgress } from "@/lib/services/log/read-progress";
import { fetchJson } from "./fetch-json";

export type { Exchange as ChainExchange } from "@/lib/channels/http";
export type { ChainStep } from "@/lib/services/log/chain-step";
export type { LiveLines } from "@/lib/services/log/feeds";
export type { LogLineView } from "@/lib/services/log/line";
export type { Histogram, HistogramBar, LogFacets } from "@/lib/services/log/read-histogram";
export type { LogChain } from "@/lib/services/log/read-line";
export type { LogPage } from "@/lib/services/log/read-log";
export type { LineProgress } from "@/lib/services/log/read-progress";
export type { ChainPush } from "@/lib/services/log/read-pushes";
export type { KeptMail } from "@/lib/services/mail/kept-mail";

const withInput = (path: string, input: unknown) => `${path}?${new URLSearchParams({ input: JSON.stringify(input) })}`;

/** A stretch that was zoomed into, in milliseconds; null: up to now. */
export type LogStretch = { from: number; to: number } | null;

/** The beginning of every key of the log: invalidating it reads everything anew. */
export const logKey = ["log"] as const;

/** The log's history, newest first. Lines that come later come by the live stream. */
export const logQuery = (filter: LogFilter, stretch: LogStretch) =>
	infiniteQueryOptions({
		queryKey: [...logKey, "pages", filter, stretch],
		queryFn: ({ pageParam, signal }) => {
			const input: ReadLogInput = { filter, ...stretch, ...pageParam };
			return fetchJson<LogPage>(withInput("/api/log", input), { signal });
		},
		initialPageParam: {} as { before?: LogPage["next"]; horizon?: string },
		getNextPageParam: ({ next, horizon }: LogPage) => (next ? { before: next, horizon } : null),
		// Nothing changes behind the cursor; what is new is streamed.
		staleTime: Number.POSITIVE_INFINITY,
	});

/** The newest lines as the overview shows them. */
export const newestLinesQuery = () =>
	queryOptions({
		queryKey: [...logKey, "newest"],
		queryFn: async ({ signal }): Promise<LogLineView[]> => {
			const page = await fetchJson<LogPage>(withInput("/api/log", { limit: newestLines }), { signal });
			return page.lines;
		},
	});
export const newestLines = 12;

/** `spanMs`: up to now, while no stretch is zoomed into. */
export const histogramQuery = (filter: LogFilter, stretch: LogStretch, spanMs: number) =>
	queryOptions({
		queryKey: [...logKey, "histogram", filter, stretch, spanMs],
		queryFn: ({ signal }) => {
			const to = Date.now();
			const range = stretch ?? { from: to - spanMs, to };
			return fetchJson<Histogram>(withInput("/api/log/histogram", { filter, ...range }), { signal });
		},
		placeholderData: keepPreviousData,
		refetchInterval: ({ state }) => (state.data?.isWhole === false ? 50 : stretch ? false : 5_000),
	});

/** One line with everything that led to it and followed from it. */
export const logLineQuery = (id: number) =>
	queryOptions({
		queryKey: [...logKey, "line", id],
		queryFn: ({ signal }) => fetchJson<LogChain>(`/api/log/${id}`, { signal }),
		// While something is on its way, its chain grows.
		refetchInterval: ({ state }) => (state.data?.line.state === "go" ? 1_000 : false),
	});

export const readLineProgress = (ids: readonly number[], signal?: AbortSignal) =>
	fetchJson<LineProgress[]>(withInput("/api/log/progress", { ids }), { signal });

export const exportLogUrl = (filter: LogFilter, stretch: LogStretch) =>
	withInput("/api/log/export", { filter, ...stretch });
