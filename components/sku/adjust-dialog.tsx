"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState, useTransition } from "react";
import { answered } from "@/components/layout/answered";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Change, Num } from "@/components/ui/num";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { showDone } from "@/components/ui/toast";
import { formatNumber } from "@/lib/format/number";
import { type SkuView, skuKey } from "@/lib/queries/skus";

export type AdjustAction = (input: {
	skuId: string;
	locationId: string;
	mode: "set" | "change";
	value: number;
	seen: number | null;
	note?: string;
	key: string;
}) => Promise<
	| {
			ok: true;
			value: { reason: "adjusted"; from: number; to: number } | { reason: "stale"; seen: number | null; now: number };
	  }
	| { ok: false; sentence: string }
>;

type Location = { id: string; name: string; onHand: number | null };

/** Says what is really there. The number that was on the screen is held against the ledger. */
export function AdjustDialog({ sku, adjust, onClose }: { sku: SkuView; adjust: AdjustAction; onClose: () => void }) {
	const client = useQueryClient();
	const formId = useId();
	const locations = sku.locations.map(({ id, name }): Location => {
		const level = sku.levels.find(({ locationId }) => locationId === id);
		return { id, name, onHand: level?.onHand ?? null };
	});
	const [locationId, setLocationId] = useState(locations[0]?.id ?? "");
	const [mode, setMode] = useState<"set" | "change">("set");
	const [typed, setTyped] = useState("");
	const [note, setNote] = useState("");
	const [seen, setSeen] = useState<Record<string, number | null>>(() =>
		Object.fromEntries(locations.map(({ id, onHand }) => [id, onHand])),
	);
	const [error, setError] = useState<string | null>(null);
	const [stale, setStale] = useState<{ seen: number | null; now: number } | null>(null);
	const [key, setKey] = useState(() => crypto.randomUUID());
	const [isBusy, startSaving] = useTransition();

	const before = seen[locationId] ?? null;
	const value = /^[+-−]?\d+$/.test(typed.trim()) ? Number(typed.trim().replace("−", "-")) : null;
	const after = value === null ? null : mode === "set" ? value : (before ?? 0) + value;

	const save = (event: FormEvent) => {
		event.preventDefault();
		if (value === null) return setError("Type a whole number of units.");
		setError(null);
		startSaving(async () => {
			const outcome = await answered(
				adjust({
					skuId: sku.id,
					locationId,
					mode,
					value,
					seen: before,
					note: note || undefined,
					key,
				}),
			);
			if (!outcome.ok) return setError(outcome.sentence);
			if (outcome.value.reason === "stale") {
				setStale({ seen: outcome.value.seen, now: outcome.value.now });
				setSeen({ ...seen, [locationId]: outcome.value.now });
				setKey(crypto.randomUUID());
				return;
			}
			await client.invalidateQueries({ queryKey: skuKey(sku.id) });
			showDone(`${sku.title}: ${formatNumber(outcome.value.from)} → ${formatNumber(outcome.value.to)}`, {
				detail: "Every channel follows.",
			});
			onClose();
		});
	};

	return (
		<Dialog
			title="Adjust stock"
			description={[sku.title, sku.options].filter(Boolean).join(", ")}
			isOpen
			onOpenChange={(isOpen) => !isOpen && onClose()}
			footer={
				<>
					<Button kind="quiet" onClick={onClose}>
						Keep as it is
					</Button>
					<Button kind="ink" type="submit" form={formId} isBusy={isBusy} disabled={value === null}>
						{mode === "set" ? "Set the count" : "Change it"}
					</Button>
				</>
			}
		>
			<form id={formId} onSubmit={save} className="flex flex-col gap-3.5">
				{stale && (
					<p role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-small">
						It moved while you were here: you saw <Num value={stale.seen} />, now there are <Num value={stale.now} />.
						Nothing was changed. Check your number and press again.
					</p>
				)}
				<div className="grid grid-cols-2 gap-3">
					<Select
						label="Location"
						value={locationId}
						options={locations.map(({ id, name, onHand }) => ({
							value: id,
							label: name,
							detail: onHand === null ? "not counted yet" : `${formatNumber(onHand)} on hand`,
						}))}
						onChange={(next) => {
							setLocationId(next);
							setStale(null);
						}}
					/>
					<Select
						label="What you know"
						value={mode}
						options={[
							{ value: "set", label: "How many there are" },
							{ value: "change", label: "How many more or fewer" },
						]}
						onChange={setMode}
					/>
				</div>
				<TextField
					label={mode === "set" ? "Units on hand" : "Change, e.g. +4 or −1"}
					inputMode={mode === "set" ? "numeric" : "text"}
					value={typed}
					onChange={(event) => setTyped(event.target.value)}
					autoFocus
					autoComplete="off"
					error={error}
					className="num"
					hint={
						after !== null && (
							<span>
								On hand <Change from={before} to={after} />
							</span>
						)
					}
				/>
				<TextField
					label="Why (kept with the movement)"
					value={note}
					onChange={(event) => setNote(event.target.value)}
					maxLength={500}
					placeholder="found torn, delivery, stocktake …"
				/>
			</form>
		</Dialog>
	);
}
