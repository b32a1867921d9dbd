"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { useTimeZone } from "@/components/ui/clock";
import { StateShape } from "@/components/ui/state-shape";
import { showFailed } from "@/components/ui/toast";
import { absoluteTime } from "@/lib/format/time";
import { shellQuery } from "@/lib/queries/shell";
import { answered } from "./answered";
import { useShell } from "./shell-context";

/** The global pause: shown as done at once, taken back with a sentence if it was not. */
export function usePausePushes() {
	const { me, actions } = useShell();
	const client = useQueryClient();
	const { queryKey } = shellQuery();
	const { data: shell } = useQuery(shellQuery());
	const isPaused = Boolean(shell?.pushesPausedAt);

	const toggle = useMutation({
		mutationFn: async (pause: boolean) => {
			const outcome = await answered(pause ? actions.pausePushes() : actions.resumePushes());
			if (!outcome.ok) throw new Error(outcome.sentence);
		},
		onMutate: async (pause) => {
			await client.cancelQueries({ queryKey });
			const before = client.getQueryData(queryKey);
			client.setQueryData(
				queryKey,
				(now) => now && { ...now, pushesPausedAt: pause ? new Date().toISOString() : null },
			);
			return { before };
		},
		onError: (error, pause, kept) => {
			client.setQueryData(queryKey, kept?.before);
			showFailed(pause ? "Pushes were not paused" : "Pushes are still paused", { detail: error.message });
		},
		onSettled: () => client.invalidateQueries({ queryKey }),
	});

	return {
		isPaused,
		pausedAt: shell?.pushesPausedAt ?? null,
		mayToggle: me.role === "owner" || me.role === "manager",
		isBusy: toggle.isPending,
		toggle: () => toggle.mutate(!isPaused),
	};
}

export function PauseButton() {
	const { isPaused, mayToggle, isBusy, toggle } = usePausePushes();
	return (
		<Button
			onClick={toggle}
			disabled={!mayToggle}
			isBusy={isBusy}
			title={mayToggle ? undefined : "An owner or a manager can pause pushes."}
			icon={<StateShape kind={isPaused ? "go" : "hold"} />}
			className="max-md:px-2.5"
		>
			<span className="max-md:sr-only">{isPaused ? "Resume pushes" : "Pause pushes"}</span>
		</Button>
	);
}

/** Says across every page that nothing leaves, since when, and how to go on. */
export function PausedBanner() {
	const { isPaused, pausedAt, mayToggle, isBusy, toggle } = usePausePushes();
	const timeZone = useTimeZone();
	if (!isPaused || !pausedAt) return null;
	return (
		<output className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 border-b bg-warn-soft px-6 py-1.5 max-md:px-3.5">
			<StateShape kind="hold" />
			<span className="font-semibold">All pushes are paused</span>
			<span className="text-small text-muted max-md:hidden">
				since {absoluteTime(new Date(pausedAt), timeZone)}. Sales are still counted; the newest numbers wait.
			</span>
			{mayToggle && (
				<Button onClick={toggle} isBusy={isBusy} className="ml-auto">
					Resume pushes
				</Button>
			)}
		</output>
	);
}
