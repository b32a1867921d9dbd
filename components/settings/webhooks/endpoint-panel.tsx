"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Facts } from "@/components/ui/facts";
import { Num } from "@/components/ui/num";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WebhookEvent } from "@/lib/format/webhook-events";
import type { EndpointView } from "@/lib/queries/settings";
import type { EndpointActions } from "../settings-actions";
import { useChange } from "../use-change";
import { DueTime } from "./due-time";
import { EndpointState, shortUrl } from "./endpoint-state";
import { EventBoxes } from "./event-boxes";
import { RenewSecretDialog } from "./renew-secret-dialog";

/** How one endpoint is, what it hears of, and what can be done to it. */
export function EndpointPanel({ endpoint, actions }: { endpoint: EndpointView; actions: EndpointActions }) {
	const { id, disabledAt, pausedUntil } = endpoint;
	const isOn = disabledAt === null;
	const [events, setEvents] = useState<readonly WebhookEvent[]>(endpoint.events);
	const choose = useChange(() => actions.setEvents(id, [...events]));
	const turn = useChange((next: boolean) => actions.switchOn(id, next));
	const test = useChange(() => actions.sendTest(id));
	const isChanged =
		events.length !== endpoint.events.length || events.some((event) => !endpoint.events.includes(event));
	return (
		<Panel title="Endpoint" isPadded>
			<div className="flex flex-col gap-4">
				<p className="num text-small break-all">{endpoint.url}</p>
				<EndpointState endpoint={endpoint} />
				<Facts
					items={[
						{ key: "waiting", name: "Waiting", value: <Num value={endpoint.waiting} /> },
						{ key: "made", name: "Made", value: <RelativeTime at={endpoint.madeAt} /> },
						{
							key: "told",
							name: "Last taken",
							value: endpoint.lastDeliveredAt ? <RelativeTime at={endpoint.lastDeliveredAt} /> : "never",
						},
						...(isOn && pausedUntil ? [{ key: "pause", name: "Next try", value: <DueTime at={pausedUntil} /> }] : []),
					]}
				/>
				<EventBoxes chosen={events} onChange={setEvents} />
				{isChanged && (
					<Button className="self-start" isBusy={choose.isPending} onClick={() => choose.mutate(undefined)}>
						Keep
					</Button>
				)}
				<div className="flex flex-wrap gap-2">
					{isOn && (
						<Button isBusy={test.isPending} onClick={() => test.mutate(undefined)}>
							Send a test
						</Button>
					)}
					<Button isBusy={turn.isPending} onClick={() => turn.mutate(!isOn)}>
						{isOn ? "Switch off" : "Switch on"}
					</Button>
					<RenewSecretDialog endpointId={id} renew={actions.renewSecret} />
					<RemoveEndpoint endpoint={endpoint} remove={actions.remove} />
				</div>
				{!isOn && (
					<p className="text-small text-muted">
						While it is off nothing is written for it. After switching on, let the receiver read the levels once.
					</p>
				)}
			</div>
		</Panel>
	);
}

function RemoveEndpoint({ endpoint, remove }: { endpoint: EndpointView; remove: EndpointActions["remove"] }) {
	const router = useRouter();
	const act = useChange(() => remove(endpoint.id), { onDone: () => router.push("/settings") });
	return (
		<Dialog
			title={`Remove ${shortUrl(endpoint.url)}`}
			description="It is told nothing more, and what it was told is forgotten with it."
			trigger={<Button kind="bad">Remove</Button>}
			footer={
				<>
					<DialogClose>
						<Button>Keep it</Button>
					</DialogClose>
					<Button kind="bad" onClick={() => act.mutate(undefined)} isBusy={act.isPending}>
						Remove it
					</Button>
				</>
			}
		/>
	);
}
