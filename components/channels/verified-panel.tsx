"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { useNow } from "@/components/ui/clock";
import { Facts } from "@/components/ui/facts";
import { Panel, PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { showFailed } from "@/components/ui/toast";
import { countOf, formatNumber } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import { type ChannelView, channelsKey } from "@/lib/queries/channels";
import { type ChannelActions, orThrow } from "./channel-actions";

/** How long ago each linked listing's number was read in the store and found in order, and a way not to wait for the next time. */
export function VerifiedPanel({
	channel,
	actions,
	mayAsk,
}: {
	channel: ChannelView;
	actions: ChannelActions;
	mayAsk: boolean;
}) {
	const client = useQueryClient();
	const now = useNow();
	const verify = useMutation({
		mutationFn: () => orThrow(actions.verifyNow(channel.id)),
		onError: (error) => showFailed("Nothing is verified", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const { verifiedAt, medianVerifiedAt, verifyAsked, slots } = channel;
	const done = verifyAsked ? slots.verified - verifyAsked.left : slots.verified;
	return (
		<Panel
			title="Verified in the store"
			actions={
				mayAsk && channel.state === "live" ? (
					<Button onClick={() => verify.mutate()} isBusy={verify.isPending || verifyAsked !== null}>
						{verifyAsked ? `Verifying, ${formatNumber(done)} of ${formatNumber(slots.verified)}` : "Verify now"}
					</Button>
				) : undefined
			}
		>
			{verifiedAt && medianVerifiedAt ? (
				<Facts
					className="px-3.5 py-3"
					items={[
						{
							key: "within",
							name: slots.verified === 1 ? "Its one listing" : `All ${formatNumber(slots.verified)} listings`,
							value: `within the last ${duration(Math.max(0, now - Date.parse(verifiedAt)))}`,
						},
						{ key: "median", name: "Half of them since", value: <RelativeTime at={medianVerifiedAt} /> },
						{ key: "oldest", name: "Longest ago", value: <RelativeTime at={verifiedAt} /> },
						{
							key: "drift",
							name: "Still to be explained",
							value: slots.drift === 0 ? "none" : countOf(slots.drift, "listing"),
						},
						...(verifyAsked
							? [{ key: "asked", name: "Verifying all since", value: <RelativeTime at={verifyAsked.at} /> }]
							: []),
					]}
				/>
			) : (
				<PanelState
					kind="empty"
					sentence="No listing is linked yet."
					detail="Once one is, its number is read in the store again and again, whether or not the store tells of a change."
				/>
			)}
		</Panel>
	);
}
