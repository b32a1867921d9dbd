"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { CopyField } from "@/components/channels/copy-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { TextField } from "@/components/ui/text-field";
import { type WebhookEvent, webhookEventWords } from "@/lib/format/webhook-events";
import { type EndpointView, endpointsQuery } from "@/lib/queries/settings";
import type { SettingsActions } from "../settings-actions";
import { useChange } from "../use-change";
import { EndpointState, shortUrl } from "./endpoint-state";
import { EventBoxes } from "./event-boxes";

/** Which other systems hear of what changes. */
export function WebhooksPanel({ makeEndpoint }: { makeEndpoint: SettingsActions["makeEndpoint"] }) {
	const { data: endpoints, error, refetch } = useQuery(endpointsQuery());
	return (
		<Panel
			title="Webhooks"
			hint="what changes, told at once"
			actions={endpoints && <NewEndpoint make={makeEndpoint} />}
		>
			{endpoints ? (
				<EndpointList endpoints={endpoints} />
			) : error ? (
				<PanelState
					kind="failed"
					sentence={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			) : (
				<SkeletonRows rows={2} />
			)}
		</Panel>
	);
}

function EndpointList({ endpoints }: { endpoints: EndpointView[] }) {
	if (endpoints.length === 0)
		return (
			<PanelState
				kind="empty"
				sentence="No other system is told of changes."
				detail="With an endpoint it hears of each, signed, and again until it has taken it."
			/>
		);
	return (
		<ul>
			{endpoints.map((endpoint) => (
				<li key={endpoint.id} className="border-b last:border-b-0">
					<Link
						href={`/settings/webhooks/${endpoint.id}`}
						className="focus-inside flex min-h-11 flex-wrap items-center gap-x-3 gap-y-0.5 px-3.5 py-1.5 hover:bg-sunk"
					>
						<span className="min-w-0 flex-1">
							<span className="block truncate">{shortUrl(endpoint.url)}</span>
							<span className="block text-small text-muted">
								{endpoint.events.map((event) => webhookEventWords[event].label).join(", ")}
							</span>
						</span>
						<span className="text-small">
							<EndpointState endpoint={endpoint} />
						</span>
					</Link>
				</li>
			))}
		</ul>
	);
}

function NewEndpoint({ make }: { make: SettingsActions["makeEndpoint"] }) {
	const [isOpen, setIsOpen] = useState(false);
	const [url, setUrl] = useState("");
	const [events, setEvents] = useState<readonly WebhookEvent[]>(["level.changed"]);
	const [secret, setSecret] = useState<string | null>(null);
	const act = useChange(make, { isSilent: true, onDone: (made) => setSecret(made.secret) });
	const open = (next: boolean) => {
		setIsOpen(next);
		// Shown once: what is opened anew makes another.
		setSecret(null);
		setUrl("");
		act.reset();
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		act.mutate({ url, events: [...events] });
	};
	return (
		<Dialog
			title={secret ? "Copy the secret now" : "New webhook endpoint"}
			description={
				secret
					? "The receiver checks each message with it (Standard Webhooks). It is shown only this once."
					: "Where messages go, and what they tell of."
			}
			trigger={<Button>New endpoint</Button>}
			isOpen={isOpen}
			onOpenChange={open}
			footer={
				secret ? (
					<DialogClose>
						<Button kind="ink">I have it</Button>
					</DialogClose>
				) : (
					<>
						<DialogClose>
							<Button>Cancel</Button>
						</DialogClose>
						<Button kind="ink" type="submit" form="new-endpoint" isBusy={act.isPending}>
							Make the endpoint
						</Button>
					</>
				)
			}
		>
			{secret ? (
				<CopyField label="Signing secret" value={secret} />
			) : (
				<form id="new-endpoint" onSubmit={submit} className="flex flex-col gap-4">
					<TextField
						label="Address"
						placeholder="https://erp.example.com/onecount"
						value={url}
						error={act.error?.message}
						onChange={(event) => setUrl(event.target.value)}
						required
					/>
					<EventBoxes chosen={events} onChange={setEvents} />
				</form>
			)}
		</Dialog>
	);
}
