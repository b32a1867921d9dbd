"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Select } from "@/components/ui/select";
import { showFailed } from "@/components/ui/toast";
import { strategyOptions, strategyWords } from "@/lib/format/strategy";
import { type ChannelView, channelsKey } from "@/lib/queries/channels";
import type { Strategy } from "@/lib/stock/strategy";
import { type ChannelActions, orThrow } from "./channel-actions";

const inherit = "inherit";

/** How the store shares stock with the others that sell it. */
export function StrategyField({
	channel,
	actions,
	isDisabled,
}: {
	channel: ChannelView;
	actions: Pick<ChannelActions, "setStrategy">;
	isDisabled: boolean;
}) {
	const client = useQueryClient();
	const keep = useMutation({
		mutationFn: (strategy: Strategy | null) => orThrow(actions.setStrategy(channel.id, strategy)),
		onError: (error) => showFailed("It was not kept", { detail: error.message }),
		onSettled: () =>
			Promise.all([channelsKey, ["skus"], ["inventory"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
	});
	return (
		<div>
			<Select
				label="How it shares stock with other stores"
				value={(keep.isPending ? keep.variables : channel.strategy) ?? inherit}
				options={[
					{ value: inherit, label: `As the shop: ${strategyWords[channel.merchantsStrategy].name.toLowerCase()}` },
					...strategyOptions,
				]}
				isDisabled={isDisabled || keep.isPending}
				onChange={(strategy) => keep.mutate(strategy === inherit ? null : strategy)}
			/>
			<p className="mt-1 text-small text-muted">
				Of the stores that sell a SKU the most careful one decides for it: escrow, then adaptive, then shared.
			</p>
		</div>
	);
}
