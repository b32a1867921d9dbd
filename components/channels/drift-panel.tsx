"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { showFailed } from "@/components/ui/toast";
import { driftClassWords, driftPolicyWords } from "@/lib/format/drift";
import { type ChannelView, channelsKey } from "@/lib/queries/channels";
import { type DriftClass, type DriftPolicy, driftChoices } from "@/lib/stock/drift";
import { type ChannelActions, orThrow } from "./channel-actions";

/** The likeliest first. */
const classes: readonly DriftClass[] = ["manual_edit", "bundle", "rounding", "lost_write", "unseen_sale"];

/** What becomes of a number that nobody told of, by what it turns out to be (R7). */
export function DriftPanel({
	channel,
	actions,
	mayManage,
}: {
	channel: ChannelView;
	actions: ChannelActions;
	mayManage: boolean;
}) {
	const client = useQueryClient();
	const keep = useMutation({
		mutationFn: (input: { class: DriftClass; policy: DriftPolicy }) =>
			orThrow(actions.setDriftPolicy(channel.id, input)),
		onError: (error) => showFailed("It was not kept", { detail: error.message }),
		onSettled: () => client.invalidateQueries({ queryKey: channelsKey }),
	});
	return (
		<Panel title="When it shows another number" hint="and no order explains it">
			<ul>
				{classes.map((driftClass) => {
					const { label, detail } = driftClassWords[driftClass];
					const choices = driftChoices[driftClass];
					return (
						<li
							key={driftClass}
							className="flex items-center gap-3 border-t px-3.5 py-2 first:border-t-0 max-md:flex-col max-md:items-stretch max-md:gap-1.5"
						>
							<div className="min-w-0 flex-1">
								<p>{label}</p>
								<p className="text-small text-muted">{detail}</p>
							</div>
							{choices.length > 1 ? (
								<Select
									label={label}
									isLabelHidden
									className="w-40 shrink-0 max-md:w-full"
									value={channel.drift[driftClass]}
									options={choices.map((policy) => ({ value: policy, ...driftPolicyWords[policy] }))}
									isDisabled={!mayManage || keep.isPending}
									onChange={(policy) => keep.mutate({ class: driftClass, policy })}
								/>
							) : (
								<span className="w-40 shrink-0 px-2.5 text-muted max-md:w-full max-md:px-0">
									{driftPolicyWords[choices[0]].label}
								</span>
							)}
						</li>
					);
				})}
			</ul>
		</Panel>
	);
}
