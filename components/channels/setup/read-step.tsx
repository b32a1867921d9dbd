"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, ButtonLink } from "@/components/ui/button";
import { useNow } from "@/components/ui/clock";
import { Meter } from "@/components/ui/meter";
import { StateShape } from "@/components/ui/state-shape";
import { newsWay } from "@/lib/format/channel-health";
import { countOf, formatNumber } from "@/lib/format/number";
import { hasSeveralLocations } from "@/lib/format/setup-step";
import { duration } from "@/lib/format/time";
import { type ChannelView, channelsKey, type Setup } from "@/lib/queries/channels";
import { orThrow, type SetupActions } from "../channel-actions";
import { Problem } from "../connect/problem";
import { stepHref, WizardPanel } from "../connect/wizard-panel";

/** The store's listings are being read; one may leave and come back. */
export function ReadStep({ setup, actions }: { setup: Setup; actions: SetupActions }) {
	const { channel } = setup;
	const client = useQueryClient();
	const again = useMutation({
		mutationFn: () => orThrow(actions.refreshListings(channel.id)),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const isRead = channel.state === "read_only" || channel.state === "live";
	return (
		<WizardPanel
			platform={channel.platform}
			name={channel.name}
			step="read"
			channelId={channel.id}
			hasLocations={hasSeveralLocations(channel.locations)}
			back={stepHref(channel.id, hasSeveralLocations(channel.locations) ? "location" : "check")}
			blocked={isRead ? null : "You can continue once every listing is read."}
			next={
				<ButtonLink kind="ink" href={stepHref(channel.id, "match")}>
					Continue
				</ButtonLink>
			}
		>
			<div className="flex flex-col gap-3 px-3.5 py-4" aria-live="polite">
				<Progress channel={channel} isRead={isRead} />
				{!isRead && channel.job?.state !== "running" && channel.job?.state !== "waiting" && (
					<div>
						<Button onClick={() => again.mutate()} isBusy={again.isPending}>
							Read again
						</Button>
					</div>
				)}
				<Problem sentence={again.error?.message} />
			</div>
			<p className="border-t px-3.5 py-2.5 text-small text-muted">
				{isRead
					? `From now on Onecount hears of every sale here: ${newsWay(channel)}.`
					: "You may leave this page; reading goes on, and this address shows where it stands."}
			</p>
		</WizardPanel>
	);
}

function Progress({ channel, isRead }: { channel: ChannelView; isRead: boolean }) {
	const now = useNow();
	const { job } = channel;
	if (job?.state === "failed" && !isRead)
		return (
			<div className="flex gap-3">
				<StateShape kind="off" className="mt-1" />
				<div>
					<p className="font-semibold">The listings could not be read to the end</p>
					<p className="text-small text-muted">{job.error?.sentence}</p>
					{job.error?.fix && <p className="text-small">{job.error.fix}</p>}
					<p className="text-small text-muted">{countOf(job.done, "listing")} were read and are kept.</p>
				</div>
			</div>
		);
	if (isRead)
		return (
			<div className="flex gap-3">
				<StateShape kind="ok" className="mt-1" />
				<p>
					<span className="font-semibold">{countOf(channel.listings.all, "listing")}</span> read
					{job?.finishedAt && ` in ${duration(Math.max(0, Date.parse(job.finishedAt) - Date.parse(job.startedAt)))}`}.
				</p>
			</div>
		);
	if (job?.state !== "running")
		return (
			<p className="flex items-center gap-3">
				<StateShape kind="go" /> Reading begins in a moment.
			</p>
		);
	const passedMs = Math.max(1, now - Date.parse(job.startedAt));
	const leftMs = job.total && job.done > 0 ? (passedMs / job.done) * (job.total - job.done) : null;
	return (
		<div className="flex gap-3">
			<StateShape kind="go" className="mt-1" />
			<div className="flex-1">
				<p>
					<span className="num font-semibold">{formatNumber(job.done)}</span>
					{job.total === null ? " listings read so far" : ` of ${countOf(job.total, "listing")} read`}
					{leftMs !== null && leftMs > 2_000 && <span className="text-muted">, about {duration(leftMs)} left</span>}
				</p>
				{job.total !== null && job.total > 0 && (
					<Meter
						share={job.done / job.total}
						tone="go"
						label={`${job.done} of ${job.total} read`}
						className="mt-2 w-full!"
					/>
				)}
			</div>
		</div>
	);
}
