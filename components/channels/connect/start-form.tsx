"use client";

import { Button, ButtonLink } from "@/components/ui/button";
import { type PlatformKey, platformLabel, platformWords } from "@/lib/format/platforms";
import type { ConnectActions } from "../channel-actions";
import { Problem } from "./problem";
import { useVisit } from "./use-connect";
import { WizardPanel } from "./wizard-panel";

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
	const isBusy = visit.isPending || visit.isSuccess;
	return (
		<WizardPanel
			platform={platform}
			step="keys"
			hasLocations={platformWords[platform].hasLocations}
			back="/channels/connect"
			also={<ButtonLink href="/channels">Leave it</ButtonLink>}
			next={
				<Button kind="ink" onClick={() => visit.mutate(undefined)} isBusy={isBusy}>
					{isBusy ? `On the way to ${label}…` : `Go on at ${label}`}
				</Button>
			}
		>
			<div className="flex flex-col gap-3 p-3.5">
				<p>
					{label} asks where its store belongs. Connect it to <b>{merchantName}</b>? {label} then brings you back here,
					and the store is only read at first.
				</p>
				<Problem sentence={visit.error?.message} />
			</div>
		</WizardPanel>
	);
}
