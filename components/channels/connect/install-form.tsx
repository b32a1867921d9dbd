"use client";

import { Button, ButtonLink } from "@/components/ui/button";
import { type PlatformKey, platformLabel, platformWords } from "@/lib/format/platforms";
import type { ConnectActions } from "../channel-actions";
import { CheckList } from "./check-list";
import { Problem } from "./problem";
import { useConnect } from "./use-connect";
import { WizardPanel } from "./wizard-panel";

/** An app was installed on the platform's side: a person of this shop says that the store belongs here. */
export function InstallForm({
	platform,
	query,
	merchantName,
	confirm,
}: {
	platform: PlatformKey;
	/** What the platform's address brought. */
	query: string;
	merchantName: string;
	confirm: ConnectActions["confirmInstall"];
}) {
	const connect = useConnect((_: undefined) => confirm(platform, query));
	const label = platformLabel(platform);
	const checks = connect.data?.checks ?? [];
	const isBusy = connect.isPending || connect.data?.result === "connected";
	return (
		<WizardPanel
			platform={platform}
			step="keys"
			hasLocations={platformWords[platform].hasLocations}
			back="/channels/connect"
			also={<ButtonLink href="/channels">Leave it</ButtonLink>}
			next={
				<Button kind="ink" onClick={() => connect.mutate(undefined)} isBusy={isBusy}>
					{isBusy ? "Connecting…" : "Connect it"}
				</Button>
			}
		>
			<div className="flex flex-col gap-3 p-3.5">
				<p>
					A {label} store has installed Onecount's app. Connect it to <b>{merchantName}</b>? It is only read at first.
				</p>
				<Problem sentence={connect.error?.message} />
			</div>
			{checks.length > 0 && (
				<div className="border-t">
					<CheckList checks={checks} />
				</div>
			)}
		</WizardPanel>
	);
}
