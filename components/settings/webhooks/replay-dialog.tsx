"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { showDone } from "@/components/ui/toast";
import { countOf } from "@/lib/format/number";
import type { EndpointActions } from "../settings-actions";
import { useChange } from "../use-change";

const hour = 60 * 60_000;
const spans = [
	{ value: "1", label: "the last hour" },
	{ value: "6", label: "the last six hours" },
	{ value: "24", label: "the last day" },
	{ value: "72", label: "the last three days" },
	{ value: "720", label: "the last thirty days" },
] as const;
type Span = (typeof spans)[number]["value"];

/** For a receiver that lost what it had taken. */
export function ReplayDialog({ endpointId, replay }: { endpointId: string; replay: EndpointActions["replay"] }) {
	const [isOpen, setIsOpen] = useState(false);
	const [span, setSpan] = useState<Span>("24");
	const act = useChange(() => replay(endpointId, { since: new Date(Date.now() - Number(span) * hour).toISOString() }), {
		onDone: ({ count }) => {
			setIsOpen(false);
			showDone(`${countOf(count, "message")} in the queue again`);
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		act.mutate(undefined);
	};
	return (
		<Dialog
			title="Send again"
			description="Each keeps its id and its bytes, so a receiver that has it knows it. What a newer one has overtaken is left out."
			trigger={<Button>Send again…</Button>}
			isOpen={isOpen}
			onOpenChange={setIsOpen}
			footer={
				<>
					<DialogClose>
						<Button>Cancel</Button>
					</DialogClose>
					<Button kind="ink" type="submit" form="replay" isBusy={act.isPending}>
						Send again
					</Button>
				</>
			}
		>
			<form id="replay" onSubmit={submit}>
				<Select<Span> label="What was told in" value={span} options={spans} onChange={setSpan} />
			</form>
		</Dialog>
	);
}
