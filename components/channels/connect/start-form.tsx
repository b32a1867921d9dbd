"use client";

import { type PlatformKey, platformLabel } from "@/lib/format/platforms";
import type { ConnectActions } from "../channel-actions";
import { BelongingPanel } from "./belonging-panel";
import { useVisit } from "./use-connect";

/** A visit that began in the platform's own list of apps: a person of this shop says that the store belongs here, and goes on there. */
export function StartForm({
	platform,
	query,
	merchantName,
	begin,
}: {
	platform: PlatformKey;
	/** What the log-in address was opened with. */
	query: string;
	merchantName: string;
	begin: ConnectActions["beginStart"];
}) {
	const visit = useVisit((_: undefined) => begin(platform, query));
	const label = platformLabel(platform);
	return (
		<BelongingPanel
			platform={platform}
			act={`Go on at ${label}`}
			busy={`On the way to ${label}…`}
			isBusy={visit.isPending || visit.isSuccess}
			onAct={() => visit.mutate(undefined)}
			problem={visit.error?.message}
		>
			{label} asks where its store belongs. Connect it to <b>{merchantName}</b>? {label} then brings you back here, and
			the store is only read at first.
		</BelongingPanel>
	);
}
