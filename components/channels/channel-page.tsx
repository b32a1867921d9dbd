"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { useShell } from "@/components/layout/shell-context";
import { mappingsHref } from "@/components/mappings/mapping-params";
import { PolicyForm } from "@/components/policies/policy-form";
import { Button, ButtonLink } from "@/components/ui/button";
import { useNow } from "@/components/ui/clock";
import { Facts } from "@/components/ui/facts";
import { Panel, PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StatStrip } from "@/components/ui/stat-strip";
import { StateLabel, StateShape } from "@/components/ui/state-shape";
import { showFailed } from "@/components/ui/toast";
import { isEnding, newSecretHref, renewalSentence } from "@/lib/format/app-secret";
import { channelHealth, pasteAgainHref, silenceSentence, silenceWord } from "@/lib/format/channel-health";
import { countOf, formatNumber } from "@/lib/format/number";
import { platformLabel } from "@/lib/format/platforms";
import { firstOpenStep, hasSeveralLocations, type OpenStep } from "@/lib/format/setup-step";
import { duration } from "@/lib/format/time";
import { type ChannelView, channelQuery, channelsKey } from "@/lib/queries/channels";
import { type ChannelActions, orThrow } from "./channel-actions";
import { cardFacts, secretFact } from "./channel-card";
import { CheckList } from "./connect/check-list";
import { stepHref } from "./connect/wizard-panel";
import { DisconnectDialog } from "./disconnect-dialog";
import { DriftPanel } from "./drift-panel";
import { activityHref } from "./hrefs";
import { PlacesPanel } from "./places-panel";
import { StrategyField } from "./strategy-field";
import { VerifiedPanel } from "./verified-panel";

/** One store by itself: how it is, what was decided about it, and what can be done. */
export function ChannelPage({ channelId, actions }: { channelId: string; actions: ChannelActions }) {
	const { data: channel, error, refetch } = useQuery(channelQuery(channelId));
	const now = useNow();
	const { me } = useShell();
	const mayManage = me.role === "owner" || me.role === "manager";
	if (error && !channel)
		return (
			<Panel title="Channel">
				<PanelState
					kind="failed"
					sentence={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			</Panel>
		);
	if (!channel)
		return (
			<Panel aria-label="Loading" aria-busy>
				<SkeletonRows rows={8} />
			</Panel>
		);
	const health = channelHealth(channel, now);
	const log = activityHref(channel.name);
	return (
		<>
			<div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-2">
				<span className="flex min-w-0 items-center gap-3 max-md:w-full">
					<PlatformPlate platform={channel.platform} />
					<b className="min-w-0 truncate">{channel.name}</b>
					<StateLabel kind={health.kind} className="shrink-0 max-md:ml-auto">
						{health.word}
					</StateLabel>
				</span>
				<ActionBar channel={channel} actions={actions} mayManage={mayManage} />
			</div>
			<StatStrip
				label="This store"
				stats={[
					{
						key: "linked",
						label: "Linked",
						value: formatNumber(channel.listings.linked),
						hint: `of ${countOf(channel.listings.all, "listing")}`,
						href: mappingsHref({ rows: "listings", q: `channel:${channel.id}` }),
					},
					{
						key: "way",
						label: "On the way",
						value: formatNumber(channel.slots.pending),
						hint:
							channel.state === "live"
								? "offers that the store does not show yet"
								: "would be written, once pushing is on",
						href: channel.state === "live" ? log : stepHref(channel.id, "dry-run"),
					},
					{
						key: "drift",
						label: "Drift",
						value: formatNumber(channel.slots.drift),
						hint: "shows what nothing explains",
						tone: channel.slots.drift > 0 ? "warn" : undefined,
						href: "/conflicts",
					},
					{
						key: "lag",
						label: "Sale elsewhere → here",
						value: channel.lagP95Ms === null ? "—" : duration(channel.lagP95Ms),
						hint: "p95 over the last hour",
						href: log,
					},
				]}
			/>
			<div className="grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)] items-start gap-4 max-lg:grid-cols-1">
				<div className="flex min-w-0 flex-col gap-4">
					<Panel title="Health" actions={<ButtonLink href={log}>Its log</ButtonLink>}>
						<Facts items={pageFacts(channel, now, actions)} className="px-3.5 py-3" />
						{channel.secret && channel.state !== "disconnected" && (
							<SecretRow channel={channel} secret={channel.secret} now={now} mayManage={mayManage} />
						)}
						{channel.silence && (
							<div className="flex items-start gap-2 border-t px-3.5 py-2.5 text-small">
								<StateShape kind="warn" className="mt-0.5" />
								<p className="min-w-0 flex-1 text-muted">
									{silenceWord(channel.silence)}: {silenceSentence(channel.silence)}.
									{channel.silence.of === "webhooks" &&
										" They are looked after every hour; if it stays so, see in the store's admin whether they are switched on, and whether something keeps them from reaching this Onecount."}
								</p>
								{mayManage && channel.silence.of === "signature" && channel.silence.secret && (
									<ButtonLink kind="quiet" href={pasteAgainHref(channel.platform, channel.id)}>
										Paste again
									</ButtonLink>
								)}
							</div>
						)}
						{channel.lastError && channel.state !== "disconnected" && (
							<div className="flex items-start gap-2 border-t px-3.5 py-2.5 text-small">
								<StateShape kind={channel.breaker.state === "closed" ? "none" : "off"} className="mt-0.5" />
								<p className="text-muted">
									Last trouble
									{channel.lastErrorAt && (
										<>
											{" "}
											(<RelativeTime at={channel.lastErrorAt} />)
										</>
									)}
									: {channel.lastError.sentence} {channel.lastError.fix}
								</p>
							</div>
						)}
					</Panel>
					{channel.state !== "disconnected" && (
						<VerifiedPanel channel={channel} actions={actions} mayAsk={me.role !== "viewer"} />
					)}
					<CheckPanel channel={channel} actions={actions} />
				</div>
				<div className="flex min-w-0 flex-col gap-4">
					<PolicyPanel key={channel.id} channel={channel} actions={actions} mayManage={mayManage} />
					{channel.state !== "disconnected" && (
						<PlacesPanel key={channel.sellsFrom.join()} channel={channel} actions={actions} mayManage={mayManage} />
					)}
					<DriftPanel channel={channel} actions={actions} mayManage={mayManage} />
					{mayManage && channel.state !== "disconnected" && (
						<Panel title="Disconnect" isPadded>
							<p className="mb-2 text-muted">
								Webhooks are removed and keys deleted; nothing is read or written any more. Links and history stay, and
								connecting it again goes on from there.
							</p>
							<DisconnectDialog channel={channel} disconnect={actions.disconnect} />
						</Panel>
					)}
				</div>
			</div>
		</>
	);
}

/** The secret's end is among the card's facts only when it is near. */
function pageFacts(channel: ChannelView, now: number, actions: Pick<ChannelActions, "tryNow">) {
	const facts = cardFacts(channel, now, actions);
	const { secret, state } = channel;
	const isUnsaid = secret && state !== "disconnected" && facts.every(({ key }) => key !== "secret");
	return [...facts, ...(isUnsaid ? [secretFact(secret, now)] : []), ...moreFacts(channel, now)];
}

/** What becomes of the client secret, and the way to paste another. */
function SecretRow({
	channel,
	secret,
	now,
	mayManage,
}: {
	channel: ChannelView;
	secret: NonNullable<ChannelView["secret"]>;
	now: number;
	mayManage: boolean;
}) {
	return (
		<div className="flex items-start gap-2 border-t px-3.5 py-2.5 text-small">
			<StateShape kind={isEnding(secret, now) ? "warn" : "none"} className="mt-0.5" />
			<p className="min-w-0 flex-1 text-muted">Client secret: {renewalSentence(secret)}</p>
			{mayManage && (
				<ButtonLink kind="quiet" href={newSecretHref(channel.platform, channel.id)}>
					Paste new secret
				</ButtonLink>
			)}
		</div>
	);
}

function moreFacts(channel: ChannelView, now: number) {
	const location = channel.locations.find(({ ref }) => ref === channel.locationRef);
	return [
		{ key: "address", name: "Address", value: <span className="num break-all">{channel.address}</span> },
		...(location ? [{ key: "location", name: "Its own location", value: location.name }] : []),
		{
			key: "since",
			name: "Pushing since",
			value: channel.pushingSince ? <RelativeTime at={channel.pushingSince} /> : "never",
		},
		...(channel.webhooks.state === "registered" && channel.webhooks.checkedAt
			? [
					{
						key: "hooks",
						name: `${channel.webhooks.areCollected ? "Queue" : "Webhooks"} looked after`,
						value: <RelativeTime at={channel.webhooks.checkedAt} />,
					},
				]
			: []),
		...(channel.nextPollAt
			? [
					{
						key: "poll",
						name: "Asks for orders",
						value: Date.parse(channel.nextPollAt) > now ? <RelativeTime at={channel.nextPollAt} /> : "now",
					},
				]
			: []),
	];
}

const nextWords: Record<OpenStep, string> = {
	location: "Say whose stock it sells",
	read: "Read its listings",
	match: "Link its listings",
	"dry-run": "See what would change",
};

function ActionBar({
	channel,
	actions,
	mayManage,
}: {
	channel: ChannelView;
	actions: ChannelActions;
	mayManage: boolean;
}) {
	const client = useQueryClient();
	const settle = { onSettled: () => client.invalidateQueries({ queryKey: channelsKey }) };
	const fail = (error: Error) => showFailed("Nothing was changed", { detail: error.message });
	const pause = useMutation({
		mutationFn: (isPaused: boolean) => orThrow(actions.pause(channel.id, isPaused)),
		onError: fail,
		...settle,
	});
	const refresh = useMutation({
		mutationFn: () => orThrow(actions.refreshListings(channel.id)),
		onError: fail,
		...settle,
	});
	if (!mayManage) return null;
	const again = `/channels/connect/${channel.platform}?again=${channel.id}`;
	if (channel.state === "disconnected")
		return (
			<ButtonLink kind="ink" href={again} className="ml-auto">
				Connect again
			</ButtonLink>
		);
	const { state, needsLocation } = channel;
	const step = firstOpenStep({ state, needsLocation, linked: channel.listings.linked });
	const isReading = channel.job?.state === "running" || channel.job?.state === "waiting";
	return (
		<span className="ml-auto flex flex-wrap gap-2">
			{channel.state === "live" && (
				<Button onClick={() => pause.mutate(!channel.pausedAt)} isBusy={pause.isPending}>
					{channel.pausedAt ? "Resume" : "Pause"}
				</Button>
			)}
			<Button onClick={() => refresh.mutate()} isBusy={refresh.isPending || isReading}>
				{isReading ? `Reading, ${formatNumber(channel.job?.done ?? 0)} so far` : "Read listings again"}
			</Button>
			<ButtonLink kind={channel.state === "revoked" ? "ink" : "plain"} href={again}>
				Reconnect
			</ButtonLink>
			{channel.state === "read_only" && (
				<ButtonLink kind="ink" href={stepHref(channel.id, step)}>
					{nextWords[step]}
				</ButtonLink>
			)}
		</span>
	);
}

function CheckPanel({ channel, actions }: { channel: ChannelView; actions: ChannelActions }) {
	const client = useQueryClient();
	const check = useMutation({
		mutationFn: () => orThrow(actions.check(channel.id)),
		onError: (error) => showFailed("The store was not checked", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const checks = check.data ?? channel.checks;
	if (channel.state === "disconnected") return null;
	return (
		<Panel
			title="What the store allows"
			hint={
				channel.checkedAt ? (
					<>
						checked <RelativeTime at={channel.checkedAt} />
					</>
				) : undefined
			}
			actions={
				<Button onClick={() => check.mutate()} isBusy={check.isPending}>
					{check.isPending ? "Checking…" : "Check again"}
				</Button>
			}
		>
			{checks.length > 0 ? (
				<CheckList checks={checks} />
			) : (
				<PanelState kind="empty" sentence="Not checked since it was connected." />
			)}
		</Panel>
	);
}

function PolicyPanel({
	channel,
	actions,
	mayManage,
}: {
	channel: ChannelView;
	actions: ChannelActions;
	mayManage: boolean;
}) {
	return (
		<Panel title="Rules for this store" isPadded>
			<div className="flex flex-col gap-4">
				<PolicyForm target={{ level: "channel", id: channel.id }} mayManage={mayManage} setPolicy={actions.setPolicy} />
				<StrategyField channel={channel} actions={actions} isDisabled={!mayManage} />
				{hasSeveralLocations(channel.locations) && mayManage && channel.state !== "disconnected" && (
					<div>
						<p className="text-small text-muted">Location in the store</p>
						<p className="flex items-center gap-2">
							{channel.locations.find(({ ref }) => ref === channel.locationRef)?.name ?? "unknown"}
							<ButtonLink kind="quiet" href={stepHref(channel.id, "location")}>
								Choose another
							</ButtonLink>
						</p>
					</div>
				)}
				<p className="text-small text-muted">
					{platformLabel(channel.platform)} takes stock by its own rules; what it sells past the last unit becomes a
					conflict that names it.
				</p>
			</div>
		</Panel>
	);
}
