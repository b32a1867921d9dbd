"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { showDone } from "@/components/ui/toast";
import { countOf } from "@/lib/format/number";
import { type ChannelView, channelsKey } from "@/lib/queries/channels";
import { type ChannelActions, orThrow } from "./channel-actions";

/** What disconnecting means, and the store's name typed as the yes: it can't be undone by a click. */
export function DisconnectDialog({
	channel,
	disconnect,
}: {
	channel: ChannelView;
	disconnect: ChannelActions["disconnect"];
}) {
	const [typed, setTyped] = useState("");
	const formId = useId();
	const router = useRouter();
	const client = useQueryClient();
	const act = useMutation({
		mutationFn: () => orThrow(disconnect(channel.id, typed)),
		onSuccess: ({ webhooksLeft }) => {
			void client.invalidateQueries({ queryKey: channelsKey });
			void client.invalidateQueries({ queryKey: ["shell"] });
			showDone(`${channel.name} is disconnected`, {
				detail: webhooksLeft
					? `Its webhooks could not be removed (${webhooksLeft}); what they send is refused.`
					: undefined,
			});
			router.push("/channels");
		},
	});
	const isRight = typed.trim().toLowerCase() === channel.name.trim().toLowerCase();
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (isRight) act.mutate();
	};
	return (
		<Dialog
			title={`Disconnect ${channel.name}`}
			description="What follows from it:"
			trigger={<Button kind="bad">Disconnect {channel.name}</Button>}
			footer={
				<>
					<DialogClose>
						<Button>Keep it</Button>
					</DialogClose>
					<Button kind="bad" type="submit" form={formId} disabled={!isRight} isBusy={act.isPending}>
						Disconnect
					</Button>
				</>
			}
		>
			<ul className="mb-3 list-disc pl-4 text-muted">
				<li>Its webhooks are removed and its keys deleted here. Remove the app or key in the store, too.</li>
				<li>
					The store keeps showing its last numbers: {countOf(channel.listings.linked, "listing")} will no longer follow
					sales elsewhere.
				</li>
				<li>
					Its sales are no longer counted, so other stores may oversell what it sells. Where stores split the stock,
					they have its share at once.
				</li>
				<li>Links, movements and the log stay. Connecting it again goes on from there, read-only.</li>
			</ul>
			<form id={formId} onSubmit={submit}>
				<TextField
					label={`Type ${channel.name} to confirm`}
					value={typed}
					onChange={(event) => setTyped(event.target.value)}
					error={act.error?.message}
					autoComplete="off"
				/>
			</form>
		</Dialog>
	);
}
