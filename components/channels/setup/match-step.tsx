"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { mappingsHref } from "@/components/mappings/mapping-params";
import { Button, ButtonLink } from "@/components/ui/button";
import { StateShape } from "@/components/ui/state-shape";
import { countOf, formatNumber, formatShare } from "@/lib/format/number";
import { hasSeveralLocations } from "@/lib/format/setup-step";
import { type CatalogueStart, channelsKey, type Setup } from "@/lib/queries/channels";
import { orThrow, type SetupActions } from "../channel-actions";
import { Problem } from "../connect/problem";
import { stepHref, WizardPanel } from "../connect/wizard-panel";

/** Which SKU is each listing? The sure ones at once; the rest waits in Mappings, and never blocks going on. */
export function MatchStep({ setup, actions }: { setup: Setup; actions: SetupActions }) {
	const { channel, match, skus } = setup;
	const client = useQueryClient();
	const refresh = () =>
		Promise.all(
			[channelsKey, ["mappings"], ["skus"], ["inventory"], ["shell"]].map((queryKey) =>
				client.invalidateQueries({ queryKey }),
			),
		);
	const accept = useMutation({
		mutationFn: () => acceptAll(actions, channel.id),
		onSettled: refresh,
	});
	const matched = match.all > 0 ? (match.linked + match.certain) / match.all : 0;
	return (
		<WizardPanel
			platform={channel.platform}
			name={channel.name}
			step="match"
			channelId={channel.id}
			hasLocations={hasSeveralLocations(channel.locations)}
			back={stepHref(channel.id, "read")}
			blocked={match.linked === 0 ? whyNotOn(setup) : null}
			next={
				<ButtonLink kind={match.certain > 0 ? "plain" : "ink"} href={stepHref(channel.id, "dry-run")}>
					Continue
				</ButtonLink>
			}
		>
			{match.all > 0 && skus > 0 && (
				<p className="border-b px-3.5 py-3">
					<span className="num text-number font-semibold">{formatShare(matched)}</span>
					<span className="ml-2 text-muted">of {countOf(match.all, "listing")} matched by SKU or barcode.</span>
				</p>
			)}
			<ul>
				<Line kind="ok" count={match.linked} word="linked" />
				<Line kind="go" count={match.certain} word="to accept, 95 % sure or more">
					{match.certain > 0 && (
						<Button kind="ink" onClick={() => accept.mutate()} isBusy={accept.isPending}>
							Accept {formatNumber(match.certain)}
						</Button>
					)}
				</Line>
				<Line kind="warn" count={match.unsure} word="that a person should look at">
					{match.unsure > 0 && <ReviewLink channelId={channel.id} state="suggested" />}
				</Line>
				<Line kind="none" count={match.unmatched} word="like no SKU of yours">
					{match.unmatched > 0 && skus > 0 && <ReviewLink channelId={channel.id} state="unmatched" />}
				</Line>
			</ul>
			<Problem sentence={accept.error?.message} />
			{match.unmatched > 0 && <StartFrom setup={setup} actions={actions} onDone={refresh} />}
			<p className="border-t px-3.5 py-2.5 text-small text-muted">
				Listings that are not linked are left alone: nothing is written to them, and their sales wait until they are
				linked.
			</p>
		</WizardPanel>
	);
}

/** Without a link there is nothing that a dry run could compare. */
function whyNotOn({ match, skus }: Setup): string {
	if (match.all === 0)
		return "The store has no listing that could be linked yet, so there is nothing to continue with.";
	if (match.certain > 0) return "To continue, accept the sure ones or link one listing by hand.";
	return skus === 0
		? "You can continue once there are SKUs and one listing is linked to one."
		: "You can continue once one listing is linked.";
}

async function acceptAll(actions: SetupActions, channelId: string): Promise<number> {
	let batchId: string | null = null;
	let linked = 0;
	for (;;) {
		const step: { batchId: string; linked: number; isDone: boolean } = await orThrow(
			actions.acceptCertain(channelId, batchId),
		);
		batchId = step.batchId;
		linked += step.linked;
		if (step.isDone) return linked;
	}
}

function Line({
	kind,
	count,
	word,
	children,
}: {
	kind: "ok" | "go" | "warn" | "none";
	count: number;
	word: string;
	children?: ReactNode;
}) {
	return (
		<li className="flex min-h-11 items-center gap-3 border-b px-3.5 py-1 last:border-b-0">
			<StateShape kind={count > 0 ? kind : "none"} />
			<span>
				<span className="num font-semibold">{formatNumber(count)}</span> {word}
			</span>
			<span className="ml-auto">{children}</span>
		</li>
	);
}

const ReviewLink = ({ channelId, state }: { channelId: string; state: "suggested" | "unmatched" }) => (
	<ButtonLink href={mappingsHref({ rows: "listings", state, q: `channel:${channelId}` })}>Review</ButtonLink>
);

/** A SKU for each listing that is like none: how the first store begins, and what a second one may add. */
function StartFrom({
	setup,
	actions,
	onDone,
}: {
	setup: Setup;
	actions: SetupActions;
	onDone: () => Promise<unknown>;
}) {
	const { channel, skus } = setup;
	const [plan, setPlan] = useState<CatalogueStart | null>(null);
	const preview = useMutation({ mutationFn: () => orThrow(actions.previewStart(channel.id)), onSuccess: setPlan });
	const start = useMutation({
		mutationFn: () => orThrow(actions.startFromCatalogue(channel.id)),
		onSuccess: () => setPlan(null),
		onSettled: onDone,
	});
	const isFirst = skus === 0;
	return (
		<div className="flex flex-col gap-2 border-t px-3.5 py-3">
			<p>
				{isFirst ? (
					<>
						<span className="font-semibold">You have no SKUs yet.</span> Take this store's catalogue as the start: a SKU
						for each listing, with its quantity counted in.
					</>
				) : (
					"Make SKUs of the listings that are like none, with their quantities counted in."
				)}
			</p>
			{plan && (
				<div className="rounded-btn bg-sunk px-3 py-2 text-small">
					<p>
						{countOf(plan.made, "SKU")} will be made, {countOf(plan.units, "unit")} counted in
						{plan.uncounted > 0 && `, ${formatNumber(plan.uncounted)} without a count`}.
					</p>
					{plan.flagged.length > 0 && (
						<details className="mt-1">
							<summary className="cursor-pointer text-muted">
								{countOf(plan.flagged.length, "listing")} left for you
							</summary>
							<ul className="mt-1 flex max-h-40 flex-col gap-1 overflow-y-auto text-muted">
								{plan.flagged.slice(0, 50).map((flag) => (
									<li key={flag.listingId}>{flag.sentence}</li>
								))}
							</ul>
						</details>
					)}
				</div>
			)}
			<div className="flex flex-wrap gap-2">
				{plan ? (
					<>
						<Button
							kind={isFirst ? "ink" : "plain"}
							onClick={() => start.mutate()}
							isBusy={start.isPending}
							disabled={plan.made === 0}
						>
							Make {countOf(plan.made, "SKU")}
						</Button>
						<Button kind="quiet" onClick={() => setPlan(null)}>
							Not now
						</Button>
					</>
				) : (
					<Button kind={isFirst ? "ink" : "plain"} onClick={() => preview.mutate()} isBusy={preview.isPending}>
						{isFirst ? "Start from this catalogue" : "See which"}
					</Button>
				)}
				{isFirst && !plan && <ButtonLink href="/inventory">Bring a CSV instead</ButtonLink>}
			</div>
			<Problem sentence={preview.error?.message ?? start.error?.message} />
		</div>
	);
}
