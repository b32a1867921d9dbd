"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Outcome, orThrow } from "@/components/channels/channel-actions";
import { showFailed } from "@/components/ui/toast";
import { channelsKey } from "@/lib/queries/channels";
import { settingsKey } from "@/lib/queries/settings";

/** One setting changed; what depends on it is read anew. `isSilent`: the caller shows the refusal beside the field. */
export function useChange<Input, Value = void>(
	change: (input: Input) => Promise<Outcome<Value>>,
	{ isSilent = false, onDone }: { isSilent?: boolean; onDone?: (value: Value) => void } = {},
) {
	const client = useQueryClient();
	return useMutation({
		mutationFn: (input: Input) => orThrow(change(input)),
		onSuccess: onDone,
		onError: (error) => {
			if (!isSilent) showFailed("It was not changed", { detail: error.message });
		},
		onSettled: () =>
			Promise.all([settingsKey, channelsKey, ["shell"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
	});
}
