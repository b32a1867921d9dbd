"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Panel } from "@/components/ui/panel";
import { TextField } from "@/components/ui/text-field";
import { showDone, showFailed } from "@/components/ui/toast";
import { type ChannelView, channelsKey } from "@/lib/queries/channels";
import { type ChannelActions, orThrow } from "./channel-actions";

type Props = {
	channel: ChannelView;
	actions: Pick<ChannelActions, "setSellingLocations" | "addLocation">;
	mayManage: boolean;
};

/** Which of the shop's locations the store sells from, and in which order a sale is taken from them. */
export function PlacesPanel({ channel, actions, mayManage }: Props) {
	const [chosen, setChosen] = useState<string[] | null>(null);
	const client = useQueryClient();
	const keep = useMutation({
		mutationFn: (locationIds: string[]) => orThrow(actions.setSellingLocations(channel.id, locationIds)),
		onSuccess: () => showDone(`${channel.name} sells from there now`),
		onError: (error) => showFailed("It was not kept", { detail: error.message }),
		onSettled: async () => {
			await Promise.all(
				[channelsKey, ["skus"], ["inventory"]].map((queryKey) => client.invalidateQueries({ queryKey })),
			);
			setChosen(null);
		},
	});
	const now = chosen ?? channel.sellsFrom;
	const isChanged = now.join() !== channel.sellsFrom.join();
	const toggle = (id: string, isChosen: boolean) =>
		setChosen(isChosen ? [...now, id] : now.filter((other) => other !== id));
	const toFirst = (id: string) => setChosen([id, ...now.filter((other) => other !== id)]);
	const rest = channel.ourLocations.filter(({ id }) => !now.includes(id));
	const nameOf = (id: string) => channel.ourLocations.find((one) => one.id === id)?.name ?? "unknown";
	return (
		<Panel title="Whose stock it sells" hint={now.length > 1 ? "taken in this order" : undefined}>
			<ul>
				{[...now, ...rest.map(({ id }) => id)].map((id, place) => {
					const isChosen = now.includes(id);
					return (
						<li key={id} className="flex min-h-10 items-center gap-3 border-t px-3.5 py-1 first:border-t-0">
							<span className="min-w-0 flex-1">
								<Checkbox
									label={nameOf(id)}
									isChecked={isChosen}
									isDisabled={!mayManage || keep.isPending || (isChosen && now.length === 1)}
									onChange={(next) => toggle(id, next)}
								/>
							</span>
							{isChosen && place === 0 && now.length > 1 && <span className="text-small text-muted">first</span>}
							{isChosen && place > 0 && mayManage && (
								<Button kind="quiet" onClick={() => toFirst(id)} disabled={keep.isPending} className="-mr-2.75">
									Take first<span className="sr-only"> from {nameOf(id)}</span>
								</Button>
							)}
						</li>
					);
				})}
			</ul>
			<div className="flex flex-col gap-3 border-t px-3.5 py-3">
				<p className="text-small text-muted">
					It is offered what lies there together. A sale is taken from the first that has enough, else from all of them
					in this order; what comes back goes where it was taken.
				</p>
				{isChanged && (
					<div className="flex gap-2">
						<Button kind="ink" onClick={() => keep.mutate(now)} isBusy={keep.isPending}>
							Sell from there
						</Button>
						<Button onClick={() => setChosen(null)} disabled={keep.isPending}>
							Leave it
						</Button>
					</div>
				)}
				{mayManage && <AddLocation addLocation={actions.addLocation} />}
			</div>
		</Panel>
	);
}

function AddLocation({ addLocation }: Pick<ChannelActions, "addLocation">) {
	const [name, setName] = useState("");
	const client = useQueryClient();
	const add = useMutation({
		mutationFn: () => orThrow(addLocation(name)),
		onSuccess: () => {
			showDone(`${name.trim()} was added`, { detail: "Count what lies there, and let a store sell from it." });
			setName("");
		},
		onSettled: () => Promise.all([channelsKey, ["skus"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		add.mutate();
	};
	return (
		<form onSubmit={submit} className="flex items-end gap-2">
			<div className="min-w-0 flex-1">
				<TextField
					label="Another location"
					value={name}
					onChange={(event) => setName(event.target.value)}
					placeholder="Warehouse, till, pop-up …"
					error={add.error?.message ?? null}
				/>
			</div>
			<Button type="submit" isBusy={add.isPending} disabled={name.trim() === ""}>
				Add
			</Button>
		</form>
	);
}
