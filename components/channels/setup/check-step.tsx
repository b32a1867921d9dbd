"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { hasSeveralLocations } from "@/lib/format/setup-step";
import { channelsKey, type Setup } from "@/lib/queries/channels";
import { orThrow, type SetupActions } from "../channel-actions";
import { CheckList } from "../connect/check-list";
import { Problem } from "../connect/problem";
import { stepHref, WizardPanel } from "../connect/wizard-panel";

/** What the store was found to allow, and the way to look again after mending something there. */
export function CheckStep({ setup, actions }: { setup: Setup; actions: SetupActions }) {
	const { channel } = setup;
	const client = useQueryClient();
	const check = useMutation({
		mutationFn: () => orThrow(actions.check(channel.id)),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	const checks = check.data ?? channel.checks;
	return (
		<WizardPanel
			platform={channel.platform}
			name={channel.name}
			step="check"
			channelId={channel.id}
			hasLocations={hasSeveralLocations(channel.locations)}
			back="/channels"
			blocked={
				checks.some(({ state }) => state === "failed") ? "Mend what failed in the store, then check again." : null
			}
			also={
				<Button onClick={() => check.mutate()} isBusy={check.isPending}>
					{check.isPending ? "Checking…" : "Check again"}
				</Button>
			}
			next={
				<ButtonLink
					kind="ink"
					href={stepHref(channel.id, hasSeveralLocations(channel.locations) ? "location" : "read")}
				>
					Continue
				</ButtonLink>
			}
		>
			<CheckList checks={checks} />
			<div className="flex flex-col gap-2 border-t px-3.5 py-2.5 text-small text-muted">
				{channel.checkedAt && (
					<p>
						Checked <RelativeTime at={channel.checkedAt} />. Nothing was written to the store.
					</p>
				)}
				<Problem sentence={check.error?.message} />
			</div>
		</WizardPanel>
	);
}
