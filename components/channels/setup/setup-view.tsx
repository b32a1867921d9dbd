"use client";

import { useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { setupQuery } from "@/lib/queries/channels";
import { RequestFailed } from "@/lib/queries/fetch-json";
import type { SetupActions } from "../channel-actions";
import { CheckStep } from "./check-step";
import { DryRunStep } from "./dry-run-step";
import { LocationStep } from "./location-step";
import { MatchStep } from "./match-step";
import { ReadStep } from "./read-step";
import type { SetupStep } from "./steps";

const views = { check: CheckStep, location: LocationStep, read: ReadStep, match: MatchStep, "dry-run": DryRunStep };

/** One step between keys and pushing, for a channel that exists. What it shows is what the rows say. */
export function SetupView({ channelId, step, actions }: { channelId: string; step: SetupStep; actions: SetupActions }) {
	const { data: setup, error, refetch } = useQuery(setupQuery(channelId));
	if (error && !setup)
		return (
			<Panel title="Connect a store">
				<PanelState
					kind="failed"
					sentence={error.message}
					detail={error instanceof RequestFailed && error.requestId ? `Request ${error.requestId}` : undefined}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			</Panel>
		);
	if (!setup)
		return (
			<Panel aria-label="Loading" aria-busy className="w-full max-w-160">
				<SkeletonRows rows={7} />
			</Panel>
		);
	const Step = views[step];
	return <Step setup={setup} actions={actions} />;
}
