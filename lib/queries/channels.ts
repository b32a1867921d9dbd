import { queryOptions } from "@tanstack/react-query";
import type { DryRun } from "@/lib/services/channels/dry-run";
import type { ChannelView } from "@/lib/services/channels/read-channels";
import type { Setup } from "@/lib/services/channels/read-setup";
import { fetchJson } from "./fetch-json";

export type { CartChoice } from "@/lib/services/channels/add-cart";
export type { DryRun, DryRunRow } from "@/lib/services/channels/dry-run";
export type { ChannelView } from "@/lib/services/channels/read-channels";
export type { Setup } from "@/lib/services/channels/read-setup";
export type { WayIn, WaysIn } from "@/lib/services/channels/ways-in";
export type { CatalogueStart } from "@/lib/services/imports/start-from-catalogue";

/** The beginning of every key about channels: the live stream makes it stale (components/live). */
export const channelsKey = ["channels"] as const;

/** Every channel with how it is. Budgets and next tries change without a line in the log, so it is asked for, too. */
export const channelsQuery = () =>
	queryOptions({
		queryKey: [...channelsKey, "list"],
		queryFn: ({ signal }) => fetchJson<ChannelView[]>("/api/channels", { signal }),
		refetchInterval: 5_000,
	});

export const channelQuery = (channelId: string) =>
	queryOptions({
		queryKey: [...channelsKey, "one", channelId],
		queryFn: ({ signal }) => fetchJson<ChannelView>(`/api/channels/${channelId}`, { signal }),
		refetchInterval: 5_000,
	});

const isReading = (setup: Setup | undefined) =>
	setup !== undefined &&
	(["connecting", "importing"].includes(setup.channel.state) || setup.channel.job?.state === "running");

/** Where a channel's setup stands; every second while its listings are being read. */
export const setupQuery = (channelId: string) =>
	queryOptions({
		queryKey: [...channelsKey, "setup", channelId],
		queryFn: ({ signal }) => fetchJson<Setup>(`/api/channels/${channelId}/setup`, { signal }),
		refetchInterval: ({ state }) => (isReading(state.data) ? 1_000 : 5_000),
	});

/** What switching pushing on would change. */
export const dryRunQuery = (channelId: string) =>
	queryOptions({
		queryKey: [...channelsKey, "dry-run", channelId],
		queryFn: ({ signal }) => fetchJson<DryRun>(`/api/channels/${channelId}/dry-run`, { signal }),
		refetchInterval: 10_000,
	});
