"use client";

import { type PlatformKey, platformLabel } from "@/lib/format/platforms";
import type { ConnectActions } from "../channel-actions";
import { BelongingPanel } from "./belonging-panel";
import { CheckList } from "./check-list";
import { useConnect } from "./use-connect";

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
	const checks = connect.data?.checks ?? [];
	return (
		<BelongingPanel
			platform={platform}
			act="Connect it"
			busy="Connecting…"
			isBusy={connect.isPending || connect.data?.result === "connected"}
			onAct={() => connect.mutate(undefined)}
			problem={connect.error?.message}
			below={
				checks.length > 0 && (
					<div className="border-t">
						<CheckList checks={checks} />
					</div>
				)
			}
		>
			A {platformLabel(platform)} store has installed Onecount's app. Connect it to <b>{merchantName}</b>? It is only
			read at first.
		</BelongingPanel>
	);
}
