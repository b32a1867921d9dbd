"use client";

import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { countOf, formatShare } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import type { SandboxStoreView } from "@/lib/queries/sandbox";
import { type SandboxActions, type TurnedKnobs, useSetting } from "./sandbox-actions";

type NumberKnob = Exclude<keyof SandboxStoreView["knobs"], "outage" | "garbled">;
type Knob = { knob: NumberKnob; label: string; unit: "ms" | "share" };

/** In the words of somebody who runs a shop; each is something that real stores do. */
const groups: { title: string; knobs: Knob[] }[] = [
	{
		title: "Its answers",
		knobs: [
			{ knob: "latencyMs", label: "come slowly", unit: "ms" },
			{ knob: "latencyJitterMs", label: "vary in time by up to", unit: "ms" },
			{ knob: "errorRate", label: "are errors", unit: "share" },
			{ knob: "timeoutRate", label: "never come", unit: "share" },
			{ knob: "appliedThenFailedRate", label: "get lost after it was done", unit: "share" },
			{ knob: "throttleRate", label: "say that it is too much", unit: "share" },
			{ knob: "listLagMs", label: "list what was so before", unit: "ms" },
		],
	},
	{
		title: "Its news",
		knobs: [
			{ knob: "webhookDelayMs", label: "comes late", unit: "ms" },
			{ knob: "webhookDelayJitterMs", label: "varies in time by up to", unit: "ms" },
			{ knob: "webhookLossRate", label: "gets lost", unit: "share" },
			{ knob: "webhookDuplicateRate", label: "comes twice", unit: "share" },
			{ knob: "webhookReorderRate", label: "comes in the wrong order", unit: "share" },
			{ knob: "webhookForgeryRate", label: "is forged beside the true", unit: "share" },
		],
	},
];

/** What stands in front of a store, or cuts off what it says. */
const garbles = [
	{ value: "no", label: "no" },
	{ value: "page", label: "as a web page" },
	{ value: "redirect", label: "as a redirect" },
	{ value: "empty", label: "empty" },
	{ value: "cut", label: "cut short" },
] as const;

const shares = [0, 0.05, 0.2, 0.5, 1];
const times = [0, 300, 1_000, 3_000, 10_000, 60_000];

/** A bad day, as bad as one likes. */
export function KnobsPanel({ store, actions }: { store: SandboxStoreView; actions: SandboxActions }) {
	const turn = useSetting((knobs: TurnedKnobs) => actions.turnKnobs(store.id, knobs));
	const calm = useSetting((_: undefined) => actions.calm(store.id));
	const drop = useSetting((_: undefined) => actions.dropWebhooks(store.id));
	const cron = useSetting((everyMs: number) => actions.setCron(store.id, everyMs));
	return (
		<Panel
			title="The weather"
			actions={
				<Button
					onClick={() => calm.mutate(undefined)}
					isBusy={calm.isPending}
					disabled={store.turnedKnobs === 0}
					aria-label="Make it a good day: all knobs to zero"
				>
					A good day
				</Button>
			}
		>
			<div className="border-b px-3.5 py-3">
				<Switch
					label="Down altogether"
					hint="Every request fails until it is switched off."
					isOn={store.knobs.outage}
					onChange={(outage) => turn.mutate({ outage })}
				/>
			</div>
			{groups.map(({ title, knobs }) => (
				<fieldset key={title} className="border-b px-3.5 py-2.5 last:border-b-0">
					<legend className="float-left mb-1.5 w-full font-semibold">{title}</legend>
					<div className="clear-both flex flex-col gap-1.5">
						{knobs.map((knob) => (
							<KnobRow
								key={knob.knob}
								knob={knob}
								group={title}
								value={store.knobs[knob.knob]}
								onChange={(value) => turn.mutate({ [knob.knob]: value })}
							/>
						))}
						{title === "Its answers" && (
							<Row
								label="come garbled"
								group={title}
								value={store.knobs.garbled || "no"}
								options={garbles}
								isWide
								onChange={(how) => turn.mutate({ garbled: how !== "no" && how })}
							/>
						)}
						{title === "Its news" && store.cronEveryMs !== null && (
							<CronRow value={store.cronEveryMs} onChange={(value) => cron.mutate(value)} />
						)}
						{title === "Its news" && store.droppableWebhooks !== null && (
							<DropRow count={store.droppableWebhooks} isBusy={drop.isPending} onDrop={() => drop.mutate(undefined)} />
						)}
					</div>
				</fieldset>
			))}
		</Panel>
	);
}

function KnobRow({
	knob: { label, unit },
	group,
	value,
	onChange,
}: {
	knob: Knob;
	group: string;
	value: number;
	onChange: (value: number) => void;
}) {
	const steps = unit === "share" ? shares : times;
	const options = [...new Set([...steps, value])]
		.sort((a, b) => a - b)
		.map((step) => ({
			value: String(step),
			label: step === 0 ? "no" : unit === "share" ? formatShare(step) : duration(step),
		}));
	return (
		<Row
			label={label}
			group={group}
			value={String(value)}
			options={options}
			onChange={(next) => onChange(Number(next))}
		/>
	);
}

function CronRow({ value, onChange }: { value: number; onChange: (value: number) => void }) {
	const options = [...new Set([0, 1_000, 10_000, 60_000, value])]
		.sort((a, b) => a - b)
		.map((ms) => ({ value: String(ms), label: ms === 0 ? "at once" : `every ${duration(ms)}` }));
	return (
		<Row
			label="leaves when WP-Cron runs"
			group="Its news"
			value={String(value)}
			options={options}
			onChange={(next) => onChange(Number(next))}
			isWide
		/>
	);
}

function Row<T extends string>({
	label,
	group,
	isWide = false,
	...select
}: {
	label: string;
	group: string;
	value: T;
	options: readonly { value: T; label: string }[];
	onChange: (value: T) => void;
	isWide?: boolean;
}) {
	return (
		<div className="flex items-center gap-2">
			<span aria-hidden className="min-w-0 flex-1">
				{label}
			</span>
			<Select label={`${group}: ${label}`} isLabelHidden {...select} className={isWide ? "w-32" : "w-24"} />
		</div>
	);
}

function DropRow({ count, isBusy, onDrop }: { count: number; isBusy: boolean; onDrop: () => void }) {
	return (
		<div className="flex items-center gap-2">
			<span className="min-w-0 flex-1">goes to {countOf(count, "webhook")}</span>
			<Button
				onClick={onDrop}
				isBusy={isBusy}
				disabled={count === 0}
				title="The store forgets them, as platforms do after failures. Onecount looks after them every hour."
			>
				Drop its webhooks
			</Button>
		</div>
	);
}
