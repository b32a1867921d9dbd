import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type {
	FoundListing,
	FoundSku,
	GridFilter,
	GridMode,
	GridOutline,
	ListingRow,
	Peek,
	ResolvedLink,
	SkuRow,
	StateCounts,
} from "@/lib/matching/grid";
import type { AcceptPreview, AcceptStep } from "@/lib/services/mappings/accept-proposals";
import type { ChangedMappings } from "@/lib/services/mappings/mapping-change";
import type { Proposed } from "@/lib/services/mappings/propose-mappings";
import type { PastBatch, UndoneBatch } from "@/lib/services/mappings/undo-batch";
import { fetchJson, RequestFailed } from "./fetch-json";

export type { AcceptPreview, AcceptStep } from "@/lib/services/mappings/accept-proposals";
export type { ChangedMappings, RefusedChange } from "@/lib/services/mappings/mapping-change";
export type { PastBatch, UndoneBatch } from "@/lib/services/mappings/undo-batch";

const withInput = (path: string, input: unknown) => `${path}?${new URLSearchParams({ input: JSON.stringify(input) })}`;

/** The beginning of every key of the grid. */
export const mappingsKey = ["mappings"] as const;
export const gridRowsKey = [...mappingsKey, "rows"] as const;

/** How many rows a filter has and where its pages begin. Stays until somebody asks anew: rows must not move under a cursor. */
export const outlineQuery = (filter: GridFilter) =>
	queryOptions({
		queryKey: [...mappingsKey, "outline", filter],
		queryFn: ({ signal }) => fetchJson<GridOutline>(withInput("/api/mappings/outline", filter), { signal }),
		staleTime: Number.POSITIVE_INFINITY,
		gcTime: 60_000,
	});

/** One page. What changes in it is brought in by {@link fetchRows}, row by row. */
export const rowsQuery = (filter: GridFilter, { fences }: GridOutline, page: number) =>
	queryOptions({
		queryKey: [...gridRowsKey, filter, page, fences[page] ?? null],
		queryFn: ({ signal }) =>
			fetchJson<(SkuRow | ListingRow)[]>(
				withInput("/api/mappings/rows", { filter, from: fences[page] ?? "", to: fences[page + 1] ?? null }),
				{ signal },
			),
		staleTime: Number.POSITIVE_INFINITY,
		gcTime: 300_000,
	});

export const fetchRows = (mode: GridMode, ids: readonly string[]) =>
	fetchJson<(SkuRow | ListingRow)[]>(withInput("/api/mappings/rows", { mode, ids }));

export const stateCountsQuery = (channelIds: readonly string[]) =>
	queryOptions({
		queryKey: [...mappingsKey, "counts", channelIds],
		queryFn: ({ signal }) => fetchJson<StateCounts>(withInput("/api/mappings/counts", { channelIds }), { signal }),
		placeholderData: keepPreviousData,
		refetchInterval: 30_000,
	});

export type PeekTarget = { listingId: string | null; skuId: string | null; channelId: string | null };

export const peekQuery = (target: PeekTarget) =>
	queryOptions({
		queryKey: [...mappingsKey, "peek", target],
		queryFn: ({ signal }) => fetchJson<Peek>(withInput("/api/mappings/peek", target), { signal }),
		staleTime: 3_000,
	});

export const listingSearchQuery = (channelId: string, text: string) =>
	queryOptions({
		queryKey: [...mappingsKey, "search", channelId, text],
		queryFn: ({ signal }) =>
			fetchJson<FoundListing[]>(withInput("/api/mappings/search", { channelId, text }), { signal }),
		placeholderData: keepPreviousData,
	});

export const skuSearchQuery = (text: string) =>
	queryOptions({
		queryKey: [...mappingsKey, "search-skus", text],
		queryFn: ({ signal }) =>
			fetchJson<FoundSku[]>(withInput("/api/mappings/search", { channelId: null, text }), { signal }),
		placeholderData: keepPreviousData,
	});

export const batchesQuery = () =>
	queryOptions({
		queryKey: [...mappingsKey, "batches"],
		queryFn: ({ signal }) => fetchJson<PastBatch[]>("/api/mappings/batches", { signal }),
	});

export const mappingsCsvHref = (filter: GridFilter) => withInput("/api/mappings/export", filter);

type Answers = {
	link: ChangedMappings;
	unlink: ChangedMappings;
	"leave-out": ChangedMappings;
	reject: { rejected: number };
	unreject: { restored: number };
	undo: UndoneBatch;
	propose: Proposed;
	preview: AcceptPreview;
	accept: AcceptStep;
	resolve: ResolvedLink[];
	"resolve-file": ResolvedLink[];
};

/** Does something to mappings. A conflict (409) is an answer, with theirs and mine in it; anything else refused throws. */
export async function actOnMappings<Act extends keyof Answers>(
	act: Act,
	input: Act extends "resolve-file" ? File : object,
	signal?: AbortSignal,
): Promise<Answers[Act]> {
	let response: Response;
	try {
		response = await fetch(`/api/mappings/acts/${act}`, {
			method: "POST",
			headers: { accept: "application/json", "content-type": input instanceof File ? "text/csv" : "application/json" },
			body: input instanceof File ? input : JSON.stringify(input),
			signal: signal ?? null,
		});
	} catch (error) {
		if (signal?.aborted) throw error;
		throw new RequestFailed(0, "offline", "Onecount can't be reached. Nothing was changed; try again.");
	}
	const body = await response.json().catch(() => null);
	if (response.ok || (response.status === 409 && body && "refused" in body)) return body as Answers[Act];
	throw new RequestFailed(
		response.status,
		body?.reason ?? "failed",
		body?.sentence ?? "This did not work. Nothing was changed; try again.",
		body?.requestId ?? null,
	);
}
