"use client";

import type { ReactNode } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { type PlatformKey, platformWords } from "@/lib/format/platforms";
import { Problem } from "./problem";
import { WizardPanel } from "./wizard-panel";

/** What began on the platform's side: a person of this shop says that the store belongs here, or leaves it. */
export function BelongingPanel({
	platform,
	act,
	busy,
	isBusy,
	onAct,
	problem,
	children,
	below,
}: {
	platform: PlatformKey;
	act: string;
	/** What the button says while it is on its way. */
	busy: string;
	isBusy: boolean;
	onAct: () => void;
	problem: string | undefined;
	/** The question. */
	children: ReactNode;
	below?: ReactNode;
}) {
	return (
		<WizardPanel
			platform={platform}
			step="keys"
			hasLocations={platformWords[platform].hasLocations}
			back="/channels/connect"
			also={<ButtonLink href="/channels">Leave it</ButtonLink>}
			next={
				<Button kind="ink" onClick={onAct} isBusy={isBusy}>
					{isBusy ? busy : act}
				</Button>
			}
		>
			<div className="flex flex-col gap-3 p-3.5">
				<p>{children}</p>
				<Problem sentence={problem} />
			</div>
			{below}
		</WizardPanel>
	);
}
