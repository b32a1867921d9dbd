"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { hasSeveralLocations } from "@/lib/format/setup-step";
import { channelsKey, type Setup } from "@/lib/queries/channels";
import { orThrow, type SetupActions } from "../channel-actions";
import { Problem } from "../connect/problem";
import { stepHref, WizardPanel } from "../connect/wizard-panel";

/** Which of the store's locations sells, and in which direction numbers go: read-only, until the last step. */
export function LocationStep({ setup, actions }: { setup: Setup; actions: SetupActions }) {
	const { channel } = setup;
	const router = useRouter();
	const client = useQueryClient();
	const [chosen, setChosen] = useState(channel.locationRef);
	const next = stepHref(channel.id, "read");
	const isLive = channel.state === "live";
	const isOther = chosen !== channel.locationRef;
	const set = useMutation({
		mutationFn: () => orThrow(actions.setLocation(channel.id, chosen)),
		onSuccess: () => {
			void client.invalidateQueries({ queryKey: channelsKey });
			router.push(next);
		},
	});
	return (
		<WizardPanel
			platform={channel.platform}
			name={channel.name}
			step="location"
			channelId={channel.id}
			hasLocations={hasSeveralLocations(channel.locations)}
			back={stepHref(channel.id, "check")}
			next={
				<Button kind="ink" onClick={() => set.mutate()} isBusy={set.isPending}>
					Continue
				</Button>
			}
		>
			{channel.locations.length === 0 ? (
				<p className="px-3.5 py-3 text-muted">This store keeps one stock and knows no locations. Nothing to choose.</p>
			) : (
				<fieldset>
					<legend className="px-3.5 pt-3 pb-1 font-semibold">Whose stock does this store sell?</legend>
					{channel.locations.map((location) => (
						<label
							key={location.ref}
							className={clsx(
								"flex min-h-9 items-center gap-2.5 border-b px-3.5 py-1.5 last:border-b-0",
								location.isActive ? "cursor-pointer hover:bg-sunk" : "text-muted",
							)}
						>
							<input
								type="radio"
								name="location"
								value={location.ref}
								checked={chosen === location.ref}
								disabled={!location.isActive}
								onChange={() => setChosen(location.ref)}
								className="size-4 accent-(--ink)"
							/>
							{location.name}
							{!location.isActive && <Tag>switched off in the store</Tag>}
						</label>
					))}
				</fieldset>
			)}
			{(!isLive || isOther || set.error) && (
				<div className="flex flex-col gap-2 border-t px-3.5 py-2.5 text-small text-muted">
					{!isLive && (
						<p className="flex items-start gap-2">
							<StateShape kind="hold" className="mt-0.5" />
							Onecount only reads until you have seen what would change and switched pushing on, in the last step.
						</p>
					)}
					{isOther && isLive && (
						<p className="flex items-start gap-2 text-warn">
							<StateShape kind="warn" className="mt-0.5" />
							This store is being written to. With another location it becomes read-only again, and you look at its dry
							run once more.
						</p>
					)}
					<Problem sentence={set.error?.message} />
				</div>
			)}
		</WizardPanel>
	);
}
