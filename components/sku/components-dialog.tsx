"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useId, useState, useTransition } from "react";
import type { Outcome } from "@/components/channels/channel-actions";
import { answered } from "@/components/layout/answered";
import { Button, IconButton } from "@/components/ui/button";
import { Combobox } from "@/components/ui/combobox";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { showDone } from "@/components/ui/toast";
import { countOf, formatNumber } from "@/lib/format/number";
import { skuSearchQuery } from "@/lib/queries/mappings";
import { type SkuView, skuKey } from "@/lib/queries/skus";
import { madeSentence } from "./made-sentence";

export type SetComponentsAction = (skuId: string, components: { skuId: string; units: number }[]) => Promise<Outcome>;

/** A component as it is being typed. */
type Part = { skuId: string; code: string; title: string; available: number | null; typed: string };

/** What a bundle is made of: find a SKU, say how many, and see how often it can be made. */
export function ComponentsDialog({
	sku,
	setComponents,
	onClose,
}: {
	sku: SkuView;
	setComponents: SetComponentsAction;
	onClose: () => void;
}) {
	const formId = useId();
	const queries = useQueryClient();
	const [parts, setParts] = useState(() =>
		sku.components.map(
			({ id, code, name, available, units }): Part => ({ skuId: id, code, title: name, available, typed: `${units}` }),
		),
	);
	const [text, setText] = useState("");
	const [error, setError] = useState<string | null>(null);
	const [isBusy, startSaving] = useTransition();
	const found = useQuery({ ...skuSearchQuery(text), enabled: text.trim().length > 1 });
	const options = (text.trim().length > 1 ? (found.data ?? []) : [])
		.filter(({ skuId }) => skuId !== sku.id && !parts.some((part) => part.skuId === skuId))
		.map(({ skuId, code, title, available }) => ({
			value: skuId,
			label: code,
			detail: `${title} · ${available === null ? "not counted yet" : `${formatNumber(available)} available`}`,
		}));

	const add = (skuId: string | undefined) => {
		const one = found.data?.find((sku) => sku.skuId === skuId);
		if (!one) return;
		setParts([...parts, { ...one, typed: "1" }]);
		setText("");
	};
	const count = (skuId: string, typed: string) =>
		setParts(parts.map((part) => (part.skuId === skuId ? { ...part, typed } : part)));

	const save = (event: FormEvent) => {
		event.preventDefault();
		const wrong = parts.find(({ typed }) => unitsOf(typed) === null);
		if (wrong) return setError(`How many of ${wrong.code}? Type a whole number, one or more.`);
		setError(null);
		startSaving(async () => {
			const wanted = parts.map(({ skuId, typed }) => ({ skuId, units: unitsOf(typed) as number }));
			const outcome = await answered(setComponents(sku.id, wanted));
			if (!outcome.ok) return setError(outcome.sentence);
			await queries.invalidateQueries({ queryKey: skuKey(sku.id) });
			if (parts.length > 0)
				showDone(`${sku.code} is made of ${countOf(parts.length, "SKU")}`, { detail: "Every channel follows." });
			else showDone(`${sku.code} is a plain SKU again`, { detail: "It is offered once it is counted." });
			onClose();
		});
	};

	const isTakenApart = parts.length === 0 && sku.isBundle;
	return (
		<Dialog
			title={sku.isBundle ? "What the bundle is made of" : "Make it a bundle"}
			description={[sku.title, sku.options].filter(Boolean).join(", ")}
			isOpen
			onOpenChange={(isOpen) => !isOpen && onClose()}
			footer={
				<>
					<Button kind="quiet" onClick={onClose}>
						Keep as it is
					</Button>
					<Button kind="ink" type="submit" form={formId} isBusy={isBusy} disabled={parts.length === 0 && !sku.isBundle}>
						{isTakenApart ? "Take it apart" : "Keep the bundle"}
					</Button>
				</>
			}
		>
			<form id={formId} onSubmit={save} className="flex flex-col gap-3.5">
				<Combobox
					// Begins anew with each that was added.
					key={parts.length}
					label="Add a SKU"
					placeholder="SKU, title or barcode"
					options={options}
					value={null}
					onSearch={setText}
					onChange={(option) => add(option?.value)}
					emptySentence={
						text.trim().length > 1 && !found.isFetching ? "Nothing fits. Try fewer letters." : "Type to find one."
					}
				/>
				{parts.length > 0 && (
					<ul aria-label="Made of" className="flex flex-col gap-2">
						{parts.map((part) => (
							<li key={part.skuId} className="flex items-center gap-2">
								<span className="min-w-0 flex-1">
									<span className="num block truncate">{part.code}</span>
									<span className="block truncate text-small text-muted">
										{part.title} ·{" "}
										{part.available === null ? "not counted yet" : `${formatNumber(part.available)} available`}
									</span>
								</span>
								<div className="w-20 shrink-0">
									<TextField
										label={`Units of ${part.code}`}
										isLabelHidden
										inputMode="numeric"
										autoComplete="off"
										value={part.typed}
										onChange={(event) => count(part.skuId, event.target.value)}
										className="num text-right"
									/>
								</div>
								<IconButton
									label={`Remove ${part.code}`}
									onClick={() => setParts(parts.filter(({ skuId }) => skuId !== part.skuId))}
								>
									<X aria-hidden />
								</IconButton>
							</li>
						))}
					</ul>
				)}
				<p className="text-small text-muted" aria-live="polite">
					{isTakenApart
						? "Without components it is a plain SKU again. Nothing is offered of it until it is counted."
						: parts.length === 0
							? "A bundle has no stock of its own: every store is offered as many as can be made of its components."
							: madeSentence(
									parts.map(({ code, available, typed }) => ({ code, available, units: unitsOf(typed) ?? 1 })),
								)}
				</p>
				{error && (
					<p role="alert" className="text-small text-bad">
						{error}
					</p>
				)}
			</form>
		</Dialog>
	);
}

function unitsOf(typed: string): number | null {
	const units = /^\d+$/.test(typed.trim()) ? Number(typed.trim()) : 0;
	return units > 0 ? units : null;
}
