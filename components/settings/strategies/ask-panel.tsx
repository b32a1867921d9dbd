"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Outcome, orThrow } from "@/components/channels/channel-actions";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { Panel } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import { StateLabel } from "@/components/ui/state-shape";
import { TextField } from "@/components/ui/text-field";
import { dayWords } from "@/lib/format/comparison";
import { type Comparison, comparisonQuery, isUnderWay } from "@/lib/queries/strategies";

export type AskForComparison = (input: {
	day: string;
	seed: number;
	seeds: number;
}) => Promise<Outcome<{ id: string }>>;

const dayOptions = [
	{ value: "all", label: "All of these days", detail: "takes a minute or two" },
	...Object.entries(dayWords).map(([value, { name, detail }]) => ({ value, label: name, detail })),
];
const seedsOptions = ["1", "5", "10", "20"].map((value) => ({ value, label: value }));

/** Which days, how many of each, from which seed; and how far the run is. */
export function AskPanel({
	comparison,
	mayManage,
	ask,
}: {
	comparison: Comparison | null;
	mayManage: boolean;
	ask: AskForComparison;
}) {
	const client = useQueryClient();
	const [day, setDay] = useState<string>(comparison?.day ?? "flash sale of 20");
	const [seeds, setSeeds] = useState(String(comparison?.seeds ?? 5));
	const [seed, setSeed] = useState(String(comparison?.seed ?? 1));
	const run = useMutation({
		mutationFn: () => orThrow(ask({ day, seed: Number(seed), seeds: Number(seeds) })),
		onSettled: () => client.invalidateQueries({ queryKey: comparisonQuery().queryKey }),
	});
	const isRunning = isUnderWay(comparison);
	const isSeed = /^\d{1,10}$/.test(seed.trim());
	return (
		<Panel
			title="What would each strategy have cost?"
			hint={mayManage ? undefined : "an owner or a manager runs it"}
			isPadded
			footer={comparison && <Progress comparison={comparison} />}
		>
			<form
				className="flex flex-wrap items-end gap-3"
				onSubmit={(event) => {
					event.preventDefault();
					run.mutate();
				}}
			>
				<Select
					label="Day"
					value={day}
					onChange={setDay}
					options={dayOptions}
					isDisabled={!mayManage}
					className="w-64 max-md:w-full"
				/>
				<Select
					label="How many of it"
					value={seeds}
					onChange={setSeeds}
					options={seedsOptions}
					isDisabled={!mayManage}
					className="w-32 max-md:flex-1"
				/>
				<div className="w-40 max-md:flex-1">
					<TextField
						label="Seed"
						inputMode="numeric"
						value={seed}
						onChange={(event) => setSeed(event.target.value)}
						error={isSeed ? null : "Give a whole number."}
						disabled={!mayManage}
						className="num"
					/>
				</div>
				<Button
					type="submit"
					kind="ink"
					isBusy={run.isPending || isRunning}
					disabled={!mayManage || !isSeed}
					className="max-md:w-full"
				>
					{comparison && !isRunning ? "Run it again" : "Run it"}
				</Button>
			</form>
			<p className="mt-3 max-w-[88ch] text-small text-muted">
				Three simulated stores, one written by compare-and-set, one by deltas, one absolutely, driven by the very rules
				that drive yours. Nothing of yours is touched. The same seed gives the same days again.
			</p>
			{run.error && (
				<p role="alert" className="mt-2 text-small text-bad">
					{run.error.message}
				</p>
			)}
		</Panel>
	);
}

function Progress({ comparison: { state, done, total, seed } }: { comparison: Comparison }) {
	const words = {
		waiting: { kind: "go", text: "It waits for its turn." },
		running: { kind: "go", text: `${done} of ${total} are there.` },
		done: { kind: "ok", text: `All ${total} are there, from seed ${seed}.` },
		interrupted: {
			kind: "off",
			text: `It was interrupted after ${done} of ${total}. Run it again; the same seed gives the same figures.`,
		},
	} as const;
	const { kind, text } = words[state];
	return (
		<>
			<span role="status" className="min-w-0">
				<StateLabel kind={kind}>{text}</StateLabel>
			</span>
			{state !== "done" && <Meter share={done / total} label={`${done} of ${total}`} tone="go" className="ml-auto" />}
		</>
	);
}
