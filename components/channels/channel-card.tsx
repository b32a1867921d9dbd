"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { useShell } from "@/components/layout/shell-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { useNow } from "@/components/ui/clock";
import { Facts } from "@/components/ui/facts";
import { Meter } from "@/components/ui/meter";
import { Num } from "@/components/ui/num";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spark } from "@/components/ui/spark";
import { StateLabel } from "@/components/ui/state-shape";
import { showFailed } from "@/components/ui/toast";
import { endWords, isEnding, tellAheadMs } from "@/lib/format/app-secret";
import { channelHealth, newsWay, silenceSentence, writeWords } from "@/lib/format/channel-health";
import { countOf, formatNumber } from "@/lib/format/number";
import { firstOpenStep } from "@/lib/format/setup-step";
import { duration } from "@/lib/format/time";
import { type ChannelView, channelsKey } from "@/lib/queries/channels";
import { type ChannelActions, orThrow } from "./channel-actions";
import { stepHref } from "./connect/wizard-panel";

/** One store: whether it is in step, and if not, since when and what next. */
export function ChannelCard({ channel, actions }: { channel: ChannelView; actions: ChannelActions }) {
	const now = useNow();
	const { me } = useShell();
	const client = useQueryClient();
	const health = channelHealth(channel, now);
	const mayManage = me.role === "owner" || me.role === "manager";
	const pause = useMutation({
		mutationFn: (isPaused: boolean) => orThrow(actions.pause(channel.id, isPaused)),
		onError: (error) => showFailed("Nothing was changed", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const sold = channel.orders.reduce((sum, count) => sum + count, 0);

	return (
		<Panel
			lead={<PlatformPlate platform={channel.platform} />}
			title={channel.name}
			actions={<StateLabel kind={health.kind}>{health.word}</StateLabel>}
			className="flex flex-col"
		>
			<Facts
				items={cardFacts(channel, now, actions)}
				className="flex-1 content-start gap-y-1.75! px-3.5 pt-3 [&_dd]:truncate"
			/>
			<div className="flex items-center gap-2 px-3.5 pt-2 pb-3">
				<Spark
					values={channel.orders}
					width={150}
					height={24}
					label={`${countOf(sold, "order")} in the last hour, at most ${formatNumber(Math.max(...channel.orders))} in a minute`}
				/>
				<span className="ml-auto flex gap-2">
					{channel.state === "live" && mayManage && (
						<Button
							kind="quiet"
							isBusy={pause.isPending}
							onClick={() => pause.mutate(!channel.pausedAt)}
							title={
								channel.pausedAt
									? "The newest numbers leave at once."
									: "Nothing is written to this store until it goes on; sales are still counted."
							}
						>
							{channel.pausedAt ? "Resume" : "Pause"}
						</Button>
					)}
					<NextStep channel={channel} mayManage={mayManage} />
					<ButtonLink href={`/channels/${channel.id}`} aria-label={`Open ${channel.name}`}>
						Open
					</ButtonLink>
				</span>
			</div>
		</Panel>
	);
}

/** What a store that is not selling through us yet needs next. */
function NextStep({ channel, mayManage }: { channel: ChannelView; mayManage: boolean }) {
	if (!mayManage) return null;
	const { state, platform, id, needsLocation, listings } = channel;
	if (state === "revoked" || state === "disconnected")
		return (
			<ButtonLink href={`/channels/connect/${platform}?again=${id}`}>
				{state === "revoked" ? "Reconnect" : "Connect again"}
			</ButtonLink>
		);
	if (state === "live") return null;
	const step = firstOpenStep({ state, needsLocation, linked: listings.linked });
	return <ButtonLink href={stepHref(id, step)}>Go on</ButtonLink>;
}

type Fact = { key: string; name: ReactNode; value: ReactNode };

export function cardFacts(channel: ChannelView, now: number, actions: Pick<ChannelActions, "tryNow">): Fact[] {
	const { breaker } = channel;
	if (channel.state === "disconnected")
		return [
			{ key: "kept", name: "Kept", value: countOf(channel.listings.linked, "link") },
			{ key: "reads", name: "Reads", value: "nothing any more" },
		];
	if (breaker.state !== "closed")
		return [
			{ key: "breaker", name: "Breaker", value: breaker.state === "open" ? "open, one try at a time" : "trying once" },
			{ key: "next", name: "Next try", value: <NextTry channel={channel} now={now} actions={actions} /> },
			{ key: "waiting", name: "Waiting", value: `${countOf(channel.slots.pending, "offer")}, newest only` },
			{
				key: "cause",
				name: "Cause",
				value: <span title={channel.lastError?.sentence}>{channel.lastError?.sentence ?? "no answer"}</span>,
			},
		];
	return [
		budgetFact(channel),
		lagFact(channel),
		webhooksFact(channel),
		verifiedFact(channel),
		accessFact(channel),
		writesFact(channel),
		...(channel.secret && Date.parse(channel.secret.endsAt) - now <= 2 * tellAheadMs
			? [secretFact(channel.secret, now)]
			: []),
	];
}

/** The breaker's own moment, and a way not to wait for it. */
function NextTry({
	channel,
	now,
	actions,
}: {
	channel: ChannelView;
	now: number;
	actions: Pick<ChannelActions, "tryNow">;
}) {
	const client = useQueryClient();
	const tryNow = useMutation({
		mutationFn: () => orThrow(actions.tryNow(channel.id)),
		onError: (error) => showFailed("It was not tried", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const until = channel.breaker.until ? Date.parse(channel.breaker.until) : now;
	const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
	return (
		<>
			<span className="num">{`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`}</span> ·{" "}
			<button
				type="button"
				className="touch rounded-sm underline underline-offset-3 disabled:opacity-45"
				disabled={tryNow.isPending}
				onClick={() => tryNow.mutate()}
			>
				try now
			</button>
		</>
	);
}

function budgetFact({ budget, callsInFlight }: ChannelView): Fact {
	if (!budget)
		return { key: "budget", name: "Budget", value: <span className="num">{formatNumber(callsInFlight)} at once</span> };
	const share = budget.maximum > 0 ? budget.available / budget.maximum : 1;
	return {
		key: "budget",
		name: "Budget",
		value: (
			<span className="inline-flex items-center gap-1.5">
				<Meter
					share={share}
					tone={share < 0.2 ? "warn" : "ok"}
					label={`${formatNumber(Math.round(budget.available))} of ${formatNumber(budget.maximum)} left, ${formatNumber(budget.restorePerSecond)} come back a second`}
				/>
				<Num value={Math.round(budget.available)} />
			</span>
		),
	};
}

const lagFact = ({ lagP95Ms }: ChannelView): Fact => ({
	key: "lag",
	name: "Lag, p95",
	value:
		lagP95Ms === null ? (
			<span className="text-muted">nothing measured</span>
		) : (
			<span className="num">{duration(lagP95Ms)}</span>
		),
});

function webhooksFact(channel: ChannelView): Fact {
	const { webhooks, silence } = channel;
	if (silence)
		return {
			key: "webhooks",
			name: silence.of === "sales" ? "News" : "Webhooks",
			value: (
				<span className="text-warn" title={silenceSentence(silence)}>
					{silence.of === "signature" ? (
						`signed by another secret, ${formatNumber(silence.refused)} refused`
					) : (
						<>
							{silence.of === "webhooks" ? "silent" : "nothing sold"} since <RelativeTime at={silence.since} />
						</>
					)}
				</span>
			),
		};
	const rejected = webhooks.rejected > 0 && (
		<span className="text-warn" title="Their signature was wrong, so nothing of them was believed.">
			, {formatNumber(webhooks.rejected)} rejected
		</span>
	);
	if (webhooks.state !== "registered")
		return {
			key: "webhooks",
			name: "News",
			value: (
				<>
					{newsWay(channel)}
					{rejected}
				</>
			),
		};
	const standing = webhooks.areCollected ? "asked all the time" : "registered";
	return {
		key: "webhooks",
		name: webhooks.areCollected ? "Queue" : "Webhooks",
		value: (
			<>
				{webhooks.lastAt ? (
					<>
						{standing}, last <RelativeTime at={webhooks.lastAt} />
					</>
				) : (
					`${standing}, none yet`
				)}
				{rejected}
			</>
		),
	};
}

const verifiedFact = ({ verifiedAt, slots }: ChannelView): Fact => ({
	key: "verified",
	name: "Verified",
	value: verifiedAt ? (
		<>
			<RelativeTime at={verifiedAt} />, all {formatNumber(slots.verified)}
		</>
	) : (
		<span className="text-muted">nothing linked yet</span>
	),
});

function accessFact({ accessExpiresAt, renewsItself, state, isSandbox }: ChannelView): Fact {
	const fact = { key: "access", name: "Access" };
	const of = isSandbox ? "sandbox, " : "";
	if (state === "revoked") return { ...fact, value: "withdrawn by the store" };
	if (!accessExpiresAt) return { ...fact, value: `${of}does not expire` };
	return {
		...fact,
		value: (
			<>
				{of}
				{renewsItself ? "renews itself, " : "expires "}
				<RelativeTime at={accessExpiresAt} />
			</>
		),
	};
}

export const secretFact = (secret: NonNullable<ChannelView["secret"]>, now: number): Fact => ({
	key: "secret",
	name: "Client secret",
	value: <span className={isEnding(secret, now) ? "text-warn" : undefined}>{endWords(secret, now)}</span>,
});

const writesFact = ({ writeMode, state }: ChannelView): Fact => ({
	key: "writes",
	name: "Writes",
	value: state === "live" ? writeWords[writeMode] : "nothing until switched on",
});
