"use client";

import { clsx } from "clsx";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useNow } from "@/components/ui/clock";
import { Kbd } from "@/components/ui/kbd";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { countOf } from "@/lib/format/number";
import type { CancelView, ConflictOption, ConflictView } from "@/lib/queries/conflicts";
import { CancelProgress, isAboutCancel, NotCancelled } from "./cancel-progress";

type Decision = { choice: string; value?: number; skuId?: string; note?: string };

/** The answers, each with what will happen before it does. */
export function DecidePanel({
	conflict,
	size,
	chosen,
	onChoose,
	onDecide,
	onUndo,
	onSnooze,
	onEscalate,
	mayDecide,
	isBusy,
}: {
	conflict: ConflictView;
	size: number;
	chosen: number;
	onChoose: (index: number) => void;
	onDecide: (decision: Decision) => void;
	onUndo: () => void;
	onSnooze: () => void;
	onEscalate: () => void;
	mayDecide: boolean;
	isBusy: boolean;
}) {
	if (conflict.decided)
		return (
			<DecidedPanel
				decided={conflict.decided}
				cancel={conflict.cancel}
				onUndo={onUndo}
				mayDecide={mayDecide}
				isBusy={isBusy}
			/>
		);
	return (
		<Panel
			title={size > 1 ? `Decide about all ${size}` : "Decide"}
			hint={mayDecide ? "each shows what will happen before it does" : "this needs the role support or above"}
			actions={
				<>
					<Button kind="quiet" hint="E" onClick={onEscalate} disabled={!mayDecide || isBusy}>
						{conflict.escalated ? "Owner asked" : "Ask an owner"}
					</Button>
					<Button kind="quiet" hint="H" onClick={onSnooze} disabled={!mayDecide || isBusy}>
						{conflict.state === "snoozed" ? "Wake" : "Snooze"}
					</Button>
				</>
			}
		>
			{conflict.cancel?.state === "failed" && <NotCancelled cancel={conflict.cancel} />}
			<ol>
				{conflict.options.map((option, index) => (
					<OptionRow
						key={option.choice}
						option={option}
						index={index}
						size={size}
						isChosen={index === chosen}
						onChoose={() => onChoose(index)}
						onDecide={onDecide}
						mayDecide={mayDecide}
						isBusy={isBusy}
					/>
				))}
			</ol>
		</Panel>
	);
}

function OptionRow({
	option,
	index,
	size,
	isChosen,
	onChoose,
	onDecide,
	mayDecide,
	isBusy,
}: {
	option: ConflictOption;
	index: number;
	size: number;
	isChosen: boolean;
	onChoose: () => void;
	onDecide: (decision: Decision) => void;
	mayDecide: boolean;
	isBusy: boolean;
}) {
	const { choice, title, consequence, button, asks, needsNote, skus } = option;
	const [typed, setTyped] = useState(String(asks?.initial ?? ""));
	const [note, setNote] = useState("");
	const [skuId, setSkuId] = useState(skus[0]?.id ?? "");
	/** It was tried as it stands: what is missing is said from then on. */
	const [isTried, setIsTried] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	const value = typed === "" ? null : Number(typed);
	const countError =
		asks && (value === null || value < asks.min) ? `Write how many: a whole number, ${asks.min} or more.` : null;
	const noteError = needsNote && note.trim() === "" ? "Say why, in a few words." : null;
	const submit = (event: FormEvent) => {
		event.preventDefault();
		setIsTried(true);
		if (countError || noteError) {
			form.current?.querySelector<HTMLElement>(`[name=${countError ? "count" : "note"}]`)?.focus();
			return;
		}
		onDecide({
			choice,
			...(asks && value !== null ? { value } : {}),
			...(skus.length > 0 ? { skuId } : {}),
			...(note.trim() ? { note: note.trim() } : {}),
		});
	};
	/** Out of the field, and the page's keys work again. */
	const leave = (event: KeyboardEvent) => {
		if (event.key === "Escape") form.current?.querySelector<HTMLElement>("[aria-pressed]")?.focus();
	};
	return (
		<li
			data-option={index}
			className={clsx("border-b last:border-b-0", isChosen && "bg-select shadow-[inset_2px_0_0_var(--focus)]")}
		>
			<form ref={form} onSubmit={submit} noValidate>
				<div className="grid grid-cols-[24px_minmax(0,1fr)_auto] items-center gap-3 px-3.5 py-2.75 max-md:grid-cols-[minmax(0,1fr)]">
					<span className="max-md:hidden">
						<Kbd>{index + 1}</Kbd>
					</span>
					<button
						type="button"
						aria-pressed={isChosen}
						onClick={onChoose}
						className="focus-inside min-w-0 rounded-sm text-left"
					>
						<span className="block font-semibold md:truncate">{title}</span>
						<span className="block text-small text-muted">{consequence}</span>
					</button>
					{isChosen && (
						<Button
							kind="ink"
							type="submit"
							data-decide
							isBusy={isBusy}
							disabled={!mayDecide || (skus.length > 0 && skuId === "")}
						>
							{size > 1 ? `${button}, all ${size}` : button}
						</Button>
					)}
				</div>
				{isChosen && (asks || needsNote || skus.length > 0) && (
					<div className="flex flex-wrap gap-3 px-3.5 pb-3 md:pl-12.5">
						{asks && (
							<TextField
								label={asks.label}
								name="count"
								inputMode="numeric"
								maxLength={9}
								value={typed}
								onChange={(event) => setTyped(event.target.value.replace(/\D/g, ""))}
								onKeyDown={leave}
								error={isTried || typed === "" ? countError : null}
								className="num w-36!"
								autoComplete="off"
							/>
						)}
						{skus.length > 0 && (
							<Select
								label="SKU"
								value={skuId}
								options={skus.map(({ id, label, detail }) => ({ value: id, label, detail }))}
								onChange={setSkuId}
							/>
						)}
						{needsNote && (
							<div className="min-w-56 flex-1">
								<TextField
									label="Reason (kept in the audit log)"
									name="note"
									value={note}
									onChange={(event) => setNote(event.target.value)}
									onKeyDown={leave}
									error={isTried ? noteError : null}
									maxLength={500}
								/>
							</div>
						)}
					</div>
				)}
			</form>
		</li>
	);
}

function DecidedPanel({
	decided,
	cancel,
	onUndo,
	mayDecide,
	isBusy,
}: {
	decided: NonNullable<ConflictView["decided"]>;
	cancel: CancelView | null;
	onUndo: () => void;
	mayDecide: boolean;
	isBusy: boolean;
}) {
	const leftMs = (decided.undoUntil ?? 0) - useNow();
	return (
		<Panel title="Settled" isPadded>
			<p>
				<b>{decided.outcome}</b>
				{decided.because && <>: {decided.because}</>}. {decided.by}, <RelativeTime at={decided.at} />
				{decided.note && <>: “{decided.note}”</>}
				{decided.moved && <> · {decided.moved}</>}
			</p>
			{cancel && isAboutCancel(decided.choice) && <CancelProgress cancel={cancel} />}
			{decided.undoUntil !== null && (
				<div className="mt-3 flex items-center gap-3">
					<Button hint="Z" onClick={onUndo} isBusy={isBusy} disabled={!mayDecide || leftMs <= 0}>
						Take it back
					</Button>
					<span className="text-small text-muted">
						{leftMs > 0
							? `possible for ${leftMs < 60_000 ? countOf(Math.ceil(leftMs / 1_000), "more second") : countOf(Math.ceil(leftMs / 60_000), "more minute")}`
							: "ten minutes have passed; what was decided stands"}
					</span>
				</div>
			)}
		</Panel>
	);
}
