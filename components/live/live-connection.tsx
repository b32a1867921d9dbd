"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { reportAnswer, useLiveStatus } from "@/components/layout/live-status";
import { useShell } from "@/components/layout/shell-context";
import type { LogTopic } from "@/lib/format/log-filter";
import { isUnreachable } from "@/lib/queries/fetch-json";
import { shellQuery } from "@/lib/queries/shell";
import { followLiveLog, onLiveLines } from "./live-client";

/** What each topic makes stale, by the first part of the query key. Lines of the log itself are merged, not read again. */
const staleBy: Record<LogTopic, readonly string[]> = {
	order: ["overview", "skus", "inventory"],
	return: ["overview", "skus", "inventory"],
	count: ["overview", "skus", "inventory"],
	"first count": ["overview", "skus", "inventory", "mappings"],
	"edit in a store": ["overview", "skus", "inventory", "conflicts"],
	correction: ["overview", "skus", "inventory"],
	transfer: ["overview", "skus", "inventory"],
	reservation: ["overview", "skus", "inventory"],
	"news told twice": [],
	drift: ["overview", "skus", "conflicts", "channels"],
	conflict: ["overview", "skus", "conflicts", "shell"],
	channel: ["overview", "channels", "shell"],
	mapping: ["overview", "skus", "inventory", "mappings", "channels", "shell"],
	refusal: ["overview", "skus", "channels"],
	write: ["overview", "skus"],
};

/** A busy shop changes something all the time; each kind of page reads anew at most this often. */
const refreshEveryMs = 2_000;
const pollEveryMs = 3_000;
const probeAfterMs = 1_000;

/** Keeps the stream open while the dashboard is, and what is on the screen fresh. Draws nothing. */
export function LiveConnection() {
	const client = useQueryClient();
	const { kind } = useLiveStatus();
	const { merchantId, me } = useShell();
	const reader = me.email;

	useEffect(() => {
		const leave = followLiveLog(
			{ merchantId, reader },
			{ onReset: () => void client.invalidateQueries({ queryKey: ["log"] }) },
		);
		const stale = new Set<string>();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const refresh = () => {
			clearTimeout(timer);
			timer = undefined;
			// A tab that nobody looks at reads when somebody does.
			if (document.visibilityState === "hidden") return;
			for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
			stale.clear();
		};
		const stop = onLiveLines((lines) => {
			for (const { topic } of lines) for (const key of staleBy[topic]) stale.add(key);
			if (stale.size > 0) timer ??= setTimeout(refresh, refreshEveryMs);
		});
		document.addEventListener("visibilitychange", refresh);
		return () => {
			document.removeEventListener("visibilitychange", refresh);
			stop();
			clearTimeout(timer);
			leave();
		};
	}, [client, merchantId, reader]);

	useEffect(() => {
		const stop = client.getQueryCache().subscribe((event) => {
			if (event.type !== "updated") return;
			const { action } = event;
			if (action.type === "success" && !action.manual) reportAnswer(true);
			else if (action.type === "failed" || action.type === "error") reportAnswer(!isUnreachable(action.error));
		});
		// Then nothing is even asked.
		const onOffline = () => reportAnswer(false);
		window.addEventListener("offline", onOffline);
		return () => {
			stop();
			window.removeEventListener("offline", onOffline);
		};
	}, [client]);

	// Whether only the stream is gone, or all of Onecount.
	useEffect(() => {
		if (kind !== "reconnecting") return;
		const timer = setTimeout(() => {
			if (document.visibilityState === "visible") void client.refetchQueries(shellQuery());
		}, probeAfterMs);
		return () => clearTimeout(timer);
	}, [client, kind]);

	useEffect(() => {
		if (kind !== "polling" && kind !== "down") return;
		const timer = setInterval(() => {
			if (document.visibilityState === "visible") void client.invalidateQueries({ refetchType: "active" });
		}, pollEveryMs);
		return () => clearInterval(timer);
	}, [client, kind]);

	return null;
}
